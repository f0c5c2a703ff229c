"""From Telegram's update to what the handlers understand."""

from __future__ import annotations

from typing import Any, TypeGuard

import telegram

from handlers.conversation import Incoming, Kind

_INT64 = 2**63


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
    maybe = (incoming.message_id, incoming.reply_to)
    return (
        all(_is_id(number) for number in ids)
        and all(number is None or _is_id(number) for number in maybe)
        and (incoming.callback_id is None or isinstance(incoming.callback_id, str))
    )


def _translate(raw: dict[str, Any]) -> Incoming | None:
    update = telegram.Update.de_json(raw, None)
    user = update.effective_user
    chat = update.effective_chat
    if user is None or user.is_bot or chat is None or chat.type == chat.CHANNEL:
        return None
    kind, command, text = _said(update)
    if kind is None:
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
        body=raw,
    )


def _said(update: telegram.Update) -> tuple[Kind | None, str, str]:
    if update.callback_query is not None:
        return Kind.BUTTON, "", update.callback_query.data or ""
    if update.my_chat_member is not None:
        gone = update.my_chat_member.new_chat_member.status in {"kicked", "left"}
        private = update.my_chat_member.chat.type == telegram.Chat.PRIVATE
        return (Kind.BLOCKED if gone else Kind.UNBLOCKED) if private else None, "", ""
    if update.edited_message is not None:
        return Kind.EDITED, *_command(update.edited_message.text or "")
    if update.message is None:
        return None, "", ""
    text = update.message.text
    if text is None:
        return (Kind.OTHER if update.message.effective_attachment is not None else None), "", ""
    command, rest = _command(text)
    return (Kind.COMMAND if command else Kind.TEXT), command, rest


def _reply_to(update: telegram.Update) -> int | None:
    replied = update.message.reply_to_message if update.message else None
    return replied.message_id if replied else None


def _command(text: str) -> tuple[str, str]:
    """Split ``/selesai@sop_bot PK-2026-001 beres`` into ``selesai`` and the rest; no command is ``""``."""
    if not text.startswith("/") or len(text) == 1 or text[1].isspace():
        return "", text
    word, *rest = text.split(maxsplit=1)
    return word[1:].partition("@")[0].lower() or "?", "".join(rest)


def _clean(text: str) -> str:
    """Drop what no database stores: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
