"""The kelengkapan as a checklist: on the card, as a message of its own, and under the question for a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.messages.actions import Action, Verb
from bot.messages.case_view import CaseLine, CaseView, TaskLine, task_and_case
from bot.messages.keyboards import OPTIONS_SHOWN, button
from bot.messages.labels import label
from bot.messages.limits import BUTTON_LIMIT, shorten, units
from bot.messages.message import Style
from bot.messages.view import Context
from bot.store.tables import TickRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.message import Button
    from bot.messages.view import Rows, View
    from bot.store.tables import QuestionRow, TaskRow

_ITEM_LIMIT = 200
_MARK_UNITS = 2
_NAMED = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One item of the kelengkapan. ``named`` tells that an earlier rejection named it as missing."""

    text: str
    marked: bool
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistContext(Context):
    """``open`` while items can be ticked; ``done`` counts those that are."""

    case: CaseLine
    task: TaskLine
    items: tuple[Item, ...]
    done: int
    open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CountContext(Context):
    """How many of the items are complete."""

    done: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftContext(Context):
    """``items`` were not ticked; ``more`` counts those beyond the ones named."""

    case: CaseLine
    task: TaskLine
    items: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Missing:
    """What can be named as missing under a question: its buttons, and the texts that do not fit on them."""

    buttons: Rows
    listed: tuple[Item, ...]


# --- on the card --------------------------------------------------------------------------------


def card_lines(view: View, case: CaseView, task: TaskRow) -> Sequence[str]:
    """Return how many items are complete, once somebody has begun to tick."""
    done, count = len(_ticked(view, case, task)), len(case.step(task).requirements)
    return (label("card.ticks", done=done, count=count),) if done else ()


def card_buttons(view: View, case: CaseView, task: TaskRow) -> Sequence[Button]:
    """Return *Kelengkapan n/m* where there is anything to tick."""
    count = len(case.step(task).requirements)
    if not count:
        return ()
    text = label("button.checklist", done=len(_ticked(view, case, task)), count=count)
    return (button(text, Action(Verb.CHECKLIST, task.id)),)


# --- the checklist ------------------------------------------------------------------------------


def checklist(view: View, notice: n.Checklist) -> ChecklistContext | None:
    """Return the items as they stand; None where there is nothing to tick."""
    case, task = task_and_case(view, notice.task_id)
    texts, ticked = case.step(task).requirements, _ticked(view, case, task)
    if not texts:
        return None
    named = _named_before(case, task)
    items = tuple(Item(shorten(text, _ITEM_LIMIT), n in ticked, text in named) for n, text in enumerate(texts))
    running = task.ended_at is None
    return ChecklistContext(
        case=case.line,
        task=case.task_line(task),
        items=items,
        done=len(ticked),
        open=running,
        buttons=_tick_buttons(task.id, items) if running else (),
    )


def ticks_counted(view: View, notice: n.TicksCounted) -> CountContext:
    """Return how many items are complete now."""
    case, task = task_and_case(view, notice.task_id)
    return CountContext(done=len(_ticked(view, case, task)), count=len(case.step(task).requirements))


def left_unticked(view: View, notice: n.LeftUnticked) -> LeftContext | None:
    """Return which items were left."""
    case, task = task_and_case(view, notice.task_id)
    ticked = _ticked(view, case, task)
    left = [shorten(text, _ITEM_LIMIT) for n, text in enumerate(case.step(task).requirements) if n not in ticked]
    if not left:
        return None
    more = max(0, len(left) - _NAMED)
    return LeftContext(case=case.line, task=case.task_line(task), items=tuple(left[:_NAMED]), more=more)


def _tick_buttons(task_id: int, items: Sequence[Item]) -> Rows:
    verbs = (Verb.UNTICK if item.marked else Verb.TICK for item in items)
    texts = (label("button.ticked" if item.marked else "button.tick", item=item.text) for item in items)
    pairs = enumerate(zip(texts, verbs, strict=True))
    return tuple((button(text, Action(verb, task_id, n)),) for n, (text, verb) in pairs)[:OPTIONS_SHOWN]


def _ticked(view: View, case: CaseView, task: TaskRow) -> frozenset[int]:
    """Return the items that are ticked; what a definition does not have (a secret case's) is not counted."""
    rows = view.session.scalars(select(TickRow.item).where(TickRow.task_id == task.id))
    return frozenset(item for item in rows if item < len(case.step(task).requirements))


def _named_before(case: CaseView, task: TaskRow) -> frozenset[str]:
    """Return what the latest rejection that concerns this step named as missing: its own, or the one it is for."""
    back = case.story.sent_back_by(task.number)
    earlier = [r for r in case.story.rejections if r.task < task.number and (r.step == task.step or r is back)]
    return frozenset(earlier[-1].missing) if earlier else frozenset()


# --- under the question for a reason ------------------------------------------------------------


def missing_of(case: CaseView, task: TaskRow, question: QuestionRow) -> Missing | None:
    """Return what a rejection of the task can name as missing; None where there is nothing to name."""
    texts = case.sop.missable(task.step)
    if not texts:
        return None
    marked = set(question.about.get("missing", ()))
    items = tuple(Item(shorten(text, _ITEM_LIMIT), n in marked) for n, text in enumerate(texts))
    rows = tuple((_lack_button(question.id, n, item),) for n, item in enumerate(items))[:OPTIONS_SHOWN]
    send = button(label("button.send", count=len(marked)), Action(Verb.SEND, question.id), Style.DANGER)
    cut = any(units(item.text) + _MARK_UNITS > BUTTON_LIMIT for item in items)
    return Missing((*rows, (send,)) if marked else rows, items if cut else ())


def _lack_button(question_id: int, number: int, item: Item) -> Button:
    text = label("button.lacked" if item.marked else "button.lack", item=item.text)
    return button(text, Action(Verb.UNLACK if item.marked else Verb.LACK, question_id, number))
