"""The officials' chats as the page shows them, whole or only what is newer than a version."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.page.words import word
from bot.demo.telegram import views
from bot.messages.labels import label

if TYPE_CHECKING:
    from bot.demo.page.scene import Ahead
    from bot.demo.stage import Player
    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.model import Chat, Message
    from bot.demo.telegram.state import Telegram
    from bot.messages.dates import Clock as Dates

_LANGUAGES = ("id", "")


def chat_news(telegram: Telegram, player: Player, dates: Dates, *, after: int) -> Json | None:
    """Return what has changed in an official's chat after a version, None for nothing; on the server's own loop.

    After version 0 it is the whole chat, without the last notice: whoever opens the page has not pressed anything.
    """
    chat = _chat(telegram, player)
    messages = [message for message in chat.messages.values() if message.version > after]
    toast = _toast(chat, after) if after else None
    if after and not messages and toast is None:
        return None
    return {
        "person": player.phone.id,
        "messages": [_message(telegram, message, dates) for message in messages],
        "toast": toast,
        "pinned": chat.pinned,
    }


def official(telegram: Telegram, player: Player, coming: Ahead) -> Json:
    """Return an official with what their phone offers besides the chat."""
    return {
        "person": player.phone.id,
        "post": player.post,
        "title": player.title,
        "name": player.phone.name,
        "waiting": player.post in coming.waiting,
        "commands": _commands(telegram, player.phone.id),
        "menu_button": _menu_button(telegram, player.phone.id),
    }


def _chat(telegram: Telegram, player: Player) -> Chat:
    return telegram.private_chat(telegram.users[player.phone.id])


def _message(telegram: Telegram, message: Message, dates: Dates) -> Json:
    local = dates.calendar.local(message.date)
    weekday = label(f"date.weekday.{local.weekday()}")
    day = dates.day(local.date()).partition(" ")[2]
    moment = {
        "when": dates.brief(message.date),
        "day": word("moment.day", weekday=weekday, day=day),
        "time": word("moment.time", hour=local.hour, minute=local.minute),
    }
    return views.message_view(telegram, message) | moment


def _toast(chat: Chat, after: int) -> Json | None:
    last = chat.toasts[-1] if chat.toasts else None
    if last is None or last["version"] <= after or not last["text"]:
        return None
    return {"id": last["press"], "text": last["text"], "alert": last["alert"]}


def _commands(telegram: Telegram, person: int) -> list[Json]:
    """Return the command menu of a private chat: Telegram takes the narrowest scope that has one."""
    scopes = (f"chat:{person}:", "all_private_chats", "default")
    menus = (telegram.profile.commands.get((scope, language)) for scope in scopes for language in _LANGUAGES)
    return next((menu for menu in menus if menu), [])


def _menu_button(telegram: Telegram, person: int) -> Json:
    buttons = telegram.profile.menu_buttons
    button = buttons.get(person) or buttons.get(0) or {}
    if button.get("type") == "web_app":
        return {"type": "web_app", "text": str(button.get("text", ""))}
    return {"type": "commands"}
