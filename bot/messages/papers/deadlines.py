"""A person's open tasks as a calendar file."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.drawing.paper import Form, Paper, Sheet
from bot.messages.case_view import CaseView
from bot.messages.labels import label
from bot.messages.papers.charts import as_json, clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.messages.view import View
    from bot.store.tables import CaseRow, TaskRow

BEFORE = timedelta(minutes=30)
"""How long before its deadline an event begins: a calendar shows what lasts."""


def deadlines_paper(view: View, tasks: Sequence[tuple[CaseRow, TaskRow]]) -> Paper:
    """Return the deadlines of these tasks; each event ends with its deadline."""
    data = {
        "name": label("figures.calendar"),
        "made": _utc(view.at),
        "events": [_event(CaseView(view, case), task) for case, task in tasks],
    }
    return Paper(Sheet.DEADLINES, Form.ICS, as_json(data), label("figures.file_deadlines"))


def _event(case: CaseView, task: TaskRow) -> dict[str, Any]:
    row, held = case.row, task.held_at is not None
    kind = "secret_" if row.secret else ""
    step, due = label("step.short", number=task.step), case.moment(task.due_at)
    about = label("figures.secret_about" if row.secret else "figures.event_about", title=clean(case.title), due=due)
    return {
        # The same task keeps its uid; each time its deadline is planned anew the later event replaces the earlier.
        "uid": f"{row.office_id}.{row.code}.{task.number}@sop-bot",
        "sequence": task.plan,
        "start": _utc(task.due_at - BEFORE),
        "end": _utc(task.due_at),
        "summary": label(f"figures.{kind}event", code=row.code, step=step, activity=clean(case.step(task).activity)),
        "description": about + (label("figures.event_held") if held else ""),
        "tentative": held,
    }


def _utc(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
