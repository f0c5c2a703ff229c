"""Moments, days and spans in words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain.budget import Budget, Unit
from bot.domain.sop import Zone
from bot.domain.worktime import Calendar, DayException, DayKind, Period
from bot.messages.dates import Clock, waktu, worked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime


@pytest.fixture
def clock(at: Callable[..., datetime]) -> Any:
    return lambda day, hour, minute=0: Clock(Calendar(Zone.WIB), at(day, hour, minute))


def test_a_moment_is_read_on_the_clock_of_the_office(at: Callable[..., datetime]) -> None:
    moment = at(27, 14, 30)
    assert Clock(Calendar(Zone.WIB), moment).moment(moment) == "Jumat, 27 Nov 14.30 WIB"
    assert Clock(Calendar(Zone.WIT), moment).moment(moment) == "Jumat, 27 Nov 16.30 WIT"
    assert Clock(Calendar(Zone.WITA), moment).brief(moment) == "Jum 27 Nov 15.30 WITA"


def test_another_year_is_named(clock: Callable[..., Clock], at: Callable[..., datetime]) -> None:
    assert clock(27, 9).moment(at(27, 9).replace(year=2027)) == "Sabtu, 27 Nov 2027 09.00 WIB"


@pytest.mark.parametrize(
    ("hour", "minute", "words"),
    [
        (9, 0, "sisa 1 jam 20 menit"),
        (9, 20, "sisa 1 jam"),
        (10, 19, "sisa 1 menit"),
        (10, 20, "sisa kurang dari 1 menit"),
        (11, 0, "terlambat 40 menit"),
        (13, 0, "terlambat 1 jam 40 menit"),
        (20, 0, "terlambat 4 jam 40 menit"),
    ],
)
def test_what_is_left_in_working_time(
    clock: Callable[..., Clock], at: Callable[..., datetime], hour: int, minute: int, words: str
) -> None:
    assert clock(24, hour, minute).left(at(24, 10, 20)) == words


def test_whole_days_are_working_days(clock: Callable[..., Clock], at: Callable[..., datetime]) -> None:
    assert clock(24, 9).left(at(26, 10, 5)) == "sisa 2 hari kerja 1 jam"
    assert clock(27, 9).left(at(30, 9)) == "sisa 1 hari kerja"
    assert clock(24, 9).left(at(25, 9, 30)) == "sisa 1 hari kerja 30 menit"


def test_seconds_never_read_as_zero(clock: Callable[..., Clock], at: Callable[..., datetime]) -> None:
    assert clock(24, 9).left(at(24, 9) + timedelta(seconds=30)) == "sisa kurang dari 1 menit"
    assert clock(24, 9).left(at(24, 9) - timedelta(seconds=30)) == "terlambat 1 menit"


def test_a_calendar_without_work_still_says_whether_it_is_late(at: Callable[..., datetime]) -> None:
    closed = Calendar(Zone.WIB, pattern=((),) * 7)
    assert Clock(closed, at(24, 9)).left(at(24, 8)) == "terlambat"
    assert Clock(closed, at(24, 9)).left(at(24, 10)) == "belum lewat"
    assert Clock(closed, at(24, 9)).reasoning(at(24, 8), Budget(1, Unit.DAY), at(24, 9)) is None


def test_days_name_the_month_at_its_last_day(clock: Callable[..., Clock]) -> None:
    days = [date(2026, 11, 26), date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1)]
    assert clock(24, 9).days(days) == "Kam 26, Jum 27, Sen 30 Nov, Sel 1 Des"


def test_long_lists_of_days_lose_their_middle(clock: Callable[..., Clock]) -> None:
    days = [date(2026, 11, 2) + timedelta(days=offset) for offset in range(20)]
    assert clock(24, 9).days(days) == (
        "Sen 2, Sel 3, Rab 4, Kam 5, Jum 6 Nov, …, Sel 17, Rab 18, Kam 19, Jum 20, Sab 21 Nov"
    )


def test_a_deadline_in_days_is_explained(clock: Callable[..., Clock], at: Callable[..., datetime]) -> None:
    budget = Budget(4, Unit.DAY)
    found = clock(24, 9).reasoning(at(23, 10), budget, at(27, 10))
    assert found is not None
    assert found.counted == "4 Hari kerja: Sel 24, Rab 25, Kam 26, Jum 27 Nov → Jum 27 Nov 10.00 WIB"
    assert found.skipped is None


def test_named_days_off_are_listed_and_the_rest_counted(at: Callable[..., datetime]) -> None:
    names = {date(2026, 11, day): DayException(DayKind.NATIONAL_HOLIDAY, f"Libur {day}") for day in range(23, 28)}
    clock = Clock(Calendar(Zone.WIB, exceptions=names), at(20, 10))
    found = clock.reasoning(at(20, 10), Budget(1, Unit.DAY), at(30, 10))
    assert found is not None
    assert found.counted == "1 Hari kerja: Sen 30 Nov → Sen 30 Nov 10.00 WIB"
    assert found.skipped == (
        "Sen 23 Nov (Libur 23), Sel 24 Nov (Libur 24), Rab 25 Nov (Libur 25), Kam 26 Nov (Libur 26), dan 1 lainnya"
    )


def test_a_deadline_in_hours_is_explained_from_the_opening(
    clock: Callable[..., Clock], at: Callable[..., datetime]
) -> None:
    found = clock(26, 15).reasoning(at(26, 15, 30), Budget(2, Unit.HOUR), at(27, 9))
    assert found is not None
    assert found.counted == "2 Jam kerja sejak Kam 26 Nov 15.30 WIB → Jum 27 Nov 09.00 WIB"


def test_a_deadline_that_the_calendar_no_longer_gives_is_not_explained(
    clock: Callable[..., Clock], at: Callable[..., datetime]
) -> None:
    assert clock(26, 15).reasoning(at(26, 15, 30), Budget(2, Unit.HOUR), at(27, 10)) is None


def test_budgets_read_as_the_document_prints_them() -> None:
    assert [waktu(Budget(4, unit)) for unit in Unit] == ["4 Menit", "4 Jam", "4 Hari"]


def test_sums_of_working_time_stay_in_hours() -> None:
    assert worked(timedelta(hours=31, minutes=5)) == "31 jam 5 menit"
    assert worked(timedelta()) == "kurang dari 1 menit"


def test_a_half_day_with_odd_hours_is_still_a_day(at: Callable[..., datetime]) -> None:
    half = ((Period(at(24, 8).time(), at(24, 12).time()),),) * 7
    clock = Clock(Calendar(Zone.WIB, pattern=half), at(24, 1, 30))
    assert clock.left(at(25, 9)).startswith("sisa")


def test_a_day_given_some_seconds_ago_is_still_a_day(at: Callable[..., datetime]) -> None:
    seen = Clock(Calendar(Zone.WIB), at(24, 9).replace(second=31))
    assert seen.left(at(25, 9).replace(second=30)) == "sisa 1 hari kerja"
    assert seen.left(at(24, 9, 10).replace(second=30)) == "sisa 10 menit"
    assert seen.left(at(24, 9).replace(second=30)) == "terlambat kurang dari 1 menit"


def test_a_sum_is_rounded_to_the_nearest_minute() -> None:
    assert worked(timedelta(hours=9, minutes=59, seconds=58)) == "10 jam"
