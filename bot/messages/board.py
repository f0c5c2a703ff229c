"""The board: an office's running cases in one message, the most endangered first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.dates import Clock
from bot.messages.labels import label
from bot.messages.limits import html_units, shorten
from bot.messages.view import Context
from bot.services.watching import watched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain import notices as n
    from bot.messages.view import View
    from bot.services.watching import Watched

_LIST_UNITS = 3700  # leaves room for the heading and the closing lines
_ITEM_UNITS = 30  # tags and signs around the values of one line
_TITLE = 40
_HOLDERS = 120
_CELLS = 8


@dataclass(frozen=True, slots=True)
class BoardItem:
    """One running case. ``state``: ``late``, ``running`` or ``held``; ``bar`` is what is left of the time."""

    code: str
    title: str
    step: str
    holders: str
    state: str
    bar: str
    left: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardContext(Context):
    """``left_out`` counts the cases that did not fit; ``updated`` is the moment it was true."""

    office: str
    items: tuple[BoardItem, ...]
    count: int
    late: int
    left_out: int
    updated: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a board shows: ``text`` all but its own moment, ``facts`` what does not change by time's passing alone."""

    facts: str
    text: str


def board(view: View, notice: n.Board) -> BoardContext | None:
    """Return the board as it stands now; None for whoever does not watch over the office any more."""
    if not view.is_secretariat(notice.office_id):
        return None
    items, cases = _lines(view, notice.office_id)
    return BoardContext(
        office=view.office(notice.office_id),
        items=tuple(items),
        count=len(cases),
        late=sum(_state(case) == "late" for case in cases),
        left_out=len(cases) - len(items),
        updated=_clock(view, notice.office_id).moment(view.at),
        pin=True,
    )


def board_shown(view: View, office_id: str) -> Shown:
    """Return what the board would show now, to be compared with what it shows."""
    items, cases = _lines(view, office_id)
    facts = [
        (case.case.code, item.title, item.step, item.holders, item.state, case.task.due_at.isoformat(), item.accepted)
        for case, item in zip(cases, items, strict=False)
    ]
    return Shown(repr((sorted(facts), len(cases))), repr((items, len(cases))))


def _lines(view: View, office_id: str) -> tuple[list[BoardItem], Sequence[Watched]]:
    """Return as many lines as fit, and all the cases."""
    cases = watched(view.work, office_id)
    clock, names = _clock(view, office_id), {}
    items: list[BoardItem] = []
    room = _LIST_UNITS
    for case in cases:
        desk = case.waiting, case.task.strategic
        if desk not in names:
            names[desk] = shorten(view.holders(office_id, case.waiting, strategic=case.task.strategic), _HOLDERS)
        item = _item(clock, case, names[desk])
        room -= _ITEM_UNITS + html_units(item.code, item.title, item.step, item.holders, item.bar, item.left)
        if room < 0:
            break
        items.append(item)
    return items, cases


def _item(clock: Clock, case: Watched, holders: str) -> BoardItem:
    state = _state(case)
    return BoardItem(
        code=case.case.code,
        # Of a secret case the group reads the code only.
        title=label("secrecy.title") if case.case.secret else shorten(case.case.title, _TITLE),
        step=label("step.short", number=case.task.step),
        holders=holders,
        state=state,
        bar=_bar(case.used) if state == "running" else "",
        left="" if state == "held" else clock.left(case.task.due_at),
        accepted=case.accepted,
    )


def _state(case: Watched) -> str:
    if case.held:
        return "held"
    return "late" if case.late else "running"


def _bar(used: float) -> str:
    left = round((1 - used) * _CELLS)
    return label("board.left") * left + label("board.used") * (_CELLS - left)


def _clock(view: View, office_id: str) -> Clock:
    return Clock(view.work.calendar_for(view.work.offices()[office_id]), view.at)
