"""Documents: what stands below them, and which case is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import notices as n
from bot.drawing.paper import Form
from bot.services.questions import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World

SEKRETARIAT, MEMBER = "Siti Rahmawati", "Rina Marlina"


def test_what_stands_below_a_document(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case(title="Renja #2027 <final>")
    told = {"report": n.CaseReport(case.id), "sheet": n.ControlSheet(case.id), "sop": n.SopDocument("kesbangpol-pk")}
    for name, notice in told.items():
        message = world.render(notice, MEMBER)
        assert message is not None
        assert message.paper is not None
        assert message.paper.form is Form.PDF
        assert f"{message.paper.file_name}\n\n{shown(message)}" == snapshot(name=name)
    case.secret = True
    for name in ("report", "sheet"):
        assert shown(world.render(told[name], MEMBER)) == snapshot(name=f"secret {name}")
    world.cancelled(case, SEKRETARIAT, "Sudah tidak diperlukan")
    assert shown(world.render(n.CaseReport(case.id), MEMBER)) == snapshot(name="secret report of an ended case")
    assert world.render(n.ControlSheet(case.id), MEMBER) is None


def test_a_document_of_a_sop_goes_to_nobody_outside_its_office_and_not_at_all_once_it_is_not_served(
    world: World,
) -> None:
    world.person("Nur Aini", "kepala", office="disbudpar")
    assert world.render(n.SopDocument("kesbangpol-pk"), "Nur Aini") is None
    assert world.render(n.SopDocument("disbudpar-pk"), "Nur Aini") is not None
    assert world.render(n.SopDocument("sudah-tidak-ada"), "Nur Aini", admin=True) is None


def test_which_case_a_document_is_wanted_of(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    cases = [world.staff().case(), world.case("PK-2026-002", "Perubahan")]
    cases[1].secret = True
    options = [case.id for case in cases]
    for command, who in (("laporan", SEKRETARIAT), ("laporan", MEMBER), ("kendali", SEKRETARIAT)):
        question = world.question(who, Kind.CHOOSE_REPORT, {"options": options, "command": command})
        assert shown(world.render(n.ChooseReport(question), who)) == snapshot(name=f"{command} {who}")
    world.answered(question, {"index": 0})
    assert shown(world.render(n.ChooseReport(question), SEKRETARIAT)) == snapshot(name="chosen")
