"""What lies on a desk, in a list of what moves from one to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.dates import Clock
from bot.messages.labels import label
from bot.store.tables import CaseRow

if TYPE_CHECKING:
    from bot.messages.view import View
    from bot.store.tables import TaskRow

TASKS_LISTED = 12


@dataclass(frozen=True, slots=True)
class TaskItem:
    """An open task in a list of what moves: no title, no activity."""

    code: str
    step: str
    left: str


def items_of(view: View, tasks: list[TaskRow]) -> tuple[TaskItem, ...]:
    """Return open tasks as lines of a list."""
    cases = [(view.session.get_one(CaseRow, task.case_id), task) for task in tasks]
    return tuple(
        TaskItem(case.code, label("step.short", number=task.step), clock_of(view, case.office_id).left(task.due_at))
        for case, task in cases
    )


def clock_of(view: View, office_id: str) -> Clock:
    """Return an office's clock at the moment of rendering."""
    return Clock(view.work.calendar_for(view.work.offices()[office_id]), view.at)
