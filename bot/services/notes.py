"""Use case: a holder leaves a note on a task, for the colleagues and for whoever has the case next (Catatan)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import AddNote
from bot.domain.notices import AskNote, NoteRecorded, Notice
from bot.services.act import act, decide, person_of, task_for
from bot.services.questions import Kind, ask

if TYPE_CHECKING:
    from bot.services.authorise import Hands
    from bot.services.work import Actor, Work
    from bot.store.tables import TaskRow


def add_note(work: Work, actor: Actor, task_id: int, text: str | None) -> Notice:
    """Leave a note and return the answer; without a text, ask for it. Raises Refusal."""
    if text is None or not text.strip():
        return _ask_text(work, actor, task_id)
    case, task, mine = task_for(work, actor, task_id)
    act(work, actor, case, _note(actor, mine, task, text), task_id=task.id)
    return NoteRecorded(task.id)


def _ask_text(work: Work, actor: Actor, task_id: int) -> Notice:
    case, task, mine = task_for(work, actor, task_id)
    # Ask only where a note would be accepted: the engine is tried with a stand-in for it.
    decide(work, case, _note(actor, mine, task, "?"), task_id=task.id)
    question = ask(work, person_of(actor), Kind.NOTE_TEXT, {"task_id": task.id}, awaits_text=True)
    return AskNote(question.id)


def _note(actor: Actor, mine: Hands, task: TaskRow, text: str) -> AddNote:
    return AddNote(person_of(actor).id, mine.posts, task.number, text, standin=mine.standin, acting=mine.acting)
