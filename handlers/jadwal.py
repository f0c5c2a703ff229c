"""/jadwal: the deadlines of my open tasks, for a calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import Deadlines
from bot.services.find import member_offices
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def jadwal(work: Work, actor: Actor, _incoming: Incoming) -> Response:
    """Hand out my deadlines."""
    member_offices(work, actor)
    return said(Deadlines())


AREA = Area(commands={"jadwal": jadwal})
"""A file that calendars read."""
