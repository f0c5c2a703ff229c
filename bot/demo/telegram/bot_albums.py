"""The Bot API's method that sends several photos or documents as one album."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.demo.telegram.entities import Json, utf16_length
from bot.demo.telegram.files import chosen_file
from bot.demo.telegram.parameters import Parameters
from bot.demo.telegram.refusals import Refusal, bad_request
from bot.demo.telegram.targets import MAX_CAPTION, answered_message, formatted, topic_of, writable_chat

if TYPE_CHECKING:
    from bot.demo.telegram.model import StoredFile
    from bot.demo.telegram.state import Telegram

LARGEST_ALBUM = 10
_KINDS = ("photo", "document")
_ATTACHED = "attach://"
_CAPTION = ("caption", "parse_mode", "caption_entities")


@dataclass(frozen=True)
class _Item:
    """One file of an album with its caption."""

    file: StoredFile
    text: str
    entities: list[Json]


def send_media_group(telegram: Telegram, parameters: Parameters) -> list[Json]:
    """Send files together; returns the Messages. Albums have no keyboard: one that is named is not looked at."""
    given = _given(parameters)
    chat = writable_chat(telegram, parameters)
    answered = answered_message(chat, parameters)
    topic = topic_of(telegram, chat, parameters, answered)
    # All of them are looked at before any is sent.
    items = [_item(telegram, kind, values) for kind, values in given]
    album = str(secrets.randbits(53)) if len(items) > 1 else None
    messages = [telegram.put(chat, telegram.bot, item.text, item.entities) for item in items]
    for message, item in zip(messages, items, strict=True):
        message.file, message.album, message.reply_to, message.topic = item.file, album, answered, topic
        message.silent = parameters.flag("disable_notification")
        telegram.touch(message)
    return [message.api() for message in messages]


def _given(parameters: Parameters) -> list[tuple[str, Parameters]]:
    """Return each item's kind with its own parameters; raises Refusal for what is no album."""
    media = parameters.structure("media", "media")
    if media is None:
        raise bad_request('parameter "media" is required')
    if not isinstance(media, list):
        raise bad_request("expected an Array of InputMedia")
    given = [_read(parameters, item) for item in media]
    if not given:
        raise bad_request("there are no messages to send")
    if len(given) > LARGEST_ALBUM:
        raise bad_request("too many messages to send as an album")
    if len({kind for kind, _ in given}) > 1:
        raise bad_request("document can't be mixed with other media types")
    return given


def _read(parameters: Parameters, item: object) -> tuple[str, Parameters]:
    if not isinstance(item, dict):
        raise _unread("expected an Object")
    kind, media = str(item.get("type", "")), item.get("media")
    if kind == "animation":
        raise _unread('type "animation" can\'t be used in sendMediaGroup')
    if kind not in _KINDS:
        raise _unread(f'type "{kind}" is unsupported')
    if not isinstance(media, str) or not media:
        raise _unread("media not found")
    uploads = {}
    if media.startswith(_ATTACHED):
        name = media.removeprefix(_ATTACHED)
        if name not in parameters.files:
            raise _unread("media not found")
        uploads[name] = parameters.files[name]
    values = {name: item[name] for name in _CAPTION if name in item}
    return kind, Parameters({kind: media, **values}, uploads)


def _unread(reason: str) -> Refusal:
    return bad_request(f"can't parse InputMedia: {reason}")


def _item(telegram: Telegram, kind: str, values: Parameters) -> _Item:
    text, entities = formatted(telegram, values, "caption")
    if utf16_length(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return _Item(chosen_file(telegram, values, kind), text, entities)
