"""Use cases: invite the holder of a post by a single-use link, and accept such an invitation."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import InvitationAccepted, InvitationLink, InvitationRefused, InvitationUsed, Notice
from bot.services.authorise import Capability, may, require
from bot.services.holdings import appoint, current
from bot.services.keyring import fingerprint, new_nonce
from bot.services.mutations import hand_over, replaced
from bot.services.outbox import tell
from bot.services.people import ensure_person, known
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import BotRow, InvitationRow, OfficeRow, PersonRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work

VALID_FOR = timedelta(days=7)


def invite(work: Work, actor: Actor, office_id: str, post_id: str, *, replaces: int | None = None) -> Notice:
    """Make an invitation and return the answer with its link; raises Refusal.

    Whoever accepts one that ``replaces`` a holding (its id) takes the post over from its holder.
    """
    require(work, actor, Capability.INVITE, office_id)
    created_by = actor.person.id if actor.person else None
    row, _ = new_invitation(work, office_id, post_id, created_by=created_by)
    row.replaces = replaces
    return InvitationLink(row.id)


def new_invitation(
    work: Work, office_id: str, post_id: str, *, created_by: int | None = None, name: str | None = None
) -> tuple[InvitationRow, str]:
    """Store an invitation and return it with its code, which is kept nowhere.

    The database has its hash, and a nonce of which it can be made again with the bot's token (``code_of``).
    """
    nonce = new_nonce()
    code = work.library.keyring.code(nonce)
    row = InvitationRow(
        code_hash=fingerprint(code),
        nonce=nonce,
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


def code_of(work: Work, row: InvitationRow) -> str | None:
    """Return an invitation's code; None where it was made with another token, and nobody can tell it any more.

    Whoever has such a code already can still use it.
    """
    code = work.library.keyring.code(row.nonce) if row.nonce is not None else None
    return code if code is not None and fingerprint(code) == row.code_hash else None


def accept(work: Work, actor: Actor, code: str) -> Notice:
    """Put the actor on the post the code invites to and return the answer; raises Refusal."""
    row = _usable(work, code)
    require(work, actor, Capability.JOIN, row.office_id)
    person = ensure_person(work, actor.telegram_id, row.name or actor.name)
    held = current(work, person, row.office_id, row.post_id)
    if held is not None:
        return InvitationAccepted(held.id)
    row.used_at, row.used_by = work.at, person.id
    former = replaced(work, row.replaces)
    if former is not None:
        return InvitationAccepted(hand_over(work, former, person, by_id=person.id).id)
    holding = appoint(work, person, row.office_id, row.post_id, cause_id=person.id)
    _tell_secretariat(work, person, row.office_id, InvitationUsed(holding.id))
    return InvitationAccepted(holding.id)


def _usable(work: Work, code: str) -> InvitationRow:
    query = select(InvitationRow).where(InvitationRow.code_hash == fingerprint(code)).with_for_update()
    row = work.session.scalar(query)
    if row is None:
        raise Refusal(InvitationRefused("unknown"))
    if row.used_at is not None:
        raise Refusal(InvitationRefused("used"))
    replaced(work, row.replaces)  # locked before the office is, as everywhere
    if row.expires_at <= work.at or not _inviter_stands(work, row):
        raise Refusal(InvitationRefused("expired"))
    return row


def _inviter_stands(work: Work, row: InvitationRow) -> bool:
    """Whether whoever made the invitation might still make it: who was removed must not let themselves back in."""
    if row.created_by is None:  # made at the command line
        return True
    # Removals wait for this lock too: none may pass between this look and the appointment.
    work.session.get(OfficeRow, row.office_id, with_for_update={"key_share": True})
    inviter = known(work, work.session.get_one(PersonRow, row.created_by))
    return may(work, inviter, Capability.INVITE, row.office_id)


def _tell_secretariat(work: Work, newcomer: PersonRow, office_id: str, notice: Notice) -> None:
    for monitor in queries.secretariat_of(work.session, office_id, work.at):
        if monitor.id != newcomer.id:
            tell(work, monitor, notice, silent=True)


def bot_username(work: Work) -> str | None:
    """Return the username that invitation links are made of, None before the bot first met Telegram."""
    return work.session.scalar(select(BotRow.username).order_by(BotRow.id.desc()).limit(1))
