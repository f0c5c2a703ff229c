"""The sekretariat's group and its board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.area import Area
from handlers.conversation import Incoming, Response

if TYPE_CHECKING:
    from bot.services.work import Work

AREA = Area()


def joined(_work: Work, _incoming: Incoming) -> Response:
    """Answer that the bot was taken into a group, or that its rights there changed."""
    return Response()


def left(_work: Work, _incoming: Incoming) -> Response:
    """Note that the bot was thrown out of a group."""
    return Response()


def moved(_work: Work, _incoming: Incoming) -> Response:
    """Note that a group (``chat_id``) became a supergroup (``moved_to``). What waits for it is moved already."""
    return Response()
