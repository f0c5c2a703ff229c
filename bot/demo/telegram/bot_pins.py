"""The Bot API's methods that pin and unpin messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.telegram.model import Chat, ChatKind, Message
from bot.demo.telegram.refusals import bad_request
from bot.demo.telegram.targets import writable_chat

if TYPE_CHECKING:
    from bot.demo.telegram.model import User
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

# What Telegram answers where nothing would change shows in its API's list of errors only, not in open source.
NOT_CHANGED = "CHAT_NOT_MODIFIED"


def pin_chat_message(telegram: Telegram, parameters: Parameters) -> bool:
    """Pin a message; the bot gets the service message about it too, as for no other message of its own."""
    chat = writable_chat(telegram, parameters)
    message = chat.live(parameters.integer("message_id"))
    if message is None:
        raise bad_request("message to pin not found")
    _check(telegram, chat, message)
    if message.pinned:
        raise bad_request(NOT_CHANGED)
    pin(telegram, telegram.bot, message, silent=parameters.flag("disable_notification"))
    return True


def unpin_chat_message(telegram: Telegram, parameters: Parameters) -> bool:
    """Unpin a message, the youngest pinned one where none is named."""
    chat = writable_chat(telegram, parameters)
    message = chat.live(parameters.integer("message_id") or max(chat.pinned, default=None))
    if message is None:
        raise bad_request("message to unpin not found")
    _check(telegram, chat, message)
    if not message.pinned:
        raise bad_request(NOT_CHANGED)
    unpin(telegram, message)
    return True


def pin(telegram: Telegram, by: User, message: Message, *, silent: bool = False) -> None:
    """Pin a message, which leaves a service message in the chat."""
    message.chat.pinned.insert(0, message.id)
    telegram.touch(message)
    shown = {"pinned_message": message.api(nested=True)}
    telegram.announce(message.chat, by, shown, topic=message.topic).silent = silent


def unpin(telegram: Telegram, message: Message) -> None:
    """Unpin a message, which leaves no trace."""
    message.chat.pinned.remove(message.id)
    telegram.touch(message)


def _check(telegram: Telegram, chat: Chat, message: Message) -> None:
    if chat.kind is not ChatKind.PRIVATE and not chat.may(telegram.bot.id, "can_pin_messages"):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    if message.service:
        raise bad_request("service messages can't be pinned")
