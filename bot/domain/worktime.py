"""Working time: the one place that knows when an office works and where a deadline falls.

Moments are aware datetimes and come back in UTC; days and periods are the office's wall clock.
A work period is closed at both ends: 16:00 sharp is still working time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice, pairwise, takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.domain.budget import Budget, Unit
from bot.domain.errors import NoWorkingTime
from bot.domain.sop import Zone

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOOKAHEAD_DAYS = 400
"""How many days without any work period are searched before giving up."""

_ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)
_DAYS_IN_WEEK = 7
_WHOLE_PERCENT = 100


class DayKind(StrEnum):
    """Why a date differs from the weekly pattern."""

    NATIONAL_HOLIDAY = "national_holiday"
    JOINT_LEAVE = "joint_leave"  # cuti bersama
    LOCAL_HOLIDAY = "local_holiday"
    SPECIAL_HOURS = "special_hours"  # worked, but in its own periods
    CANCELLED = "cancelled"  # a listed holiday that is an ordinary day after all


@dataclass(frozen=True, slots=True)
class Period:
    """One stretch of work within a day, on the office's wall clock; ``start`` is before ``end``.

    An ``end`` of 00:00 is the midnight that closes the day: a night shift is this and a period of the day after.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        """Refuse an empty or reversed period with ValueError."""
        if not (self.start < self.end or self.to_midnight):
            msg = f"a work period must end after it starts: {self.start}-{self.end}"
            raise ValueError(msg)

    @property
    def to_midnight(self) -> bool:
        """Whether the period lasts until the day is over."""
        return self.end == time()


Pattern = tuple[tuple[Period, ...], ...]
"""The work periods of the seven days, Monday first; within a day they ascend and do not overlap."""


@dataclass(frozen=True, slots=True)
class DayException:
    """A date with its own rule. Without ``periods`` nobody works (``CANCELLED`` ignores them)."""

    kind: DayKind
    name: str
    periods: tuple[Period, ...] = ()

    def __post_init__(self) -> None:
        """Refuse unordered or overlapping periods with ValueError."""
        _check_day(self.periods)


@dataclass(frozen=True, slots=True)
class Season:
    """Days, both ends included, with a pattern of their own; ``estimated`` while not yet decreed."""

    name: str
    first: date
    last: date
    pattern: Pattern
    estimated: bool = False

    def __post_init__(self) -> None:
        """Refuse a reversed season or a malformed pattern with ValueError."""
        if self.last < self.first:
            msg = f"season {self.name!r} ends before it begins"
            raise ValueError(msg)
        _check_pattern(self.pattern)


@dataclass(frozen=True, slots=True)
class WorkingSpan:
    """A length of working time: whole working days, then the rest in whole minutes.

    ``late`` tells that it is the time since the deadline, not the time left.
    """

    days: int
    minutes: int
    late: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a deadline is where it is.

    ``days`` are the working days counted (empty unless the budget is in Hari), ``skipped`` the
    named days off that were passed over between ``given`` and the end; ordinary weekends are not.
    """

    given: datetime
    start: datetime
    due: datetime
    days: tuple[date, ...]
    skipped: tuple[tuple[date, DayException], ...]


def _period(start: str, end: str) -> Period:
    return Period(time.fromisoformat(start), time.fromisoformat(end))


def _week(ordinary: tuple[Period, ...], friday: tuple[Period, ...]) -> Pattern:
    return (ordinary, ordinary, ordinary, ordinary, friday, (), ())


PERPRES_21_2023: Pattern = _week(
    (_period("07:30", "12:00"), _period("13:00", "16:00")),
    (_period("07:30", "11:30"), _period("13:00", "16:30")),
)
"""The 37.5 hours of Perpres 21/2023 over five days."""

PERPRES_21_2023_RAMADAN: Pattern = _week(
    (_period("08:00", "12:00"), _period("12:30", "15:00")),
    (_period("08:00", "11:30"), _period("12:30", "15:30")),
)
"""The 32.5 hours of Perpres 21/2023 in Ramadan."""


def _check_day(periods: tuple[Period, ...]) -> None:
    if any(later.start < earlier.end or earlier.to_midnight for earlier, later in pairwise(periods)):
        msg = f"work periods must ascend without overlapping: {periods}"
        raise ValueError(msg)


def _check_pattern(pattern: Pattern) -> None:
    if len(pattern) != _DAYS_IN_WEEK:
        msg = f"a pattern has seven days, not {len(pattern)}"
        raise ValueError(msg)
    for periods in pattern:
        _check_day(periods)


@dataclass(frozen=True)
class Calendar:
    """When one office works: a weekly pattern, dated exceptions, seasons and a zone.

    An exception outranks a season, a season outranks the pattern; of overlapping seasons the
    first counts. Equal calendars hash alike; the mapping passed in is copied.
    """

    zone: Zone
    pattern: Pattern = PERPRES_21_2023
    exceptions: Mapping[date, DayException] = field(default_factory=dict, hash=False)
    seasons: tuple[Season, ...] = ()
    _tz: ZoneInfo = field(init=False, repr=False, compare=False)
    _seasonal: dict[date, Pattern] = field(default_factory=dict, init=False, repr=False, compare=False)
    _utc: dict[date, tuple[tuple[datetime, datetime], ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Check the pattern (ValueError) and index the seasons by day."""
        _check_pattern(self.pattern)
        object.__setattr__(self, "exceptions", dict(self.exceptions))
        object.__setattr__(self, "_tz", ZoneInfo(self.zone.iana))
        for season in self.seasons:
            for offset in range((season.last - season.first).days + 1):
                self._seasonal.setdefault(season.first + timedelta(days=offset), season.pattern)

    def local(self, at: datetime) -> datetime:
        """Return the moment on the office's wall clock; a naive datetime is a ValueError."""
        if at.tzinfo is None:
            msg = f"a moment needs a zone: {at}"
            raise ValueError(msg)
        return at.astimezone(self._tz)

    def periods_on(self, day: date) -> tuple[tuple[datetime, datetime], ...]:
        """Return the work periods of a local day as ascending (start, end) in UTC."""
        known = self._utc.get(day)
        if known is None:
            known = tuple((self._utc_of(day, p.start), self._end_of(day, p)) for p in self._hours(day))
            self._utc[day] = known
        return known

    def is_working_day(self, day: date) -> bool:
        """Whether anybody works on that local day, however briefly."""
        return bool(self._hours(day))

    def is_working(self, at: datetime) -> bool:
        """Whether the moment lies in a work period, both ends included."""
        days = {self._touched(at), self.local(at).date()}
        return any(start <= at <= end for day in days for start, end in self.periods_on(day))

    def next_opening(self, at: datetime) -> datetime:
        """Return ``at`` when it is working time, else the start of the next period.

        Raises NoWorkingTime when there is none within LOOKAHEAD_DAYS.
        """
        for start, end in self._periods_from(at):
            if at <= end:
                return max(at, start)
        raise NoWorkingTime(at=at)

    def next_day_opening(self, at: datetime) -> datetime:
        """Return the opening of the first working day that opens strictly after ``at``.

        Raises NoWorkingTime when there is none within LOOKAHEAD_DAYS.
        """
        for day in self._working_days(self.local(at).date()):
            opening = self.periods_on(day)[0][0]
            if opening > at:
                return opening
        raise NoWorkingTime(at=at)

    def add(self, at: datetime, working: timedelta) -> datetime:
        """Return the moment when ``working`` time (not negative) has been worked since ``at``.

        The earliest such moment: what fills a period ends at its end, not at the next opening.
        Raises NoWorkingTime, and ValueError for negative time.
        """
        if working < timedelta():
            msg = f"working time cannot be negative: {working}"
            raise ValueError(msg)
        left = working
        for start, end in self._periods_from(at):
            if at <= end:
                begin = max(at, start)
                if left <= end - begin:
                    return begin + left
                left -= end - begin
        raise NoWorkingTime(at=at)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time within [start, end]; zero when ``end`` is not after ``start``."""
        total = timedelta()
        for opening, closing in self._periods_from(start):
            if opening >= end:
                break
            total += max(timedelta(), min(closing, end) - max(opening, start))
        return total

    def due(self, given: datetime, budget: Budget) -> datetime:
        """Return the deadline of a budget whose clock starts at the next opening from ``given``.

        Minutes and hours are working time. N days end at the same clock time on the Nth working
        day later, or at the end of the last work period before it where that time is not worked.
        Raises NoWorkingTime.
        """
        if budget.unit is not Unit.DAY:
            return self.add(given, _working_time(budget))
        start = self.next_opening(given)
        return self._landing(start, self._counted(start, budget.amount)[-1])

    def share(self, given: datetime, due: datetime, percent: int) -> datetime:
        """Return when ``percent`` (0 to 100) of the working time between the two has passed.

        Raises NoWorkingTime, and ValueError for another percentage.
        """
        if not 0 <= percent <= _WHOLE_PERCENT:
            msg = f"a share is 0 to 100 percent, not {percent}"
            raise ValueError(msg)
        return self.add(given, self.between(given, due) * percent // _WHOLE_PERCENT)

    def left(self, at: datetime, due: datetime) -> WorkingSpan:
        """Return the working time from ``at`` to ``due``, or since ``due`` when that has passed.

        Days are counted as a budget in days would count them; raises NoWorkingTime.
        """
        late = due < at
        start, end = (due, at) if late else (at, due)
        start = self.next_opening(start)
        reached = list(takewhile(lambda moment: moment <= end, self._landings(start)))
        rest = self.between(reached[-1] if reached else start, end)
        return WorkingSpan(days=len(reached), minutes=rest // _ONE_MINUTE, late=late)

    def explain(self, given: datetime, budget: Budget) -> Explanation:
        """Return the deadline with the days counted and the days off passed over.

        Raises NoWorkingTime.
        """
        start = self.next_opening(given)
        due = self.due(given, budget)
        days = self._counted(start, budget.amount) if budget.unit is Unit.DAY else ()
        last = max((self.local(due).date(), *days))
        skipped = tuple(self._days_off(self.local(given).date(), last))
        return Explanation(given=given, start=start, due=due, days=days, skipped=skipped)

    def _ordinary(self, day: date) -> tuple[Period, ...]:
        return self._seasonal.get(day, self.pattern)[day.weekday()]

    def _hours(self, day: date) -> tuple[Period, ...]:
        exception = self.exceptions.get(day)
        if exception is None or exception.kind is DayKind.CANCELLED:
            return self._ordinary(day)
        return exception.periods

    def _utc_of(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self._tz).astimezone(UTC)

    def _end_of(self, day: date, period: Period) -> datetime:
        return self._utc_of(day + _ONE_DAY if period.to_midnight else day, period.end)

    def _working_days(self, first: date) -> Iterator[date]:
        """Yield the working days from ``first`` on, until LOOKAHEAD_DAYS pass without one."""
        day, idle = first, 0
        while idle <= LOOKAHEAD_DAYS and day < date.max:
            if self._hours(day):
                idle = 0
                yield day
            else:
                idle += 1
            day += _ONE_DAY

    def _periods_from(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the periods of the local day of ``at`` and of the days after it, also one that ends at ``at``."""
        for day in self._working_days(self._touched(at)):
            yield from self.periods_on(day)

    def _touched(self, at: datetime) -> date:
        """Return the local day of ``at``, or the day before where its work lasts to this very midnight."""
        local = self.local(at)
        before = local.date() - _ONE_DAY
        hours = self._hours(before) if local.time() == time() else ()
        return before if hours and hours[-1].to_midnight else local.date()

    def _counted(self, start: datetime, amount: int) -> tuple[date, ...]:
        """Return the ``amount`` working days after the local day of ``start``."""
        days = tuple(islice(self._working_days(self.local(start).date() + _ONE_DAY), amount))
        if len(days) < amount:
            raise NoWorkingTime(at=start)
        return days

    def _landing(self, start: datetime, day: date) -> datetime:
        """Return the clock time of ``start`` on ``day``, or the end of the last period before it.

        ``start`` lies in a work period of an earlier day, so there always is one.
        """
        target = self._utc_of(day, self.local(start).time())
        for opening, closing in self._periods_back(day):
            if opening <= target:
                return min(closing, target)
        raise NoWorkingTime(at=start)

    def _periods_back(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        while day > date.min:
            yield from reversed(self.periods_on(day))
            day -= _ONE_DAY

    def _landings(self, start: datetime) -> Iterator[datetime]:
        """Yield where 1, 2, 3 … days from ``start`` end."""
        for day in self._working_days(self.local(start).date() + _ONE_DAY):
            yield self._landing(start, day)

    def _days_off(self, first: date, last: date) -> Iterator[tuple[date, DayException]]:
        for day, exception in sorted(self.exceptions.items(), key=lambda item: item[0]):
            if first <= day <= last and self._ordinary(day) and not self._hours(day):
                yield day, exception


def _working_time(budget: Budget) -> timedelta:
    """Return a budget in minutes or hours as working time."""
    return timedelta(minutes=budget.nominal_minutes)
