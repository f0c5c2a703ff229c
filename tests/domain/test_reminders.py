"""The reminder ladder: its moments by example, and its laws on random calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.budget import Budget, Unit
from bot.domain.reminders import (
    DEFAULT_LADDER,
    GRACE,
    WINDOW,
    Audience,
    EarlyRung,
    Ladder,
    PlannedReminder,
    ReminderKind,
    audiences_of,
    group,
    group_by,
    next_late,
    plan,
    postponed,
    sendable,
)
from bot.domain.sop import Zone
from bot.domain.worktime import PERPRES_21_2023_RAMADAN, Calendar, DayException, DayKind, Season

JAKARTA = ZoneInfo("Asia/Jakarta")
WIB = Calendar(Zone.WIB)
EXAMPLES = settings(max_examples=80, deadline=None)

BASE = datetime(2026, 2, 2, tzinfo=UTC)
MOMENTS = st.integers(0, 40 * 86_400).map(lambda n: BASE + timedelta(seconds=n))
BUDGETS = st.builds(Budget, st.integers(1, 40), st.sampled_from(Unit))
HOLIDAY = DayException(DayKind.LOCAL_HOLIDAY, "Libur daerah")
CALENDARS = st.builds(
    Calendar,
    zone=st.sampled_from(Zone),
    exceptions=st.sets(st.integers(0, 60), max_size=15).map(
        lambda days: dict.fromkeys((date(2026, 2, 2) + timedelta(days=n) for n in days), HOLIDAY)
    ),
    seasons=st.sampled_from(
        [(), (Season("Ramadan", date(2026, 2, 19), date(2026, 3, 20), PERPRES_21_2023_RAMADAN),)],
    ),
)


def wib(text: str) -> datetime:
    """Return a moment given as Jakarta clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA).astimezone(UTC)


def ladder_of(budget: Budget, given_at: datetime, ladder: Ladder = DEFAULT_LADDER) -> tuple[PlannedReminder, ...]:
    return plan(ladder, WIB, budget, given_at, WIB.due(given_at, budget))


def told(reminders: tuple[PlannedReminder, ...]) -> list[tuple[str, int, str]]:
    """Return the reminders as (kind, sequence, Jakarta time)."""
    return [(r.kind.value, r.sequence, f"{WIB.local(r.at):%a %d %H:%M:%S}") for r in reminders]


def test_four_days_climb_the_whole_ladder() -> None:
    assert told(ladder_of(Budget(4, Unit.DAY), wib("2026-11-23 10:00"))) == [
        ("early", 50, "Wed 25 10:00:00"),
        ("early", 80, "Thu 26 11:30:00"),
        ("due", 0, "Fri 27 10:00:00"),
        ("late", 1, "Fri 27 11:00:00"),
        ("superior", 0, "Thu 03 10:00:00"),
        ("head", 0, "Fri 04 10:00:00"),
    ]


def test_two_hours_have_one_early_reminder_and_an_earlier_superior() -> None:
    assert told(ladder_of(Budget(2, Unit.HOUR), wib("2026-11-26 15:30"))) == [
        ("early", 80, "Fri 27 08:36:00"),
        ("due", 0, "Fri 27 09:00:00"),
        ("late", 1, "Fri 27 10:00:00"),
        ("superior", 0, "Fri 27 11:00:00"),
        ("head", 0, "Mon 30 11:00:00"),
    ]


def test_a_short_budget_has_no_early_reminder_and_its_superior_waits_an_hour() -> None:
    assert told(ladder_of(Budget(29, Unit.MINUTE), wib("2026-11-24 15:31"))) == [
        ("due", 0, "Tue 24 16:00:00"),
        ("late", 1, "Wed 25 08:30:00"),
        ("superior", 0, "Wed 25 08:30:00"),
        ("head", 0, "Thu 26 08:30:00"),
    ]


@pytest.mark.parametrize(
    ("budget", "percents"),
    [
        (Budget(29, Unit.MINUTE), []),
        (Budget(30, Unit.MINUTE), [80]),
        (Budget(7, Unit.HOUR), [80]),
        (Budget(8, Unit.HOUR), [50, 80]),  # more than a nominal day of 7.5 hours
        (Budget(1, Unit.DAY), [50, 80]),
    ],
)
def test_the_size_of_the_budget_decides_on_early_reminders(budget: Budget, percents: list[int]) -> None:
    reminders = ladder_of(budget, wib("2026-11-23 10:00"))

    assert [r.sequence for r in reminders if r.kind is ReminderKind.EARLY] == percents


def test_a_sop_may_have_a_ladder_of_its_own() -> None:
    ladder = Ladder(
        early=(EarlyRung(25, Budget(1, Unit.MINUTE)),),
        late_after=Budget(10, Unit.MINUTE),
        superior_minimum=Budget(2, Unit.HOUR),
        head_after=Budget(1, Unit.HOUR),
    )

    assert told(ladder_of(Budget(20, Unit.MINUTE), wib("2026-11-23 10:00"), ladder)) == [
        ("early", 25, "Mon 23 10:05:00"),
        ("due", 0, "Mon 23 10:20:00"),
        ("late", 1, "Mon 23 10:30:00"),
        ("superior", 0, "Mon 23 13:20:00"),
        ("head", 0, "Mon 23 14:20:00"),
    ]


def test_every_rung_has_its_audience() -> None:
    assert {kind: audiences_of(kind) for kind in ReminderKind} == {
        ReminderKind.EARLY: {Audience.HOLDERS},
        ReminderKind.DUE: {Audience.HOLDERS, Audience.SECRETARIAT},
        ReminderKind.LATE: {Audience.HOLDERS},
        ReminderKind.SUPERIOR: {Audience.SUPERIOR, Audience.SECRETARIAT},
        ReminderKind.HEAD: {Audience.HEAD},
        ReminderKind.HOLD: {Audience.SECRETARIAT},
    }
    reminders = ladder_of(Budget(1, Unit.DAY), wib("2026-11-23 10:00"))
    assert all(r.audiences == audiences_of(r.kind) for r in reminders)


def test_lateness_is_told_again_at_each_later_opening_of_a_working_day() -> None:
    first = ladder_of(Budget(1, Unit.HOUR), wib("2026-11-26 13:30"))[2]
    second = next_late(WIB, first.at, first.sequence)
    third = next_late(WIB, second.at + timedelta(seconds=5), second.sequence)

    assert told((first, second, third)) == [
        ("late", 1, "Thu 26 15:30:00"),
        ("late", 2, "Fri 27 07:30:00"),
        ("late", 3, "Mon 30 07:30:00"),
    ]
    assert third.audiences == {Audience.HOLDERS}


def test_days_slept_through_are_not_made_up_for() -> None:
    assert told((next_late(WIB, wib("2026-11-26 10:00"), 1),)) == [("late", 2, "Fri 27 07:30:00")]


@pytest.mark.parametrize(
    ("moment", "at", "goes_out"),
    [
        pytest.param("2026-11-23 16:00", "2026-11-23 16:00:01", "2026-11-23 16:00:01", id="a second after the end"),
        pytest.param("2026-11-23 16:00", "2026-11-23 16:02", "2026-11-23 16:02", id="the last of the grace"),
        pytest.param("2026-11-23 16:00", "2026-11-23 16:02:01", "2026-11-24 07:30", id="past the grace"),
        pytest.param("2026-11-23 15:00", "2026-11-23 16:01", "2026-11-24 07:30", id="an hour late, after work"),
        pytest.param("2026-11-23 15:00", "2026-11-24 09:00", "2026-11-24 09:00", id="late but in working time"),
        pytest.param("2026-11-23 18:00", "2026-11-23 18:01", "2026-11-24 07:30", id="a moment outside work"),
        pytest.param("2026-11-23 13:00", "2026-11-23 12:59", "2026-11-23 13:00", id="before its moment, at lunch"),
    ],
)
def test_a_reminder_goes_out_in_working_time_or_right_after_its_moment(moment: str, at: str, goes_out: str) -> None:
    assert postponed(WIB, wib(moment), wib(at)) == wib(goes_out)
    assert sendable(WIB, wib(moment), wib(at)) == (at == goes_out)


def test_three_reminders_a_minute_and_a_half_apart_do_not_chain_into_one_message() -> None:
    moments = [wib(f"2026-11-23 10:{clock}") for clock in ("00:00", "01:30", "03:00", "05:00")]

    assert group(reversed(moments)) == [moments[:2], moments[2:]]


def test_grouping_keeps_what_belongs_to_the_moments_and_takes_nothing_for_nothing() -> None:
    items = [("b", wib("2026-11-23 10:02")), ("a", wib("2026-11-23 10:00")), ("c", wib("2026-11-23 10:02:01"))]

    assert [[name for name, _ in part] for part in group_by(items, lambda item: item[1])] == [["a", "b"], ["c"]]
    assert group([]) == []


@EXAMPLES
@given(CALENDARS, BUDGETS, MOMENTS)
def test_every_rung_lies_in_working_time_and_in_the_order_of_the_ladder(
    calendar: Calendar, budget: Budget, given_at: datetime
) -> None:
    due_at = calendar.due(given_at, budget)
    reminders = plan(DEFAULT_LADDER, calendar, budget, given_at, due_at)

    assert all(calendar.is_working(r.at) for r in reminders)
    assert [r.at for r in reminders] == sorted(r.at for r in reminders)
    assert len({(r.kind, r.sequence) for r in reminders}) == len(reminders)
    at = {(r.kind, r.sequence): r.at for r in reminders}
    assert all(given_at <= moment <= due_at for (kind, _), moment in at.items() if kind is ReminderKind.EARLY)
    assert at[ReminderKind.DUE, 0] == due_at
    hour_late = calendar.add(due_at, timedelta(hours=1))
    assert at[ReminderKind.LATE, 1] == hour_late
    assert at[ReminderKind.SUPERIOR, 0] == max(hour_late, calendar.due(due_at, budget))
    assert at[ReminderKind.HEAD, 0] == calendar.due(at[ReminderKind.SUPERIOR, 0], Budget(1, Unit.DAY))


@EXAMPLES
@given(CALENDARS, BUDGETS, MOMENTS, MOMENTS)
def test_a_deadline_that_is_not_working_time_is_still_told_in_working_time(
    calendar: Calendar, budget: Budget, one: datetime, other: datetime
) -> None:
    given_at, due_at = sorted((one, other))

    assert all(calendar.is_working(r.at) for r in plan(DEFAULT_LADDER, calendar, budget, given_at, due_at))


@EXAMPLES
@given(CALENDARS, MOMENTS, MOMENTS)
def test_what_is_postponed_goes_out_in_working_time_or_within_the_grace(
    calendar: Calendar, moment: datetime, at: datetime
) -> None:
    out = postponed(calendar, moment, at)

    assert out >= at
    assert sendable(calendar, moment, out)
    assert calendar.is_working(out) or (calendar.is_working(moment) and out - moment <= GRACE)


@EXAMPLES
@given(CALENDARS, MOMENTS, st.integers(1, 50))
def test_each_late_reminder_opens_a_later_working_day(calendar: Calendar, sent_at: datetime, sequence: int) -> None:
    following = next_late(calendar, sent_at, sequence)
    day = calendar.local(following.at).date()

    assert following.sequence == sequence + 1
    assert following.at > sent_at
    assert following.at == calendar.periods_on(day)[0][0]
    before = sent_at
    while calendar.local(before).date() < day - timedelta(days=1):
        before += timedelta(days=1)
        assert not calendar.is_working_day(calendar.local(before).date())


@EXAMPLES
@given(st.lists(st.integers(0, 900).map(lambda n: BASE + timedelta(seconds=n)), max_size=30))
def test_groups_hold_every_moment_once_within_the_window_and_are_as_few_as_can_be(moments: list[datetime]) -> None:
    groups = group(moments)

    assert sorted(moments) == [moment for part in groups for moment in part]
    assert all(part[-1] - part[0] <= WINDOW for part in groups)
    assert all(later[0] - earlier[0] > WINDOW for earlier, later in pairwise(groups))
