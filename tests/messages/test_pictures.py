"""Pictures: the few words below them, the buttons that ask for them, and how far each step is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain import notices as n
from bot.drawing.draw import draw
from bot.messages.actions import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from bot.store.tables import CaseRow
    from tests.messages.conftest import World

WHO = "Rina Marlina"


def _returned(world: World, at: Callable[..., datetime]) -> CaseRow:
    """Send a case back from its fourth step, where the third had come too late."""
    world.staff()
    case = world.case(title="Renja #2027 <final>")
    world.to_step(case, 3)
    world.at = at(25, 14)
    world.done(case, "Dewi Lestari")
    world.rejected(case, "Agus Salim", "Data *bidang* <belum> lengkap: " + "x" * 400)
    world.at = at(25, 15)
    return case


def _steps(message: Message | None) -> list[dict[str, Any]]:
    assert message is not None
    assert message.paper is not None
    return [{"number": step["number"], **step["progress"]} for step in json.loads(message.paper.data)["steps"]]


def test_what_stands_below_a_picture(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case = _returned(world, at)
    assert shown(world.render(n.SopPicture("kesbangpol-pk"), WHO)) == snapshot(name="sop")
    assert shown(world.render(n.CasePicture(case.id), WHO)) == snapshot(name="running")
    world.cancelled(case, "Siti Rahmawati", "Sudah tidak diperlukan")
    assert shown(world.render(n.CasePicture(case.id), WHO)) == snapshot(name="cancelled")


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_can_be_drawn(world: World, at: Callable[..., datetime], shape: str) -> None:
    for notice in (n.SopPicture("kesbangpol-pk", shape), n.CasePicture(_returned(world, at).id, shape)):
        message = world.render(notice, WHO)
        assert message is not None
        assert message.paper is not None
        assert all(draw(message.paper))


def test_how_far_each_step_is(world: World, snapshot: SnapshotAssertion, at: Callable[..., datetime]) -> None:
    case = _returned(world, at)
    assert _steps(world.render(n.CasePicture(case.id), WHO)) == snapshot(name="returned")
    case.secret = True
    secret = _steps(world.render(n.CasePicture(case.id), WHO))
    assert "bidang" not in str(secret)
    assert [step["state"] for step in secret] == ["done", "done", "now", "ahead", "ahead", "ahead"]
    case.secret = False
    world.cancelled(case, "Siti Rahmawati", "Sudah tidak diperlukan")
    assert _steps(world.render(n.CasePicture(case.id), WHO)) == snapshot(name="cancelled")


def test_a_picture_is_for_whoever_may_see_the_office(world: World, at: Callable[..., datetime]) -> None:
    case = _returned(world, at)
    world.person("Nur Aini", "staf", office="disbudpar")
    for notice in (n.SopPicture("kesbangpol-pk"), n.CasePicture(case.id)):
        assert world.render(notice, "Nur Aini") is None
        assert world.render(notice) is None
        assert world.render(notice, admin=True) is not None
    assert world.render(n.SopPicture("lama"), WHO) is None
