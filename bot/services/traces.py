"""Housekeeping: what is left of people whom nobody can ask the bot to forget.

A stranger who says hello gets an answer, and an invitation may name somebody who never comes: no row of
``person`` leads to either. Time forgets them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import CursorResult, delete, or_, select, update

from bot.services.outbox import Delivery
from bot.store.tables import ChatRow, InvitationRow, OutboxRow, PersonRow

if TYPE_CHECKING:
    from bot.services.work import Work

KEEP_NAMES = timedelta(days=30)
"""How long after its end an invitation still says whom it was for."""

KEEP_REFUSED = timedelta(days=30)
"""How long an answer is kept that Telegram refused to take to somebody the bot does not know."""


def purge(work: Work) -> int:
    """Forget them; returns how many rows that concerned."""
    return _refused(work) + _chats(work) + _names(work)


def _refused(work: Work) -> int:
    ended = (OutboxRow.state == Delivery.DEAD, OutboxRow.finished_at < work.at - KEEP_REFUSED)
    known = select(PersonRow.id).where(PersonRow.telegram_id == OutboxRow.chat_id).exists()
    return _count(work.session.execute(delete(OutboxRow).where(*ended, OutboxRow.person_id.is_(None), ~known)))


def _chats(work: Work) -> int:
    """Take away the chats that nothing leads to; one that is written to again is made again."""
    person = select(PersonRow.id).where(PersonRow.telegram_id == ChatRow.id).exists()
    message = select(OutboxRow.id).where(OutboxRow.chat_id == ChatRow.id).exists()
    unused = (
        ChatRow.lease_owner.is_(None),
        ChatRow.moved_to.is_(None),
        or_(ChatRow.blocked_until.is_(None), ChatRow.blocked_until <= work.at),
    )
    # One that a courier is just taking is left alone.
    found = select(ChatRow.id).where(*unused, ~person, ~message).order_by(ChatRow.id).with_for_update(skip_locked=True)
    ids = work.session.scalars(found).all()
    return sum(_count(work.session.execute(delete(ChatRow).where(ChatRow.id == chat_id))) for chat_id in ids)


def _names(work: Work) -> int:
    old = (InvitationRow.name.is_not(None), InvitationRow.expires_at < work.at - KEEP_NAMES)
    return _count(work.session.execute(update(InvitationRow).where(*old).values(name=None)))


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
