"""What a card's own life adds to it: accepted, noted, put off, given more time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.messages.case_view import CaseView
    from bot.messages.message import Button
    from bot.messages.view import View
    from bot.store.tables import TaskRow


def card_lines(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[str]:
    """Return this area's lines on the card of an open task, plain text (the template escapes it)."""
    return ()


def card_buttons(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[Button]:
    """Return this area's buttons behind *Lainnya…* on a holder's card of an open task."""
    return ()


def card_front(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[Button]:
    """Return the button for the compact card, of which it shows the first that any area offers."""
    return ()
