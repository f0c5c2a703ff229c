"""Holds, handing on and moving back, and the checklist, as the official reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import notices as n
from bot.domain.case import Hold, Move, Reject, Resume, Return
from bot.domain.posts import SECRETARIAT
from bot.domain.reminders import ReminderKind
from bot.services.questions import Kind
from bot.store import queries
from bot.store.tables import TickRow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from syrupy.assertion import SnapshotAssertion

    from bot.domain.case import Command
    from bot.messages.message import Message
    from bot.store.tables import CaseRow, TaskRow
    from tests.messages.conftest import World

MONITOR, HOLDER, OTHER = "Siti Rahmawati", "Agus Salim", "Dewi Lestari"


def given(world: World) -> tuple[CaseRow, TaskRow]:
    """Return a case at its second step, which one post has."""
    case = world.staff().case()
    return case, world.to_step(case, 2)


def does(world: World, case: CaseRow, command: Command) -> None:
    world._act(case, command)  # noqa: SLF001 - the world's own way to let something happen
    world.session.flush()


def held(world: World, case: CaseRow, task: TaskRow, *, outside: bool = True) -> None:
    by, capacity = (world.people[HOLDER].id, "kasubag") if outside else (world.people[MONITOR].id, SECRETARIAT)
    does(world, case, Hold(by, capacity, task.number, "Menunggu data <BPS>.", outside))
    task.held_at, task.held_outside = world.at, outside
    world.session.flush()


def test_a_held_task(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case, task = given(world)
    held(world, case, task)
    world.at = at(27, 10)
    question = world.question(HOLDER, Kind.HOLD_REASON, {"task_id": task.id, "outside": True})
    inside = world.question(MONITOR, Kind.HOLD_REASON, {"task_id": task.id, "outside": False})
    reminder = world.reminder(task, ReminderKind.HOLD, 1)
    said: dict[str, tuple[n.Notice, str]] = {
        "card": (n.TaskCard(task.id), HOLDER),
        "card in full": (n.TaskCard(task.id, more=True), HOLDER),
        "list": (n.TaskList(), HOLDER),
        "status": (n.CaseStatus(case.id), OTHER),
        "running": (n.RunningCases(), OTHER),
        "refusal to a holder": (n.OnHold(case.id), HOLDER),
        "refusal to another": (n.OnHold(case.id), OTHER),
        "asked of a holder": (n.AskHoldReason(question), HOLDER),
        "asked of the sekretariat": (n.AskHoldReason(inside), MONITOR),
        "answer": (n.HoldRecorded(task.id), HOLDER),
        "told": (n.HoldTold(task.id), MONITOR),
        "reminder": (n.Reminders((reminder,)), MONITOR),
        "none": (n.NoneToSteer("jeda"), MONITOR),
    }
    for name, (notice, who) in said.items():
        assert shown(world.render(notice, who)) == snapshot(name=name)


def test_a_task_whose_clock_runs_again(
    world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion, at: Callable[..., datetime]
) -> None:
    case, task = given(world)
    held(world, case, task)
    reminder = world.reminder(task, ReminderKind.HOLD, 1)
    world.at = at(27, 10)
    does(world, case, Resume(world.people[MONITOR].id, SECRETARIAT, task.number))
    task.held_at, task.due_at = None, at(27, 12)
    for name, notice in {
        "answer": n.ResumeRecorded(task.id),
        "told": n.ResumeTold(task.id),
        "refusal": n.NotOnHold(case.id),
        "too late to hold": n.OnHold(case.id),
    }.items():
        assert shown(world.render(notice, HOLDER)) == snapshot(name=name)
    assert world.render(n.HoldTold(task.id), MONITOR) is None
    assert world.render(n.Reminders((reminder,)), MONITOR) is None


def test_a_task_handed_on(world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion) -> None:
    case, task = given(world)
    about = {"task_id": task.id, "from_post": "kasubag", "reason": None}
    asked = world.question(MONITOR, Kind.MOVE_TO, {**about, "options": ["kepala", "staf"]})
    several = world.question(MONITOR, Kind.MOVE_FROM, {**about, "options": ["kasubag"]})
    reason = world.question(MONITOR, Kind.MOVE_REASON, {**about, "to_post": "staf"})
    said: dict[str, n.Notice] = {
        "from whom": n.ChooseMoveFrom(several),
        "to whom": n.ChooseMoveTo(asked),
        "why": n.AskMoveReason(reason),
        "refused": n.MoveRefused(case.id),
    }
    for name, notice in said.items():
        assert shown(world.render(notice, MONITOR)) == snapshot(name=name)
    does(world, case, Move(world.people[MONITOR].id, SECRETARIAT, task.number, "kasubag", "staf", "Cuti bersalin."))
    for row in queries.task_posts(world.session, task.id):
        row.post_id = "staf"
    world.session.flush()
    world.answered(asked, {"index": 1})
    assert shown(world.render(n.ChooseMoveTo(asked), MONITOR)) == snapshot(name="chosen")
    assert shown(world.render(n.MoveRecorded(task.id), MONITOR)) == snapshot(name="answer")
    assert shown(world.render(n.MoveTold(task.id), HOLDER)) == snapshot(name="told")
    assert shown(world.render(n.TaskCard(task.id), "Rina Marlina")) == snapshot(name="card")


def test_a_case_moved_back(world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion) -> None:
    case, task = given(world)
    about = {"task_id": task.id, "step": 1, "reason": "Dasar hukum berubah."}
    choose = world.question(MONITOR, Kind.RETURN_TO, {**about, "options": [1]})
    reason = world.question(MONITOR, Kind.RETURN_REASON, about)
    confirm = world.question(MONITOR, Kind.CONFIRM_RETURN, about)
    running = {"options": [case.id], "command": "mundur", "text": None}
    said: dict[str, n.Notice] = {
        "which case": n.ChooseRunning(world.question(MONITOR, Kind.CHOOSE_RUNNING, running)),
        "which step": n.ChooseReturn(choose),
        "why": n.AskReturnReason(reason),
        "sure": n.ConfirmReturn(confirm),
        "refused": n.ReturnRefused(case.id),
    }
    for name, notice in said.items():
        assert shown(world.render(notice, MONITOR)) == snapshot(name=name)
    does(world, case, Return(world.people[MONITOR].id, SECRETARIAT, task.number, 1, "Dasar hukum berubah."))
    for name, (notice, who) in {
        "answer": (n.ReturnRecorded(task.id), MONITOR),
        "told": (n.ReturnTold(task.id), HOLDER),
        "card": (n.TaskCard(world.task(case).id), "Bambang Wijaya"),
    }.items():
        assert shown(world.render(notice, who)) == snapshot(name=name)


def test_the_kelengkapan(world: World, shown: Callable[[Message | None], str], snapshot: SnapshotAssertion) -> None:
    case = world.staff().case()
    task = world.to_step(case, 3)
    world.add(TickRow(task_id=task.id, item=0, person_id=world.people[OTHER].id, at=world.at))
    about = {"task_id": task.id, "missing": [1]}
    asked = world.question(OTHER, Kind.REJECT_REASON, about)
    said: dict[str, n.Notice] = {
        "card": n.TaskCard(task.id, more=True),
        "list": n.Checklist(task.id),
        "count": n.TicksCounted(task.id),
        "left": n.LeftUnticked(task.id),
        "reason": n.AskReason(asked),
        "nothing": n.NothingMissing(),
    }
    for name, notice in said.items():
        assert shown(world.render(notice, OTHER)) == snapshot(name=name)
    world.answered(asked, {"missing": ["Undangan rapat"]})
    assert shown(world.render(n.AskReason(asked), OTHER)) == snapshot(name="reason given")
    reason, missing = "Belum lengkap: Undangan rapat.", ("Undangan rapat",)
    does(world, case, Reject(world.people[OTHER].id, frozenset({"sekretaris"}), task.number, reason, missing=missing))
    assert shown(world.render(n.Checklist(task.id), OTHER)) == snapshot(name="over")
    again = world.to_step(case, 3)
    assert shown(world.render(n.Checklist(again.id), OTHER)) == snapshot(name="next round")
