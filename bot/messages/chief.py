"""What the head of an office finds on a task card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import escape

from bot.messages.labels import label
from bot.messages.limits import CAPTION_LIMIT, MESSAGE_LIMIT, cut_html, units

if TYPE_CHECKING:
    from bot.messages.case_view import CaseView
    from bot.messages.message import Button, Message
    from bot.messages.view import View
    from bot.store.tables import TaskRow


def card_lines(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[str]:
    """Return this area's lines on the card of an open task, plain text (the template escapes it)."""
    return ()


def card_buttons(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[Button]:
    """Return this area's buttons behind *Lainnya…* on a holder's card of an open task."""
    return ()


def closing(message: Message) -> Message:
    """Return a chief's last message of the day, with where the rest waits."""
    words = f"\n\n<i>{escape(label('chief.rest_waits'))}</i>"
    limit = CAPTION_LIMIT if message.attachment else MESSAGE_LIMIT
    return replace(message, html=cut_html(message.html, limit - units(words)) + words)
