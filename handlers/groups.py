"""What comes from a group: a few commands, and what happens to the group itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bot.domain.notices import NotUnderstood, PrivateOnly
from bot.services import outbox
from bot.services.authorise import Capability, is_member, require
from bot.services.groups import group_in
from bot.services.people import identify
from bot.services.rehousing import rehouse
from bot.services.work import Refusal
from handlers import sekretariat
from handlers.conversation import Incoming, Kind, Response, said
from handlers.registry import GROUP_COMMANDS

if TYPE_CHECKING:
    from bot.services.work import Actor, Work

FACTS = frozenset({Kind.GROUP_LEFT, Kind.GROUP_MOVED})
"""What is so, however many updates its sender has sent: they are counted, and noted all the same."""

HEARD = FACTS | {Kind.COMMAND, Kind.BUTTON, Kind.GROUP_JOINED}
"""Everything else that is said in a group is talk among others."""

HAPPENED: Mapping[Kind, Callable[[Work, Incoming], Response]] = {
    Kind.GROUP_JOINED: sekretariat.joined,
    Kind.GROUP_LEFT: sekretariat.left,
    Kind.GROUP_MOVED: sekretariat.moved,
}
"""Who notes what happens to a group itself."""


def deal_with(work: Work, incoming: Incoming) -> None:
    """Act on what a group sent and queue the answer, in the topic where it was said."""
    if incoming.moved_to is not None:
        rehouse(work, incoming.chat_id, incoming.moved_to)
    # Nobody's private chat shows that they can be reached by what they say in a group.
    actor = identify(work, incoming.user_id, incoming.name, reachable=False) if incoming.user_id else None
    happened = HAPPENED.get(incoming.kind)
    response = happened(work, incoming) if happened else _command(work, actor, incoming)
    cause_id = actor.person.id if actor is not None and actor.person is not None else None
    for notice in response.say:
        # Nobody's in particular: a refusal of the group says nothing of who spoke there.
        outbox.put(
            work,
            incoming.moved_to or incoming.chat_id,
            notice,
            cause_id=cause_id,
            priority=outbox.Priority.ANSWER,
            topic=incoming.topic,
        )


def check_press(work: Work, actor: Actor, incoming: Incoming) -> None:
    """Raise Refusal unless whoever presses a button in a group watches over the office that the group serves."""
    group = group_in(work, incoming.chat_id)
    if group is None:
        raise Refusal(NotUnderstood())
    require(work, actor, Capability.WATCH, group.office_id)


def _command(work: Work, actor: Actor | None, incoming: Incoming) -> Response:
    handler = GROUP_COMMANDS.get(incoming.command)
    # The same words for a stranger's command and for one that is private: nothing shows which is which.
    if handler is None or actor is None or not is_member(work, actor):
        return said(PrivateOnly())
    try:
        return handler(work, actor, incoming)
    except Refusal as refusal:
        return said(refusal.notice)
