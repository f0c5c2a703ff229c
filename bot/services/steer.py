"""Which case somebody wants to steer (/jeda, /lanjut, /pindah, /mundur), and whether they may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Status
from bot.domain.notices import CaseOver, ChooseRunning, HeldByOthers, NoneToSteer, Notice, TaskOver
from bot.domain.posts import SECRETARIAT
from bot.services.act import person_of
from bot.services.authorise import (
    ADMIN_CAPACITY,
    GRANTS,
    UNKNOWN,
    Capability,
    Role,
    hands,
    may,
    offices_where,
    posts_in,
    require,
)
from bot.services.find import member_offices, the_case
from bot.services.ledger import lock
from bot.services.questions import Kind, ask
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import CaseRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.services.work import Actor, Work

NEEDS: Mapping[str, Capability] = {
    "jeda": Capability.HOLD,
    "lanjut": Capability.HOLD,
    "pindah": Capability.MOVE,
    "mundur": Capability.RETURN,
}
"""What each command needs."""


def meant(work: Work, actor: Actor, code: str | None, *, command: str, text: str | None) -> CaseRow:
    """Return the case that a command is for: the one named, or the only one it could be.

    Raises Refusal, with a choice where several fit.
    """
    if not _by_holders(NEEDS[command]):
        offices_where(work, actor, NEEDS[command])
    if code is not None:
        return the_case(work, actor, code, command=command, text=text)
    found = _candidates(work, actor, command)
    if not found:
        raise Refusal(NoneToSteer(command))
    if len(found) > 1:
        about = {"options": [case.id for case in found], "command": command, "text": text}
        raise Refusal(ChooseRunning(ask(work, person_of(actor), Kind.CHOOSE_RUNNING, about).id))
    return found[0]


def _candidates(work: Work, actor: Actor, command: str) -> list[CaseRow]:
    """Return the running cases that the command could be for, soonest due first."""
    offices = member_offices(work, actor)
    watched = {office for office in offices if may(work, actor, NEEDS[command], office)}
    mine: set[int] = set()
    if _by_holders(NEEDS[command]) and actor.person is not None:
        mine = {task.id for _, task in queries.open_tasks_of(work.session, actor.person.id, work.at)}
    running = queries.running_cases(work.session, offices)
    held = {"jeda": False, "lanjut": True}.get(command)
    return [
        case
        for case, task in running
        if (case.office_id in watched or task.id in mine) and held in {None, task.held_at is not None}
    ]


def _by_holders(capability: Capability) -> bool:
    return Role.HOLDER in GRANTS[capability]


def open_task_to_steer(work: Work, actor: Actor, case: CaseRow, capability: Capability) -> TaskRow:
    """Return the open task of a case that the actor may steer, locked; raises Refusal."""
    lock(work, case.id)
    task = queries.open_task(work.session, case.id)
    if task is None or case.status != Status.RUNNING:
        require_view(work, actor, case, capability)
        raise Refusal(CaseOver(case.id))
    return task_to_steer(work, actor, task.id, capability)[1]


def require_view(work: Work, actor: Actor, case: CaseRow, capability: Capability) -> None:
    """Raise Refusal unless the actor may learn that the case has ended."""
    if not _by_holders(capability):
        require(work, actor, capability, case.office_id)


def task_to_steer(work: Work, actor: Actor, task_id: int, capability: Capability) -> tuple[CaseRow, TaskRow]:
    """Return the locked case and the task that a button or a question names; raises Refusal unless they may."""
    task = work.session.get(TaskRow, task_id)
    office = work.session.get_one(CaseRow, task.case_id).office_id if task else ""
    if task is None or not may(work, actor, Capability.VIEW, office):
        # The same words as for a task that does not exist: nothing of another office shows.
        raise Refusal(TaskOver(UNKNOWN))
    case = lock(work, task.case_id)
    work.session.refresh(task)
    if not may(work, actor, capability, office, task=task):
        if _by_holders(capability):
            raise Refusal(_not_theirs(case, task))
        require(work, actor, capability, office)
    return case, task


def _not_theirs(case: CaseRow, task: TaskRow) -> Notice:
    return HeldByOthers(case.id) if task.ended_at is None else TaskOver(task.id)


def post_on(work: Work, actor: Actor, case: CaseRow, task: TaskRow) -> str | None:
    """Return the post for which the actor holds the task, if any."""
    mine = hands(work, actor, case.office_id, task).posts
    return next((row.post_id for row in queries.task_posts(work.session, task.id) if row.post_id in mine), None)


def watches(work: Work, actor: Actor, office_id: str) -> bool:
    """Whether the actor is the office's sekretariat, or administers it."""
    return actor.admin or SECRETARIAT in posts_in(work, actor, office_id)


def steering_capacity(work: Work, actor: Actor, office_id: str) -> str:
    """Return the capacity in which somebody who watches an office acts."""
    return SECRETARIAT if SECRETARIAT in posts_in(work, actor, office_id) else ADMIN_CAPACITY
