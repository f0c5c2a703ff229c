"""A card's whole life: accept, note, later, more time, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.messages.actions import Action, Verb
from bot.services import cards
from bot.services.act import person_of, task_for
from handlers.area import Area
from handlers.conversation import Incoming, Response

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def pressed_more(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Show every button of the card."""
    task_for(work, actor, action.subject)
    cards.refresh_pressed(work, action.subject, person_of(actor), incoming.message_id, more=True)
    return Response()


def pressed_less(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Show the card's main buttons again."""
    task_for(work, actor, action.subject)
    cards.refresh_pressed(work, action.subject, person_of(actor), incoming.message_id)
    return Response()


AREA = Area(buttons={Verb.MORE: pressed_more, Verb.LESS: pressed_less})
