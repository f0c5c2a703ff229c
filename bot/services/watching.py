"""How an office's running cases stand, the most endangered first: read by the board and by the morning's digest."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.errors import NoWorkingTime
from bot.store import queries
from bot.store.tables import TaskPostRow, TaskSeenRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.domain.worktime import Calendar
    from bot.services.work import Work
    from bot.store.tables import CaseRow, TaskRow

_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Watched:
    """A running case with its open task. ``late`` is working time; ``used`` the share of the budget, from 0 to 1.

    ``waiting`` are the posts that have not reported, ``accepted`` tells that a holder has said they have seen it.
    """

    case: CaseRow
    task: TaskRow
    waiting: tuple[str, ...]
    late: timedelta
    used: float
    accepted: bool

    @property
    def held(self) -> bool:
        """Whether its clock stands still."""
        return self.task.held_at is not None

    @property
    def danger(self) -> tuple[int, float, datetime, int]:
        """What sorts the most endangered first: by lateness, then by the share that is used up, holds last."""
        if self.held:
            return 2, 0.0, self.task.due_at, self.case.id
        if self.late > _NONE:
            return 0, -self.late.total_seconds(), self.task.due_at, self.case.id
        return 1, -self.used, self.task.due_at, self.case.id


def watched(work: Work, office_id: str) -> list[Watched]:
    """Return the office's running cases, the most endangered first."""
    running = queries.running_cases(work.session, [office_id])
    tasks = [task.id for _, task in running]
    waiting, accepted = _waiting(work, tasks), _accepted(work, tasks)
    found = [
        Watched(
            case,
            task,
            tuple(_in_order(work, case, task, waiting[task.id])),
            *_pace(work, case, task),
            task.id in accepted,
        )
        for case, task in running
    ]
    return sorted(found, key=lambda item: item.danger)


def _waiting(work: Work, tasks: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    open_ = TaskPostRow.task_id.in_(tasks), TaskPostRow.reported_at.is_(None)
    for task_id, post_id in work.session.execute(select(TaskPostRow.task_id, TaskPostRow.post_id).where(*open_)):
        found[task_id].add(post_id)
    return found


def _in_order(work: Work, case: CaseRow, task: TaskRow, posts: set[str]) -> list[str]:
    """Return posts in the order of the document; one that the task was handed on to comes last."""
    printed = work.sop_of(case).step(task.step).posts
    return [*(post for post in printed if post in posts), *sorted(posts - set(printed))]


def _accepted(work: Work, tasks: Collection[int]) -> set[int]:
    return set(work.session.scalars(select(TaskSeenRow.task_id).where(TaskSeenRow.task_id.in_(tasks))))


def _pace(work: Work, case: CaseRow, task: TaskRow) -> tuple[timedelta, float]:
    calendar = work.calendar_of(case)
    try:
        return _late(calendar, task, work.at), _used(calendar, task, work.at)
    except NoWorkingTime:  # the calendar has changed since; the deadline itself still stands
        return max(work.at - task.due_at, _NONE), 1.0


def _late(calendar: Calendar, task: TaskRow, at: datetime) -> timedelta:
    # Past the deadline by the clock alone (in the evening), it is late all the same.
    return max(calendar.between(task.due_at, at), timedelta(seconds=1)) if task.due_at < at else _NONE


def _used(calendar: Calendar, task: TaskRow, at: datetime) -> float:
    whole = calendar.between(task.given_at, task.due_at)
    return min(calendar.between(task.given_at, at) / whole, 1.0) if whole else 1.0
