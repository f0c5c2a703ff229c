"""Use cases: invite the holder of a post by a single-use link, and accept such an invitation."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import InvitationAccepted, InvitationLink, InvitationRefused, InvitationUsed, Notice
from bot.services.authorise import Capability, require
from bot.services.holdings import appoint, current
from bot.services.outbox import tell
from bot.services.people import ensure_person
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import BotRow, InvitationRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import PersonRow

VALID_FOR = timedelta(days=7)
_CODE_BYTES = 18


def invite(work: Work, actor: Actor, office_id: str, post_id: str) -> Notice:
    """Make an invitation and return the answer with its link; raises Refusal."""
    require(work, actor, Capability.INVITE, office_id)
    created_by = actor.person.id if actor.person else None
    row, code = new_invitation(work, office_id, post_id, created_by=created_by)
    return InvitationLink(row.id, code)


def new_invitation(
    work: Work, office_id: str, post_id: str, *, created_by: int | None = None, name: str | None = None
) -> tuple[InvitationRow, str]:
    """Store an invitation and return it with its code, which is kept nowhere but as a hash."""
    code = secrets.token_urlsafe(_CODE_BYTES)
    row = InvitationRow(
        code_hash=_hash(code),
        office_id=office_id,
        post_id=post_id,
        name=name,
        created_by=created_by,
        created_at=work.at,
        expires_at=work.at + VALID_FOR,
    )
    work.session.add(row)
    work.session.flush()
    return row, code


def accept(work: Work, actor: Actor, code: str) -> Notice:
    """Put the actor on the post the code invites to and return the answer; raises Refusal."""
    row = _usable(work, code)
    person = ensure_person(work, actor.telegram_id, row.name or actor.name)
    held = current(work, person, row.office_id, row.post_id)
    if held is not None:
        return InvitationAccepted(held.id)
    row.used_at, row.used_by = work.at, person.id
    holding = appoint(work, person, row.office_id, row.post_id, cause_id=person.id)
    _tell_secretariat(work, person, row.office_id, InvitationUsed(holding.id))
    return InvitationAccepted(holding.id)


def _usable(work: Work, code: str) -> InvitationRow:
    query = select(InvitationRow).where(InvitationRow.code_hash == _hash(code)).with_for_update()
    row = work.session.scalar(query)
    if row is None:
        raise Refusal(InvitationRefused("unknown"))
    if row.used_at is not None:
        raise Refusal(InvitationRefused("used"))
    if row.expires_at <= work.at:
        raise Refusal(InvitationRefused("expired"))
    return row


def _tell_secretariat(work: Work, newcomer: PersonRow, office_id: str, notice: Notice) -> None:
    for monitor in queries.secretariat_of(work.session, office_id, work.at):
        if monitor.id != newcomer.id:
            tell(work, monitor, notice, silent=True)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def bot_username(work: Work) -> str | None:
    """Return the username that invitation links are made of, None before the bot first met Telegram."""
    return work.session.scalar(select(BotRow.username).order_by(BotRow.id.desc()).limit(1))
