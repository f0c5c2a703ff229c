"""The common road of every command on a running case: lock, decide, record, announce."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.domain import errors
from bot.domain import notices as n
from bot.domain.case import Case, Command, handle
from bot.domain.notices import CaseOver, FirstStep, HeldByOthers, Notice, PartAlreadyReported, TaskOver
from bot.services.announce import announce
from bot.services.authorise import UNKNOWN, Hands, hands, require_part
from bot.services.ledger import lock, record
from bot.services.secrecy import sealed
from bot.services.work import Actor, Refusal, Work
from bot.store import queries
from bot.store.tables import CaseRow, PersonRow, TaskRow

if TYPE_CHECKING:
    from bot.domain.events import Event


def person_of(actor: Actor) -> PersonRow:
    """Return the known person behind an actor; callers have authorised the actor before."""
    if actor.person is None:
        message = "an authorised actor is a known person"
        raise ValueError(message)
    return actor.person


def act(work: Work, actor: Actor, case: CaseRow, command: Command, *, task_id: int | None) -> tuple[Event, ...]:
    """Carry out ``command`` on ``case`` (locked by the caller) and return what happened.

    Raises Refusal with the answer where the engine refuses; ``task_id`` is the row meant.
    """
    before = queries.state_of(work.session, case.id)
    events = _decide(work, case, before, command, task_id)
    record(work, case, events)
    announce(work, case, before, events, actor_id=person_of(actor).id)
    return events


def decide(work: Work, case: CaseRow, command: Command, *, task_id: int | None) -> tuple[Event, ...]:
    """Return what ``command`` would lead to, writing nothing; raises Refusal."""
    return _decide(work, case, queries.state_of(work.session, case.id), command, task_id)


def _decide(work: Work, case: CaseRow, state: Case, command: Command, task_id: int | None) -> tuple[Event, ...]:
    command = sealed(case, command)
    try:
        return handle(state, command, work.sop_of(case), work.calendar_of(case), work.at)
    except errors.DomainError as error:
        raise Refusal(_answer(error, case.id, task_id)) from error


def task_for(work: Work, actor: Actor, task_id: int) -> tuple[CaseRow, TaskRow, Hands]:
    """Return the locked case, the task row and what the actor may act for; raises Refusal unless they hold it."""
    task = work.session.get(TaskRow, task_id)
    if task is None:
        raise Refusal(TaskOver(UNKNOWN))
    case = lock(work, task.case_id)
    work.session.refresh(task)
    require_part(work, actor, case, task)
    return case, task, hands(work, actor, case.office_id, task)


def _answer(error: errors.DomainError, case_id: int, task_id: int | None) -> Notice:
    rule = _ANSWERS.get(type(error))
    if rule is None:
        raise error
    if task_id is None and isinstance(error, errors.CaseEnded | errors.TaskEnded):
        return CaseOver(case_id)
    return rule(error, _About(case_id, task_id or UNKNOWN))


@dataclass(frozen=True, slots=True)
class _About:
    case: int
    task: int


_ANSWERS: Mapping[type[errors.DomainError], Callable[[Any, _About], Notice]] = {
    errors.NotHolder: lambda _, about: HeldByOthers(about.case),
    errors.AlreadyReported: lambda _, about: PartAlreadyReported(about.task),
    errors.FirstStepNotRejectable: lambda _, about: FirstStep(about.task),
    errors.CaseEnded: lambda _, about: TaskOver(about.task),
    errors.TaskEnded: lambda _, about: TaskOver(about.task),
    errors.StrategicStep: lambda _, about: n.StrategicOnly(about.task),
    errors.CaseOnHold: lambda _, about: n.OnHold(about.case),
    errors.NotOnHold: lambda _, about: n.NotOnHold(about.case),
    errors.NothingToUndo: lambda _, about: n.UndoRefused(about.task, "changed"),
    errors.UndoTooLate: lambda _, about: n.UndoRefused(about.task, "late"),
    errors.NextHolderActed: lambda _, about: n.UndoRefused(about.task, "acted"),
    errors.NoTimeRequested: lambda _, about: n.RequestOver(about.task),
    errors.TimeAlreadyRequested: lambda _, about: n.RequestWaits(about.task),
    errors.NotClaimed: lambda _, about: n.NotClaimed(about.task),
    errors.ImpossibleMove: lambda _, about: n.MoveRefused(about.case),
    errors.ImpossibleReturn: lambda _, about: n.ReturnRefused(about.case),
    errors.ImplausibleMoment: lambda error, about: n.MomentRefused(
        about.task, error.earliest.isoformat(), error.latest.isoformat()
    ),
    errors.NothingToObject: lambda _, about: n.ObjectionRefused(about.task),
    errors.ObjectionTooLate: lambda error, about: n.ObjectionRefused(about.task, error.until.isoformat()),
}
"""What the engine's refusals are answered with; any other one is an error of the program."""
