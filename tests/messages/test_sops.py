"""SOP lists and details."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.notices import SopDetail, SopList, SopPicture
from bot.domain.sop import Field, Reading
from bot.messages.sops import hints
from bot.services.work import Actor
from handlers.conversation import Incoming, Kind
from handlers.sop import sop as answer_sop

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.domain.notices import Notice
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


def _answer(world: World, name: str, text: str = "") -> tuple[Notice, ...]:
    person = world.people[name]
    incoming = Incoming(1, Kind.COMMAND, person.account, person.account, name, command="sop", text=text)
    return answer_sop(world.work, Actor(person.account, name, person), incoming).say


def test_the_only_sop_of_an_office_is_shown_with_its_steps_at_once(world: World) -> None:
    world.staff()
    world.person("Nur Aini", "staf", office="disbudpar")
    assert _answer(world, "Nur Aini") == (SopDetail("disbudpar-pk"), SopPicture("disbudpar-pk"))
    assert _answer(world, "Rina Marlina") == (SopList(),)
    world.person("Nur Aini", "staf", office="kesbangpol")
    assert _answer(world, "Nur Aini") == (SopList(),)


def test_the_id_that_a_list_shows_is_the_one_the_command_takes(
    world: World, shown: Callable[[Message | None], str]
) -> None:
    world.staff()
    assert "<code>kesbangpol-pk</code>" in shown(world.render(SopList(), "Rina Marlina"))
    assert "<code>kesbangpol-pk</code>" in shown(world.render(SopDetail("kesbangpol-pk"), "Rina Marlina"))
    assert _answer(world, "Rina Marlina", "kesbangpol-pk") == (SopDetail("kesbangpol-pk"), SopPicture("kesbangpol-pk"))


def test_many_unconfirmed_fields_are_counted(sops: dict[str, Sop]) -> None:
    sop = sops["disbudpar-pk"]
    step = replace(sop.first, reading=Reading(tuple(Field)))
    found = hints(replace(sop, steps=(step, *sop.steps[1:])))
    assert found is not None
    assert len(found.lines) == 10
    assert found.left_out == len(Field) - 10
