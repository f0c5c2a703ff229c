"""Finding one's way in a definition."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.budget import Budget, Unit
from bot.domain.errors import UnknownStep
from bot.domain.sop import Field, Office, Post, Reading, Sop, Step, Zone

DAY = Budget(1, Unit.DAY)
SURE = Reading()
INFERRED = Reading(unconfirmed=(Field.POSTS,))


def sop(*, office: Reading = SURE, post: Reading = SURE, step: Reading = SURE) -> Sop:
    """Return three steps, numbered 2, 5 and 9 as some document might."""
    return Sop(
        id="dinas-pk",
        name="Perjanjian Kinerja",
        abbreviation="PK",
        office=Office("dinas", "Dinas", Zone.WIT, office),
        posts=(Post("staf", "Staf", "kepala", post), Post("kepala", "Kepala Dinas")),
        steps=(
            Step(2, "Menyusun", ("staf",), DAY),
            Step(5, "Mengoreksi", ("kepala",), DAY, decision=True),
            Step(9, "Mengesahkan", ("kepala",), DAY, decision=True, reject_to=2, reading=step),
        ),
    )


def test_steps_are_found_by_their_printed_number() -> None:
    assert [sop().step(number).activity for number in (2, 5, 9)] == ["Menyusun", "Mengoreksi", "Mengesahkan"]
    assert [sop().position(number) for number in (2, 5, 9)] == [0, 1, 2]
    assert sop().first.number == 2


@pytest.mark.parametrize("number", [0, 1, 3, 10])
def test_a_number_the_document_does_not_print_is_refused(number: int) -> None:
    with pytest.raises(UnknownStep) as refusal:
        sop().step(number)
    assert (refusal.value.sop, refusal.value.number) == ("dinas-pk", number)


def test_the_next_step_follows_in_document_order_until_the_last() -> None:
    following = [sop().next_after(number) for number in (2, 5, 9)]
    assert [step and step.number for step in following] == [5, 9, None]


def test_a_rejection_leads_to_its_target_else_one_back_and_nowhere_from_the_first() -> None:
    targets = [sop().reject_target(number) for number in (2, 5, 9)]
    assert [step and step.number for step in targets] == [None, 2, 2]


def test_the_head_is_the_post_without_a_superior() -> None:
    assert sop().head.id == "kepala"


def test_posts_are_found_by_their_id() -> None:
    assert sop().post("staf").name == "Staf"
    with pytest.raises(KeyError):
        sop().post("kabid")


@pytest.mark.parametrize("place", ["office", "post", "step"])
def test_one_inferred_reading_anywhere_needs_confirmation(place: str) -> None:
    assert not sop().needs_confirmation
    assert sop(**{place: INFERRED}).needs_confirmation


@pytest.mark.parametrize(("zone", "hours"), [(Zone.WIB, 7), (Zone.WITA, 8), (Zone.WIT, 9)])
def test_the_three_zones_are_seven_eight_and_nine_hours_east(zone: Zone, hours: int) -> None:
    assert datetime(2026, 2, 2, tzinfo=ZoneInfo(zone.iana)).utcoffset() == timedelta(hours=hours)


def test_budgets_of_different_units_are_compared_by_their_nominal_length() -> None:
    assert DAY.at_least(Budget(7, Unit.HOUR))
    assert not DAY.at_least(Budget(8, Unit.HOUR))
    assert Budget(60, Unit.MINUTE).at_least(Budget(1, Unit.HOUR))
