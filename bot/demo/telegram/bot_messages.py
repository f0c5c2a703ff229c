"""The Bot API's methods that send, edit and remove messages and answer presses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.demo.telegram.entities import Json, detect, utf16_length
from bot.demo.telegram.files import chosen_file
from bot.demo.telegram.markup import checked_inline, checked_markup
from bot.demo.telegram.model import Chat, ChatKind, Message
from bot.demo.telegram.refusals import bad_request
from bot.demo.telegram.targets import (
    MAX_CAPTION,
    MAX_TEXT,
    answered_message,
    editable_message,
    formatted,
    readable_chat,
    topic_of,
    writable_chat,
)

if TYPE_CHECKING:
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

MAX_ANSWER = 200
DELETABLE_FOR = timedelta(hours=48)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
CHAT_ACTIONS = frozenset(
    {
        *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
        *("upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"),
    }
)


def send_message(telegram: Telegram, parameters: Parameters) -> Json:
    """Send a text; returns the Message."""
    if not parameters.text("text"):
        raise bad_request("message text is empty")
    text, entities = formatted(telegram, parameters, "text")
    to = _destination(telegram, parameters)
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return _sent(telegram, parameters, telegram.put(to.chat, telegram.bot, text, entities), to)


def send_document(telegram: Telegram, parameters: Parameters) -> Json:
    """Send a file; returns the Message."""
    return _send_file(telegram, parameters, "document")


def send_photo(telegram: Telegram, parameters: Parameters) -> Json:
    """Send a picture; returns the Message."""
    return _send_file(telegram, parameters, "photo")


def edit_message_text(telegram: Telegram, parameters: Parameters) -> Json:
    """Replace text and keyboard (a keyboard left out is taken away); returns the Message."""
    if not parameters.text("text"):
        raise bad_request("message text is empty")
    text, entities = formatted(telegram, parameters, "text")
    markup, chat = _edit_destination(telegram, parameters)
    message = editable_message(telegram, chat, parameters)
    if message.file is not None:
        raise bad_request("there is no text in the message to edit")
    if utf16_length(text) > MAX_TEXT:
        raise bad_request("MESSAGE_TOO_LONG")
    return _edited(telegram, message, text, detect(text, entities), markup)


def edit_message_caption(telegram: Telegram, parameters: Parameters) -> Json:
    """Replace the caption of a file; returns the Message."""
    text, entities = formatted(telegram, parameters, "caption")
    markup, chat = _edit_destination(telegram, parameters)
    message = editable_message(telegram, chat, parameters)
    if message.file is None:
        raise bad_request("there is no caption in the message to edit")
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("MEDIA_CAPTION_TOO_LONG")
    return _edited(telegram, message, text, detect(text, entities), markup)


def edit_message_reply_markup(telegram: Telegram, parameters: Parameters) -> Json:
    """Replace the keyboard alone; returns the Message."""
    markup, chat = _edit_destination(telegram, parameters)
    message = editable_message(telegram, chat, parameters)
    return _edited(telegram, message, message.text, message.entities, markup)


def delete_message(telegram: Telegram, parameters: Parameters) -> bool:
    """Take a message out of the chat, at most 48 hours old."""
    chat = readable_chat(telegram, parameters)
    message = chat.live(parameters.integer("message_id"))
    if message is None:
        raise bad_request("message to delete not found")
    foreign = chat.kind is not ChatKind.PRIVATE and message.sender is not telegram.bot
    if foreign and not chat.may(telegram.bot.id, "can_delete_messages"):
        raise bad_request("message can't be deleted")
    if telegram.now() - message.date > DELETABLE_FOR:
        raise bad_request("message can't be deleted for everyone")
    telegram.remove(message)
    return True


def answer_callback_query(telegram: Telegram, parameters: Parameters) -> bool:
    """Show the one who pressed a short notice, once and in time."""
    text = parameters.text("text")
    press = telegram.presses.get(parameters.text("callback_query_id"))
    if press is None or press.answer is not None or telegram.now() - press.at > telegram.callback_lifetime:
        raise bad_request(QUERY_TOO_OLD)
    if utf16_length(text) > MAX_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    press.answer = {"text": text, "alert": parameters.flag("show_alert"), "url": parameters.text("url")}
    toast = {"press": press.id, "person": press.user.id, "message_id": press.message.id, **press.answer}
    toast["version"] = telegram.version + 1
    press.message.chat.toasts.append(toast)
    telegram.changed()
    return True


def send_chat_action(telegram: Telegram, parameters: Parameters) -> bool:
    """Show that the bot is busy."""
    writable_chat(telegram, parameters)
    if parameters.text("action").lower() not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    return True


@dataclass(frozen=True)
class _Destination:
    """Where a message goes and what hangs on it."""

    chat: Chat
    markup: Json | None
    answered: Message | None
    topic: int | None


def _destination(telegram: Telegram, parameters: Parameters) -> _Destination:
    markup = checked_markup(parameters.structure("reply_markup", "reply keyboard markup"))
    chat = writable_chat(telegram, parameters)
    answered = answered_message(chat, parameters)
    return _Destination(chat, markup, answered, topic_of(telegram, chat, parameters, answered))


def _edit_destination(telegram: Telegram, parameters: Parameters) -> tuple[Json | None, Chat]:
    markup = checked_inline(parameters.structure("reply_markup", "reply keyboard markup"))
    return markup, writable_chat(telegram, parameters)


def _sent(telegram: Telegram, parameters: Parameters, message: Message, to: _Destination) -> Json:
    message.markup, message.reply_to, message.topic = to.markup, to.answered, to.topic
    message.silent = parameters.flag("disable_notification")
    telegram.touch(message)
    return message.api()


def _edited(telegram: Telegram, message: Message, text: str, entities: list[Json], markup: Json | None) -> Json:
    if (message.text, message.entities, message.markup) == (text, entities, markup):
        raise bad_request(NOT_MODIFIED)
    message.text, message.entities, message.markup = text, entities, markup
    message.edited = telegram.now()
    telegram.touch(message)
    return message.api()


def _send_file(telegram: Telegram, parameters: Parameters, kind: str) -> Json:
    caption, entities = formatted(telegram, parameters, "caption")
    to = _destination(telegram, parameters)
    if utf16_length(caption) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    file = chosen_file(telegram, parameters, kind)
    message = telegram.put(to.chat, telegram.bot, caption, entities)
    message.file = file
    return _sent(telegram, parameters, message, to)
