"""What a card's own life says; and that every kind of event has its words wherever a case is told."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.domain import events as ev
from bot.domain import notices as n
from bot.domain.sop import Zone
from bot.domain.worktime import Calendar
from bot.messages.case_file import CaseFile
from bot.messages.case_view import case_view
from bot.messages.history import TELLERS
from bot.messages.render import Recipient
from bot.messages.view import View
from bot.store.mapping import event_row
from bot.store.tables import AttachmentRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from bot.store.tables import CaseRow
    from tests.messages.conftest import World

EVENTS = list({cls.__name__: cls for cls in ev.Event.__subclasses__()}.values())
AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


def _values(person: int) -> dict[str, Any]:
    sets: dict[str, Any] = {"by": person, "on_behalf_of": person, "posts": ("sekretaris",), "post": "sekretaris"}
    sets |= {"capacity": "sekretariat", "from_post": "staf", "to_post": "kepala", "task": 1, "step": 1, "to_step": 1}
    sets |= {"round": 1, "due_at": AT, "since": AT, "real_at": AT, "at": AT, "amount": 2, "unit": "hour"}
    sets |= {"reason": "belum lengkap", "note": "sudah diparaf", "why": "calendar", "outside": True, "medium": "paper"}
    return sets | {"attachment": 1, "unique_id": "AQ", "withdrawn": None, "remark": "lisan", "evidence": 1}


def _event(kind: type[ev.Event], person: int) -> ev.Event:
    """Return an event with every field filled that this test knows, and what it does not know left out."""
    known = _values(person)
    given = {f.name: known[f.name] for f in fields(kind) if f.name in known}
    assert {f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING} <= given.keys()
    return kind(**given)


def _add(world: World, case: CaseRow, *events: ev.Event) -> None:
    for event in events:
        case.events += 1
        row = event_row(case.id, case.events, event, case.head)
        case.head = row.hash
        world.session.add(row)
    world.session.flush()


def test_every_kind_of_event_has_a_line_in_the_history_and_in_the_file_and_breaks_no_status(world: World) -> None:
    assert set(TELLERS) == set(EVENTS)
    world.staff()
    for kind in EVENTS:
        case = world.case(f"PK-2026-{EVENTS.index(kind):03}")
        person = world.people["Dewi Lestari"].id
        event = _event(kind, person)
        view = case_view(View(world.work, Recipient(1, person)), case.id)
        if kind is ev.Undone:
            continue  # what it undoes is in the log before it: see the dialogues
        if kind is ev.FileAttached:
            _attach(world, case, person)
        line, _ = TELLERS[kind](view, event)
        assert bool(line) is (kind is not ev.StepDone), kind
        assert "None" not in line
        data = event_row(case.id, 9, event, "").data
        page = _file(kind, data, person).html()
        assert f"{kind.__name__}: <code>" not in page, kind
        if kind not in {ev.CaseStarted, ev.Undone, ev.TaskGiven, ev.CaseResumed}:
            _add(world, case, event)
            for notice in (n.CaseStatus(case.id), n.CaseHistory(case.id), n.TaskCard(world.task(case).id)):
                assert world.render(notice, "Bambang Wijaya"), (kind, notice)


def _attach(world: World, case: CaseRow, person: int) -> None:
    row = AttachmentRow(id=1, case_id=case.id, task_id=world.task(case).id, person_id=person, file_id="BQ")
    row.file_unique_id, row.name, row.mime_type, row.photo, row.added_at = "AQ", "nota.pdf", "", False, world.at
    world.add(row)


def _file(kind: type[ev.Event], data: dict[str, Any], person: int) -> CaseFile:
    given = {"task": 1, "step": 1, "round": 1, "due_at": AT.isoformat()}
    moment = AT.isoformat()
    log = [("TaskGiven", None, given), (kind.__name__, person, data)]
    events = [
        {"number": number, "at": moment, "kind": name, "by": by, "data": values, "hash": "0" * 64}
        for number, (name, by, values) in enumerate(log, 1)
    ]
    file = {
        "sop": {"steps": [{"number": 1, "activity": "Menulis", "posts": ["staf"]}]},
        "events": events,
        "identity": {"code": "PK-2026-001", "title": "Judul", "office": "kesbangpol", "sop": "0"},
        "office": {"name": "Badan", "zone": "WIB"},
        "case": {"started_at": moment, "ended_at": None, "status": "running"},
        "exported_at": moment,
        "people": {str(person): "Dewi"},
        "posts": {},
        "problem": None,
        "fingerprint": "0",
        "head": "0",
    }
    return CaseFile(file, _calendar())


def _calendar() -> Calendar:
    return Calendar(Zone.WIB)


def test_a_card_shows_who_accepted_what_was_noted_asked_and_granted(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 5)
    dewi, siti = world.people["Dewi Lestari"].id, world.people["Siti Rahmawati"].id
    asked = ev.TimeRequested(world.at, dewi, ("sekretaris",), task.number, 1, "day", "Data belum masuk")
    _add(
        world,
        case,
        ev.TaskAccepted(world.at, dewi, ("sekretaris",), task.number),
        ev.NoteAdded(world.at, dewi, ("sekretaris",), task.number, "Nomor <agenda> menyusul"),
        asked,
        ev.TimeGranted(world.at, siti, "sekretariat", task.number, 1, "day", task.due_at),
        asked,
    )
    assert shown(world.render(n.TaskCard(task.id, more=True), "Dewi Lestari")) == snapshot


def test_what_is_asked_answered_and_told_about_a_card(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    case = world.staff().case()
    task = world.to_step(case, 5)
    dewi, siti = world.people["Dewi Lestari"].id, world.people["Siti Rahmawati"].id
    _add(world, case, ev.TimeRequested(world.at, dewi, ("sekretaris",), task.number, 1, "day", "Data belum masuk"))
    about = {"task_id": task.id}
    option = {"options": [[1, "day"], [2, "hour"], None], **about}
    reason = {"amount": 1, "unit": "day", **about}
    decision = world.question("Siti Rahmawati", "decide_time", {"number": 1, **about})
    mine = {
        "note": n.AskNote(world.question("Dewi Lestari", "note_text", about)),
        "noted": n.NoteRecorded(task.id),
        "accepted": n.AcceptRecorded(task.id),
        "put off": n.RemindersPutOff(task.id, task.due_at.isoformat()),
        "held": n.NothingToPutOff(task.id),
        "amount": n.ChooseMoreTime(world.question("Dewi Lestari", "time_amount", option)),
        "own": n.AskOwnTime(world.question("Dewi Lestari", "time_own", about), again=True),
        "reason": n.AskTimeReason(world.question("Dewi Lestari", "time_reason", reason)),
        "asked": n.TimeAsked(task.id),
        "waits": n.RequestWaits(task.id),
        "newer": n.RequestOver(task.id),
        "others": n.OthersDecide(task.id),
        "claimed": n.NotClaimed(task.id),
        "undone": n.UndoDone(task.id),
        "late": n.UndoRefused(task.id, "late"),
        "changed": n.UndoRefused(task.id, "changed"),
    }
    said = {key: shown(world.render(notice, "Dewi Lestari")) for key, notice in mine.items()}
    said["decide"] = shown(world.render(n.DecideTime(decision), "Siti Rahmawati"))
    _add(world, case, ev.TimeRefused(world.at, siti, "sekretariat", task.number))
    said["decided"] = shown(world.render(n.DecideTime(decision), "Siti Rahmawati"))
    said["refused"] = shown(world.render(n.TimeDecided(task.id, 1), "Dewi Lestari"))
    assert "\n\n".join(f"--- {key}\n{text}" for key, text in said.items()) == snapshot
