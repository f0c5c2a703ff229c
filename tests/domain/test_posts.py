"""Who holds a post, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.posts import Fault, Holding, HoldingKind, StandinRefusedError, check_standin, holders

ANI, BUDI, CITRA = 1, 2, 3
MOMENT = timedelta(microseconds=1)
MONDAY, TUESDAY, WEDNESDAY = (datetime(2026, 2, day, tzinfo=UTC) for day in (2, 3, 4))


@pytest.mark.parametrize(
    ("at", "held"),
    [(TUESDAY - MOMENT, False), (TUESDAY, True), (WEDNESDAY - MOMENT, True), (WEDNESDAY, False)],
)
def test_a_period_includes_its_first_moment_and_not_its_last(at: datetime, held: bool) -> None:
    assert Holding(ANI, "staf", TUESDAY, WEDNESDAY).covers(at) is held


def test_a_period_without_an_end_lasts() -> None:
    holding = Holding(ANI, "staf", TUESDAY)
    assert holding.kind is HoldingKind.DEFINITIVE
    assert holding.covers(datetime(2060, 1, 1, tzinfo=UTC))
    assert not holding.covers(MONDAY)


def test_a_post_passes_from_one_person_to_the_next_without_a_gap_or_an_overlap() -> None:
    holdings = [Holding(ANI, "staf", MONDAY, TUESDAY), Holding(BUDI, "staf", TUESDAY, kind=HoldingKind.STANDIN)]
    assert holders(holdings, "staf", TUESDAY - MOMENT) == (ANI,)
    assert holders(holdings, "staf", TUESDAY) == (BUDI,)


def test_holders_are_named_once_each_in_the_order_given() -> None:
    holdings = [
        Holding(CITRA, "staf", MONDAY),
        Holding(ANI, "kepala", MONDAY),
        Holding(ANI, "staf", MONDAY),
        Holding(CITRA, "staf", MONDAY, kind=HoldingKind.ACTING),
    ]
    assert holders(holdings, "staf", MONDAY) == (CITRA, ANI)
    assert holders(holdings, "kabid", MONDAY) == ()


# --- who may stand in -----------------------------------------------------------------------

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
KEPALA, SEKRETARIS, KASUBAG = (
    Holding(person, post, LONG_AGO, number=person)
    for person, post in ((ANI, "kepala"), (BUDI, "sekretaris"), (CITRA, "kasubag"))
)
OFFICE = [KEPALA, SEKRETARIS, KASUBAG]


def day(number: int) -> datetime:
    """Return a midnight; the day 0 is a Monday."""
    return MONDAY + timedelta(days=number)


def plh(person: int, absent: Holding, first: int, end: int | None, number: int = 9) -> Holding:
    """Return somebody's stand-in for a holding, from one midnight to another."""
    until = None if end is None else day(end)
    return Holding(person, absent.post, day(first), until, HoldingKind.STANDIN, number, absent.number)


def plt(person: int, post: str, first: int, end: int | None, number: int = 9) -> Holding:
    """Return somebody's acting for a vacant post."""
    return Holding(person, post, day(first), None if end is None else day(end), HoldingKind.ACTING, number)


def fault(existing: list[Holding], new: Holding, at: datetime = MONDAY) -> Fault | None:
    """Return why the new one is refused, None where it is not."""
    try:
        check_standin(existing, new, at)
    except StandinRefusedError as error:
        return error.fault
    return None


ELSEWHERE = plh(BUDI, KASUBAG, 1, 3, number=20)
"""Budi stands in for Citra on Tuesday and Wednesday."""


@pytest.mark.parametrize(
    ("existing", "new", "expected"),
    [
        (OFFICE, plh(BUDI, KEPALA, 0, 1), None),
        (OFFICE, plh(BUDI, KEPALA, 2, 2), Fault.BACKWARD),
        (OFFICE, plh(BUDI, KEPALA, 2, 1), Fault.BACKWARD),
        (OFFICE, plh(BUDI, KEPALA, -1, 1), Fault.PAST),
        (OFFICE, plh(BUDI, KEPALA, 0, None), Fault.ENDLESS),
        (OFFICE, plh(ANI, KEPALA, 0, 1), Fault.SELF),
        (OFFICE[1:], plh(BUDI, KEPALA, 0, 1), Fault.NOBODY_ABSENT),
        ([replace(KEPALA, until=day(2)), SEKRETARIS], plh(BUDI, KEPALA, 0, 3), Fault.NOBODY_ABSENT),
        ([plt(ANI, "kepala", 0, None, number=ANI)], plh(BUDI, KEPALA, 0, 1), Fault.NOBODY_ABSENT),
        ([*OFFICE, plh(CITRA, KEPALA, 1, 3, number=20)], plh(BUDI, KEPALA, 0, 2), Fault.OVERLAP),
        ([*OFFICE, plh(CITRA, KEPALA, 1, 3, number=20)], plh(BUDI, KEPALA, 3, 4), None),
        ([*OFFICE, plh(CITRA, KEPALA, 2, 2, number=20)], plh(BUDI, KEPALA, 1, 4), None),
        ([*OFFICE, ELSEWHERE], plh(CITRA, KEPALA, 2, 4), Fault.STANDIN_ABSENT),
        ([*OFFICE, ELSEWHERE], plh(CITRA, KEPALA, 3, 4), None),
        ([*OFFICE, ELSEWHERE], plh(CITRA, SEKRETARIS, 2, 4), Fault.ABSENT_STANDS_IN),
        ([*OFFICE, ELSEWHERE], plh(ANI, SEKRETARIS, 0, 2), Fault.ABSENT_STANDS_IN),
        ([*OFFICE, ELSEWHERE], plh(BUDI, KEPALA, 1, 3), None),
        ([*OFFICE, replace(KASUBAG, person=BUDI, number=8)], plh(BUDI, KASUBAG, 0, 1), Fault.HOLDS_IT),
        (OFFICE, plt(BUDI, "kabid", 0, None), None),
        (OFFICE, plt(BUDI, "kasubag", 0, None), Fault.NOT_VACANT),
        ([*OFFICE, plt(ANI, "kabid", 2, None, number=20)], plt(BUDI, "kabid", 0, None), Fault.OVERLAP),
        ([*OFFICE, plt(ANI, "kabid", 2, None, number=20)], plt(BUDI, "kabid", 0, 2), None),
        ([*OFFICE, ELSEWHERE], plt(CITRA, "kabid", 2, None), Fault.STANDIN_ABSENT),
        ([*OFFICE, plt(ANI, "kabid", 0, None, number=20)], plh(BUDI, KEPALA, 3, 4), Fault.ABSENT_STANDS_IN),
    ],
)
def test_a_stand_in_is_refused_for_its_own_reason(existing: list[Holding], new: Holding, expected: Fault) -> None:
    assert fault(existing, new) is expected


PROPOSALS = st.tuples(
    st.sampled_from([ANI, BUDI, CITRA]), st.sampled_from(OFFICE), st.integers(0, 4), st.integers(0, 5)
)


def _sound(holdings: list[Holding]) -> bool:
    """Whether on no day somebody is both absent and a stand-in, or two stand in for one, or anybody for themselves."""
    for number in range(6):
        now = [h for h in holdings if h.covers(day(number)) and h.kind is HoldingKind.STANDIN]
        people = {h.number: h.person for h in OFFICE}
        absent = [people[h.stands_for] for h in now]
        if len(set(absent)) < len(absent) or set(absent) & {h.person for h in now}:
            return False
    return True


@given(st.lists(PROPOSALS, max_size=8))
def test_whatever_is_asked_for_nobody_is_ever_away_and_a_stand_in_and_nothing_sound_is_refused(
    proposals: list[tuple[int, Holding, int, int]],
) -> None:
    existing = list(OFFICE)
    for number, (person, absent, first, end) in enumerate(proposals, start=10):
        new = plh(person, absent, first, end, number)
        refused = fault(existing, new)
        assert (refused is None) is (first < end and _sound([*existing, new]))
        if refused is None:
            existing.append(new)


def test_two_periods_meet_where_they_share_a_moment() -> None:
    spans = [(first, end) for first, end in product(range(4), (*range(4), None))]
    for one, other in product(spans, repeat=2):
        first, second = plt(ANI, "kepala", *one), plt(BUDI, "kepala", *other)
        shared = any(first.covers(day(n)) and second.covers(day(n)) for n in range(9))
        assert first.meets(second) is shared
