"""An office's own settings: what they do to its calendar, its ladders and who hears what."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.budget import Budget, Unit
from bot.domain.office_rules import (
    DEFAULT_RULES,
    SIX_DAYS,
    SIX_DAYS_RAMADAN,
    FastingMonth,
    Fault,
    Ladders,
    OfficeRules,
    QuietHours,
    audiences_under,
    calendar_with,
    check_rules,
    is_quiet,
    ladder_for,
    may_remind,
    moved_due,
    next_speaking,
    patch_between,
    patched,
    posts_above,
    rules_from_dict,
    rules_to_dict,
    shift,
)
from bot.domain.posts import SECRETARIAT
from bot.domain.reminders import DEFAULT_LADDER, Audience, EarlyRung, Ladder, ReminderKind
from bot.domain.sop import Office, Post, Sop, Step, Zone
from bot.domain.worktime import (
    PERPRES_21_2023,
    PERPRES_21_2023_RAMADAN,
    Calendar,
    DayException,
    DayKind,
    Pattern,
    Period,
    Season,
    WorkingSpan,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

WIB = timezone(timedelta(hours=7))
HOUR, DAY = Budget(1, Unit.HOUR), Budget(1, Unit.DAY)
RAMADAN = Season("Ramadan 1448 H", date(2027, 2, 8), date(2027, 3, 9), PERPRES_21_2023_RAMADAN, estimated=True)
CHRISTMAS = date(2026, 12, 24)
BASE = Calendar(
    Zone.WIB, exceptions={CHRISTMAS: DayException(DayKind.JOINT_LEAVE, "Cuti bersama Natal")}, seasons=(RAMADAN,)
)
OFFICE = Office("dinas", "Dinas", Zone.WIB)
SOP = Sop(
    id="dinas-pk",
    name="PK",
    abbreviation="PK",
    office=OFFICE,
    posts=(
        Post("kepala", "Kepala"),
        Post("sekretaris", "Sekretaris", "kepala"),
        Post("kabid", "Kepala Bidang", "kepala"),
        Post("staf", "Staf", "kabid"),
    ),
    steps=(Step(1, "Menyusun", ("staf",), DAY), Step(4, "Meneliti", ("kabid",), DAY)),
)


def wib(month: int, day: int, hour: int, minute: int = 0, *, year: int = 2026) -> datetime:
    """Return a moment on the office's clock."""
    return datetime(year, month, day, hour, minute, tzinfo=WIB).astimezone(UTC)


# --- random rules -----------------------------------------------------------------------------

CLOCKS = st.integers(0, 24 * 60 - 1).map(lambda minute: time(minute // 60, minute % 60))
DATES = st.dates(date(2026, 1, 1), date(2028, 12, 31))
BUDGETS = st.builds(Budget, st.integers(1, 500), st.sampled_from(Unit))
NAMES = st.text(min_size=1, max_size=12)


@st.composite
def days(draw: st.DrawFn) -> tuple[Period, ...]:
    """Return the work periods of a day, the last of them perhaps until midnight."""
    bounds = sorted(draw(st.sets(CLOCKS, max_size=4)))
    periods = [Period(start, end) for start, end in list(pairwise(bounds))[::2]]
    if len(bounds) % 2:
        periods.append(Period(bounds[-1], time()))
    return tuple(periods)


PATTERNS: st.SearchStrategy[Pattern] = st.tuples(*[days()] * 7).filter(any)
EXCEPTIONS = st.builds(DayException, st.sampled_from(DayKind), NAMES, days())
LADDERS = st.builds(
    Ladder,
    st.lists(st.builds(EarlyRung, st.integers(1, 99), BUDGETS), max_size=3, unique_by=lambda r: r.percent).map(tuple),
    BUDGETS,
    BUDGETS,
    BUDGETS,
)
RULES = st.builds(
    OfficeRules,
    hours=st.none() | PATTERNS,
    ramadan_hours=st.none() | PATTERNS,
    ramadan=st.lists(st.builds(FastingMonth, DATES, DATES), max_size=2).map(tuple),
    holidays=st.dictionaries(DATES, EXCEPTIONS, max_size=5),
    ladders=st.builds(
        Ladders,
        st.none() | LADDERS,
        st.dictionaries(NAMES, LADDERS, max_size=2),
        st.dictionaries(st.tuples(NAMES, st.integers(1, 20)), LADDERS, max_size=2),
    ),
    audiences=st.dictionaries(st.sampled_from(ReminderKind), st.frozensets(st.sampled_from(Audience))),
    quiet=st.none() | st.builds(QuietHours, CLOCKS, CLOCKS),
    via_secretary=st.none() | NAMES,
    chief_cap=st.integers(1, 100),
    hold_reminder_days=st.integers(1, 60),
    objection=BUDGETS,
    recorders=st.frozensets(NAMES, max_size=3),
    extension_max=st.none() | BUDGETS,
)


@given(RULES)
def test_rules_survive_being_stored(rules: OfficeRules) -> None:
    assert rules_from_dict(rules_to_dict(rules)) == rules


@given(RULES, RULES)
def test_a_change_makes_of_what_was_what_is_wanted(before: OfficeRules, after: OfficeRules) -> None:
    patch = patch_between(before, after)
    assert patched(before, patch) == after
    assert bool(patch) == (before != after)


def test_two_changes_thought_of_at_once_do_not_undo_each_other() -> None:
    one, other = date(2026, 12, 1), date(2026, 12, 2)
    before = OfficeRules(holidays={one: DayException(DayKind.LOCAL_HOLIDAY, "Satu")})
    mine = patch_between(before, replace(before, chief_cap=5))
    theirs = patch_between(
        before, replace(before, holidays={**before.holidays, other: DayException(DayKind.LOCAL_HOLIDAY, "Dua")})
    )
    both = patched(patched(before, theirs), mine)

    assert both.chief_cap == 5
    assert set(both.holidays) == {one, other}
    assert set(patched(both, patch_between(before, DEFAULT_RULES)).holidays) == {other}


@given(RULES, st.lists(DATES, min_size=1, max_size=20))
def test_each_day_is_worked_as_the_most_particular_rule_says(rules: OfficeRules, looked_at: list[date]) -> None:
    months = [m for m in rules.ramadan if m.first <= m.last]
    rules = replace(rules, ramadan=tuple(months))
    calendar = calendar_with(BASE, rules)

    for day in [*looked_at, *rules.holidays, CHRISTMAS, RAMADAN.first, RAMADAN.last]:
        assert calendar.periods_on(day) == Calendar(Zone.WIB, (_hours(rules, day),) * 7).periods_on(day)


def _hours(rules: OfficeRules, day: date) -> tuple[Period, ...]:
    """Return the hours of a day by the rules as they are told, one after the other."""
    exception = rules.holidays.get(day) or BASE.exceptions.get(day)
    if exception is not None and exception.kind is not DayKind.CANCELLED:
        return exception.periods
    usual = (rules.hours or PERPRES_21_2023)[day.weekday()]
    replaced = any(m.first <= RAMADAN.last and RAMADAN.first <= m.last for m in rules.ramadan)
    fasting = any(m.first <= day <= m.last for m in rules.ramadan)
    fasting |= not replaced and RAMADAN.first <= day <= RAMADAN.last
    if not fasting:
        return usual
    if rules.ramadan_hours is not None:
        return rules.ramadan_hours[day.weekday()]
    nationwide = PERPRES_21_2023_RAMADAN[day.weekday()]
    if rules.hours is None:
        return nationwide
    return (nationwide or usual) if usual else ()


def test_rules_that_say_nothing_change_nothing() -> None:
    assert calendar_with(BASE, DEFAULT_RULES) is BASE
    assert rules_to_dict(DEFAULT_RULES) == {}
    assert ladder_for(DEFAULT_RULES, SOP, 1) == DEFAULT_LADDER
    assert check_rules(DEFAULT_RULES, [SOP], BASE) == ()


# --- the calendar -----------------------------------------------------------------------------


def test_an_office_of_six_days_counts_saturday_also_in_ramadan() -> None:
    six = calendar_with(BASE, OfficeRules(hours=SIX_DAYS))
    friday = wib(11, 20, 10)

    assert six.due(friday, DAY) == wib(11, 21, 10)
    assert BASE.due(friday, DAY) == wib(11, 23, 10)
    assert six.is_working_day(date(2027, 2, 13))


@pytest.mark.parametrize(("pattern", "hours"), [(SIX_DAYS, 37.5), (SIX_DAYS_RAMADAN, 32.5)])
def test_six_days_have_the_hours_of_the_law(pattern: Pattern, hours: float) -> None:
    calendar = Calendar(Zone.WIB, pattern)
    assert calendar.between(wib(11, 9, 0), wib(11, 16, 0)) == timedelta(hours=hours)


def test_a_night_shift_is_worked_through_midnight() -> None:
    nights = ((Period(time(), time(6)), Period(time(22), time())),) * 7
    calendar = calendar_with(BASE, OfficeRules(hours=nights))

    assert calendar.due(wib(11, 9, 23), Budget(3, Unit.HOUR)) == wib(11, 10, 2)
    assert calendar.is_working(wib(11, 10, 0))
    assert calendar.between(wib(11, 9, 22), wib(11, 10, 22)) == timedelta(hours=8)
    assert calendar.due(wib(11, 9, 23), DAY) == wib(11, 10, 23)


def test_a_withdrawn_cuti_bersama_is_worked_and_an_added_one_is_not() -> None:
    added = date(2026, 12, 28)
    rules = OfficeRules(
        holidays={
            CHRISTMAS: DayException(DayKind.CANCELLED, "Perubahan SKB"),
            added: DayException(DayKind.JOINT_LEAVE, "Perubahan SKB"),
        }
    )
    calendar = calendar_with(BASE, rules)

    assert calendar.due(wib(12, 23, 10), DAY) == wib(12, 24, 10)
    assert calendar.due(wib(12, 25, 10), DAY) == wib(12, 29, 10)


def test_the_offices_own_ramadan_takes_the_place_of_the_estimated_one() -> None:
    own = FastingMonth(date(2027, 2, 9), date(2027, 3, 10))
    calendar = calendar_with(BASE, OfficeRules(ramadan=(own,)))

    assert [(s.name, s.first, s.last, s.estimated) for s in calendar.seasons] == [
        ("Ramadan 1448 H", own.first, own.last, False)
    ]


# --- open deadlines ---------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(2026, 9, 1), datetime(2027, 2, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants bounds without a zone
SHORT = st.builds(Budget, st.integers(1, 9), st.sampled_from(Unit))


@given(RULES, MOMENTS, SHORT, MOMENTS, st.booleans())
def test_a_deadline_follows_the_calendar_and_makes_nobody_late(
    rules: OfficeRules, given_at: datetime, budget: Budget, at: datetime, adjusted: bool
) -> None:
    new = calendar_with(BASE, replace(rules, ramadan=()))
    due = BASE.due(given_at, budget)
    moved = moved_due(BASE, new, given=given_at, budget=budget, due=due, adjusted=adjusted, at=at)

    assert moved_due(BASE, BASE, given=given_at, budget=budget, due=due, adjusted=adjusted, at=at) == due
    assert due <= at or moved > at
    if new != BASE and not adjusted and (due <= at or new.due(given_at, budget) > at):
        assert moved == new.due(given_at, budget)
    elif new != BASE and due > at:
        assert new.between(at, moved) == BASE.between(at, due)
    else:
        assert moved == due


def test_a_day_off_moves_a_deadline_by_the_day_it_was() -> None:
    new = calendar_with(BASE, OfficeRules(holidays={date(2026, 11, 10): DayException(DayKind.LOCAL_HOLIDAY, "Jadi")}))
    before, after = wib(11, 10, 10), wib(11, 11, 10)

    assert (
        moved_due(BASE, new, given=wib(11, 9, 10), budget=DAY, due=before, adjusted=False, at=wib(11, 9, 11)) == after
    )
    assert shift(BASE, new, before=before, after=after) == WorkingSpan(days=1, minutes=0, late=False)
    assert shift(new, BASE, before=after, after=before) == WorkingSpan(days=1, minutes=0, late=True)


# --- ladders and hearing ----------------------------------------------------------------------


def test_the_most_particular_ladder_holds() -> None:
    rungs = [Ladder(late_after=Budget(n, Unit.HOUR)) for n in range(2, 6)]
    whole, sop_file, sop, step = rungs
    rules = OfficeRules(ladders=Ladders(whole, {"dinas-pk": sop}, {("dinas-pk", 4): step}))
    printed = replace(SOP, ladder=sop_file)

    assert [ladder_for(rules, SOP, number) for number in (1, 4)] == [sop, step]
    assert ladder_for(OfficeRules(ladders=Ladders(whole)), SOP, 1) == whole
    assert ladder_for(OfficeRules(ladders=Ladders(whole)), printed, 1) == sop_file


THROUGH = OfficeRules(via_secretary="sekretaris")


@pytest.mark.parametrize(
    ("rules", "kind", "waiting", "told"),
    [
        (DEFAULT_RULES, ReminderKind.SUPERIOR, {"staf"}, {"kabid", SECRETARIAT}),
        (THROUGH, ReminderKind.SUPERIOR, {"staf"}, {"kabid", "sekretaris", SECRETARIAT}),
        (THROUGH, ReminderKind.SUPERIOR, {"kabid"}, {"sekretaris", SECRETARIAT}),
        (THROUGH, ReminderKind.HEAD, {"kabid"}, {"kepala"}),
        (THROUGH, ReminderKind.SUPERIOR, {"sekretaris"}, {"kepala", SECRETARIAT}),
        (THROUGH, ReminderKind.SUPERIOR, {"kepala"}, {SECRETARIAT}),
        (OfficeRules(audiences={ReminderKind.EARLY: frozenset()}), ReminderKind.EARLY, {"staf"}, set()),
        (OfficeRules(audiences={ReminderKind.DUE: frozenset()}), ReminderKind.DUE, {"staf"}, {"staf"}),
    ],
)
def test_a_rung_is_heard_by_whom_the_office_names(
    rules: OfficeRules, kind: ReminderKind, waiting: set[str], told: set[str]
) -> None:
    holders = waiting if Audience.HOLDERS in audiences_under(rules, kind) else set()
    assert posts_above(rules, SOP, kind, waiting) | holders == told


def test_escalation_goes_straight_to_the_head_while_nobody_is_sekretaris() -> None:
    assert posts_above(THROUGH, SOP, ReminderKind.SUPERIOR, {"kabid"}, empty={"sekretaris"}) == {"kepala", SECRETARIAT}


# --- quiet hours ------------------------------------------------------------------------------

ROUND_THE_CLOCK = ((Period(time(), time()),),) * 7
NIGHT = QuietHours(time(20), time(6))


def test_in_quiet_hours_a_reminder_waits_also_where_work_goes_on() -> None:
    rules = OfficeRules(hours=ROUND_THE_CLOCK, quiet=NIGHT)
    calendar = calendar_with(BASE, rules)
    late = wib(11, 9, 22)

    assert [is_quiet(rules, calendar, wib(11, 9, hour)) for hour in (19, 20, 22, 5, 6)] == [
        False,
        True,
        True,
        True,
        False,
    ]
    assert not may_remind(rules, calendar, late, late)
    assert next_speaking(rules, calendar, late) == wib(11, 10, 6)
    assert next_speaking(rules, calendar, wib(11, 10, 3)) == wib(11, 10, 6)


@given(RULES, st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants bounds without a zone
def test_quiet_hours_never_let_anything_out_of_working_time(rules: OfficeRules, at: datetime) -> None:
    calendar = calendar_with(BASE, replace(rules, holidays={}, ramadan=(), ramadan_hours=None))
    moment = next_speaking(rules, calendar, at)

    assert moment >= at
    assert calendar.is_working(moment)
    assert not may_remind(rules, calendar, at, at) or calendar.is_working(at)
    assert not is_quiet(rules, calendar, moment) or moment == calendar.next_opening(at)


# --- what cannot be ---------------------------------------------------------------------------

WRONG: Mapping[tuple[Fault, str, str], dict[str, object]] = {
    (Fault.NO_HOURS, "hours", ""): {"hours": ((),) * 7},
    (Fault.FASTING_LENGTH, "ramadan", "10"): {"ramadan": (FastingMonth(date(2027, 2, 8), date(2027, 2, 17)),)},
    (Fault.FASTING_TWICE, "ramadan", "2027-02-10"): {
        "ramadan": (
            FastingMonth(date(2027, 2, 10), date(2027, 3, 10)),
            FastingMonth(date(2027, 2, 8), date(2027, 3, 9)),
        )
    },
    (Fault.NOT_A_HOLIDAY, "holidays", "2026-11-10"): {
        "holidays": {date(2026, 11, 10): DayException(DayKind.CANCELLED, "SKB")}
    },
    (Fault.UNKNOWN_SOP, "ladders", "dinas-xx"): {"ladders": Ladders(sops={"dinas-xx": Ladder()})},
    (Fault.UNKNOWN_STEP, "ladders", "dinas-pk/3"): {"ladders": Ladders(steps={("dinas-pk", 3): Ladder()})},
    (Fault.PERCENT, "ladders", "50"): {"ladders": Ladders(Ladder(early=(EarlyRung(50, HOUR), EarlyRung(50, DAY))))},
    (Fault.HOLDERS_LEFT_OUT, "audiences", ""): {"audiences": {ReminderKind.DUE: frozenset({Audience.SECRETARIAT})}},
    (Fault.QUIET_EMPTY, "quiet", ""): {"quiet": QuietHours(time(7), time(7))},
    (Fault.QUIET_ALL_WORK, "quiet", ""): {"quiet": QuietHours(time(7), time(17))},
    (Fault.UNKNOWN_POST, "recorders", "ajudan"): {"recorders": frozenset({"ajudan"})},
    (Fault.UNKNOWN_POST, "via_secretary", "sekda"): {"via_secretary": "sekda"},
    (Fault.HEAD_BEFORE_HEAD, "via_secretary", "kepala"): {"via_secretary": "kepala"},
    (Fault.CHIEF_CAP, "chief_cap", "0"): {"chief_cap": 0},
    (Fault.HOLD_DAYS, "hold_reminder_days", "61"): {"hold_reminder_days": 61},
}


@pytest.mark.parametrize(("expected", "values"), WRONG.items(), ids=lambda value: str(value)[:40])
def test_what_cannot_be_is_named(expected: tuple[Fault, str, str], values: dict[str, object]) -> None:
    problems = check_rules(replace(DEFAULT_RULES, **values), [SOP], BASE)  # type: ignore[arg-type]  # a table of fields
    assert [(problem.fault, problem.field, problem.detail) for problem in problems] == [expected]


def test_everything_wrong_is_named_at_once() -> None:
    rules = OfficeRules(hours=((),) * 7, chief_cap=0, via_secretary="sekda", quiet=QuietHours(time(7), time(7)))
    named = [problem.field for problem in check_rules(rules, [SOP], BASE)]
    assert named == ["hours", "quiet", "via_secretary", "chief_cap"]


def test_every_fault_has_its_example() -> None:
    assert {fault for fault, _, _ in WRONG} == set(Fault)
    assert {field for _, field, _ in WRONG} <= {field.name for field in fields(OfficeRules)}
