"""What is withheld of a secret case (rahasia): its title, its texts, and what its steps are about."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from bot.messages.labels import label
from bot.services.questions import Kind
from bot.store.tables import CaseRow, QuestionRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.events import Event
    from bot.domain.notices import Notice
    from bot.domain.sop import Sop, Step
    from bot.messages.view import View

_PROSE = ("reason", "note", "remark")


def withheld_sop(sop: Sop) -> Sop:
    """Return a definition of which only posts, numbers and budgets can be read."""
    withheld = label("secrecy.withheld")
    return replace(sop, name=withheld, steps=tuple(_withheld_step(step, withheld) for step in sop.steps))


def withheld_log(log: Iterable[Event]) -> tuple[Event, ...]:
    """Return a log in which what people wrote is withheld."""
    return tuple(_withheld_event(event) for event in log)


def caution(view: View, notice: Notice) -> str:
    """Return the word of caution under a question whose answer, a text, would be about a secret case; else empty."""
    question = view.session.get(QuestionRow, getattr(notice, "question_id", 0))
    if question is None or not question.awaits_text or question.kind == Kind.CHOOSE_CASE:
        return ""
    task = view.session.get(TaskRow, question.about.get("task_id") or 0)
    case = view.session.get(CaseRow, task.case_id if task else question.about.get("case_id") or 0)
    return label("secrecy.caution") if case is not None and case.secret else ""


def _withheld_step(step: Step, withheld: str) -> Step:
    return replace(step, activity=withheld, requirements=(), outputs=(), related=None)


def _withheld_event(event: Event) -> Event:
    prose = {f.name for f in fields(event)} & set(_PROSE)
    said: dict[str, Any] = {name: label("secrecy.withheld") for name in prose if getattr(event, name)}
    return replace(event, **said) if said else event
