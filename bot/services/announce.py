"""Telling those concerned what a command led to: cards first, then the words to the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, cast

from bot.domain import events as ev
from bot.domain.case import Case, undone_by
from bot.domain.notices import CaseCancelled, CaseFinished, Notice, RejectionTold
from bot.services import cards
from bot.services.alerts import to_group
from bot.services.forwarding import forward_files
from bot.services.ledger import REJECTED
from bot.services.outbox import tell
from bot.services.recorded import refresh_told
from bot.store import queries
from bot.store.tables import CaseRow, PersonRow, TaskRow

if TYPE_CHECKING:
    from bot.services.work import Work


def announce(work: Work, case: CaseRow, before: Case | None, events: tuple[ev.Event, ...], *, actor_id: int) -> None:
    """Queue what follows from ``events``: cards for new holders, edits of old cards, notices.

    ``before`` is the state the command met (None at the start of a case); ``actor_id`` is the
    person who acted, who is answered directly and therefore not told again.
    """
    for event in events:
        rule = _RULES.get(type(event))
        if rule:
            rule(work, case, before, event, actor_id)


def _given(work: Work, case: CaseRow, _before: Case | None, event: ev.Event, actor_id: int) -> None:
    task = _task(work, case, cast("ev.TaskGiven", event).task)
    cards.hand_out(work, case, task, cause_id=actor_id)
    forward_files(work, case, task)


def _changed(work: Work, case: CaseRow, _before: Case | None, event: ev.Event, _actor_id: int) -> None:
    # Any event about one task: its cards show the truth.
    cards.refresh(work, _task(work, case, cast("ev.PartDone", event).task).id)


def _undone(work: Work, case: CaseRow, _before: Case | None, event: ev.Event, actor_id: int) -> None:
    undone = cast("ev.Undone", event)
    if undone.withdrawn is not None:
        cards.refresh(work, _task(work, case, undone.withdrawn).id)
    task = _task(work, case, undone.task)
    cards.refresh(work, task.id)
    cards.hand_out(work, case, task, cause_id=actor_id)  # whoever took the post meanwhile
    refresh_told(work, task.id)


def _sealed(work: Work, case: CaseRow, _before: Case | None, _event: ev.Event, _actor_id: int) -> None:
    for task in queries.tasks_of_case(work.session, case.id):
        cards.refresh(work, task.id)


def _moved(work: Work, case: CaseRow, _before: Case | None, event: ev.Event, actor_id: int) -> None:
    moved = cast("ev.TaskMoved", event)
    task = _task(work, case, moved.task)
    cards.refresh(work, task.id)
    # Where it comes back, or somebody has it for another post, an old card would change far above without a sound.
    for person in queries.holders_of(work.session, case.office_id, [moved.to_post], work.at, strategic=task.strategic):
        cards.give_anew(work, task, person, cause_id=actor_id)
    cards.hand_out(work, case, task, cause_id=actor_id)


def _rejected(work: Work, case: CaseRow, before: Case | None, event: ev.Event, actor_id: int) -> None:
    rejection = cast("ev.StepRejected", event)
    task = _task(work, case, rejection.task)
    cards.refresh(work, task.id)
    # A reason is for the office: whoever has left it since their report is a stranger to its cases.
    members = {holding.person_id for holding in queries.office_holdings(work.session, case.office_id, work.at)}
    undone = members & {report.person for report in undone_by(cast("Case", before), rejection.to_step)}
    target = work.sop_of(case).step(rejection.to_step)
    # The holders of the target read the reason on the card they are given for it.
    holders = queries.holders_of(work.session, case.office_id, target.posts, work.at, strategic=target.strategic)
    informed = {actor_id} | _ids(holders)
    in_group = _rejected_again(work, case) and to_group(work, case.office_id, RejectionTold(task.id), case_id=case.id)
    monitors = () if in_group else queries.secretariat_of(work.session, case.office_id, work.at)
    _tell_all(work, (undone | _ids(monitors)) - informed, RejectionTold(task.id))


def _rejected_again(work: Work, case: CaseRow) -> bool:
    """Whether this is not the case's first rejection: one that was undone does not count."""
    return sum(task.outcome == REJECTED for task in queries.tasks_of_case(work.session, case.id)) > 1


def _finished(work: Work, case: CaseRow, _before: Case | None, _event: ev.Event, actor_id: int) -> None:
    _tell_of_end(work, case, CaseFinished(case.id), actor_id)


def _cancelled(work: Work, case: CaseRow, before: Case | None, _event: ev.Event, actor_id: int) -> None:
    open_task = cast("Case", before).task
    if open_task is not None:
        cards.refresh(work, _task(work, case, open_task.number).id)
    _tell_of_end(work, case, CaseCancelled(case.id), actor_id)


def participants(work: Work, case: CaseRow) -> set[int]:
    """Return the starter, everyone who held one of the case's tasks, and the sekretariat (person ids)."""
    return _took_part(work, case) | _ids(queries.secretariat_of(work.session, case.office_id, work.at))


def _tell_of_end(work: Work, case: CaseRow, notice: Notice, actor_id: int) -> None:
    """Tell all participants; monitors who did no more than watch read it in their group, where there is one."""
    in_group = to_group(work, case.office_id, notice, case_id=case.id, silent=True)
    people = (_took_part(work, case) if in_group else participants(work, case)) - {actor_id}
    # Nobody has anything to do about a good end: only who waits for it hears a bell.
    waiting = {case.started_by} if isinstance(notice, CaseFinished) else people
    _tell_all(work, people & waiting, notice)
    _tell_all(work, people - waiting, notice, silent=True)


def _took_part(work: Work, case: CaseRow) -> set[int]:
    people = {case.started_by}
    for task in queries.tasks_of_case(work.session, case.id):
        people |= {card.person_id for card in queries.cards_of_task(work.session, task.id)}
    return people


def _tell_all(work: Work, people: set[int], notice: Notice, *, silent: bool = False) -> None:
    for person_id in sorted(people):
        tell(work, work.session.get_one(PersonRow, person_id), notice, silent=silent)


def _ids(people: Iterable[PersonRow]) -> set[int]:
    return {person.id for person in people}


def _task(work: Work, case: CaseRow, number: int) -> TaskRow:
    return next(task for task in queries.tasks_of_case(work.session, case.id) if task.number == number)


_RULES: Mapping[type[ev.Event], Callable[[Work, CaseRow, Case | None, ev.Event, int], None]] = {
    ev.TaskGiven: _given,
    ev.PartDone: _changed,
    ev.TaskAccepted: _changed,
    ev.TaskClaimed: _changed,
    ev.TaskReleased: _changed,
    ev.NoteAdded: _changed,
    ev.FileAttached: _changed,
    ev.TimeRequested: _changed,
    ev.TimeGranted: _changed,
    ev.TimeRefused: _changed,
    ev.DeadlineMoved: _changed,
    ev.CaseHeld: _changed,
    ev.CaseResumed: _changed,
    ev.CaseReturned: _changed,
    ev.Undone: _undone,
    ev.TaskMoved: _moved,
    ev.CaseSealed: _sealed,
    ev.StepRejected: _rejected,
    ev.CaseFinished: _finished,
    ev.CaseCancelled: _cancelled,
}
