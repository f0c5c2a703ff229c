"""Working time, by examples in the office's own clock times."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.budget import Budget, Unit
from bot.domain.errors import NoWorkingTime
from bot.domain.sop import Zone
from bot.domain.worktime import (
    PERPRES_21_2023,
    PERPRES_21_2023_RAMADAN,
    Calendar,
    DayException,
    DayKind,
    Period,
    Season,
    WorkingSpan,
)

JAKARTA = ZoneInfo("Asia/Jakarta")
WIB = Calendar(Zone.WIB)
NEVER = Calendar(Zone.WIB, pattern=((),) * 7)
PROCLAMATION = DayException(DayKind.NATIONAL_HOLIDAY, "Hari Kemerdekaan Republik Indonesia")
RAMADAN = Season("Ramadan 1447 H", date(2026, 2, 19), date(2026, 3, 20), PERPRES_21_2023_RAMADAN)


def wib(text: str) -> datetime:
    """Return a moment given as Jakarta clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=JAKARTA).astimezone(UTC)


def minutes(amount: int) -> Budget:
    return Budget(amount, Unit.MINUTE)


def hours(amount: int) -> Budget:
    return Budget(amount, Unit.HOUR)


def days(amount: int) -> Budget:
    return Budget(amount, Unit.DAY)


@pytest.mark.parametrize(
    ("given", "budget", "due"),
    [
        pytest.param("2026-11-26 15:30", hours(2), "2026-11-27 09:00", id="two hours over a night"),
        pytest.param("2026-11-27 15:30", hours(2), "2026-11-30 08:30", id="two hours over a weekend"),
        pytest.param("2026-11-24 11:30", hours(1), "2026-11-24 13:30", id="lunch is not work"),
        pytest.param("2026-11-27 11:00", hours(1), "2026-11-27 13:30", id="the longer Friday lunch"),
        pytest.param("2026-11-27 11:45", minutes(15), "2026-11-27 13:15", id="given during Friday lunch"),
        pytest.param("2026-11-24 15:30", minutes(30), "2026-11-24 16:00", id="filling the day ends at its end"),
        pytest.param("2026-11-24 16:00", minutes(30), "2026-11-25 08:00", id="given at the very end"),
        pytest.param("2026-11-24 05:00", minutes(30), "2026-11-24 08:00", id="given before opening"),
        pytest.param("2026-11-28 10:00", hours(3), "2026-11-30 10:30", id="given on Saturday"),
        pytest.param("2026-11-23 10:00", days(4), "2026-11-27 10:00", id="four days to the same clock time"),
        pytest.param("2026-11-27 10:00", days(1), "2026-11-30 10:00", id="a day over a weekend"),
        pytest.param("2026-11-28 10:00", days(1), "2026-12-01 07:30", id="a day given on Saturday starts on Monday"),
        pytest.param("2026-11-26 11:45", days(1), "2026-11-27 11:30", id="Friday closes a quarter earlier"),
        pytest.param("2026-11-27 16:30", days(1), "2026-11-30 16:00", id="Monday closes half an hour earlier"),
        pytest.param("2026-11-26 16:00", days(1), "2026-11-27 16:00", id="from sharp end to the same time on Friday"),
    ],
)
def test_a_deadline_falls_where_the_office_expects_it(given: str, budget: Budget, due: str) -> None:
    assert WIB.due(wib(given), budget) == wib(due)


def test_two_hours_given_at_half_past_three_on_thursday_end_on_friday_at_nine() -> None:
    assert WIB.local(WIB.due(wib("2026-11-26 15:30"), hours(2))).isoformat() == "2026-11-27T09:00:00+07:00"


def test_four_days_are_explained_by_the_days_counted() -> None:
    explanation = WIB.explain(wib("2026-11-23 10:00"), days(4))

    assert [day.strftime("%a %d") for day in explanation.days] == ["Tue 24", "Wed 25", "Thu 26", "Fri 27"]
    assert (explanation.start, explanation.due) == (wib("2026-11-23 10:00"), wib("2026-11-27 10:00"))
    assert explanation.skipped == ()


def test_a_holiday_is_skipped_and_named_but_a_weekend_is_not() -> None:
    saturday = DayException(DayKind.NATIONAL_HOLIDAY, "Hari Sabtu")
    calendar = Calendar(Zone.WIB, exceptions={date(2026, 8, 17): PROCLAMATION, date(2026, 8, 15): saturday})

    explanation = calendar.explain(wib("2026-08-14 10:00"), days(1))

    assert explanation.due == wib("2026-08-18 10:00")
    assert explanation.days == (date(2026, 8, 18),)
    assert explanation.skipped == ((date(2026, 8, 17), PROCLAMATION),)


def test_hours_given_on_a_holiday_name_the_holiday_that_delays_them() -> None:
    calendar = Calendar(Zone.WIB, exceptions={date(2026, 8, 17): PROCLAMATION})

    explanation = calendar.explain(wib("2026-08-17 10:00"), hours(1))

    assert (explanation.start, explanation.due) == (wib("2026-08-18 07:30"), wib("2026-08-18 08:30"))
    assert explanation.days == ()
    assert explanation.skipped == ((date(2026, 8, 17), PROCLAMATION),)


def test_a_cancelled_holiday_is_an_ordinary_day() -> None:
    cancelled = replace(PROCLAMATION, kind=DayKind.CANCELLED)
    calendar = Calendar(Zone.WIB, exceptions={date(2026, 8, 17): cancelled})

    explanation = calendar.explain(wib("2026-08-14 10:00"), days(1))

    assert explanation.due == wib("2026-08-17 10:00")
    assert explanation.skipped == ()


def test_a_day_of_special_hours_is_worked_in_its_own_periods_and_not_named_as_skipped() -> None:
    morning = DayException(DayKind.SPECIAL_HOURS, "Rapat akbar", (Period(time(8), time(12)),))
    calendar = Calendar(Zone.WIB, exceptions={date(2026, 11, 25): morning})

    explanation = calendar.explain(wib("2026-11-24 14:00"), days(1))

    assert explanation.due == wib("2026-11-25 12:00")
    assert explanation.skipped == ()
    assert calendar.due(wib("2026-11-24 15:00"), hours(6)) == wib("2026-11-26 08:30")


def test_ramadan_shortens_the_day() -> None:
    calendar = Calendar(Zone.WIB, seasons=(RAMADAN,))

    assert calendar.due(wib("2026-02-25 14:30"), hours(1)) == wib("2026-02-26 08:30")
    assert calendar.due(wib("2026-02-26 15:00"), days(1)) == wib("2026-02-27 15:00")
    assert calendar.due(wib("2026-02-18 14:30"), hours(2)) == wib("2026-02-19 08:30")


def test_a_day_that_would_end_before_the_later_opening_of_ramadan_ends_the_evening_before() -> None:
    calendar = Calendar(Zone.WIB, seasons=(RAMADAN,))

    assert calendar.due(wib("2026-02-18 07:30"), days(1)) == wib("2026-02-18 16:00")


def test_a_holiday_between_that_evening_and_the_day_counted_is_named() -> None:
    holiday = {date(2026, 2, 19): PROCLAMATION}
    calendar = Calendar(Zone.WIB, exceptions=holiday, seasons=(RAMADAN,))

    explanation = calendar.explain(wib("2026-02-18 07:30"), days(1))

    assert explanation.due == wib("2026-02-18 16:00")
    assert explanation.days == (date(2026, 2, 20),)
    assert dict(explanation.skipped) == holiday


def test_of_overlapping_seasons_the_first_counts() -> None:
    closed = Season("Tutup", date(2026, 2, 20), date(2026, 2, 27), ((),) * 7)
    both = date(2026, 2, 24)

    assert Calendar(Zone.WIB, seasons=(RAMADAN, closed)).is_working_day(both)
    assert not Calendar(Zone.WIB, seasons=(closed, RAMADAN)).is_working_day(both)


def test_the_hours_of_the_regulation_add_up() -> None:
    def total(calendar: Calendar) -> timedelta:
        return calendar.between(wib("2026-11-23 00:00"), wib("2026-11-30 00:00"))

    season = replace(RAMADAN, first=date(2026, 11, 1), last=date(2026, 11, 30))
    assert total(WIB) == timedelta(hours=37, minutes=30)
    assert total(Calendar(Zone.WIB, seasons=(season,))) == timedelta(hours=32, minutes=30)


@pytest.mark.parametrize(("zone", "opening"), [(Zone.WIB, "00:30"), (Zone.WITA, "23:30"), (Zone.WIT, "22:30")])
def test_each_zone_opens_at_its_own_half_past_seven(zone: Zone, opening: str) -> None:
    calendar = Calendar(zone)

    first, _ = calendar.periods_on(date(2026, 11, 24))

    assert first[0].strftime("%H:%M") == opening
    assert calendar.local(first[0]).strftime("%d %H:%M") == "24 07:30"
    assert calendar.next_opening(datetime(2026, 11, 23, 15, tzinfo=UTC)) == first[0]


@pytest.mark.parametrize(
    ("clock", "working"),
    [("07:29", False), ("07:30", True), ("12:00", True), ("12:01", False), ("16:00", True), ("16:01", False)],
)
def test_a_work_period_is_closed_at_both_ends(clock: str, working: bool) -> None:
    assert WIB.is_working(wib(f"2026-11-23 {clock}")) is working


def test_the_next_day_opens_strictly_later() -> None:
    assert WIB.next_day_opening(wib("2026-11-26 07:00")) == wib("2026-11-26 07:30")
    assert WIB.next_day_opening(wib("2026-11-26 07:30")) == wib("2026-11-27 07:30")
    assert WIB.next_day_opening(wib("2026-11-27 12:30")) == wib("2026-11-30 07:30")


@pytest.mark.parametrize(
    ("at", "due", "span"),
    [
        pytest.param("2026-11-26 08:00", "2026-11-27 10:00", WorkingSpan(1, 120, late=False), id="a day and 2 hours"),
        pytest.param("2026-11-23 10:00", "2026-11-27 10:00", WorkingSpan(4, 0, late=False), id="four days sharp"),
        pytest.param("2026-11-25 20:00", "2026-11-26 10:00", WorkingSpan(0, 150, late=False), id="asked at night"),
        pytest.param("2026-11-26 11:30", "2026-11-26 13:30", WorkingSpan(0, 60, late=False), id="over lunch"),
        pytest.param("2026-11-27 10:00", "2026-11-26 08:00", WorkingSpan(1, 120, late=True), id="late"),
        pytest.param("2026-11-28 10:00", "2026-11-27 16:30", WorkingSpan(0, 0, late=True), id="late since the end"),
        pytest.param("2026-11-26 10:00", "2026-11-26 10:00", WorkingSpan(0, 0, late=False), id="just now"),
    ],
)
def test_the_time_left_is_told_in_days_and_minutes(at: str, due: str, span: WorkingSpan) -> None:
    assert WIB.left(wib(at), wib(due)) == span


@pytest.mark.parametrize("budget", [minutes(1), hours(1), days(1)])
def test_a_calendar_without_work_refuses_instead_of_searching_forever(budget: Budget) -> None:
    with pytest.raises(NoWorkingTime):
        NEVER.due(wib("2026-11-23 10:00"), budget)
    with pytest.raises(NoWorkingTime):
        NEVER.next_day_opening(wib("2026-11-23 10:00"))
    assert NEVER.between(wib("2026-11-23 10:00"), wib("2027-11-23 10:00")) == timedelta()


def test_an_office_that_closes_for_good_has_no_deadline_after_that() -> None:
    closed = Season("Tutup", date(2026, 11, 25), date(2029, 1, 1), ((),) * 7)
    calendar = Calendar(Zone.WIB, seasons=(closed,))

    assert calendar.due(wib("2026-11-23 10:00"), days(1)) == wib("2026-11-24 10:00")
    assert calendar.left(wib("2026-11-23 10:00"), wib("2026-11-24 11:00")) == WorkingSpan(1, 60, late=False)
    for budget in (days(2), hours(20)):
        with pytest.raises(NoWorkingTime):
            calendar.due(wib("2026-11-23 10:00"), budget)


def test_a_very_long_budget_is_counted_day_by_day() -> None:
    due = WIB.due(wib("2026-11-23 10:00"), days(1000))

    assert due == wib("2026-11-23 10:00") + timedelta(weeks=200)


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_outside_the_whole_is_refused(percent: int) -> None:
    with pytest.raises(ValueError, match="percent"):
        WIB.share(wib("2026-11-23 10:00"), wib("2026-11-24 10:00"), percent)


def test_half_a_day_is_half_of_its_working_minutes() -> None:
    assert WIB.share(wib("2026-11-23 13:00"), wib("2026-11-24 13:00"), 50) == wib("2026-11-24 08:15")


def test_naive_moments_negative_time_and_malformed_patterns_are_refused() -> None:
    noon = Period(time(11), time(13))
    with pytest.raises(ValueError, match="zone"):
        WIB.is_working(datetime(2026, 11, 23, 10))  # noqa: DTZ001 - a naive moment is what is refused here
    with pytest.raises(ValueError, match="negative"):
        WIB.add(wib("2026-11-23 10:00"), timedelta(minutes=-1))
    with pytest.raises(ValueError, match="end after"):
        Period(time(12), time(12))
    with pytest.raises(ValueError, match="ascend"):
        Calendar(Zone.WIB, pattern=((noon, Period(time(12), time(14))),) * 7)
    with pytest.raises(ValueError, match="ascend"):
        DayException(DayKind.SPECIAL_HOURS, "x", (noon, noon))
    with pytest.raises(ValueError, match="seven days"):
        Calendar(Zone.WIB, pattern=PERPRES_21_2023[:5])
    with pytest.raises(ValueError, match="before it begins"):
        replace(RAMADAN, last=date(2026, 1, 1))


def test_equal_calendars_are_equal_and_hash_alike_whatever_they_have_computed() -> None:
    exceptions = {date(2026, 8, 17): PROCLAMATION}
    used, fresh = Calendar(Zone.WIB, exceptions=exceptions), Calendar(Zone.WIB, exceptions=dict(exceptions))
    used.due(wib("2026-08-14 10:00"), hours(9))
    exceptions.clear()

    assert used == fresh
    assert hash(used) == hash(fresh)
    assert used != WIB
    assert not used.is_working_day(date(2026, 8, 17))
