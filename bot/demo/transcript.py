"""The dialogue of a demo as text: who said what, what the bot answered to whom."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from bot.console import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from bot.demo.stage import Player
    from bot.demo.telegram.client import Office

_TAG = re.compile(r"<[^<>]*>")
_INDENT = "        "


class Transcript:
    """Prints beats in order of time; within a beat, the chats in the order of the cast."""

    def __init__(
        self, office: Office, cast: Iterable[Player], show: Callable[[datetime], str], out: Callable[[str], None]
    ) -> None:
        """Take the server to listen to, the people, how moments are written, and where lines go."""
        self._office = office
        self._cast = {player.phone.id: player for player in cast}
        self._show = show
        self._out = out
        self._heard = self._last_request()
        self._moment = ""

    def skip(self) -> None:
        """Leave out what the bot has said so far."""
        self._heard = self._last_request()

    def heading(self, text: str) -> None:
        """Print a line that tells what comes."""
        self._out(f"\n## {text}")

    def acts(self, player: Player, text: str, at: datetime) -> None:
        """Print what a person wrote or pressed."""
        self._clock(at)
        self._out(f"  {player.name}: {text}")

    def flashes(self, text: str) -> None:
        """Print what a pressed button showed over the chat."""
        for line in text.splitlines():
            self._out(f"{_INDENT}{console('demo.flash')} {line}" if line else "")

    def answers(self, at: datetime) -> None:
        """Print what the bot has said since the last beat."""
        news = self._office.requests(after=self._heard)
        self._heard = max([self._heard, *(int(request["number"]) for request in news)])
        spoken = [request for request in news if request["method"] in _VERBS and request["outcome"] == "ok"]
        if spoken:
            self._clock(at)
        order = {chat: place for place, chat in enumerate(self._cast)}
        for request in sorted(spoken, key=lambda request: order.get(_chat(request), len(order))):
            self._spoken(request)

    def _spoken(self, request: dict[str, Any]) -> None:
        parameters = request["parameters"]
        player = self._cast.get(_chat(request))
        name = player.name if player else str(_chat(request))
        text = unescape(_TAG.sub("", str(parameters["text"])))
        self._out(f"    {console(_VERBS[request['method']])} {name}:")
        for line in text.splitlines():
            self._out(f"{_INDENT}{line}" if line else "")
        buttons = _buttons(parameters.get("reply_markup"))
        if buttons:
            self._out(_INDENT + buttons)

    def _clock(self, at: datetime) -> None:
        moment = self._show(at)
        if moment != self._moment:
            self._moment = moment
            self._out(f"\n{moment}")

    def _last_request(self) -> int:
        return max((int(request["number"]) for request in self._office.requests()), default=0)


_VERBS = {"sendMessage": "demo.sends", "editMessageText": "demo.edits"}


def _chat(request: dict[str, Any]) -> int:
    return int(request["parameters"]["chat_id"])


def _buttons(markup: Any) -> str:
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    return " ".join(f"[{button['text']}]" for row in rows for button in row)
