"""What happened to a case, told to whom it concerns, and the list of running ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import events as ev
from bot.messages.card_life import undo_buttons
from bot.messages.case_view import (
    CaseLine,
    CaseView,
    Ending,
    TaskLine,
    Where,
    case_view,
    reason_of,
    task_and_case,
)
from bot.messages.dates import waktu, worked
from bot.messages.labels import join
from bot.messages.limits import html_units, shorten
from bot.messages.sops import Hints, hints
from bot.messages.view import Context
from bot.services.ledger import WITHDRAWN
from bot.services.spells import plain_budget, spent
from bot.store import queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain import notices as n
    from bot.messages.view import View
    from bot.store.tables import CaseRow, TaskRow

_LIST_UNITS = 3600  # leaves room for headings and the closing line
_ITEM_UNITS = 60  # tags and words around the values of one item
_TITLE = 60
_ACTIVITY = 90


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStartedContext(Context):
    """``empty`` tells that a post of the first step has no holder; ``inviter`` that I may invite."""

    case: CaseLine
    where: Where
    hints: Hints | None
    empty: bool
    inviter: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedContext(Context):
    """A case, by name only."""

    case: CaseLine


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReportedContext(Context):
    """``waiting`` is set while the step is open, else ``ending`` and where that led."""

    case: CaseLine
    task: TaskLine
    waiting: str
    ending: Ending | None
    following: TaskLine | None
    holders: str
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectionContext(Context):
    """A rejection and the step that it led back to; ``times`` counts the case's rejections so far."""

    case: CaseLine
    step: str
    who: str
    reason: str
    target: TaskLine
    holders: str
    over: bool
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFinishedContext(Context):
    """Times are working time; ``extra`` is what was granted on top of ``budget``; ``rejections`` counts them."""

    member: bool
    case: CaseLine
    started: str
    finished: str
    used: str
    budget: str
    extra: str
    rejections: int
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCancelledContext(Context):
    """Who ended the case, when and why."""

    member: bool
    case: CaseLine
    where: Where


@dataclass(frozen=True, slots=True)
class RunningItem:
    """One running case."""

    code: str
    title: str
    task: TaskLine
    activity: str
    holders: str


@dataclass(frozen=True, slots=True)
class OfficeCases:
    """The running cases of one office; ``office`` only where there are several."""

    office: str | None
    items: tuple[RunningItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningContext(Context):
    """``left_out`` counts the cases that did not fit."""

    offices: tuple[OfficeCases, ...]
    left_out: int


def case_started(view: View, notice: n.CaseStarted) -> CaseStartedContext:
    """Return the answer to whoever started the case."""
    case = case_view(view, notice.case_id)
    waiting = case.waiting(case.open) if case.open else ()
    return CaseStartedContext(
        case=case.line,
        where=case.where(),
        hints=hints(case.sop),
        empty=any(not queries.holders_of(view.session, case.row.office_id, [post], view.at) for post in waiting),
        inviter=view.is_secretariat(case.row.office_id),
    )


def case_named(view: View, notice: n.CaseSealed | n.SecretWithheld) -> NamedContext:
    """Return which case is meant."""
    return NamedContext(case=case_view(view, notice.case_id).line)


def part_reported(view: View, notice: n.PartReported) -> PartReportedContext:
    """Return the answer to whoever reported done."""
    case, task = task_and_case(view, notice.task_id)
    undo = undo_buttons(case, task) if notice.undo else ()
    following = _following(case, task)
    return PartReportedContext(
        case=case.line,
        task=case.task_line(task),
        waiting=case.waited_for(task) if task.ended_at is None else "",
        ending=case.ending(task),
        following=case.task_line(following) if following else None,
        holders=case.holders(case.posts(following)) if following else "",
        where=case.where(),
        buttons=undo,
    )


def _following(case: CaseView, task: TaskRow) -> TaskRow | None:
    given = case.story.given_after(task.number)
    tasks = queries.tasks_of_case(case.view.session, case.row.id) if given else ()
    return next((other for other in tasks if given and other.number == given.task), None)


def rejection(view: View, notice: n.RejectionRecorded | n.RejectionTold) -> RejectionContext | None:
    """Return who sent the case back and to whom; None for a task that was not rejected."""
    case, task = task_and_case(view, notice.task_id)
    back, target = case.story.ending(task.number), _following(case, task)
    if not isinstance(back, ev.StepRejected) or target is None or not _is_member(view, case):
        return None
    return RejectionContext(
        case=case.line,
        step=case.step_of(task.step),
        who=case.acted(back),
        reason=reason_of(back),
        target=case.task_line(target),
        holders=case.holders(case.posts(target)),
        over=target.ended_at is not None,
        times=sum(earlier.task <= task.number for earlier in case.story.rejections),
        buttons=undo_buttons(case, task) if getattr(notice, "undo", None) else (),
    )


def case_finished(view: View, notice: n.CaseFinished) -> CaseFinishedContext:
    """Return the end of a case, with working time used against budget."""
    case = case_view(view, notice.case_id)
    tasks = queries.tasks_of_case(view.session, case.row.id)
    return CaseFinishedContext(
        member=_is_member(view, case),
        case=case.line,
        started=case.moment(case.row.started_at),
        finished=case.moment(case.row.ended_at or case.row.started_at),
        used=worked(_used(case, tasks)),
        budget=worked(_allowed(case, tasks)),
        extra=extra_time(case, tasks),
        rejections=len(case.story.rejections),
        fingerprint=case.fingerprint,
        buttons=undo_buttons(case, tasks[-1]) if notice.undo else (),
    )


def _is_member(view: View, case: CaseView) -> bool:
    """Whether the recipient still belongs to the office; who has left it hears that the case ended, no more."""
    return case.row.office_id in view.offices


def _used(case: CaseView, tasks: Sequence[TaskRow]) -> timedelta:
    return sum((worked_on(case, task) for task in tasks if task.outcome != WITHDRAWN), timedelta())


def worked_on(case: CaseView, task: TaskRow, now: datetime | None = None) -> timedelta:
    """Return the working time from when a task was really given to when it really ended, without its holds.

    That of an open one is counted until ``now``; without it, it is none.
    """
    end = task.real_ended_at or task.ended_at or now or task.given_at
    return spent(case.calendar, task.given_at, end, case.story.pauses(task.number))


def _allowed(case: CaseView, tasks: Sequence[TaskRow]) -> timedelta:
    return sum((budget_time(case, task) for task in tasks if task.outcome != WITHDRAWN), timedelta())


def budget_time(case: CaseView, task: TaskRow) -> timedelta:
    """Return a task's plain budget as working time; more time and holds have moved its deadline since."""
    return plain_budget(case.calendar, task.given_at, task.due_at, case.step(task).budget, adjusted=task.adjusted)


def extra_time(case: CaseView, tasks: Sequence[TaskRow]) -> str:
    """Return the time granted on top of the budgets, such as "1 Hari dan 2 Jam"; empty where none was."""
    granted = [budget for task in tasks for budget in case.story.granted(task.number)]
    return join([waktu(budget) for budget in granted])


def case_cancelled(view: View, notice: n.CaseCancelled) -> CaseCancelledContext:
    """Return who ended the case and why."""
    case = case_view(view, notice.case_id)
    return CaseCancelledContext(member=_is_member(view, case), case=case.line, where=case.where())


def running_cases(view: View, _notice: n.RunningCases) -> RunningContext:
    """Return the running cases, the most urgent first, as many as fit."""
    running = queries.running_cases(view.session, view.offices)
    shown: list[tuple[CaseRow, RunningItem]] = []
    room = _LIST_UNITS
    for row, task in running:
        item = _item(CaseView(view, row), task)
        room -= _size(item)
        if room < 0:
            break
        shown.append((row, item))
    return RunningContext(offices=tuple(_by_office(view, shown)), left_out=len(running) - len(shown))


def _item(case: CaseView, task: TaskRow) -> RunningItem:
    activity = shorten(case.step(task).activity, _ACTIVITY)
    title = shorten(case.title, _TITLE)
    return RunningItem(case.row.code, title, case.task_line(task), activity, case.waited_for(task))


def _size(item: RunningItem) -> int:
    task = item.task
    return _ITEM_UNITS + html_units(item.code, item.title, item.activity, item.holders, task.step, task.due, task.left)


def _by_office(view: View, shown: list[tuple[CaseRow, RunningItem]]) -> list[OfficeCases]:
    found: dict[str, list[RunningItem]] = {}
    for row, item in shown:
        found.setdefault(row.office_id, []).append(item)
    several = view.several_offices
    return [OfficeCases(view.office(office) if several else None, tuple(items)) for office, items in found.items()]


def rejected_to(case: CaseView, task: TaskRow) -> tuple[str, str]:
    """Return the step a rejection of the task would lead to, and who holds it; empty on the first step."""
    target = case.sop.reject_target(task.step)
    return (case.step_of(target.number), case.holders(target.posts)) if target else ("", "")
