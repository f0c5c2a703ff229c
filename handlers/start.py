"""/start and /bantuan: invitations, greetings, help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import Help, Stranger, TaskList
from bot.services.authorise import is_member
from bot.services.invitations import accept
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def start(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Take an invitation; otherwise greet and show the tasks, or say how to be invited."""
    code = incoming.text.strip()
    if code:
        return said(accept(work, actor, code))
    if not is_member(work, actor):
        return said(Stranger())
    return said(TaskList(greet=True))


def bantuan(_work: Work, _actor: Actor, _incoming: Incoming) -> Response:
    """Say what the person may do here."""
    return said(Help())


AREA = Area(
    commands={
        "start": start,
        "bantuan": bantuan,
        "help": bantuan,  # Telegram's own global command
    },
)
