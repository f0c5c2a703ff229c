"""From Telegram's update to what the handlers understand."""

from __future__ import annotations

from typing import Any, TypeGuard

import telegram

from bot.messages.limits import shorten
from handlers.conversation import Incoming, IncomingFile, Kind

_INT64 = 2**63
_LONGEST_FILE_ID = 255
_LONGEST_UNIQUE_ID = 64
_LONGEST_FILE_NAME = 200
_LONGEST_TITLE = 128
_GONE = frozenset({"kicked", "left"})


class UnreadableUpdateError(ValueError):
    """What came is no update as the Bot API describes it; the message names no content."""


def translate(raw: Any) -> Incoming | None:
    """Return what an update says, or None for one that concerns nobody (channels, other bots).

    Raises UnreadableUpdateError for whatever is no sound update; what it returns, every database can hold.
    """
    try:
        incoming = _translate(raw)
    except Exception as error:
        # The library is not written for hostile input: it lets whatever it stumbles over through.
        raise UnreadableUpdateError(type(error).__name__) from error
    if incoming is not None and not _is_sound(incoming):
        raise UnreadableUpdateError("a value of the wrong type or size")
    return incoming


def update_number(raw: Any) -> int | None:
    """Return an update's own number, None where it has none that can be stored."""
    number = raw.get("update_id") if isinstance(raw, dict) else None
    return number if _is_id(number) else None


def _is_id(value: object) -> TypeGuard[int]:
    """Whether a value is a number that a database can keep as an id."""
    return isinstance(value, int) and not isinstance(value, bool) and -_INT64 <= value < _INT64


def _is_sound(incoming: Incoming) -> bool:
    ids = (incoming.update_id, incoming.chat_id, incoming.user_id)
    maybe = (incoming.message_id, incoming.reply_to, incoming.topic, incoming.moved_to)
    return (
        all(_is_id(number) for number in ids)
        and all(number is None or _is_id(number) for number in maybe)
        and (incoming.file is None or _is_sound_file(incoming.file))
        and (incoming.callback_id is None or isinstance(incoming.callback_id, str))
    )


def _is_sound_file(file: IncomingFile) -> bool:
    size = file.size is None or (_is_id(file.size) and file.size >= 0)
    return size and _is_file_id(file.file_id, _LONGEST_FILE_ID) and _is_file_id(file.file_unique_id, _LONGEST_UNIQUE_ID)


def _is_file_id(value: object, longest: int) -> bool:
    """Whether a value can be what Telegram knows a file by: it is given back as it came, or not at all."""
    return isinstance(value, str) and 0 < len(value) <= longest and value.isascii() and value.isprintable()


def _translate(raw: dict[str, Any]) -> Incoming | None:
    update = telegram.Update.de_json(raw, None)
    user = update.effective_user
    chat = update.effective_chat
    if chat is None or chat.type == chat.CHANNEL:
        return None
    kind, command, text = _said(update)
    if kind in _ABOUT_GROUPS:
        return _about_group(update, kind, chat, raw)
    if kind is None or user is None or user.is_bot:
        return None
    query = update.callback_query
    message = update.effective_message
    return Incoming(
        update_id=update.update_id,
        kind=kind,
        chat_id=chat.id,
        user_id=user.id,
        name=_clean(user.full_name or "") or str(user.id),
        private=chat.type == chat.PRIVATE,
        command=command,
        text=_clean(text),
        message_id=message.message_id if message else None,
        reply_to=_reply_to(update),
        callback_id=query.id if query else None,
        file=_file(update.message) if kind is Kind.FILE and update.message else None,
        chat_title=_title(chat),
        topic=_topic(message),
        forum=chat.is_forum is True,
        body=raw,
    )


_ABOUT_GROUPS = frozenset({Kind.GROUP_JOINED, Kind.GROUP_LEFT, Kind.GROUP_MOVED})


def _about_group(update: telegram.Update, kind: Kind, chat: telegram.Chat, raw: dict[str, Any]) -> Incoming:
    """Return what happened to a group, whoever did it: an anonymous administrator shows as a bot."""
    user = update.effective_user
    return Incoming(
        update_id=update.update_id,
        kind=kind,
        chat_id=chat.id,
        user_id=user.id if user is not None and not user.is_bot else 0,
        name=_clean(user.full_name or "") if user is not None else "",
        private=False,
        chat_title=_title(chat),
        forum=chat.is_forum is True,
        moved_to=update.message.migrate_to_chat_id if update.message else None,
        body=raw,
    )


def _said(update: telegram.Update) -> tuple[Kind | None, str, str]:
    if update.callback_query is not None:
        return Kind.BUTTON, "", update.callback_query.data or ""
    if update.my_chat_member is not None:
        return _membership(update.my_chat_member), "", ""
    if update.edited_message is not None:
        return Kind.EDITED, *_command(update.edited_message.text or "")
    if update.message is None:
        return None, "", ""
    if update.message.migrate_to_chat_id is not None:
        return Kind.GROUP_MOVED, "", ""
    text = update.message.text
    if text is None:
        return _without_text(update.message)
    command, rest = _command(text)
    return (Kind.COMMAND if command else Kind.TEXT), command, rest


def _membership(change: telegram.ChatMemberUpdated) -> Kind:
    after = change.new_chat_member
    # Somebody restricted may be in the group or not.
    gone = after.status in _GONE or getattr(after, "is_member", True) is False
    if change.chat.type == telegram.Chat.PRIVATE:
        return Kind.BLOCKED if gone else Kind.UNBLOCKED
    return Kind.GROUP_LEFT if gone else Kind.GROUP_JOINED


def _without_text(message: telegram.Message) -> tuple[Kind | None, str, str]:
    if message.effective_attachment is None:
        return None, "", ""
    if (message.document or message.photo) and message.chat.type == telegram.Chat.PRIVATE:
        return Kind.FILE, "", message.caption or ""
    return Kind.OTHER, "", ""


def _file(message: telegram.Message) -> IncomingFile:
    """Return the document of a message, or the largest size of its photo."""
    album = _clean(message.media_group_id or "")[:_LONGEST_FILE_ID]
    document = message.document
    if document is not None:
        return IncomingFile(
            document.file_id,
            document.file_unique_id,
            name=shorten(_clean(document.file_name or ""), _LONGEST_FILE_NAME),
            mime_type=shorten(_clean(document.mime_type or ""), _LONGEST_FILE_NAME),
            size=document.file_size,
            album=album,
        )
    size = max(message.photo, key=lambda size: size.width * size.height)
    return IncomingFile(
        size.file_id,
        size.file_unique_id,
        mime_type="image/jpeg",  # as Telegram stores every photo
        size=size.file_size,
        photo=True,
        album=album,
    )


def _title(chat: telegram.Chat) -> str:
    return shorten(_clean(chat.title or ""), _LONGEST_TITLE)


def _topic(message: object) -> int | None:
    """Return the topic of a forum that something was said in: a thread of replies in an ordinary group is none."""
    if not isinstance(message, telegram.Message) or not message.is_topic_message:
        return None
    return None if message.chat.type == telegram.Chat.PRIVATE else message.message_thread_id


def _reply_to(update: telegram.Update) -> int | None:
    replied = update.message.reply_to_message if update.message else None
    # Whatever is said in a topic shows as a reply to the topic's beginning.
    return replied.message_id if replied and replied.forum_topic_created is None else None


def _command(text: str) -> tuple[str, str]:
    """Split ``/selesai@sop_bot PK-2026-001 beres`` into ``selesai`` and the rest; no command is ``""``."""
    if not text.startswith("/") or len(text) == 1 or text[1].isspace():
        return "", text
    word, *rest = text.split(maxsplit=1)
    return word[1:].partition("@")[0].lower() or "?", "".join(rest)


def _clean(text: str) -> str:
    """Drop what no database stores: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
