"""What a visitor does with an official's phone: writes, presses, sends a file. On the server's own loop."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from bot.demo.page.files import is_picture
from bot.demo.page.problems import PageProblem
from bot.demo.telegram import people
from bot.demo.telegram.entities import utf16_length

if TYPE_CHECKING:
    from bot.demo.page.asked import Asked
    from bot.demo.stage import Player
    from bot.demo.telegram.model import User
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

LONGEST_TEXT = 4096
LONGEST_CAPTION = 1024
_KINDS = ("document", "photo")


def say(telegram: Telegram, player: Player, asked: Asked) -> None:
    """Send a text, perhaps as a reply; raises PageProblem and has sent nothing then."""
    text = asked.text("text")
    if not text.strip():
        raise PageProblem(HTTPStatus.BAD_REQUEST, "empty")
    if utf16_length(text) > LONGEST_TEXT:
        raise PageProblem(HTTPStatus.BAD_REQUEST, "too_long", most=LONGEST_TEXT)
    draft = people.Draft(text, asked.number("reply_to"))
    try:
        people.say(telegram, _user(telegram, player), draft)
    except people.ImpossibleForAPersonError:
        raise PageProblem(HTTPStatus.CONFLICT, "reply") from None


def press(telegram: Telegram, player: Player, asked: Asked) -> None:
    """Press a button that is there; raises PageProblem."""
    user = _user(telegram, player)
    button = asked.text("button")
    try:
        message = people.visible(telegram.private_chat(user), asked.number("message") or 0)
        if not any(shown.get("callback_data") == button for row in message.buttons for shown in row):
            raise PageProblem(HTTPStatus.CONFLICT, "button")
        people.press(telegram, user, message, button)
    except people.ImpossibleForAPersonError:
        raise PageProblem(HTTPStatus.CONFLICT, "button") from None


def send(telegram: Telegram, player: Player, given: Parameters) -> None:
    """Send a file with a caption; raises PageProblem and has sent nothing then."""
    file, kind, caption = given.files.get("file"), given.text("kind") or "document", given.text("caption")
    if file is None or not file.content:
        raise PageProblem(HTTPStatus.BAD_REQUEST, "no_file")
    if kind not in _KINDS:
        raise PageProblem(HTTPStatus.BAD_REQUEST, "kind", value=kind)
    if utf16_length(caption) > LONGEST_CAPTION:
        raise PageProblem(HTTPStatus.BAD_REQUEST, "caption_too_long", most=LONGEST_CAPTION)
    if kind == "photo" and not is_picture(file.content):
        raise PageProblem(HTTPStatus.BAD_REQUEST, "not_a_picture")
    draft = people.Draft(caption, given.integer("reply_to") or None, file, kind)
    try:
        people.say(telegram, _user(telegram, player), draft)
    except people.ImpossibleForAPersonError:
        raise PageProblem(HTTPStatus.CONFLICT, "reply") from None


def _user(telegram: Telegram, player: Player) -> User:
    return people.person(telegram, player.phone.id)
