"""Whoever left an office while a message waited reads nothing of its cases in it, whichever message it was."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain import notices as n
from bot.domain.reminders import ReminderKind
from bot.messages.catalogue import CATALOGUE
from bot.messages.render import Recipient, toast
from tests.messages.sample import CERTAIN

if TYPE_CHECKING:
    from tests.messages.conftest import World

TITLE, REASON = "Naskah Anggrek", "salah alamat"
ENDS = {n.CaseFinished, n.CaseCancelled}
"""What who has left still hears: that a case ended, by its code."""

CARD = {n.TaskCard}
"""An old card says that the task is on another desk now; a new one is not sent."""


def _notices(world: World) -> list[n.Notice]:
    """Return every notice that can be about a case, as it waits for the sekretariat."""
    case = world.staff().case(title=TITLE)
    world.person("Wati", "sekretariat", "sekretaris")
    world.to_step(case, 5)
    rejected = world.rejected(case, "Dewi Lestari", REASON)
    task = world.task(case)
    abouts: dict[type[n.Notice], tuple[str, dict[str, Any]]] = {
        n.ChooseTask: ("choose_task", {"options": [task.id], "verb": "done", "text": None}),
        n.ChooseCase: ("choose_case", {"options": [case.id], "command": "status", "text": None}),
        n.AskReason: ("reject_reason", {"task_id": task.id}),
        n.AskCancelReason: ("cancel_reason", {"case_id": case.id}),
        n.ChooseRunning: ("choose_running", {"options": [case.id], "command": "jeda", "text": REASON}),
        n.ChooseReport: ("choose_report", {"options": [case.id], "command": "laporan"}),
        n.AskNote: ("note_text", {"task_id": task.id}),
        n.ChooseMoreTime: ("time_amount", {"options": [[1, "day"], None], "task_id": task.id}),
        n.AskOwnTime: ("time_own", {"task_id": task.id}),
        n.AskTimeReason: ("time_reason", {"task_id": task.id, "amount": 1, "unit": "day"}),
        n.AskHoldReason: ("hold_reason", {"task_id": task.id, "outside": True}),
        n.ChooseMoveFrom: ("move_from", {"options": ["staf"], "task_id": task.id, "reason": None}),
        n.ChooseMoveTo: ("move_to", {"options": ["kepala"], "task_id": task.id, "from_post": "staf", "reason": None}),
        n.AskMoveReason: ("move_reason", {"task_id": task.id, "from_post": "staf", "to_post": "kepala"}),
        n.ChooseReturn: ("return_to", {"options": [1], "task_id": task.id, "reason": None}),
        n.AskReturnReason: ("return_reason", {"task_id": task.id, "step": 1}),
        n.ConfirmReturn: ("confirm_return", {"task_id": task.id, "step": 1, "reason": REASON}),
        n.ConfirmCancel: ("confirm_cancel", {"case_id": case.id, "reason": REASON}),
    }
    made = [kind(world.question("Wati", *about)) for kind, about in abouts.items()]  # type: ignore[call-arg] # kinds differ
    fields = {"case_id": case.id, "task_id": rejected.id}
    now, wati = world.at.isoformat(), world.people["Wati"].id
    more = {"since_id": 0, "why": "full", "person_id": wati, "at": now, "earliest": now, "latest": now}
    for kind in CATALOGUE:
        names = fields.keys() & kind.__dataclass_fields__.keys()
        if names and "question_id" not in kind.__dataclass_fields__:
            filled = {f.name: more[f.name] for f in dataclasses.fields(kind) if f.name in more and _has_to_be_given(f)}
            made.append(kind(**{name: fields[name] for name in names}, **filled))
    return [*made, n.TaskCard(task.id), n.Reminders((world.reminder(task, ReminderKind.DUE),))]


def _has_to_be_given(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _read(world: World, notice: n.Notice, *, admin: bool = False) -> str:
    message = world.render(notice, "Wati", admin=admin)
    person = world.people["Wati"]
    spoken = toast(world.work, notice, Recipient(person.account, person.id, admin))
    return "" if message is None else f"{message.html} {spoken} {message.buttons}"


def test_nothing_of_a_case_reaches_whoever_has_left_while_it_waited(world: World) -> None:
    notices = _notices(world)
    before = [_read(world, notice) for notice in notices]
    assert sum("PK-2026-001" in text for text in before) >= 15
    for post in ("sekretariat", "sekretaris"):
        world.leave("Wati", post)
    for notice in notices:
        text = _read(world, notice)
        assert TITLE not in text, notice
        assert REASON not in text, notice
        if type(notice) not in ENDS | CARD:
            assert text == "", notice
    assert all(_read(world, notice) for notice in notices if type(notice) in ENDS)


def test_an_administrator_without_a_post_reads_on(world: World) -> None:
    notices = _notices(world)
    for post in ("sekretariat", "sekretaris"):
        world.leave("Wati", post)
    assert sum(TITLE in _read(world, notice, admin=True) for notice in notices) >= 8


def test_reminders_of_another_office_still_come(world: World) -> None:
    task = world.task(world.staff().case(title=TITLE))
    world.person("Wati", "kepala")
    world.hold("Wati", "kepala", "disbudpar")
    other = world.task(world.case("PK-2026-009", "Naskah Lain", sop=CERTAIN))
    notice = n.Reminders(tuple(world.reminder(each, ReminderKind.LATE) for each in (task, other)))
    assert TITLE in _read(world, notice)
    world.leave("Wati", "kepala")
    text = _read(world, notice)
    assert "Naskah Lain" in text
    assert TITLE not in text


@pytest.mark.parametrize("gone", [n.TaskOver(10**6), n.TaskOver(0)])
def test_what_was_never_there_hides_nothing(world: World, gone: n.Notice) -> None:
    world.staff()
    assert world.render(gone, "Siti Rahmawati") is not None
    assert world.render(gone) is not None


def test_whoever_is_of_several_offices_reads_of_every_case_which_one_it_belongs_to(world: World) -> None:
    """Two offices number their cases alike: the code alone does not tell them apart."""
    notices = _notices(world)
    world.hold("Wati", "sekretariat", "disbudpar")
    office = world.work.office_name("kesbangpol")
    texts = {type(notice).__name__: world.render(notice, "Wati") for notice in notices}
    del texts["ChooseCase"]  # asks just that, by its buttons
    said = {kind: message.html for kind, message in texts.items() if message and "PK-2026-001" in message.html}
    assert len(said) >= 30
    assert [kind for kind, html in said.items() if office not in html] == []
