"""What the head of an office finds on cards and reminders, and the words that close their day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from markupsafe import escape

from bot.messages.actions import Action, Verb
from bot.messages.keyboards import button
from bot.messages.labels import label
from bot.messages.limits import CAPTION_LIMIT, MESSAGE_LIMIT, cut_html, units
from bot.services.chief import phone_of
from bot.store.tables import PersonRow

if TYPE_CHECKING:
    from bot.messages.case_view import CaseView
    from bot.messages.message import Button, Message
    from bot.messages.view import View
    from bot.services.chief import Phone
    from bot.store.tables import TaskRow

NOBODY = 0
"""The subject of a button that is about the person alone."""


def card_lines(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[str]:
    """Return this area's lines on the card of an open task, plain text (the template escapes it)."""
    return ()


def card_buttons(view: View, _case: CaseView, _task: TaskRow) -> Sequence[Button]:
    """Return this area's buttons behind *Lainnya…* on a holder's card of an open task."""
    return () if chiefs_phone(view) is None else (meeting_button(),)


def chiefs_phone(view: View) -> Phone | None:
    """Return the recipient's phone, where they are a chief."""
    if view.recipient.person_id is None:
        return None
    return phone_of(view.work, view.session.get_one(PersonRow, view.recipient.person_id))


def meeting_button() -> Button:
    """Return the button that keeps messages back during a meeting."""
    return button(label("button.meeting"), Action(Verb.MEETING, NOBODY))


def closing(message: Message) -> Message:
    """Return a chief's last message of the day, with where the rest waits."""
    words = f"\n\n<i>{escape(label('chief.rest_waits'))}</i>"
    limit = CAPTION_LIMIT if message.attachment else MESSAGE_LIMIT
    return replace(message, html=cut_html(message.html, limit - units(words)) + words)
