"""Attachments: files that travel with a task or a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import NotUnderstood
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.services.work import Actor, Work

AREA = Area()


def unasked(_work: Work, _actor: Actor, _incoming: Incoming) -> Response:
    """Answer a file that no question asked for: put on a task's card, or with a case code in its caption."""
    return said(NotUnderstood())
