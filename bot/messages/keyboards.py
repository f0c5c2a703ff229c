"""The buttons below messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.actions import Action, Verb
from bot.messages.labels import label
from bot.messages.limits import BUTTON_LIMIT, cut_words
from bot.messages.message import Button, Style

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.messages.view import Rows

OPTIONS_SHOWN = 90
"""Telegram allows 100 buttons below a message."""


def button(text: str, action: Action, style: Style = Style.DEFAULT) -> Button:
    """Return a button, its label cut to what a telephone shows."""
    return Button(cut_words(text, BUTTON_LIMIT), action.data(), style=style)


def task_buttons(task_id: int, front: Button | None, *, rejectable: bool) -> Rows:
    """Return the actions of a compact task card; ``front`` is what stands beside *Lainnya*."""
    more = button(label("button.more"), Action(Verb.MORE, task_id))
    return _main(task_id, rejectable=rejectable), ((front, more) if front else (more,))


def all_task_buttons(task_id: int, front: Button | None, rest: Rows, *, rejectable: bool) -> Rows:
    """Return every action of a task card; ``rest`` is what the compact one does not show."""
    detail = button(label("button.detail"), Action(Verb.DETAIL, task_id))
    less = button(label("button.less"), Action(Verb.LESS, task_id))
    own = ((front,),) if front else ()
    return _main(task_id, rejectable=rejectable), *own, *rest, (detail, less)


def _main(task_id: int, *, rejectable: bool) -> tuple[Button, ...]:
    done = button(label("button.done"), Action(Verb.DONE, task_id), Style.SUCCESS)
    if not rejectable:
        return (done,)
    return done, button(label("button.reject"), Action(Verb.REJECT, task_id), Style.DANGER)


def task_row(task_id: int, code: str, *, rejectable: bool) -> tuple[Button, ...]:
    """Return the actions of one task in a list."""
    row = [button(label("button.done_code", code=code), Action(Verb.DONE, task_id), Style.SUCCESS)]
    if rejectable:
        row.append(button(label("button.reject_code", code=code), Action(Verb.REJECT, task_id), Style.DANGER))
    return *row, button(label("button.detail"), Action(Verb.DETAIL, task_id))


def options(question_id: int, labels: Iterable[tuple[int, str]]) -> Rows:
    """Return one button below the other for the options (index, text) of a question."""
    rows = tuple((button(text, Action(Verb.PICK, question_id, index)),) for index, text in labels)
    return rows[:OPTIONS_SHOWN]


def yes_no(question_id: int, yes: str) -> Rows:
    """Return a dangerous yes and a harmless no."""
    no = label("button.no")
    return (
        (
            button(yes, Action(Verb.PICK, question_id, 0), Style.DANGER),
            button(no, Action(Verb.PICK, question_id, 1)),
        ),
    )
