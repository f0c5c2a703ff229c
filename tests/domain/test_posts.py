"""Who holds a post, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.posts import Holding, HoldingKind, holders

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
