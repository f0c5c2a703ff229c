"""Whether the recipient may still look into what a notice shows.

A notice is queued for whoever had the right then, and rendered when it is sent, in an outage days later.
Who has left the office meanwhile reads nothing of its cases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain import notices as n
from bot.services.questions import Kind
from bot.store.tables import AttachmentRow, CaseRow, QuestionRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.messages.view import View

_LEAVES_OUT_BY_ITSELF = (n.CaseFinished, n.CaseCancelled, n.TaskCard, n.Reminders)
"""Who has left is told that a case ended, or that a card's task is on another desk; their builders leave out the rest.

One message may hold reminders of several offices: those of the office that was left are left out.
"""


def may_see(view: View, notice: n.Notice) -> bool:
    """Whether every case that the notice shows belongs to an office the recipient may look into now."""
    if isinstance(notice, _LEAVES_OUT_BY_ITSELF):
        return True
    return all(case is None or case.office_id in view.offices for case in _cases(view, notice))


def _cases(view: View, notice: n.Notice) -> Iterable[CaseRow | None]:
    question = view.session.get(QuestionRow, getattr(notice, "question_id", 0))
    about = question.about if question else {}
    chosen = about.get("options", ())
    kind = question.kind if question else None
    task_ids = [getattr(notice, "task_id", None), about.get("task_id")]
    task_ids += chosen if kind in {Kind.CHOOSE_TASK, Kind.RECORD_TASK} else ()
    file = view.session.get(AttachmentRow, getattr(notice, "attachment_id", 0))
    task_ids += [file.task_id] if file else ()
    tasks = [view.session.get(TaskRow, key) for key in task_ids if key]
    case_ids = [getattr(notice, "case_id", None), about.get("case_id"), *(task.case_id for task in tasks if task)]
    case_ids += chosen if kind in {Kind.CHOOSE_CASE, Kind.CHOOSE_RUNNING, Kind.CHOOSE_REPORT} else ()
    return [view.session.get(CaseRow, key) for key in case_ids if key]
