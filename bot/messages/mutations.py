"""A post that passes from one person to another: what is asked for it, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.asking import QuestionContext, choice, confirmation, question_of
from bot.messages.desk import TASKS_LISTED, TaskItem, items_of
from bot.messages.labels import label
from bot.messages.people import HoldingLine, holding_line
from bot.messages.standins import people_labels
from bot.messages.view import Context
from bot.store import queries
from bot.store.tables import HoldingRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain import notices as n
    from bot.messages.view import View
    from bot.store.tables import QuestionRow, TaskRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseSuccessorContext(QuestionContext):
    """Whose post it is."""

    holding: HoldingLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmMoveContext(QuestionContext):
    """``open_tasks`` counts what goes with the post."""

    holding: HoldingLine
    successor: str
    open_tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverContext(Context):
    """``mine`` tells that the reader is the new holder; ``items`` are the open tasks, ``left_out`` counts the rest."""

    holding: HoldingLine
    former: str
    mine: bool
    items: tuple[TaskItem, ...]
    left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostMovedContext(Context):
    """``open_tasks`` counts what went with the post."""

    holding: HoldingLine
    former: str
    open_tasks: int


def choose_move(view: View, notice: n.ChooseMove) -> QuestionContext | None:
    """Return whose posts can be moved."""
    question = question_of(view, notice.question_id)
    rows = [view.session.get_one(HoldingRow, row_id) for row_id in question.about["options"]]
    if not {row.office_id for row in rows} <= set(view.offices):
        return None
    lines = [holding_line(view, row) for row in rows]
    labels = [(place, _label(view, line)) for place, line in enumerate(lines)]
    state = choice(view, question, labels, shown={place for place, line in enumerate(lines) if not line.over})
    return None if state is None else QuestionContext(**state)


def _label(view: View, line: HoldingLine) -> str:
    values = {"person": line.person, "post": line.post}
    if view.several_offices:
        return label("button.holding_office", office=line.office, **values)
    return label("button.holding", **values)


def choose_successor(view: View, notice: n.ChooseSuccessor) -> ChooseSuccessorContext | None:
    """Return who can take the post; the last one is somebody new."""
    question = question_of(view, notice.question_id)
    row = _holding(view, question)
    state = choice(view, question, people_labels(view, row.office_id, question, label("button.invite_successor")))
    if state is None or row.office_id not in view.offices:
        return None
    return ChooseSuccessorContext(holding=holding_line(view, row), **state)


def confirm_move(view: View, notice: n.ConfirmMove) -> ConfirmMoveContext | None:
    """Return what moving the post would mean."""
    question = question_of(view, notice.question_id)
    row = _holding(view, question)
    state = confirmation(view, question, label("button.yes_move"))
    if state is None or row.office_id not in view.offices:
        return None
    return ConfirmMoveContext(
        holding=holding_line(view, row),
        successor=view.person(question.about["person_id"]),
        open_tasks=len(_open_tasks(view, row)),
        **state,
    )


def handover(view: View, notice: n.Handover) -> HandoverContext:
    """Return what goes from one holder to the other.

    Whoever hands over may have left the office with it, and gets the list all the same: codes and steps alone.
    """
    row, former = _both(view, notice)
    tasks = list(_open_tasks(view, row))
    return HandoverContext(
        holding=holding_line(view, row),
        former=view.person(former.person_id),
        mine=view.recipient.person_id == row.person_id,
        items=items_of(view, tasks[:TASKS_LISTED]),
        left_out=max(0, len(tasks) - TASKS_LISTED),
    )


def post_moved(view: View, notice: n.PostMoved) -> PostMovedContext:
    """Return between whom a post has moved."""
    row, former = _both(view, notice)
    return PostMovedContext(
        holding=holding_line(view, row),
        former=view.person(former.person_id),
        open_tasks=len(_open_tasks(view, row)),
    )


def _both(view: View, notice: n.Handover | n.PostMoved) -> tuple[HoldingRow, HoldingRow]:
    return view.session.get_one(HoldingRow, notice.holding_id), view.session.get_one(HoldingRow, notice.former_id)


def _holding(view: View, question: QuestionRow) -> HoldingRow:
    return view.session.get_one(HoldingRow, question.about["holding_id"])


def _open_tasks(view: View, row: HoldingRow) -> Sequence[TaskRow]:
    return queries.open_tasks_of_posts(view.session, row.office_id, [row.post_id])
