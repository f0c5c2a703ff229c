"""What statistics, the report of a month and deadlines are sent with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import notices as n

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from tests.messages.conftest import World


def _told(shown: Callable[[Message | None], str], message: Message | None) -> str:
    """Return the message, with what is drawn for it."""
    paper = message.paper if message else None
    return shown(message) + (f"\n({paper.sheet}: {paper.file_name})" if paper else "\n(no paper)")


def test_figures_and_before_there_are_any(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    world.staff()
    told = [n.OfficeCharts("kesbangpol"), n.MonthTable("kesbangpol", "2026-11-01"), n.MonthUnread(), n.Deadlines()]
    assert [_told(shown, world.render(notice, "Siti Rahmawati")) for notice in told] == snapshot(name="without cases")
    case = world.case()
    world.done(case, "Bambang Wijaya")
    told = [
        n.OfficeCharts("kesbangpol"),
        n.CaseChart(case.id),
        n.MonthTable("kesbangpol", "2026-11-01"),
        n.MonthReport("kesbangpol", "2026-11-01"),
    ]
    assert [_told(shown, world.render(notice, "Siti Rahmawati")) for notice in told] == snapshot(name="with cases")
    assert _told(shown, world.render(n.Deadlines(), "Agus Salim")) == snapshot(name="deadlines")


def test_a_choice_of_offices(world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion) -> None:
    world.staff().hold("Siti Rahmawati", "sekretariat", "disbudpar")
    about = {"options": ["kesbangpol", "disbudpar"], "month": ""}
    questions = [
        world.question("Siti Rahmawati", "choose_figures", about | {"month": month}) for month in ("", "2026-11-01")
    ]
    told = [shown(world.render(n.ChooseFigures(question), "Siti Rahmawati")) for question in questions]
    world.answered(questions[0], {"index": 1})
    assert [*told, shown(world.render(n.ChooseFigures(questions[0]), "Siti Rahmawati"))] == snapshot


def test_who_has_left_the_office_reads_no_figures_of_it_and_only_some_the_month(world: World) -> None:
    world.staff().case()
    month = "2026-11-01"
    for notice in (n.MonthTable("kesbangpol", month), n.MonthReport("kesbangpol", month)):
        assert world.render(notice, "Rina Marlina") is None
        assert world.render(notice, "Bambang Wijaya") is not None
        assert world.render(notice, admin=True) is not None
        assert world.render(notice) is None
    assert world.render(n.OfficeCharts("kesbangpol"), "Rina Marlina") is not None
    world.leave("Rina Marlina", "staf")
    assert world.render(n.OfficeCharts("kesbangpol"), "Rina Marlina") is None
    assert world.render(n.OfficeCharts("disbudpar"), "Siti Rahmawati") is None
