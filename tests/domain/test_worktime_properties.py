"""Working time on random calendars, against laws and a minute-by-minute walk."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.budget import Budget, Unit
from bot.domain.sop import Zone
from bot.domain.worktime import Calendar, DayException, DayKind, Pattern, Period, Season

if TYPE_CHECKING:
    from collections.abc import Iterator

MINUTE = timedelta(minutes=1)
FIRST = date(2026, 2, 2)
FIRST_MOMENT = datetime(2026, 2, 2, tzinfo=UTC)
DAY_MINUTES = 1440
HOURS_EAST = {Zone.WIB: 7, Zone.WITA: 8, Zone.WIT: 9}
EXAMPLES = settings(max_examples=80, deadline=None)


def _clock(minute: int) -> time:
    """Return a clock time; the 1440th minute is the midnight that closes the day."""
    return time(minute // 60 % 24, minute % 60)


def _periods(bounds: list[int]) -> tuple[Period, ...]:
    bounds = sorted(bounds)
    return tuple(Period(_clock(a), _clock(b)) for a, b in zip(bounds[::2], bounds[1::2], strict=True))


# Often midnight, at either end: night shifts.
BOUNDS = st.one_of(st.integers(0, DAY_MINUTES), st.sampled_from([0, DAY_MINUTES]))
# Unique bounds taken in pairs: ascending periods with gaps of at least a minute.
DAY_PERIODS = (
    st.integers(0, 3).flatmap(lambda n: st.lists(BOUNDS, min_size=2 * n, max_size=2 * n, unique=True)).map(_periods)
)
PATTERNS: st.SearchStrategy[Pattern] = st.tuples(*[DAY_PERIODS] * 7)
DATES = st.integers(0, 20).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def exceptions(draw: st.DrawFn) -> DayException:
    kind = draw(st.sampled_from(DayKind))
    return DayException(kind, "Hari khusus", draw(DAY_PERIODS) if kind is DayKind.SPECIAL_HOURS else ())


@st.composite
def seasons(draw: st.DrawFn) -> Season:
    first = draw(DATES)
    return Season("Ramadan", first, first + timedelta(days=draw(st.integers(0, 10))), draw(PATTERNS))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    pattern = draw(PATTERNS.filter(any))
    return Calendar(
        zone=draw(st.sampled_from(Zone)),
        pattern=pattern,
        exceptions=draw(st.dictionaries(DATES, exceptions(), max_size=6)),
        seasons=tuple(draw(st.lists(seasons(), max_size=2))),
    )


# Midnights too, of each zone: what ends there and what begins there meet.
MIDNIGHTS = st.builds(lambda day, east: day * DAY_MINUTES - 60 * east, st.integers(1, 14), st.sampled_from([7, 8, 9]))
MOMENTS = st.one_of(st.integers(0, 14 * DAY_MINUTES), MIDNIGHTS).map(lambda n: FIRST_MOMENT + n * MINUTE)
SHARP_MOMENTS = st.integers(0, 14 * 86_400).map(lambda n: FIRST_MOMENT + timedelta(seconds=n))
AMOUNTS = st.integers(0, 1500)
BUDGETS = st.one_of(
    st.builds(Budget, st.integers(1, 900), st.just(Unit.MINUTE)),
    st.builds(Budget, st.integers(1, 15), st.just(Unit.HOUR)),
    st.builds(Budget, st.integers(1, 6), st.just(Unit.DAY)),
)


class Walk:
    """The rules once more, minute by minute and without any of the code under test."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.east = 60 * HOURS_EAST[calendar.zone]
        self.worked: dict[date, set[int]] = {}

    def day(self, minute: int) -> date:
        return FIRST + timedelta(days=(minute + self.east) // DAY_MINUTES)

    def slots(self, day: date) -> set[int]:
        """Return the worked minutes of a local day; 450 is the minute from 07:30 to 07:31."""
        if day not in self.worked:
            pairs = [
                (60 * p.start.hour + p.start.minute, 60 * p.end.hour + p.end.minute or DAY_MINUTES)
                for p in self.rule(day)
            ]
            self.worked[day] = {minute for start, end in pairs for minute in range(start, end)}
        return self.worked[day]

    def rule(self, day: date) -> tuple[Period, ...]:
        exception = self.calendar.exceptions.get(day)
        if exception is not None and exception.kind is DayKind.SPECIAL_HOURS:
            return exception.periods
        if exception is not None and exception.kind is not DayKind.CANCELLED:
            return ()
        for season in self.calendar.seasons:
            if season.first <= day <= season.last:
                return season.pattern[day.weekday()]
        return self.calendar.pattern[day.weekday()]

    def works(self, minute: int) -> bool:
        """Whether the minute that begins at ``minute`` (UTC, since FIRST_MOMENT) is worked."""
        return (minute + self.east) % DAY_MINUTES in self.slots(self.day(minute))

    def touches(self, minute: int) -> bool:
        return self.works(minute) or self.works(minute - 1)

    def opening(self, minute: int) -> int:
        while not self.touches(minute):
            minute += 1
        return minute

    def add(self, minute: int, amount: int) -> int:
        minute = self.opening(minute)
        while amount:
            amount -= self.works(minute)
            minute += 1
        return minute

    def add_days(self, minute: int, amount: int) -> int:
        start = self.opening(minute)
        target = start
        while amount:
            target += DAY_MINUTES
            amount -= bool(self.slots(self.day(target)))
        while not self.touches(target):
            target -= 1
        return target

    def due(self, minute: int, budget: Budget) -> int:
        if budget.unit is Unit.DAY:
            return self.add_days(minute, budget.amount)
        return self.add(minute, budget.amount * (60 if budget.unit is Unit.HOUR else 1))


def _minute(at: datetime) -> int:
    return (at - FIRST_MOMENT) // MINUTE


def _moment(minute: int) -> datetime:
    return FIRST_MOMENT + minute * MINUTE


@EXAMPLES
@given(calendars(), MOMENTS, BUDGETS)
def test_a_deadline_agrees_with_a_walk_minute_by_minute(calendar: Calendar, at: datetime, budget: Budget) -> None:
    assert calendar.due(at, budget) == _moment(Walk(calendar).due(_minute(at), budget))


@EXAMPLES
@given(calendars(), MOMENTS, MOMENTS)
def test_openings_and_lengths_agree_with_a_walk(calendar: Calendar, at: datetime, end: datetime) -> None:
    walk = Walk(calendar)

    assert calendar.is_working(at) == walk.touches(_minute(at))
    assert calendar.next_opening(at) == _moment(walk.opening(_minute(at)))
    assert calendar.between(at, end) == MINUTE * sum(walk.works(m) for m in range(_minute(at), _minute(end)))


@EXAMPLES
@given(calendars(), MOMENTS)
def test_the_opening_of_the_next_day_agrees_with_a_walk(calendar: Calendar, at: datetime) -> None:
    walk, opening = Walk(calendar), _minute(calendar.next_day_opening(at))

    def first_of_its_day(minute: int) -> bool:
        return walk.works(minute) and (minute + walk.east) % DAY_MINUTES == min(walk.slots(walk.day(minute)))

    assert opening == next(m for m in range(_minute(at) + 1, opening + 1) if first_of_its_day(m))


@EXAMPLES
@given(calendars(), SHARP_MOMENTS, SHARP_MOMENTS, BUDGETS)
def test_what_is_given_later_is_never_due_earlier(
    calendar: Calendar, one: datetime, other: datetime, budget: Budget
) -> None:
    earlier, later = sorted((one, other))

    assert calendar.due(earlier, budget) <= calendar.due(later, budget)


@EXAMPLES
@given(calendars(), SHARP_MOMENTS, AMOUNTS, AMOUNTS)
def test_minutes_are_additive(calendar: Calendar, at: datetime, first: int, second: int) -> None:
    in_two = calendar.add(calendar.add(at, first * MINUTE), second * MINUTE)

    assert in_two == calendar.add(at, (first + second) * MINUTE)


@EXAMPLES
@given(calendars(), SHARP_MOMENTS, BUDGETS)
def test_a_deadline_is_working_time_and_not_before_the_start(calendar: Calendar, at: datetime, budget: Budget) -> None:
    due = calendar.due(at, budget)

    assert calendar.is_working(due)
    assert due >= calendar.next_opening(at)


@EXAMPLES
@given(calendars(), SHARP_MOMENTS, BUDGETS, st.integers(0, 100))
def test_a_share_is_that_part_of_the_working_time(
    calendar: Calendar, at: datetime, budget: Budget, percent: int
) -> None:
    due = calendar.due(at, budget)
    share = calendar.share(at, due, percent)

    assert calendar.next_opening(at) <= share <= due
    assert calendar.is_working(share)
    assert abs(calendar.between(at, share) * 100 - calendar.between(at, due) * percent) < timedelta(milliseconds=1)


@EXAMPLES
@given(calendars(), SHARP_MOMENTS, SHARP_MOMENTS, AMOUNTS)
def test_adding_and_measuring_are_inverse(calendar: Calendar, at: datetime, other: datetime, amount: int) -> None:
    assert calendar.between(at, calendar.add(at, amount * MINUTE)) == amount * MINUTE
    end = calendar.next_opening(max(at, other))
    back = calendar.add(at, calendar.between(at, end))
    # A moment just before a break and the opening after it are the same amount of work away.
    assert back <= end
    assert calendar.between(back, end) == timedelta()


@EXAMPLES
@given(calendars(), SHARP_MOMENTS, SHARP_MOMENTS)
def test_the_time_left_rebuilds_the_distance(calendar: Calendar, at: datetime, due: datetime) -> None:
    span = calendar.left(at, due)

    start, end = sorted((at, due))
    assert span.late == (due < at)
    reached = calendar.due(start, Budget(span.days, Unit.DAY)) if span.days else calendar.next_opening(start)
    assert timedelta() <= calendar.between(reached, end) - span.minutes * MINUTE < MINUTE
    assert calendar.due(start, Budget(span.days + 1, Unit.DAY)) > end


@EXAMPLES
@given(calendars(), SHARP_MOMENTS, BUDGETS)
def test_an_explanation_tells_of_every_day_between(calendar: Calendar, at: datetime, budget: Budget) -> None:
    explanation = calendar.explain(at, budget)

    assert explanation.due == calendar.due(at, budget)
    assert len(explanation.days) == (budget.amount if budget.unit is Unit.DAY else 0)
    assert all(calendar.is_working_day(day) for day in explanation.days)
    last = max((calendar.local(explanation.due).date(), *explanation.days))
    walk = Walk(calendar)
    named = {
        day
        for day in _days(calendar.local(at).date(), last)
        if day in calendar.exceptions and not walk.slots(day) and Walk(_bare(calendar)).slots(day)
    }
    assert {day for day, _ in explanation.skipped} == named


def _bare(calendar: Calendar) -> Calendar:
    return Calendar(calendar.zone, calendar.pattern, {}, calendar.seasons)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += timedelta(days=1)
