"""What happened in each chat, as those in it saw it: one text for each person, and one for the group."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from bot.console import console

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from bot.demo.telegram.client import Office
    from bot.demo.telegram.entities import Json

_TAG = re.compile(r"<[^<>]*>")
_INDENT = "    "
_SHOWN = {
    "sendMessage": "sends",
    "sendDocument": "sends_file",
    "sendPhoto": "sends_file",
    "sendMediaGroup": "sends_file",
    "editMessageText": "edits",
    "editMessageCaption": "edits",
    "pinChatMessage": "pins",
}


class Chronicle:
    """Gathers beats in order of time, apart for each chat."""

    def __init__(self, office: Office, show: Callable[[datetime], str]) -> None:
        """Take the server to listen to, and how moments are written."""
        self._office = office
        self._show = show
        self._heard = 0
        self._lines: dict[int, list[str]] = {}
        self._moments: dict[int, str] = {}

    def skip(self) -> None:
        """Leave out what the bot has said so far."""
        self._news()

    def acts(self, chat: int, name: str, text: str, at: datetime) -> None:
        """Note what a person wrote, sent or pressed in a chat."""
        self._add(chat, at, [f"{name}: {text}"])

    def flashes(self, chat: int, text: str, at: datetime) -> None:
        """Note what a pressed button showed over the chat."""
        if text:
            self._add(chat, at, [f"({console('pekan.flash')}) {' '.join(text.split())}"])

    def listens(self, at: datetime) -> None:
        """Note what the bot has said since it was last listened to."""
        for request in self._news():
            if request["method"] in _SHOWN and request["outcome"] == "ok":
                self._add(int(request["parameters"]["chat_id"]), at, list(_spoken(request)))

    def text(self, chat: int) -> str:
        """Return everything that happened in a chat."""
        return "\n".join(self._lines.get(chat, []))

    def _news(self) -> list[Json]:
        news = self._office.requests(after=self._heard)
        self._heard = max([self._heard, *(int(request["number"]) for request in news)])
        return news

    def _add(self, chat: int, at: datetime, lines: list[str]) -> None:
        told = self._lines.setdefault(chat, [])
        moment = self._show(at)
        if moment != self._moments.get(chat):
            self._moments[chat] = moment
            told.append(f"\n[{moment}]")
        told += lines


def _spoken(request: Json) -> Iterator[str]:
    parameters: Json = request["parameters"]
    silent = str(parameters.get("disable_notification")).lower() == "true"
    yield console(f"pekan.{_SHOWN[request['method']]}", silent=silent)
    # Of an album, the first file has the caption.
    said = parameters if "media" not in parameters else parameters["media"][0]
    text = unescape(_TAG.sub("", str(said.get("text") or said.get("caption") or "")))
    for line in text.splitlines():
        yield f"{_INDENT}{line}" if line else ""
    for row in _rows(parameters.get("reply_markup")):
        yield _INDENT + row


def _rows(markup: Any) -> list[str]:
    rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
    return [" ".join(f"[{button['text']}]" for button in row) for row in rows]
