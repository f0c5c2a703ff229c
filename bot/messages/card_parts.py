"""What each area adds to an open task's card: lines below what every card says, and buttons. The explicit list.

A card is compact: below *Selesai* and *Tolak* stands one button of an area beside *Lainnya…*, which shows all others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages import attachments, behalf, card_life, checklist, chief, holds, posts
from bot.messages.case_view import CaseView
from bot.messages.message import Button
from bot.messages.view import View
from bot.store.tables import TaskRow

if TYPE_CHECKING:
    from bot.messages.view import Rows

Lines = Callable[[View, CaseView, TaskRow], Sequence[str]]
Buttons = Callable[[View, CaseView, TaskRow], Sequence[Button]]

_IN_A_ROW = 2


def _nothing(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[Button]:
    return ()


@dataclass(frozen=True, slots=True)
class CardPart:
    """One area's part of a card: ``lines`` of plain text (the template escapes them), ``buttons`` behind *Lainnya…*.

    ``front`` are buttons for the compact card: the first of all areas' stands there, the rest behind *Lainnya…*.
    """

    lines: Lines
    buttons: Buttons
    front: Buttons = _nothing


CARD_PARTS: tuple[CardPart, ...] = (
    CardPart(holds.card_lines, holds.card_buttons),
    CardPart(posts.card_lines, posts.card_buttons, posts.card_front),
    CardPart(card_life.card_lines, card_life.card_buttons, card_life.card_front),
    CardPart(checklist.card_lines, checklist.card_buttons),
    CardPart(attachments.card_lines, attachments.card_buttons),
    CardPart(chief.card_lines, chief.card_buttons),
    CardPart(behalf.card_lines, behalf.card_buttons),
)
"""In the order in which they stand on the card."""


def lines_of(view: View, case: CaseView, task: TaskRow) -> tuple[str, ...]:
    """Return the lines of every area."""
    return tuple(line for part in CARD_PARTS for line in part.lines(view, case, task))


def front_of(view: View, case: CaseView, task: TaskRow) -> Button | None:
    """Return the one button of the areas that the compact card shows, if any area has one."""
    return next(iter(_fronts(view, case, task)), None)


def rest_of(view: View, case: CaseView, task: TaskRow) -> Rows:
    """Return the buttons that the compact card does not show, in rows."""
    others = _fronts(view, case, task)[1:]
    others += [button for part in CARD_PARTS for button in part.buttons(view, case, task)]
    return tuple(tuple(others[n : n + _IN_A_ROW]) for n in range(0, len(others), _IN_A_ROW))


def _fronts(view: View, case: CaseView, task: TaskRow) -> list[Button]:
    return [button for part in CARD_PARTS for button in part.front(view, case, task)]
