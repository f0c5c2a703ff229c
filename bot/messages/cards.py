"""Task cards and task lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain import events as ev
from bot.domain.sop import Completion
from bot.messages.behalf import disowned
from bot.messages.card_life import undo_buttons
from bot.messages.card_parts import front_of, lines_of, rest_of
from bot.messages.case_view import CaseLine, CaseView, Ending, Note, TaskLine, reason_of, task_and_case
from bot.messages.dates import waktu
from bot.messages.holds import resume_button
from bot.messages.keyboards import all_task_buttons, task_buttons, task_row
from bot.messages.limits import shorten
from bot.messages.view import Context
from bot.store import queries

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain import notices as n
    from bot.messages.message import Button
    from bot.messages.view import Rows, View
    from bot.store.tables import TaskRow

TASKS_SHOWN = 8
_ITEM_LIMIT = 120
_ITEMS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Origin:
    """Who gave a task: the steps before it, or a rejection or a move back (``moved``), then with its reason.

    ``disowned`` says that it came back because its decider objected to what was recorded for them.
    """

    who: str
    notes: tuple[Note, ...] = ()
    step: str | None = None
    reason: str | None = None
    moved: bool = False
    disowned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CardContext(Context):
    """``state`` is ``open``, ``part_done``, ``moved`` (held by others now), ``gone`` or ``ended``."""

    state: str
    case: CaseLine
    task: TaskLine
    waktu: str = ""
    requirements: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    origin: Origin | None = None
    reported: str = ""
    waiting: str = ""
    any_suffices: bool = False
    ending: Ending | None = None
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskItem:
    """One task in a list."""

    case: CaseLine
    task: TaskLine


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskListContext(Context):
    """``left_out`` counts the tasks beyond those shown; ``name`` is set for a greeting."""

    name: str | None
    items: tuple[TaskItem, ...]
    count: int
    left_out: int


def task_card(view: View, notice: n.TaskCard) -> CardContext | None:
    """Return a card as it stands now, or None where there is nothing left to send."""
    case, task = task_and_case(view, notice.task_id)
    state = _state(view, case, task)
    if state in {"ended", "moved", "gone"} and _message_id(view, task) is None:
        return None
    if state not in {"open", "part_done"}:
        return _closed(case, task, state)
    return _open(case, task, state, more=notice.more)


def _state(view: View, case: CaseView, task: TaskRow) -> str:
    if case.row.office_id not in view.offices:
        return "gone" if task.ended_at else "moved"
    if task.ended_at is not None:
        return "ended"
    mine = view.posts_on(case.row.office_id, strategic=task.strategic) & set(case.posts(task))
    if not mine:
        return "moved"
    return "open" if mine & set(case.waiting(task)) else "part_done"


def _message_id(view: View, task: TaskRow) -> int | None:
    if view.recipient.person_id is None:
        return None
    card = queries.card_of(view.session, task.id, view.recipient.person_id)
    return card.message_id if card else None


def _closed(case: CaseView, task: TaskRow, state: str) -> CardContext:
    waiting = case.waited_for(task) if state == "moved" else ""
    ending = case.ending(task) if state == "ended" else None
    return CardContext(
        state=state,
        case=case.line,
        task=case.task_line(task),
        waiting=waiting,
        ending=ending,
        buttons=undo_buttons(case, task) if state == "ended" else (),
    )


def _open(case: CaseView, task: TaskRow, state: str, *, more: bool) -> CardContext:
    step = case.step(task)
    several = len(case.posts(task)) > 1
    rejectable = case.sop.reject_target(step.number) is not None
    return CardContext(
        state=state,
        case=case.line,
        task=case.task_line(task),
        waktu=waktu(step.budget),
        requirements=_items(step.requirements),
        outputs=_items(step.outputs),
        origin=origin_of(case, task),
        reported=case.reporters(task.number) if several else "",
        waiting=case.waited_for(task) if several else "",
        any_suffices=several and step.completion is Completion.ANY,
        lines=lines_of(case.view, case, task),
        buttons=_buttons(case, task, rejectable=rejectable, more=more) if state == "open" else undo_buttons(case, task),
    )


def _buttons(case: CaseView, task: TaskRow, *, rejectable: bool, more: bool) -> Rows:
    front = front_of(case.view, case, task)
    if more:
        rows = all_task_buttons(task.id, front, rest_of(case.view, case, task), rejectable=rejectable)
    else:
        rows = task_buttons(task.id, front, rejectable=rejectable)
    # While its clock stands still, a task neither ends nor goes back: there is one thing to do first.
    return rows if task.held_at is None else ((resume_button(task.id),), *rows[1:])


def _items(items: Sequence[str]) -> tuple[str, ...]:
    return tuple(shorten(item, _ITEM_LIMIT) for item in items[:_ITEMS_SHOWN])


def origin_of(case: CaseView, task: TaskRow) -> Origin:
    """Return who gave a task, with their notes or the reason it came back."""
    back, before = case.story.sent_back_by(task.number), case.story.task_before(task.number)
    if back is not None:
        who = case.acted(back) if isinstance(back, ev.StepRejected) else case.who(back.by, [back.capacity])
        moved = isinstance(back, ev.CaseReturned)
        return Origin(who, (), case.step_of(back.step), reason_of(back), moved, disowned(case, back))
    if before is None:
        start = case.story.start
        return Origin(case.who(start.by, [start.capacity]))
    return Origin(case.reporters(before), case.notes(before))


def task_list(view: View, notice: n.TaskList) -> TaskListContext:
    """Return the recipient's open tasks, soonest due first."""
    person_id = view.recipient.person_id
    mine = [] if person_id is None else queries.open_tasks_of(view.session, person_id, view.at)
    shown = [(CaseView(view, case), task) for case, task in mine[:TASKS_SHOWN]]
    return TaskListContext(
        name=view.person(person_id) if notice.greet and person_id is not None else None,
        items=tuple(TaskItem(case.line, case.task_line(task)) for case, task in shown),
        count=len(mine),
        left_out=len(mine) - len(shown),
        buttons=tuple(_row(case, task) for case, task in shown),
    )


def _row(case: CaseView, task: TaskRow) -> tuple[Button, ...]:
    rejectable = case.sop.reject_target(task.step) is not None
    if task.held_at is not None:
        return (resume_button(task.id, case.row.code),)
    return task_row(task.id, case.row.code, rejectable=rejectable)
