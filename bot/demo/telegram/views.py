"""A chat as its people see it now, as JSON for the demo page and the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.demo.telegram.entities import Json, as_html
from bot.demo.telegram.model import stamp

if TYPE_CHECKING:
    from bot.demo.telegram.model import Chat, Message, Press, StoredFile
    from bot.demo.telegram.state import Recorded, Telegram


def chat_view(telegram: Telegram, chat: Chat) -> Json:
    """Return the chat with every message, deleted ones marked, and the notices shown over it."""
    return {
        "version": telegram.version,
        "chat": chat.api(),
        "started": chat.started,
        "blocked": chat.blocked,
        "pinned": chat.pinned,
        "members": {str(user): status for user, status in chat.members.items()},
        "topics": {str(topic): {"name": of.name, "closed": of.closed} for topic, of in chat.topics.items()},
        "messages": [message_view(telegram, message) for message in chat.messages.values()],
        "toasts": chat.toasts,
    }


def message_view(telegram: Telegram, message: Message) -> Json:
    """Return one message as shown."""
    markup = message.markup or {}
    file = message.file
    return {
        "id": message.id,
        "chat_id": message.chat.id,
        "version": message.version,
        "from_bot": message.sender is telegram.bot,
        "sender": message.sender.name,
        "text": message.text,
        "html": as_html(message.text, message.entities),
        "buttons": message.buttons,
        "keyboard": markup.get("keyboard", []),
        "force_reply": bool(markup.get("force_reply")),
        "placeholder": markup.get("input_field_placeholder"),
        "edited": message.edited is not None,
        "deleted": message.deleted,
        "reply_to": message.reply_to.id if message.reply_to else None,
        "silent": message.silent,
        "date": stamp(message.date),
        "file": file_view(file) if file else None,
        "album": message.album,
        "service": message.service,
        "topic": message.topic,
        "pinned": message.pinned,
    }


def file_view(file: StoredFile) -> Json:
    """Return what is known of a file; its size in bytes, a photo's sides in pixels."""
    sides = file.picture._asdict() if file.kind == "photo" else {}
    known = {"kind": file.kind, "name": file.name, "id": file.id, "unique_id": file.unique_id}
    return {**known, "mime_type": file.mime_type, "size": file.size, **sides}


def press_view(telegram: Telegram, press: Press) -> Json:
    """Return a press and what the bot answered to it."""
    return {"version": telegram.version, "id": press.id, "data": press.data, "answer": press.answer}


def request_view(recorded: Recorded) -> Json:
    """Return one request of the bot and how it ended."""
    return {
        "number": recorded.number,
        "method": recorded.method,
        "parameters": recorded.parameters,
        "date": recorded.at.timestamp(),
        "outcome": recorded.outcome,
        "status": recorded.status,
        "description": recorded.description,
        "result": recorded.result,
    }


def state_view(telegram: Telegram) -> Json:
    """Return the counters a test waits for."""
    return {
        "version": telegram.version,
        "now": telegram.now().timestamp(),
        "pending_updates": len(telegram.updates.pending),
        "webhook": telegram.updates.webhook.url,
        "requests": telegram.request_count,
        "violations": telegram.pacing.violations,
        "bot": telegram.bot.api(),
        "chats": [chat.api() for chat in telegram.chats.values()],
        "commands": [
            {"scope": scope, "language": language, "commands": commands}
            for (scope, language), commands in telegram.profile.commands.items()
        ],
    }
