"""What people write is text, never markup: every template escapes, and nothing slips past it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import Environment, nodes
from sqlalchemy import select

import bot
import handlers
from bot.domain import notices as n
from bot.domain.reminders import ReminderKind
from bot.messages.catalogue import CATALOGUE
from bot.messages.render import Recipient, toast
from bot.services.standins import Wish
from bot.store.tables import (
    AttachmentRow,
    DigestRow,
    InvitationRow,
    OfficeChatRow,
    OfficeRow,
    OfficeSettingRow,
    PostRow,
    TaskRow,
)

if TYPE_CHECKING:
    from tests.messages.conftest import World

ROOMS = [Path(str(room.__file__)).parent for room in (bot, handlers)]
PYTHON = [file for room in ROOMS for file in sorted(room.rglob("*.py"))]
TEMPLATES = [file for room in ROOMS for file in sorted(room.rglob("*.j2"))]

PLAIN = {"bot/console/__init__.py", "bot/messages/labels/__init__.py"}
"""Environments of plain text: for the terminal, and labels, which the message's template escapes."""

MARKED = {"bot/messages/case_file.py"}
"""Who may call something markup: JSON in which <, > and & are written as escapes."""


def _name(file: Path) -> str:
    return file.relative_to(ROOMS[0].parent).as_posix()


def _calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    for file in PYTHON:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            called = getattr(node, "func", None)
            if isinstance(node, ast.Call) and name in {getattr(called, "id", ""), getattr(called, "attr", "")}:
                yield _name(file), node


def test_every_template_environment_escapes_by_itself() -> None:
    escaping = {}
    for file, call in _calls("Environment"):
        [said] = [ast.literal_eval(word.value) for word in call.keywords if word.arg == "autoescape"]
        escaping[file] = said
    assert len(escaping) >= 4
    assert {file for file, said in escaping.items() if said is not True} == PLAIN


def test_nothing_is_called_markup_but_what_is_known_to_be_safe() -> None:
    assert {file for file, _ in _calls("Markup")} == MARKED


@pytest.mark.parametrize("file", TEMPLATES, ids=_name)
def test_no_template_switches_escaping_off(file: Path) -> None:
    tree = Environment(autoescape=True).parse(file.read_text(encoding="utf-8"))
    assert [found.name for found in tree.find_all(nodes.Filter) if found.name in {"safe", "xmlattr"}] == []
    assert list(tree.find_all((nodes.EvalContextModifier, nodes.MarkSafe, nodes.MarkSafeIfAutoescape))) == []


# --- every notice, with hostile words wherever people can write ---------------------------------

HOSTILE = "<i>x</i><script>&\"'"

OF_OPERATIONS = {n.MessageUndelivered, n.AuditFinding, n.Restored, n.WeeklyDigest}
OF_OPERATIONS |= {n.DecideTime, n.TimeDecided, n.ChooseSetting, n.AskSetting, n.ConfirmSettings, n.SettingNotRead}
OF_OPERATIONS |= {n.SettingsRefused, n.SettingsChanged, n.DeadlinesEarlier, n.NotHeldThen, n.RecordedTold}
"""Notices whose rows come from elsewhere (delivery, settings, requests for time …); their own tests render them."""


def _file(world: World, task: TaskRow) -> AttachmentRow:
    return AttachmentRow(
        case_id=task.case_id,
        task_id=task.id,
        person_id=world.people["Dewi Lestari"].id,
        file_id="BQAD",
        file_unique_id="AgAD",
        name=HOSTILE,
        mime_type=HOSTILE,
        size=10,
        photo=False,
        added_at=world.at,
    )


def _setting(world: World) -> OfficeSettingRow:
    return OfficeSettingRow(office_id="kesbangpol", version=1, data={}, at=world.at, note=HOSTILE)


def _notices(world: World) -> list[n.Notice]:
    """Return every other notice at least once, about a case in which everything is hostile."""
    case = world.staff().case(title=HOSTILE)
    for person in world.people.values():
        person.name = HOSTILE
    for row in [*world.session.scalars(select(OfficeRow)), *world.session.scalars(select(PostRow))]:
        row.name = HOSTILE
    world.to_step(case, 5)
    rejected = world.rejected(case, "Dewi Lestari", HOSTILE)
    world.done(case, "Agus Salim", note=HOSTILE)
    task = world.task(case)
    held = world.hold("Rina Marlina", "kasubag")
    held.letter_number = HOSTILE
    days = {"first": date(2026, 11, 25), "last": date(2026, 11, 27), "letter_date": date(2026, 11, 20)}
    wish = Wish("kesbangpol", "kasubag", held.id, held.person_id, letter=HOSTILE, **days).to_data()
    abouts: dict[type[n.Notice], tuple[str, dict[str, Any]]] = {
        n.ChooseSop: ("choose_sop", {"options": list(world.library.sops), "title": HOSTILE}),
        n.ChooseTask: ("choose_task", {"options": [task.id, task.id], "verb": "done", "text": HOSTILE}),
        n.ChooseCase: ("choose_case", {"options": [case.id], "command": "status", "text": HOSTILE}),
        n.AskReason: ("reject_reason", {"task_id": task.id}),
        n.AskCancelReason: ("cancel_reason", {"case_id": case.id}),
        n.ChooseRunning: ("choose_running", {"options": [case.id], "command": "jeda", "text": HOSTILE}),
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
        n.ConfirmReturn: ("confirm_return", {"task_id": task.id, "step": 1, "reason": HOSTILE}),
        n.ConfirmCancel: ("confirm_cancel", {"case_id": case.id, "reason": HOSTILE}),
        n.ChoosePost: ("choose_post", {"options": [["kesbangpol", "staf"]]}),
        n.ChooseHolding: ("choose_holding", {"options": [held.id]}),
        n.ConfirmRemoval: ("confirm_removal", {"holding_id": held.id}),
        n.ChooseAbsent: ("choose_absent", {"options": [wish]}),
        n.ChooseStandin: ("choose_standin", {"wish": wish, "options": [held.person_id, 0]}),
        n.AskFirstDay: ("first_day", {"wish": wish, "options": ["2026-11-25"]}),
        n.AskLastDay: ("last_day", {"wish": wish, "options": ["2026-11-25", None]}),
        n.AskLetter: ("letter", {"wish": wish, "options": ["none"]}),
        n.ConfirmStandin: ("confirm_standin", {"wish": wish}),
        n.ChooseMove: ("choose_move", {"options": [held.id]}),
        n.ChooseSuccessor: ("choose_successor", {"holding_id": held.id, "options": [held.person_id, 0]}),
        n.ConfirmMove: ("confirm_move", {"holding_id": held.id, "person_id": held.person_id}),
        n.AskFile: ("attach_file", {"task_id": task.id}),
        n.AskObjection: ("objection_reason", {"task_id": task.id, "told": 1}),
        n.RecordStep: ("record_reason", {"task_id": task.id, "late": False, "options": []}),
        n.ChooseFigures: ("choose_figures", {"options": ["kesbangpol"], "month": "2026-11-01"}),
        n.ChooseOffice: ("choose_office", {"options": ["kesbangpol"], "then": "sekretariat", "title": HOSTILE}),
    }
    world.add(OfficeChatRow(office_id="kesbangpol", chat_id=-5, title=HOSTILE, set_at=world.at, lost_at=world.at))
    today = DigestRow(office_id="kesbangpol", kind="morning", day=world.at.date(), data={}, created_at=world.at)
    world.people["Agus Salim"].unreachable_since = world.at
    fields: dict[str, Any] = {
        "case_id": case.id,
        "task_id": task.id,
        "holding_id": held.id,
        "former_id": held.id,
        "by_id": world.people["Dewi Lestari"].id,
        "person_id": world.people["Agus Salim"].id,
        "invitation_id": world.invitation("staf", name=HOSTILE),
        "reminder_ids": (world.reminder(task, ReminderKind.DUE),),
        "office_id": "kesbangpol",
        "digest_id": world.add(today).id,
        "sop_id": next(iter(world.library.sops)),
        "code": HOSTILE,
        "word": HOSTILE,
        "command": "riwayat",
        "who": "secretariat",
        "why": "unknown",
        "until": world.at.isoformat(),
        "attachment_id": world.add(_file(world, task)).id,
        "since_id": 0,
        "outbox_ids": (),
        "kept": 2,
        "topic": "holiday_add",
        "problems": (),
        "version": world.add(_setting(world)).version,
        "moved": 1,
        "month": world.at.date().replace(day=1).isoformat(),
        "task_ids": (task.id,),
    } | dict.fromkeys(("at", "earliest", "latest"), world.at.isoformat())
    made = [kind(world.question("Siti Rahmawati", *about)) for kind, about in abouts.items()]  # type: ignore[call-arg] # kinds differ
    for kind in CATALOGUE.keys() - abouts.keys() - OF_OPERATIONS:
        names = kind.__dataclass_fields__
        made.append(kind(**{name: fields[name] for name in names if name in fields}))
    return [*made, n.RejectionTold(rejected.id), n.TaskOver(rejected.id), n.TaskList(greet=True)]


def test_no_notice_lets_what_people_write_through_as_markup(world: World) -> None:
    notices = _notices(world)
    assert {type(notice) for notice in notices} | OF_OPERATIONS >= set(CATALOGUE)
    rendered = 0
    for notice in notices:
        for name in ("Siti Rahmawati", "Agus Salim", None):
            message = world.render(notice, name)
            if message is None:
                continue
            rendered += 1
            assert "<script" not in message.html, notice
            assert "<i>x" not in message.html, notice
            person = world.people[name] if name else None
            toast(world.work, notice, Recipient(1, person.id if person else None))
    assert rendered > 100


def test_the_names_of_invitations_are_texts_too(world: World) -> None:
    world.staff()
    number = world.invitation("staf", name=HOSTILE)
    assert world.session.get_one(InvitationRow, number).name == HOSTILE
    message = world.render(n.InvitationLink(number), "Siti Rahmawati")
    assert message
    assert "&lt;i&gt;x&lt;/i&gt;" in message.html
