"""What is asked, answered and told of recorded decisions, as their readers see it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from bot.domain import notices as n
from bot.domain.case import Complete, Object, Origin, Reject, Undo
from bot.domain.office_rules import OBJECTION
from bot.store.tables import AttachmentRow, CaseRow, QuestionRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.messages.message import Message
    from bot.store.tables import TaskRow
    from tests.messages.conftest import World

SITI, DEWI, AGUS = "Siti Rahmawati", "Dewi Lestari", "Agus Salim"


def _on_step_5(world: World) -> tuple[CaseRow, TaskRow]:
    case = world.staff().case()
    world.to_step(case, 5)
    return case, world.task(case)


def _file(world: World, task: TaskRow, name: str = "", **fields: Any) -> AttachmentRow:
    row = AttachmentRow(
        case_id=task.case_id,
        task_id=task.id,
        person_id=world.people[SITI].id,
        file_id=f"F-{name}",
        file_unique_id=f"U-{name}",
        name=name,
        mime_type="",
        size=123_456,
        photo=not name,
        added_at=world.at,
    )
    for key, value in fields.items():
        setattr(row, key, value)
    return world.add(row)


def _recorded(world: World, *, reject: bool = False, real_at: datetime | None = None, medium: str = "paper") -> TaskRow:
    """Let Siti record on step 5 what Dewi has decided."""
    case, task = _on_step_5(world)
    proof = _file(world, task).id if medium == "paper" else None
    remark = None if medium == "paper" else "telepon <pukul> 09.00"
    origin = Origin(world.people[DEWI].id, medium, remark, proof, real_at)
    who = world.people[SITI].id, frozenset({"sekretaris"}), task.number
    world._act(case, Reject(*who, "Lampiran & tanggal", origin=origin) if reject else Complete(*who, origin=origin))  # noqa: SLF001 - the world's own way
    return task


def _told(world: World, task: TaskRow) -> n.RecordedTold:
    about = {"task_id": task.id, "recorder": world.people[SITI].id}
    return n.RecordedTold(world.question(DEWI, "may_object", about), task.id)


def _step(world: World, kind: str, **more: Any) -> n.RecordStep:
    _, task = _on_step_5(world)
    about = {"task_id": task.id, "late": False, "person_id": world.people[DEWI].id, **more}
    return n.RecordStep(world.question(SITI, kind, about))


STEPS: dict[str, dict[str, Any]] = {
    "record_decision": {"options": ["done", "reject"]},
    "record_reason": {"decision": "reject"},
    "record_medium": {"options": ["paper", "voice"], "decision": "done"},
    "record_proof": {"medium": "paper", "decision": "done"},
    "record_moment": {"late": True, "medium": "outage", "decision": "done"},
    "record_why": {"late": True, "medium": "outage", "decision": "done"},
    "confirm_record": {"decision": "reject", "reason": "<kurang>", "medium": "paper", "file": {}, "remark": "no. 7"},
}


@pytest.mark.parametrize("kind", STEPS)
def test_each_question_of_an_entry(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, kind: str
) -> None:
    notice = _step(world, kind, **STEPS[kind])
    assert shown(world.render(notice, SITI)) == snapshot
    world.answered(notice.question_id, {"index": 0})
    after = world.render(notice, SITI)
    assert after is None or not after.buttons


def test_which_task_and_whose_decision(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    _, first = _on_step_5(world)
    second = world.task(world.case("PK-2026-002", "Perubahan 2026"))
    about = {"options": [first.id, second.id], "late": False}
    assert shown(world.render(n.RecordStep(world.question(SITI, "record_task", about)), SITI)) == snapshot
    people = [world.people[name].id for name in (DEWI, AGUS)]
    about = {"options": people, "late": True, "task_id": first.id}
    assert shown(world.render(n.RecordStep(world.question(SITI, "record_person", about)), SITI)) == snapshot


def test_a_voice_is_asked_for_in_words_and_of_a_secret_case_nothing_is_asked_for(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    notice = _step(world, "record_proof", medium="voice", decision="done")
    assert shown(world.render(notice, SITI)) == snapshot
    notice = n.RecordStep(world.question(SITI, "record_proof", {**_about(world, notice), "medium": "paper"}))
    case = world.session.get_one(CaseRow, 1)
    case.secret = True
    assert shown(world.render(notice, SITI)) == snapshot


def _about(world: World, notice: n.RecordStep) -> dict[str, Any]:
    return world.session.get_one(QuestionRow, notice.question_id).about


@pytest.mark.parametrize("kind", ["paper", "reject", "late"])
def test_a_recorded_decision_is_answered_told_and_flagged(
    world: World,
    shown: Callable[[Message | None], str],
    snapshot: SnapshotAssertion,
    at: Callable[..., datetime],
    kind: str,
) -> None:
    if kind == "late":
        task = _recorded(world, medium="outage", real_at=world.at)
    else:
        task = _recorded(world, reject=kind == "reject", medium="voice" if kind == "reject" else "paper")
    world.card(task, DEWI)
    assert shown(world.render(n.DecisionRecorded(task.id), SITI)) == snapshot
    assert shown(world.render(_told(world, task), DEWI)) == snapshot
    assert shown(world.render(n.TaskCard(task.id), DEWI)) == snapshot
    assert shown(world.render(n.CaseHistory(task.case_id), DEWI)) == snapshot
    world.at = at(30, 9)
    message = world.render(_told(world, task), DEWI)
    assert message is not None
    assert not message.buttons


def test_an_objection_and_an_undo_take_its_place(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    task = _recorded(world)
    told, dewi = _told(world, task), world.people[DEWI].id
    ask = n.AskObjection(world.question(DEWI, "objection_reason", {"task_id": task.id, "told": told.question_id}))
    assert shown(world.render(ask, DEWI)) == snapshot
    case = world.session.get_one(CaseRow, task.case_id)
    world._act(case, Object(dewi, task.number, "Belum saya baca", OBJECTION))  # noqa: SLF001 - the world's own way
    for notice, who in ((told, DEWI), (n.ObjectionNoted(task.id), DEWI), (n.ObjectionTold(task.id), SITI)):
        assert shown(world.render(notice, who)) == snapshot
    assert shown(world.render(n.TaskCard(world.task(case).id), DEWI)) == snapshot


def test_what_was_taken_back_says_so(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    task = _recorded(world)
    told = _told(world, task)
    world.at += timedelta(minutes=1)
    case = world.session.get_one(CaseRow, task.case_id)
    world._act(case, Undo(world.people[SITI].id, task.number))  # noqa: SLF001 - the world's own way
    assert shown(world.render(told, DEWI)) == snapshot
    assert world.render(n.DecisionRecorded(task.id), SITI) is None


def test_the_refusals(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    _, task = _on_step_5(world)
    early, late = at(24, 8).isoformat(), at(24, 9).isoformat()
    for notice in (
        n.NothingToRecord(),
        n.NothingToRecord(late=True),
        n.NobodyDecides(task.id),
        n.NotHeldThen(task.id, world.people[AGUS].id, early),
        n.MomentUnread(),
        n.MomentRefused(task.id, early, late),
        n.ObjectionRefused(task.id),
        n.ObjectionRefused(task.id, late),
    ):
        assert shown(world.render(notice, SITI)) == snapshot


# --- files ----------------------------------------------------------------------------------


def test_the_words_about_files(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion
) -> None:
    _, task = _on_step_5(world)
    ask = n.AskFile(world.question(SITI, "attach_file", {"task_id": task.id}, awaits_text=True))
    assert shown(world.render(ask, SITI)) == snapshot
    first = _file(world, task, "nota <dinas>.pdf", sha256="ab" * 32)
    _file(world, task, "gambar.tif", size=3_400_000, failed="file is too big")
    photo = _file(world, task, size=None)
    for notice in (
        n.FilesAttached(task.id, first.id),
        n.FilesAttached(task.id, photo.id),
        n.FileKnown(first.id),
        *(n.FileRefused(why, task.id) for why in ("size", "many", "secret")),
        n.FileRefused("kind"),
        n.FileUnplaced(),
        n.AttachedFile(first.id),
        n.FileList(task.case_id),
    ):
        assert shown(world.render(notice, SITI)) == snapshot
    message = world.render(n.AttachedFile(photo.id), SITI)
    assert message is not None
    assert message.attachment is not None
    assert message.attachment.photo


def test_many_files_are_turned_by_page_and_of_a_secret_case_none_is_shown(world: World) -> None:
    case, task = _on_step_5(world)
    for number in range(10):
        _file(world, task, f"{number}.pdf")
    first, second = (world.render(n.FileList(case.id, page), SITI) for page in (0, 9))
    assert first is not None
    assert second is not None
    assert (len(first.buttons), len(second.buttons)) == (9, 3)
    case.secret = True
    hidden = world.render(n.FileList(case.id), SITI)
    assert hidden is not None
    assert ".pdf" not in hidden.html
    assert world.render(n.AttachedFile(1), SITI) is None
