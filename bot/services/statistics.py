"""Use cases of the statistics: how an office keeps its time, in pure numbers from the store.

Nothing is named but posts and steps: a secret case counts like any other. Of cancelled cases nothing enters a share.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, func, or_, select

from bot.domain.case import Status
from bot.services.ledger import DONE, REJECTED, WITHDRAWN
from bot.services.spells import pinned, really_ended, spells
from bot.store.tables import CaseRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.domain.sop import OfficeId, PostId, Sop
    from bot.domain.worktime import Calendar
    from bot.services.spells import Spell
    from bot.services.work import Work

MONTHS = 6
"""How many months the statistics look back, the present one included."""

LATELY = timedelta(days=30)
"""How far back the tasks that a post has done are counted."""

_MONTHS_IN_YEAR = 12
_WORDS = (DONE, REJECTED)
"""How a holder ends a task: only these use its waktu up. What the sekretariat moved on is nobody's pace."""


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """Cases that were finished in a month; ``on_time`` are those of which no task ended after its deadline."""

    first: date
    finished: int
    on_time: int


@dataclass(frozen=True, slots=True)
class PostLoad:
    """What waits for a post now, and what it has reported done lately."""

    post: PostId
    waiting: int
    done: int


@dataclass(frozen=True, slots=True)
class StepShares:
    """The shares of its budget (1.0 is all of it) that each activation of a step took, ascending."""

    step: int
    shares: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SopShares:
    """One SOP by its newest definition that was used; ``cases`` have a part in the shares."""

    sop: Sop
    cases: int
    steps: tuple[StepShares, ...]


@dataclass(frozen=True, slots=True)
class OfficeFigures:
    """Months oldest first, posts and SOPs the busiest first; ``since`` is the first day that is looked at."""

    since: date
    months: tuple[MonthFigures, ...]
    loads: tuple[PostLoad, ...]
    sops: tuple[SopShares, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.loads or self.sops or any(month.finished for month in self.months))


def office_figures(work: Work, office_id: OfficeId) -> OfficeFigures:
    """Return how an office keeps its time; three statements, however many cases there are."""
    calendar = _calendar(work, office_id)
    months = months_until(calendar.local(work.at).date().replace(day=1))
    return _figures(work, office_id, months, beginning(calendar, months[0]), (work.at - LATELY, work.at))


def figures_of_month(work: Work, office_id: OfficeId, first: date) -> OfficeFigures:
    """Return the same as of a month: shares and tasks done are of it alone, what waits does so now."""
    calendar = _calendar(work, office_id)
    since, until = (beginning(calendar, day) for day in (first, next_month(first)))
    return _figures(work, office_id, months_until(first), since, (since, until))


def _figures(
    work: Work, office_id: OfficeId, months: Sequence[date], since: datetime, done: tuple[datetime, datetime]
) -> OfficeFigures:
    """Read the months, the shares of what ended ``since`` then, and what was ``done`` within a span."""
    calendar, until = _calendar(work, office_id), done[1]
    first = beginning(calendar, months[0])
    finished = and_(CaseRow.status == Status.FINISHED, CaseRow.ended_at >= first)
    ended = and_(CaseRow.status != Status.CANCELLED, really_ended >= since)
    found = spells(work, office_id, or_(finished, ended))
    return OfficeFigures(
        since=months[0],
        months=tuple(_by_month(calendar, months, first, found)),
        loads=_loads(work, office_id, done),
        sops=shares_by_sop(work, [s for s in found if s.ended_at is not None and since <= s.ended_at <= until]),
    )


def _calendar(work: Work, office_id: OfficeId) -> Calendar:
    return work.calendar_for(work.offices()[office_id])


def next_month(first: date) -> date:
    """Return the first day of the month after."""
    return (first + timedelta(days=32)).replace(day=1)


def months_until(last: date, count: int = MONTHS) -> list[date]:
    """Return the first days of ``count`` months, the last of which is ``last``'s."""
    newest = last.year * _MONTHS_IN_YEAR + last.month - 1
    numbered = (divmod(number, _MONTHS_IN_YEAR) for number in range(newest - count + 1, newest + 1))
    return [date(year, month + 1, 1) for year, month in numbered]


def beginning(calendar: Calendar, day: date) -> datetime:
    """Return the midnight with which a day begins on the office's clock."""
    return datetime.combine(day, time(), ZoneInfo(calendar.zone.iana))


def shares_by_sop(work: Work, found: Iterable[Spell]) -> tuple[SopShares, ...]:
    """Return the shares of the budgets that holders took, the busiest SOP first, steps in the document's order."""
    by_sop: dict[str, list[Spell]] = defaultdict(list)
    for spell in found:
        if spell.outcome in _WORDS and spell.share is not None:
            by_sop[pinned(work, spell.version_id).id].append(spell)
    sops = [_shares(work, group) for group in by_sop.values()]
    return tuple(sorted(sops, key=lambda one: (-sum(len(step.shares) for step in one.steps), one.sop.id)))


def _shares(work: Work, group: Sequence[Spell]) -> SopShares:
    sop = pinned(work, max(spell.version_id for spell in group))
    by_step: dict[int, list[float]] = defaultdict(list)
    for spell in group:
        by_step[spell.step].append(spell.share or 0.0)
    steps = tuple(StepShares(step, tuple(sorted(by_step[step]))) for step in sorted(by_step))
    return SopShares(sop, len({spell.case_id for spell in group}), steps)


def _by_month(
    calendar: Calendar, months: Sequence[date], since: datetime, found: Iterable[Spell]
) -> Iterable[MonthFigures]:
    late: dict[int, bool] = {}
    ended: dict[int, date] = {}
    for spell in found:
        moment = spell.case_ended_at
        if spell.case_status == Status.FINISHED and moment is not None and moment >= since:
            late[spell.case_id] = late.get(spell.case_id, False) or spell.late
            ended[spell.case_id] = calendar.local(moment).date().replace(day=1)
    for first in months:
        cases = [case_id for case_id, month in ended.items() if month == first]
        yield MonthFigures(first, len(cases), sum(not late[case_id] for case_id in cases))


def _loads(work: Work, office_id: OfficeId, done: tuple[datetime, datetime]) -> tuple[PostLoad, ...]:
    """Return what waits for each post now and what it has reported done within a span; who has neither is left out."""
    waits = and_(TaskRow.ended_at.is_(None), TaskPostRow.reported_at.is_(None))
    lately = and_(TaskPostRow.reported_at > done[0], TaskPostRow.reported_at <= done[1])
    query = (
        select(TaskPostRow.post_id, func.sum(case((waits, 1), else_=0)), func.sum(case((lately, 1), else_=0)))
        .join(TaskRow, TaskRow.id == TaskPostRow.task_id)
        .join(CaseRow, CaseRow.id == TaskRow.case_id)
        .where(CaseRow.office_id == office_id, or_(waits, lately))
        .where(or_(TaskRow.outcome.is_(None), TaskRow.outcome != WITHDRAWN))
        .group_by(TaskPostRow.post_id)
    )
    loads = [PostLoad(post, int(waiting), int(count)) for post, waiting, count in work.session.execute(query)]
    return tuple(sorted(loads, key=lambda load: (-load.waiting, -load.done, load.post)))
