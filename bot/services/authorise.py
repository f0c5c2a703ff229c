"""Who may do what: one table (capability × role × office), and the only place that enforces it.

A role is what somebody is towards an office, a task or a question at one moment, read from the store at
that moment: nothing that a button, a code or a message says of its sender counts. What the domain refuses
for its own reasons (the task has ended, the first step cannot be rejected) is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from bot.domain.notices import AlreadyChosen, HeldByOthers, NotAllowed, Notice, NotUnderstood, Stranger, TaskOver
from bot.domain.posts import SECRETARIAT, HoldingKind
from bot.services.chief import head_posts
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import CaseRow, HoldingRow, OfficeRow, SopVersionRow

if TYPE_CHECKING:
    from bot.domain.sop import Sop
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow, TaskRow

OfficeThing = TypeVar("OfficeThing", CaseRow, HoldingRow, SopVersionRow)

UNKNOWN = 0
"""An id that no row has."""


class Role(StrEnum):
    """What somebody is in one office at one moment; ASKED is towards one question, HOLDER towards one task."""

    ANYBODY = "anybody"  # has an account at Telegram
    ADMIN = "admin"
    SECRETARIAT = "secretariat"
    MEMBER = "member"  # holds any post there
    CHIEF = "chief"  # holds the post without a superior
    RECORDER = "recorder"  # holds a post that may record what others decide on paper or by voice
    OPENER = "opener"  # holds a post of the SOP's first step
    HOLDER = "holder"  # may act for a post that the task was given to; as Plh or Plt, the engine may still refuse
    ASKED = "asked"  # the question was put to them


class Capability(StrEnum):
    """What can be allowed."""

    JOIN = "join"  # take a post, with the code of an invitation; ask for help
    VIEW = "view"
    START = "start"
    ACT = "act"  # complete or reject a task
    ANSWER = "answer"  # a question
    INVITE = "invite"
    REMOVE = "remove"
    APPOINT = "appoint"  # a Plh or Plt, or a successor
    CANCEL = "cancel"
    RECORD = "record"  # what somebody else decided on paper or by voice
    BACKDATE = "backdate"  # what happened during an outage
    SEAL = "seal"  # make a case secret
    HOLD = "hold"  # stop a task's clock, or let it run again
    MOVE = "move"  # hand a task to another post
    RETURN = "return"  # move a case back to a step
    WATCH = "watch"  # choose where the office's alerts go, and have its board
    SETTINGS = "settings"  # of the office
    GRANT = "grant"  # more time, or refuse it
    REPORT = "report"  # a month of the office with the raw times of everybody
    MEET = "meet"  # have messages kept back during a meeting
    LIVE_BOARD = "live_board"  # see the office's running cases on the page of that name


_MONITORS = frozenset({Role.ADMIN, Role.SECRETARIAT})
GRANTS: Mapping[Capability, frozenset[Role]] = {
    Capability.JOIN: frozenset({Role.ANYBODY}),
    Capability.VIEW: _MONITORS | {Role.MEMBER},
    Capability.START: _MONITORS | {Role.OPENER},
    Capability.ACT: frozenset({Role.HOLDER}),
    Capability.ANSWER: frozenset({Role.ASKED}),
    Capability.INVITE: _MONITORS,
    Capability.REMOVE: _MONITORS,
    Capability.APPOINT: _MONITORS,
    Capability.CANCEL: _MONITORS,
    Capability.RECORD: _MONITORS | {Role.RECORDER},
    Capability.BACKDATE: _MONITORS,
    Capability.SEAL: _MONITORS,
    Capability.HOLD: _MONITORS | {Role.HOLDER},
    Capability.MOVE: _MONITORS,
    Capability.RETURN: _MONITORS,
    Capability.WATCH: _MONITORS,
    Capability.SETTINGS: _MONITORS,
    Capability.GRANT: _MONITORS,
    Capability.REPORT: _MONITORS | {Role.CHIEF},
    Capability.MEET: frozenset({Role.CHIEF}),
    Capability.LIVE_BOARD: _MONITORS | {Role.MEMBER},
}
_WHO_MAY = {
    Capability.VIEW: "member",
    Capability.START: "starter",
    Capability.MEET: "chief",
    Capability.REPORT: "report",
}

ADMIN_CAPACITY = "admin"
"""The capacity written to the log when an administrator acts without a post."""


def roles(
    work: Work, actor: Actor, office_id: str, *, sop: Sop | None = None, task: TaskRow | None = None
) -> frozenset[Role]:
    """Return what the actor is in an office now; ``sop`` decides on OPENER, ``task`` (of that office) on HOLDER."""
    found = {Role.ANYBODY, Role.ADMIN} if actor.admin else {Role.ANYBODY}
    posts = posts_in(work, actor, office_id)
    if actor.person is not None and office_id in queries.offices_of(work.session, actor.person.id, work.at):
        found.add(Role.MEMBER)
    if SECRETARIAT in posts:
        found.add(Role.SECRETARIAT)
    if posts & head_posts(work, office_id):
        found.add(Role.CHIEF)
    if posts & work.rules_of(office_id).recorders:
        found.add(Role.RECORDER)
    if sop is not None and posts & set(sop.first.posts):
        found.add(Role.OPENER)
    if task is not None and hands(work, actor, office_id, task).posts & _posts_of(work, task):
        found.add(Role.HOLDER)
    return frozenset(found)


def may(
    work: Work,
    actor: Actor,
    capability: Capability,
    office_id: str,
    *,
    sop: Sop | None = None,
    task: TaskRow | None = None,
) -> bool:
    """Whether the table grants the capability."""
    return bool(GRANTS[capability] & roles(work, actor, office_id, sop=sop, task=task))


def may_answer(actor: Actor, question: QuestionRow) -> bool:
    """Whether the table lets the actor answer a question: it was put to them."""
    asked = actor.person is not None and question.person_id == actor.person.id
    return bool(GRANTS[Capability.ANSWER] & ({Role.ASKED} if asked else set()))


def is_member(work: Work, actor: Actor) -> bool:
    """Whether the actor belongs to any office now, or administers them all; a stranger may do no more than JOIN."""
    if actor.admin:
        return True
    return actor.person is not None and bool(queries.holdings_of(work.session, actor.person.id, work.at))


def require(work: Work, actor: Actor, capability: Capability, office_id: str, *, sop: Sop | None = None) -> None:
    """Raise Refusal unless the capability is granted; a stranger learns no more than a stranger may."""
    if not may(work, actor, capability, office_id, sop=sop):
        raise Refusal(_refusal(work, actor, capability))


def require_part(work: Work, actor: Actor, case: CaseRow, task: TaskRow) -> None:
    """Raise Refusal unless the actor may act on the case's task."""
    if may(work, actor, Capability.ACT, case.office_id, task=task):
        return
    if not may(work, actor, Capability.VIEW, case.office_id):
        # The same words as for a task that does not exist: nothing of another office shows.
        raise Refusal(TaskOver(UNKNOWN))
    raise Refusal(HeldByOthers(case.id) if task.ended_at is None else TaskOver(task.id))


def require_answer(actor: Actor, question: QuestionRow | None) -> QuestionRow:
    """Return the question that a button names; raises Refusal, in the words for one that is settled."""
    if question is None or not may_answer(actor, question):
        raise Refusal(AlreadyChosen())
    return question


def in_view(work: Work, actor: Actor, row: OfficeThing | None) -> OfficeThing:
    """Return the row that a button names; raises Refusal, in the same words for a foreign and an unknown one."""
    if row is None or not may(work, actor, Capability.VIEW, row.office_id):
        raise Refusal(NotUnderstood())
    return row


def offices_where(work: Work, actor: Actor, capability: Capability) -> tuple[str, ...]:
    """Return the offices in which the actor has a capability; raises Refusal where there is none."""
    all_offices = work.session.scalars(select(OfficeRow.id).order_by(OfficeRow.id)).all() if actor.admin else ()
    mine = queries.offices_of(work.session, actor.person.id, work.at) if actor.person is not None else ()
    found = tuple(office for office in all_offices or mine if may(work, actor, capability, office))
    if not found:
        raise Refusal(_refusal(work, actor, capability))
    return found


def posts_in(work: Work, actor: Actor, office_id: str) -> frozenset[str]:
    """Return the posts that the actor holds in an office now."""
    if actor.person is None:
        return frozenset()
    return queries.posts_of(work.session, actor.person.id, office_id, work.at)


@dataclass(frozen=True, slots=True)
class Hands:
    """The posts somebody may act for now; ``standin`` and ``acting`` are those of them held as Plh and as Plt."""

    posts: frozenset[str]
    standin: frozenset[str] = frozenset()
    acting: frozenset[str] = frozenset()


def hands(work: Work, actor: Actor, office_id: str, task: TaskRow | None = None) -> Hands:
    """Return the posts the actor may act for in an office now; for a strategic ``task`` also from afar."""
    if actor.person is None:
        return Hands(frozenset())
    kinds = queries.kinds_of(work.session, actor.person.id, office_id, work.at)
    if task is not None and task.strategic:
        own = queries.definitive_posts_of(work.session, actor.person.id, office_id, work.at)
        kinds |= dict.fromkeys(own, HoldingKind.DEFINITIVE)
    return Hands(frozenset(kinds), _held_as(kinds, HoldingKind.STANDIN), _held_as(kinds, HoldingKind.ACTING))


def _held_as(kinds: Mapping[str, HoldingKind], kind: HoldingKind) -> frozenset[str]:
    return frozenset(post for post, held in kinds.items() if held is kind)


def _posts_of(work: Work, task: TaskRow) -> set[str]:
    return {row.post_id for row in queries.task_posts(work.session, task.id)}


def _refusal(work: Work, actor: Actor, capability: Capability) -> Notice:
    return NotAllowed(_WHO_MAY.get(capability, "secretariat")) if is_member(work, actor) else Stranger()


def capacity(work: Work, actor: Actor, office_id: str, sop: Sop) -> str:
    """Return the post in which the actor starts or ends cases: sekretariat first, then a step's post."""
    posts = posts_in(work, actor, office_id)
    if SECRETARIAT in posts:
        return SECRETARIAT
    return next((post for post in sop.first.posts if post in posts), ADMIN_CAPACITY)
