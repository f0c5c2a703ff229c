"""Telling somebody that a decision was recorded as theirs, and keeping that message true."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import RecordedTold
from bot.services.outbox import edit, tell
from bot.services.questions import Kind, ask
from bot.store.tables import QuestionRow

if TYPE_CHECKING:
    from bot.services.work import Work
    from bot.store.tables import PersonRow, TaskRow

ANSWERED_FOR = timedelta(days=90)
"""How long the button of the message still says why it does nothing; until when it does is the office's setting."""


def tell_decider(work: Work, task: TaskRow, person: PersonRow, recorder: PersonRow) -> None:
    """Tell a person what was recorded as their decision, at once; unless they have recorded it themselves."""
    if person.id == recorder.id or person.telegram_id is None:
        return
    about = {"task_id": task.id, "recorder": recorder.id, "options": ["object"]}
    question = ask(work, person, Kind.MAY_OBJECT, about)
    question.lapses_at = work.at + ANSWERED_FOR
    tell(work, person, RecordedTold(question.id, task.id), cause_id=recorder.id)


def refresh_told(work: Work, task_id: int) -> None:
    """Queue edits of the messages about a task's recorded decision, so that each shows what became of it."""
    about = QuestionRow.about["task_id"].as_integer() == task_id
    told = select(QuestionRow).where(QuestionRow.kind == Kind.MAY_OBJECT, about)
    for question in work.session.scalars(told.order_by(QuestionRow.id)):
        anchor = f"question:{question.id}"
        edit(work, question.chat_id, RecordedTold(question.id), person_id=question.person_id, anchor=anchor)
