"""Leases on chats: whoever holds a chat's lease is the only one who sends to it.

A lease is longer than the longest send, is renewed while its holder lives, and lapses by itself when
the holder has died. Nothing is locked while a message is on its way.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.services.outbox import Delivery
from bot.services.pacing import SEND_DEADLINE
from bot.store.tables import ChatRow, OutboxRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.services.pacing import Sender
    from bot.services.work import Work

LEASE = SEND_DEADLINE + timedelta(seconds=5)
_RANK = 2**48  # no outbox ever has that many rows


def ready(work: Work) -> ColumnElement[bool]:
    """Return the rows that may go out by themselves; one that is being sent is so once its chat's lease lapsed."""
    pending = and_(OutboxRow.state == Delivery.PENDING, OutboxRow.not_before <= work.at)
    return or_(OutboxRow.state == Delivery.SENDING, pending)


def place() -> ColumnElement[int]:
    """Return the order of rows: what a dead courier was sending, then by urgency, then by age."""
    urgency = case((OutboxRow.state == Delivery.SENDING, -1), else_=OutboxRow.priority)
    return cast(urgency, BigInteger) * _RANK + OutboxRow.id


def free_chats(work: Work, sender: Sender, most: int, *, but: Collection[int]) -> Sequence[ChatRow]:
    """Return up to ``most`` chats that have something to send and nobody who sends it, locked.

    The chat with the most urgent, then oldest first row comes first.
    """
    chats = _locked(work, sender, most, but)
    if len(chats) < most and _make_chats(work):
        return _locked(work, sender, most, but)
    return chats


def _locked(work: Work, sender: Sender, most: int, but: Collection[int]) -> Sequence[ChatRow]:
    first = (
        select(OutboxRow.chat_id, func.min(place()).label("place"))
        .where(ready(work), OutboxRow.chat_id.not_in(but))
        .group_by(OutboxRow.chat_id)
        .subquery()
    )
    unheld = or_(ChatRow.lease_until.is_(None), ChatRow.lease_until <= work.at)
    rested = or_(ChatRow.blocked_until.is_(None), ChatRow.blocked_until <= work.at + sender.limits.ahead)
    query = select(ChatRow).join(first, first.c.chat_id == ChatRow.id).where(unheld, rested)
    locked = query.order_by(first.c.place).limit(most).with_for_update(of=ChatRow, skip_locked=True)
    return work.session.scalars(locked.execution_options(populate_existing=True)).all()


def _make_chats(work: Work) -> bool:
    """Make the rows of chats that have something to send for the first time; return whether there were any."""
    known = select(ChatRow.id).where(ChatRow.id == OutboxRow.chat_id)
    waiting = select(OutboxRow.chat_id).where(OutboxRow.state == Delivery.PENDING, ~known.exists()).distinct()
    missing = work.session.scalars(waiting.order_by(OutboxRow.chat_id)).all()
    if missing:
        insert = sqlite.insert if work.session.get_bind().dialect.name == "sqlite" else postgresql.insert
        work.session.execute(insert(ChatRow).values([{"id": chat} for chat in missing]).on_conflict_do_nothing())
    return bool(missing)


def claim(work: Work, sender: Sender, chat: ChatRow) -> None:
    """Lease a chat that ``free_chats`` returned."""
    chat.lease_owner, chat.lease_until = sender.owner, work.at + LEASE


def renew(work: Work, sender: Sender, chats: Collection[int]) -> None:
    """Hold leases a while longer; one that lapsed and went to somebody else stays there."""
    held = (ChatRow.id.in_(chats), ChatRow.lease_owner == sender.owner)
    work.session.execute(update(ChatRow).where(*held).values(lease_until=work.at + LEASE))


def end(work: Work, sender: Sender, chat_id: int, rest_until: datetime) -> None:
    """Give a chat back, to rest until then."""
    chat = work.session.get(ChatRow, chat_id, with_for_update=True, populate_existing=True)
    if chat is None:
        return
    if chat.lease_owner == sender.owner:
        chat.lease_owner = chat.lease_until = None
    chat.blocked_until = max(rest_until, chat.blocked_until or rest_until)


def release(work: Work, sender: Sender) -> None:
    """Give back all that a courier holds, at its end."""
    ours = update(ChatRow).where(ChatRow.lease_owner == sender.owner)
    work.session.execute(ours.values(lease_owner=None, lease_until=None))


def release_all(work: Work) -> None:
    """Give back what anybody holds: for a database with a single process, where the holder has died."""
    held = update(ChatRow).where(ChatRow.lease_owner.is_not(None))
    work.session.execute(held.values(lease_owner=None, lease_until=None))


def next_free(work: Work, *, but: Collection[int]) -> datetime | None:
    """Return the earliest later moment at which a chat with something to send may be taken; None for none."""
    waits = select(OutboxRow.chat_id, func.min(OutboxRow.not_before).label("since"))
    waits = waits.where(OutboxRow.state.in_([Delivery.PENDING, Delivery.SENDING]), OutboxRow.chat_id.not_in(but))
    rows = waits.group_by(OutboxRow.chat_id).subquery()
    query = select(rows.c.since, ChatRow.blocked_until, ChatRow.lease_until)
    found = work.session.execute(query.outerjoin(ChatRow, ChatRow.id == rows.c.chat_id)).all()
    moments = (max(moment for moment in row if moment is not None) for row in found)
    return min((moment for moment in moments if moment > work.at), default=None)
