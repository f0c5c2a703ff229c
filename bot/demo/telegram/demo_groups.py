"""The human face's part about groups: who is in them, who administers them, their topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.telegram import groups, people
from bot.demo.telegram.people import ImpossibleForAPersonError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.model import Chat, User
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

    Action = Callable[[Request, Parameters], Json]


def group_actions(telegram: Telegram) -> list[tuple[str, str, Action]]:
    """Return method, path and action of every route about groups."""
    face = GroupFace(telegram)
    return [
        ("POST", "/groups", face.create),
        ("POST", "/groups/{chat}/upgrade", face.upgrade),
        ("POST", "/groups/{chat}/add", face.add),
        ("POST", "/groups/{chat}/remove", face.remove),
        ("POST", "/groups/{chat}/promote", face.promote),
        ("POST", "/groups/{chat}/dismiss", face.dismiss),
        ("POST", "/groups/{chat}/topics", face.open_topic),
        ("POST", "/groups/{chat}/topics/{topic:int}/{change}", face.change_topic),
    ]


def named_chat(telegram: Telegram, request: Request) -> Chat:
    """Return the chat in a path; raises ImpossibleForAPersonError when there is none."""
    try:
        return telegram.chats[int(request.path_params["chat"])]
    except (KeyError, ValueError):
        raise ImpossibleForAPersonError("there is no such chat") from None


class GroupFace:
    """The endpoints about groups: ``by`` is who acts, ``who`` whom it is about, the bot where nobody is named."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram

    def create(self, _: Request, given: Parameters) -> Json:
        """Make a group, with the bot in it unless ``with_bot`` says no."""
        telegram = self._telegram
        members = given.structure("members", "members")
        chosen = [people.person(telegram, int(member)) for member in members] if isinstance(members, list) else []
        creator = people.person(telegram, given.integer("creator"))
        return groups.create_group(
            telegram,
            creator,
            given.text("title"),
            chosen,
            supergroup=given.flag("supergroup"),
            forum=given.flag("forum"),
            with_bot=given.flag("with_bot") or "with_bot" not in given.values,
        ).api()

    def upgrade(self, request: Request, _: Parameters) -> Json:
        """Turn a group into a supergroup."""
        return groups.upgrade_group(self._telegram, named_chat(self._telegram, request)).api()

    def add(self, request: Request, given: Parameters) -> Json:
        """Take somebody in."""
        groups.add(self._telegram, named_chat(self._telegram, request), self._who(given), self._by(given))
        return {}

    def remove(self, request: Request, given: Parameters) -> Json:
        """Throw somebody out, or let them go where ``left`` says so."""
        chat = named_chat(self._telegram, request)
        groups.remove(self._telegram, chat, self._who(given), self._by(given), banned=not given.flag("left"))
        return {}

    def promote(self, request: Request, given: Parameters) -> Json:
        """Make somebody an administrator ``without`` some of the rights."""
        chat = named_chat(self._telegram, request)
        without = given.texts("without", "rights") or []
        groups.make_admin(self._telegram, chat, self._who(given), self._by(given), without=without)
        return {}

    def dismiss(self, request: Request, given: Parameters) -> Json:
        """Make an administrator an ordinary member again."""
        groups.dismiss_admin(self._telegram, named_chat(self._telegram, request), self._who(given), self._by(given))
        return {}

    def open_topic(self, request: Request, given: Parameters) -> Json:
        """Begin a topic and return its number."""
        chat = named_chat(self._telegram, request)
        return {"id": groups.open_topic(self._telegram, chat, self._by(given), given.text("name"))}

    def change_topic(self, request: Request, given: Parameters) -> Json:
        """Close, reopen or delete a topic."""
        telegram, chat, by = self._telegram, named_chat(self._telegram, request), self._by(given)
        number, change = request.path_params["topic"], request.path_params["change"]
        if change == "delete":
            groups.delete_topic(telegram, chat, by, number)
        elif change in {"close", "reopen"}:
            groups.close_topic(telegram, chat, by, number, closed=change == "close")
        else:
            raise ImpossibleForAPersonError(f"a topic cannot be changed by {change!r}")
        return {}

    def _by(self, given: Parameters) -> User:
        return people.person(self._telegram, given.integer("by"))

    def _who(self, given: Parameters) -> User:
        who = given.integer("who")
        return people.person(self._telegram, who) if who else self._telegram.bot
