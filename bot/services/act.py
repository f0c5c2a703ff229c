"""The common road of every command on a running case: lock, decide, record, announce."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import errors
from bot.domain.case import Case, Command, handle
from bot.domain.notices import CaseOver, FirstStep, HeldByOthers, Notice, PartAlreadyReported, TaskOver
from bot.services.announce import announce
from bot.services.authorise import UNKNOWN, posts_in, require_part
from bot.services.ledger import lock, record
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
    try:
        return handle(state, command, work.sop_of(case), work.calendar_of(case), work.at)
    except errors.DomainError as error:
        raise Refusal(_answer(error, case.id, task_id)) from error


def task_for(work: Work, actor: Actor, task_id: int) -> tuple[CaseRow, TaskRow, frozenset[str]]:
    """Return the locked case, the task row and the actor's posts there; raises Refusal unless they hold it."""
    task = work.session.get(TaskRow, task_id)
    if task is None:
        raise Refusal(TaskOver(UNKNOWN))
    case = lock(work, task.case_id)
    work.session.refresh(task)
    require_part(work, actor, case, task)
    return case, task, posts_in(work, actor, case.office_id)


def _answer(error: errors.DomainError, case_id: int, task_id: int | None) -> Notice:
    if task_id is None:
        return CaseOver(case_id)
    match error:
        case errors.NotHolder():
            return HeldByOthers(case_id)
        case errors.AlreadyReported():
            return PartAlreadyReported(task_id)
        case errors.FirstStepNotRejectable():
            return FirstStep(task_id)
        case errors.CaseEnded() | errors.TaskEnded():
            return TaskOver(task_id)
        case _:
            raise error
