"""SOP lists and details."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.notices import SopDetail, SopList
from bot.domain.sop import Field, Reading
from bot.messages.sops import hints

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.domain.sop import Sop
    from bot.messages.message import Message
    from tests.messages.conftest import World


def test_a_member_reads_the_sops_of_the_office(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    assert shown(world.render(SopList(), "Rina Marlina")) == snapshot


def test_an_admin_reads_the_sops_of_all_offices(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    assert shown(world.render(SopList(), admin=True)) == snapshot


def test_nobody_without_an_office_reads_a_sop(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    assert shown(world.render(SopList())) == snapshot


def test_a_sop_shows_its_steps_and_what_is_unconfirmed(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    assert shown(world.render(SopDetail("kesbangpol-pk"), "Rina Marlina")) == snapshot


def test_a_sop_without_document_data(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    assert shown(world.render(SopDetail("disbudpar-pk"), admin=True)) == snapshot


def test_a_sop_that_is_served_no_more(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    assert shown(world.render(SopDetail("lama"), admin=True)) == snapshot


def test_many_unconfirmed_fields_are_counted(sops: dict[str, Sop]) -> None:
    sop = sops["disbudpar-pk"]
    step = replace(sop.first, reading=Reading(tuple(Field)))
    found = hints(replace(sop, steps=(step, *sop.steps[1:])))
    assert found is not None
    assert len(found.lines) == 10
    assert found.left_out == len(Field) - 10
