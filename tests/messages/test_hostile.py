"""Titles, reasons, notes and names as nobody should write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain import notices as n
from bot.domain.reminders import ReminderKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.messages.message import Message
    from tests.messages.conftest import World

TEXTS = ["<b>&amp;</b> & <script>", "😀" * 2000, "<" * 4000, "a\n\r\n\tb\u202eabc\x00" * 300, "&" * 4000]


@pytest.mark.parametrize("text", TEXTS, ids=["markup", "emoji", "angles", "controls", "ampersands"])
def test_every_message_survives_hostile_text(world: World, shown: Callable[[Message | None], str], text: str) -> None:
    case = world.staff().case(title=text)
    for person in world.people.values():
        person.name = text
    world.to_step(case, 5)
    rejected = world.rejected(case, "Dewi Lestari", text)
    world.done(case, "Agus Salim", note=text)
    task = world.task(case)
    world.card(task, "Agus Salim")
    question = world.question("Siti Rahmawati", "confirm_cancel", {"case_id": case.id, "reason": text})
    reminder = world.reminder(task, ReminderKind.DUE)
    told = [
        n.CaseStarted(case.id),
        n.RejectionTold(rejected.id),
        n.RejectionRecorded(rejected.id),
        n.RunningCases(),
        n.CaseStatus(case.id),
        n.CaseHistory(case.id, 0),
        n.CaseHistory(case.id, 1),
        n.ConfirmCancel(question),
        n.Reminders((reminder,)),
        n.HeldByOthers(case.id),
        n.TaskOver(rejected.id),
        n.CodeUnknown(text),
        n.SopUnknown(text),
    ]
    for notice in told:
        shown(world.render(notice, "Siti Rahmawati"))
    for name in ("Agus Salim", "Rina Marlina"):
        shown(world.render(n.TaskCard(task.id), name))
        shown(world.render(n.TaskList(greet=True), name))
    world.cancelled(case, "Siti Rahmawati", text)
    for notice in (n.CaseCancelled(case.id), n.CaseOver(case.id), n.HeldByOthers(case.id)):
        shown(world.render(notice, "Siti Rahmawati"))
    assert shown(world.render(n.TaskCard(task.id), "Agus Salim"))


def test_a_title_is_shown_as_typed(world: World, shown: Callable[[Message | None], str]) -> None:
    case = world.staff().case(title="Kinerja <b>2026</b> & IKU")
    assert "Kinerja &lt;b&gt;2026&lt;/b&gt; &amp; IKU" in shown(world.render(n.CaseStatus(case.id), "Siti Rahmawati"))
