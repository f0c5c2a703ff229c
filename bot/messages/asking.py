"""What every question's message has: its buttons while it is open, and only what became of it afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.messages.keyboards import OPTIONS_SHOWN, options, yes_no
from bot.messages.labels import label
from bot.messages.view import Context
from bot.store.tables import QuestionRow

if TYPE_CHECKING:
    from bot.messages.view import View

Options = list[tuple[int, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionContext(Context):
    """``closed`` is empty while the question is open, else ``chosen``, ``dropped`` or ``lapsed``."""

    closed: str = ""
    chosen: str = ""
    left_out: int = 0


def question_of(view: View, question_id: int) -> QuestionRow:
    """Return the row of a question."""
    return view.session.get_one(QuestionRow, question_id)


def confirmation(view: View, question: QuestionRow, yes: str) -> dict[str, Any] | None:
    """Return the state of a confirmation as fields of its context; None where it was never sent."""
    labels = [(0, yes), (1, label("button.no"))]
    state = choice(view, question, labels)
    if state is not None and "closed" not in state:
        state["buttons"] = yes_no(question.id, yes)
    return state


def choice(
    view: View, question: QuestionRow, labels: Options, *, shown: set[int] | None = None
) -> dict[str, Any] | None:
    """Return a choice's state as fields of its context; None where it closed before it was sent.

    ``shown`` are the indexes still offered (all, when None); labels of the others name an answer.
    """
    closed = _closed(view, question)
    if closed and question.message_id is None:
        return None
    if closed:
        return {"closed": closed, "chosen": dict(labels).get(_answer(question), "")}
    offered = [(index, text) for index, text in labels if shown is None or index in shown]
    return {"buttons": options(question.id, offered), "left_out": max(0, len(offered) - OPTIONS_SHOWN)}


def _closed(view: View, question: QuestionRow) -> str:
    if question.answered_at is not None:
        return "dropped" if (question.answer or {}).get("dropped") else "chosen"
    return "lapsed" if question.lapses_at <= view.at else ""


def _answer(question: QuestionRow) -> int:
    """Return the index of the option that was chosen; -1 where the answer names none."""
    answer = question.answer or {}
    if "post_id" in answer:
        return _place(question.about["options"], [answer["office_id"], answer["post_id"]])
    index = answer.get("index")
    return index if isinstance(index, int) else -1


def _place(options: list[Any], option: object) -> int:
    return options.index(option) if option in options else -1
