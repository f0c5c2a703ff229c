"""What an office did in a week, reckoned in working time: read by the week's summary."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select

from bot.domain.case import Status
from bot.store.tables import CaseRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.sop import OfficeId
    from bot.domain.worktime import Calendar, DayException
    from bot.services.work import Work

_WEEK = timedelta(days=7)
_NONE = timedelta()
_DONE = "done"


@dataclass(frozen=True, slots=True)
class Stay:
    """How long cases stayed with a post on average (working time), over ``count`` tasks."""

    post: str
    average: timedelta
    count: int


@dataclass(frozen=True, slots=True)
class Week:
    """A week so far. ``used`` and ``allowed`` are sums over the ``tasks`` that were done in it."""

    finished: tuple[CaseRow, ...]
    cancelled: int
    tasks: int
    used: timedelta
    allowed: timedelta
    stays: tuple[Stay, ...]
    days_off: tuple[tuple[date, DayException], ...]


def week_of(work: Work, office_id: OfficeId) -> Week:
    """Return the week that the moment lies in; the posts where cases stayed longest come first."""
    calendar = work.calendar_for(work.offices()[office_id])
    monday = monday_of(calendar, work.at)
    since = datetime.combine(monday, time(), ZoneInfo(calendar.zone.iana))
    ended = _ended(work, office_id, since)
    done = _done(work, office_id, since)
    return Week(
        finished=tuple(case for case in ended if case.status == Status.FINISHED),
        cancelled=sum(case.status == Status.CANCELLED for case in ended),
        tasks=len(done),
        used=sum((calendar.between(task.given_at, _end(task) or work.at) for task in done), _NONE),
        allowed=sum((calendar.between(task.given_at, task.due_at) for task in done), _NONE),
        stays=_stays(work, calendar, office_id, since),
        days_off=days_off(calendar, monday + _WEEK),
    )


def monday_of(calendar: Calendar, at: datetime) -> date:
    """Return the Monday of a moment's week on the office's clock."""
    local = calendar.local(at)
    return local.date() - timedelta(days=local.weekday())


def days_off(calendar: Calendar, monday: date) -> tuple[tuple[date, DayException], ...]:
    """Return the days of a week on which the office would work but for a holiday."""
    days = (monday + timedelta(days=after) for after in range(7))
    return tuple(
        (day, calendar.exceptions[day])
        for day in days
        if day in calendar.exceptions and not calendar.is_working_day(day) and calendar.pattern[day.weekday()]
    )


def _ended(work: Work, office_id: OfficeId, since: datetime) -> Sequence[CaseRow]:
    # By when the end was recorded: what is entered late ended in a week that is told already.
    recorded = exists().where(TaskRow.case_id == CaseRow.id, TaskRow.ended_at >= since)
    mine = select(CaseRow).where(CaseRow.office_id == office_id, CaseRow.ended_at <= work.at, recorded)
    return work.session.scalars(mine.order_by(CaseRow.ended_at, CaseRow.id)).all()


def _done(work: Work, office_id: OfficeId, since: datetime) -> Sequence[TaskRow]:
    mine = select(TaskRow).join(CaseRow, CaseRow.id == TaskRow.case_id).where(CaseRow.office_id == office_id)
    return work.session.scalars(mine.where(TaskRow.ended_at >= since, TaskRow.outcome == _DONE)).all()


def _end(task: TaskRow) -> datetime | None:
    return task.real_ended_at or task.ended_at


def _stays(work: Work, calendar: Calendar, office_id: OfficeId, since: datetime) -> tuple[Stay, ...]:
    """Return how long cases stayed with each post: of the tasks that were open at any moment of the week."""
    query = (
        select(TaskRow, TaskPostRow)
        .join(TaskPostRow, TaskPostRow.task_id == TaskRow.id)
        .join(CaseRow, CaseRow.id == TaskRow.case_id)
        .where(CaseRow.office_id == office_id, or_(TaskRow.ended_at.is_(None), TaskRow.ended_at >= since))
    )
    spent: dict[str, list[timedelta]] = defaultdict(list)
    for task, row in work.session.execute(query):
        spent[row.post_id].append(calendar.between(task.given_at, row.reported_at or _end(task) or work.at))
    stays = [Stay(post, sum(times, _NONE) / len(times), len(times)) for post, times in spent.items()]
    return tuple(sorted(stays, key=lambda stay: (-stay.average, stay.post)))
