"""Objecting to what was recorded on one's behalf: what is asked, answered and told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain import events as ev
from bot.messages.asking import question_of
from bot.messages.behalf import long_text, words_recorded
from bot.messages.case_view import CaseLine, Ending, TaskLine, Where, task_and_case
from bot.messages.labels import label
from bot.messages.view import Context

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class AskObjectionContext(Context):
    """``goes_back`` tells that the case would go back to this step."""

    case: CaseLine
    task: TaskLine
    goes_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionContext(Context):
    """Who objects to what on whose word; ``ending`` is how the task ended by it, and ``where`` the case is now."""

    case: CaseLine
    task: TaskLine
    who: str
    reason: str
    recorder: str
    ending: Ending | None
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectionRefusedContext(Context):
    """``until`` is when the time for it was over; empty where there is nothing to object to."""

    case: CaseLine
    task: TaskLine
    until: str


def ask_objection(view: View, notice: n.AskObjection) -> AskObjectionContext | None:
    """Return which decision the reason is about; None once it was answered or dropped."""
    question = question_of(view, notice.question_id)
    if question.answered_at is not None:
        return None
    case, task = task_and_case(view, question.about["task_id"])
    return AskObjectionContext(
        case=case.line,
        task=case.task_line(task),
        goes_back=case.open is not None,
        force_reply=label("placeholder.objection"),
    )


def objection(view: View, notice: n.ObjectionNoted | n.ObjectionTold) -> ObjectionContext | None:
    """Return who disowned which decision, and where that led."""
    case, task = task_and_case(view, notice.task_id)
    said = [e for e in case.story.log if isinstance(e, ev.DecisionObjected) and e.task == task.number]
    word = next(iter(reversed(words_recorded(case.story.log, task.number))), None)
    if not said or word is None:
        return None
    return ObjectionContext(
        case=case.line,
        task=case.task_line(task),
        who=case.acted(word, word.on_behalf_of),
        reason=long_text(said[-1].reason),
        recorder=case.recorder(word),
        ending=case.ending(task),
        where=case.where(),
    )


def objection_refused(view: View, notice: n.ObjectionRefused) -> ObjectionRefusedContext:
    """Return why there is nothing to object to any more."""
    case, task = task_and_case(view, notice.task_id)
    until = case.moment(datetime.fromisoformat(notice.until)) if notice.until else ""
    return ObjectionRefusedContext(case=case.line, task=case.task_line(task), until=until)
