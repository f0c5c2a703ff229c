"""When a message may reach a chief: never outside working time, never more than the cap, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import product

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.domain.errors import NoWorkingTime
from bot.domain.office_rules import DEFAULT_RULES, OfficeRules, QuietHours, is_quiet
from bot.domain.placement import Placement, day_began, is_last, next_slot, place
from bot.domain.sop import Zone
from bot.domain.worktime import Calendar, DayException, DayKind, Period

WIB = timezone(timedelta(hours=7))
CALENDAR = Calendar(Zone.WIB, exceptions={date(2026, 11, 11): DayException(DayKind.LOCAL_HOLIDAY, "Libur")})
QUIET = replace(DEFAULT_RULES, quiet=QuietHours(time(7, 0), time(8, 0)))
NIGHTS = Calendar(
    Zone.WIB, pattern=((Period(time(0), time(6)), Period(time(8), time(16)), Period(time(22), time(0))),) * 7
)


def wib(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of November 2026 on the wall clock; the 9th is a Monday, the 11th a holiday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=WIB).astimezone(UTC)


MONDAY = wib(9, 9)


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        (wib(9, 9), wib(9, 9)),
        (wib(9, 6), wib(9, 7, 30)),
        (wib(9, 12, 15), wib(9, 13)),
        (wib(9, 22), wib(10, 7, 30)),
        (wib(10, 17), wib(12, 7, 30)),  # over the holiday
        (wib(13, 17), wib(16, 7, 30)),  # over the weekend
    ],
)
def test_outside_working_time_it_waits_for_the_next_opening(at: datetime, moment: datetime) -> None:
    assert place(DEFAULT_RULES, CALENDAR, at, used=0) == Placement(moment, folded=moment > at)


@pytest.mark.parametrize("at", [wib(9, 6), wib(9, 12, 15), wib(9, 22), wib(10, 17), wib(14, 10)])
def test_what_a_colleagues_act_leads_to_waits_for_no_opening(at: datetime) -> None:
    assert place(DEFAULT_RULES, CALENDAR, at, used=0, told=True) == Placement(at)


def test_in_quiet_hours_and_in_a_meeting_that_waits_too() -> None:
    assert place(QUIET, CALENDAR, wib(9, 7, 15), used=0, told=True) == Placement(wib(9, 8), folded=True)
    meeting = place(DEFAULT_RULES, CALENDAR, MONDAY, used=0, told=True, earliest=wib(9, 14))
    assert meeting == Placement(wib(9, 14), folded=True)


def test_what_is_due_before_the_next_morning_is_not_kept_by_the_cap() -> None:
    cap = DEFAULT_RULES.chief_cap
    tomorrow = wib(10, 7, 30)
    assert place(DEFAULT_RULES, CALENDAR, MONDAY, used=cap, needed_by=wib(9, 16)) == Placement(MONDAY)
    kept = place(DEFAULT_RULES, CALENDAR, MONDAY, used=cap, needed_by=tomorrow)
    assert kept == Placement(tomorrow, folded=True)


def test_in_quiet_hours_it_waits_for_their_end() -> None:
    assert place(QUIET, CALENDAR, wib(9, 7, 45), used=0) == Placement(wib(9, 8), folded=True)


def test_in_a_meeting_it_waits_for_its_end_or_for_work_to_begin_after_it() -> None:
    assert place(DEFAULT_RULES, CALENDAR, MONDAY, used=0, earliest=wib(9, 14)) == Placement(wib(9, 14), folded=True)
    assert place(DEFAULT_RULES, CALENDAR, MONDAY, used=0, earliest=wib(9, 18)).not_before == wib(10, 7, 30)


def test_beyond_the_cap_it_waits_for_the_next_working_day() -> None:
    cap = DEFAULT_RULES.chief_cap
    assert place(DEFAULT_RULES, CALENDAR, MONDAY, used=cap - 1) == Placement(MONDAY)
    assert place(DEFAULT_RULES, CALENDAR, MONDAY, used=cap) == Placement(wib(10, 7, 30), folded=True)
    assert place(DEFAULT_RULES, CALENDAR, wib(10, 9), used=cap) == Placement(wib(12, 7, 30), folded=True)
    # What the day has used up does not count on another one.
    assert place(DEFAULT_RULES, CALENDAR, wib(9, 22), used=cap).not_before == wib(10, 7, 30)


def test_what_has_to_arrive_as_it_is_waits_as_long_but_by_itself() -> None:
    assert place(DEFAULT_RULES, CALENDAR, wib(9, 22), used=0, foldable=False) == Placement(wib(10, 7, 30))


def test_the_last_message_of_the_day_is_known_before_it_goes() -> None:
    cap = DEFAULT_RULES.chief_cap
    assert [is_last(DEFAULT_RULES, used) for used in (0, cap - 2, cap - 1)] == [False, False, True]


def test_an_office_that_never_works_is_said_so() -> None:
    never = Calendar(Zone.WIB, pattern=((),) * 7)
    with pytest.raises(NoWorkingTime):
        place(DEFAULT_RULES, never, MONDAY, used=0)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (wib(9, 9), wib(9, 13)),  # after the break
        (wib(9, 12), wib(9, 13)),
        (wib(9, 12, 15), wib(9, 13)),
        (wib(9, 14), wib(10, 7, 30)),
        (wib(9, 20), wib(10, 7, 30)),
        (wib(10, 14), wib(12, 7, 30)),
    ],
)
def test_a_meeting_lasts_until_the_next_working_slot(at: datetime, until: datetime) -> None:
    assert next_slot(DEFAULT_RULES, CALENDAR, at) == until


def test_a_shift_past_midnight_is_one_slot() -> None:
    assert next_slot(DEFAULT_RULES, NIGHTS, wib(9, 23)) == wib(10, 8)


def test_every_moment_of_two_weeks_is_placed_in_working_time_that_is_not_quiet() -> None:
    """Exhaustive in steps of twenty minutes: rules, use and meeting crossed."""
    moments = [wib(9, 0) + timedelta(minutes=20 * step) for step in range(3 * 24 * 14)]
    for rules, at, used in product((DEFAULT_RULES, QUIET), moments, (0, DEFAULT_RULES.chief_cap)):
        moment = place(rules, CALENDAR, at, used=used).not_before
        assert moment >= at
        assert CALENDAR.is_working(moment)
        assert not is_quiet(rules, CALENDAR, moment)
        assert used == 0 or CALENDAR.local(moment).date() > CALENDAR.local(at).date()


@dataclass
class Letter:
    """A message to the chief: where it is now."""

    number: int
    foldable: bool
    not_before: datetime
    folded: bool
    told: bool = False


@dataclass
class Phone:
    """A chief's phone as the services treat it: placed when queued, again when sent, folded ones told in one."""

    rules: OfficeRules
    at: datetime = field(default_factory=lambda: wib(9, 6))
    meeting: datetime | None = None
    letters: list[Letter] = field(default_factory=list)
    rings: list[datetime] = field(default_factory=list)
    begun: set[date] = field(default_factory=set)

    def used(self) -> int:
        """Return how often it rang today."""
        return sum(ring >= day_began(CALENDAR, self.at) for ring in self.rings)

    def place(self, *, foldable: bool) -> Placement:
        """Place what is ready now."""
        return place(self.rules, CALENDAR, self.at, used=self.used(), earliest=self.meeting, foldable=foldable)

    def queue(self, *, foldable: bool) -> None:
        """Take something in."""
        placed = self.place(foldable=foldable)
        self.letters.append(Letter(len(self.letters), foldable, placed.not_before, placed.folded))

    def waiting(self, *, folded: bool) -> list[Letter]:
        """Return what is due and not told."""
        return [
            letter
            for letter in self.letters
            if not letter.told and letter.folded is folded and letter.not_before <= self.at
        ]

    def fire(self) -> None:
        """Tell what was kept back, then send what waits, as the program does."""
        kept = self.waiting(folded=True)
        if kept:
            placed = self.place(foldable=True)
            for letter in kept:
                letter.told, letter.not_before = not placed.folded, placed.not_before
            if not placed.folded:
                self.rings.append(self.at)
        for letter in self.waiting(folded=False):
            placed = self.place(foldable=letter.foldable)
            letter.not_before, letter.folded = placed.not_before, placed.folded
            if placed.not_before <= self.at:
                letter.told = True
                self.rings.append(self.at)


class ChiefsDays(RuleBasedStateMachine):
    """Whatever comes, whenever, with meetings in between."""

    def __init__(self) -> None:
        """Begin on a Monday before work, with a small cap."""
        super().__init__()
        self.phone = Phone(rules=replace(QUIET, chief_cap=3))

    @rule(foldable=st.booleans(), count=st.integers(1, 4))
    def something_comes(self, *, foldable: bool, count: int) -> None:
        for _ in range(count):
            self.phone.queue(foldable=foldable)
        self.phone.fire()

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self.phone.at += timedelta(minutes=minutes)
        self.phone.fire()

    @rule()
    def a_meeting_begins(self) -> None:
        self.phone.meeting = next_slot(self.phone.rules, CALENDAR, self.phone.at)

    @rule()
    def the_meeting_is_over(self) -> None:
        self.phone.meeting = None
        for letter in self.phone.letters:
            letter.not_before = min(letter.not_before, self.phone.at) if letter.folded else letter.not_before
        self.phone.fire()

    @invariant()
    def it_rings_in_working_time_alone(self) -> None:
        rules = self.phone.rules
        assert all(CALENDAR.is_working(ring) and not is_quiet(rules, CALENDAR, ring) for ring in self.phone.rings)

    @invariant()
    def it_never_rings_more_often_than_stated(self) -> None:
        days = Counter(CALENDAR.local(ring).date() for ring in self.phone.rings)
        assert max(days.values(), default=0) <= self.phone.rules.chief_cap

    def teardown(self) -> None:
        """Nothing is lost: with no more coming, all is told within some working days."""
        self.phone.meeting = None
        for _ in range(6 * len(self.phone.letters) + 40):
            if all(letter.told for letter in self.phone.letters):
                break
            self.phone.at = CALENDAR.next_opening(self.phone.at + timedelta(hours=3))
            self.phone.fire()
        assert all(letter.told for letter in self.phone.letters)


TestChiefsDays = ChiefsDays.TestCase
TestChiefsDays.settings = settings(stateful_step_count=25)
