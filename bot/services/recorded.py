"""Telling somebody that a decision was recorded as theirs, and keeping that message true."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import RecordedTold
from bot.services.outbox import edit, tell
from bot.services.questions import Place, hold_place
from bot.store.tables import QuestionRow

if TYPE_CHECKING:
    from bot.services.work import Work
    from bot.store.tables import PersonRow, TaskRow


def tell_decider(work: Work, task: TaskRow, person: PersonRow, recorder: PersonRow) -> None:
    """Tell a person what was recorded as their decision, at once; unless they have recorded it themselves."""
    if person.id == recorder.id or person.telegram_id is None:
        return
    place = hold_place(work, person, Place.MAY_OBJECT, {"task_id": task.id, "recorder": recorder.id})
    tell(work, person, RecordedTold(place.id, task.id), cause_id=recorder.id)


def refresh_told(work: Work, task_id: int) -> None:
    """Queue edits of the messages about a task's recorded decision, so that each shows what became of it."""
    about = QuestionRow.about["task_id"].as_integer() == task_id
    told = select(QuestionRow).where(QuestionRow.kind == Place.MAY_OBJECT, about)
    for place in work.session.scalars(told.order_by(QuestionRow.id)):
        anchor = f"question:{place.id}"
        edit(work, place.chat_id, RecordedTold(place.id), person_id=place.person_id, anchor=anchor)
