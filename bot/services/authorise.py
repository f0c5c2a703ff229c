"""Who may do what: one table, one place that enforces it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from bot.domain.notices import NotAllowed, NotUnderstood, Stranger
from bot.domain.posts import SECRETARIAT
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import CaseRow, HoldingRow, OfficeRow, SopVersionRow

if TYPE_CHECKING:
    from bot.domain.sop import Sop
    from bot.services.work import Actor, Work

OfficeThing = TypeVar("OfficeThing", CaseRow, HoldingRow, SopVersionRow)


class Role(StrEnum):
    """What somebody is in one office at one moment."""

    ADMIN = "admin"
    SECRETARIAT = "secretariat"
    MEMBER = "member"  # holds any post there
    OPENER = "opener"  # holds a post of the SOP's first step


class Capability(StrEnum):
    """What can be allowed. Acting on a task is not here: only holding its post allows that."""

    VIEW = "view"
    START = "start"
    INVITE = "invite"
    REMOVE = "remove"
    CANCEL = "cancel"


_MONITORS = frozenset({Role.ADMIN, Role.SECRETARIAT})
GRANTS: Mapping[Capability, frozenset[Role]] = {
    Capability.VIEW: _MONITORS | {Role.MEMBER},
    Capability.START: _MONITORS | {Role.OPENER},
    Capability.INVITE: _MONITORS,
    Capability.REMOVE: _MONITORS,
    Capability.CANCEL: _MONITORS,
}
_WHO_MAY = {Capability.VIEW: "member", Capability.START: "starter"}

ADMIN_CAPACITY = "admin"
"""The capacity written to the log when an administrator acts without a post."""


def roles(work: Work, actor: Actor, office_id: str, sop: Sop | None = None) -> frozenset[Role]:
    """Return what the actor is in an office now; ``sop`` decides on OPENER."""
    found = {Role.ADMIN} if actor.admin else set()
    posts = _posts(work, actor, office_id)
    if posts:
        found.add(Role.MEMBER)
    if SECRETARIAT in posts:
        found.add(Role.SECRETARIAT)
    if sop is not None and posts & set(sop.first.posts):
        found.add(Role.OPENER)
    return frozenset(found)


def may(work: Work, actor: Actor, capability: Capability, office_id: str, sop: Sop | None = None) -> bool:
    """Whether the table grants the capability."""
    return bool(GRANTS[capability] & roles(work, actor, office_id, sop))


def require(work: Work, actor: Actor, capability: Capability, office_id: str, sop: Sop | None = None) -> None:
    """Raise Refusal unless the capability is granted; a stranger learns no more than a stranger may."""
    if may(work, actor, capability, office_id, sop):
        return
    known = actor.person is not None and queries.holdings_of(work.session, actor.person.id, work.at)
    raise Refusal(NotAllowed(_WHO_MAY.get(capability, "secretariat")) if known else Stranger())


def in_view(work: Work, actor: Actor, row: OfficeThing | None) -> OfficeThing:
    """Return the row that a button names; raises Refusal, in the same words for a foreign and an unknown one."""
    if row is None or not may(work, actor, Capability.VIEW, row.office_id):
        raise Refusal(NotUnderstood())
    return row


def offices_where(work: Work, actor: Actor, capability: Capability) -> tuple[str, ...]:
    """Return the offices in which the actor has a capability (START counts any SOP's first step)."""
    if actor.admin:
        return tuple(work.session.scalars(select(OfficeRow.id).order_by(OfficeRow.id)))
    if actor.person is None:
        return ()
    mine = queries.offices_of(work.session, actor.person.id, work.at)
    return tuple(office for office in mine if may(work, actor, capability, office))


def capacity(work: Work, actor: Actor, office_id: str, sop: Sop) -> str:
    """Return the post in which the actor starts or ends cases: sekretariat first, then a step's post."""
    posts = _posts(work, actor, office_id)
    if SECRETARIAT in posts:
        return SECRETARIAT
    return next((post for post in sop.first.posts if post in posts), ADMIN_CAPACITY)


def _posts(work: Work, actor: Actor, office_id: str) -> frozenset[str]:
    if actor.person is None:
        return frozenset()
    return queries.posts_of(work.session, actor.person.id, office_id, work.at)
