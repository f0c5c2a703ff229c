"""One person's phone: what they write, press and send, and what they see, in private and in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.demo.telegram.seen import Attachment, Marker, SeenMessage, seen

if TYPE_CHECKING:
    from pathlib import Path

    from bot.demo.telegram.client import Office
    from bot.demo.telegram.entities import Json

PATIENCE = 10.0
A_PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(32)
"""Enough of a picture for Telegram to take it for one."""


class NotSeenError(AssertionError):
    """Something expected in a chat did not appear."""


@dataclass(frozen=True)
class Press:
    """A pressed button."""

    office: Office
    id: str

    def answer(self, timeout: float = PATIENCE) -> str:
        """Return the notice the bot answered with, empty for a silent answer."""
        found: Json = {}

        def answered() -> bool:
            found.update(self.office.get(f"/presses/{self.id}"))
            return found["answer"] is not None

        self.office.wait(answered, timeout, "the bot did not answer the press")
        return str(found["answer"]["text"])


class Person:
    """One person's phone. What ``waits_for`` and ``new_messages`` return counts as read until it changes.

    Everything happens in the chat with the bot unless ``chat`` names a group; ``in_group`` gives a phone on which a
    group (and perhaps one of its topics) is open instead.
    """

    def __init__(self, office: Office, user_id: int, name: str) -> None:
        self.office = office
        self.id = user_id
        self.name = name
        self._read: dict[tuple[int, int], int] = {}
        self._group: int | None = None
        self._topic: int | None = None

    def in_group(self, chat: int, topic: int | None = None) -> Person:
        """Return the same person with a group open, in one of its topics where named."""
        there = Person(self.office, self.id, self.name)
        there._read, there._group, there._topic = self._read, chat, topic
        return there

    def says(
        self,
        text: str,
        *,
        reply_to: SeenMessage | int | None = None,
        chat: int | None = None,
        topic: int | None = None,
    ) -> SeenMessage:
        """Send a text."""
        content = {"text": text, "reply_to": _id(reply_to), **self._place(chat, topic)}
        return seen(self.office.post(f"/people/{self.id}/say", content))

    def replies(self, text: str, to: SeenMessage | int | None = None, *, chat: int | None = None) -> SeenMessage:
        """Answer a message, the bot's latest question (ForceReply) where none is named."""
        return self.says(text, reply_to=to if to is not None else self._latest_question(chat), chat=chat)

    def edits(self, message: SeenMessage, text: str) -> SeenMessage:
        """Change one's own message."""
        content = {"message_id": message.id, "text": text, "chat_id": message.chat_id}
        return seen(self.office.post(f"/people/{self.id}/edit", content))

    def sends(
        self,
        file: Attachment | Path,
        caption: str = "",
        *,
        reply_to: SeenMessage | int | None = None,
        chat: int | None = None,
        topic: int | None = None,
        album: str | None = None,
    ) -> SeenMessage:
        """Send a file, as a document unless the attachment says photo; files with the same ``album`` go together."""
        attached = file if isinstance(file, Attachment) else Attachment(file.name, file.read_bytes())
        shown = {"text": caption, "kind": attached.kind, "size": attached.size, "album": album}
        given = {**shown, "reply_to": _id(reply_to), **self._place(chat, topic)}
        content = {name: value for name, value in given.items() if value is not None}
        sent = (attached.name, attached.content, attached.mime_type)
        return seen(self.office.upload(f"/people/{self.id}/say", content, sent))

    def send_document(
        self,
        name: str,
        content: bytes = b"%PDF-1.4",
        caption: str = "",
        *,
        mime_type: str = "application/pdf",
        size: int | None = None,
        reply_to: SeenMessage | int | None = None,
        chat: int | None = None,
    ) -> SeenMessage:
        """Send a document; ``size`` in bytes where Telegram is to believe that it is that large."""
        return self.sends(Attachment(name, content, mime_type, size=size), caption, reply_to=reply_to, chat=chat)

    def send_photo(
        self,
        content: bytes = A_PICTURE,
        caption: str = "",
        *,
        size: int | None = None,
        reply_to: SeenMessage | int | None = None,
        chat: int | None = None,
    ) -> SeenMessage:
        """Send a photo, taken just now where no ``content`` is given."""
        photo = Attachment("foto.png", content, "image/png", "photo", size)
        return self.sends(photo, caption, reply_to=reply_to, chat=chat)

    def presses(self, button: str, *, in_message: SeenMessage | int | None = None, chat: int | None = None) -> Press:
        """Press a button by its text or callback data, in the latest message that has it unless one is named."""
        message_id = _id(in_message) or self._latest_with(button, chat)
        content = {"message_id": message_id, "button": button, "chat_id": self._at(chat)}
        return Press(self.office, self.office.post(f"/people/{self.id}/press", content)["id"])

    def presses_stale(self, data: str, in_message: SeenMessage | int, *, chat: int | None = None) -> Press:
        """Press a button that the phone still shows although the bot has taken it away."""
        content = {"message_id": _id(in_message), "button": data, "stale": True, "chat_id": self._at(chat)}
        return Press(self.office, self.office.post(f"/people/{self.id}/press", content)["id"])

    def deletes(self, message: SeenMessage) -> None:
        """Delete a message for everybody."""
        self._does("delete", message)

    def pins(self, message: SeenMessage) -> None:
        """Pin a message."""
        self._does("pin", message)

    def unpins(self, message: SeenMessage) -> None:
        """Unpin a message."""
        self._does("unpin", message)

    def blocks_the_bot(self) -> None:
        """Block the bot."""
        self.office.post(f"/people/{self.id}/block", {})

    def unblocks_the_bot(self) -> None:
        """Take the block back."""
        self.office.post(f"/people/{self.id}/unblock", {})

    def chat(self, chat: int | None = None) -> list[SeenMessage]:
        """Return the messages in the chat with the bot, or in a group; deleted ones are gone."""
        messages = self.office.get(f"/chats/{self._at(chat) or self.id}")["messages"]
        shown = [seen(message) for message in messages if not message["deleted"] and not message["service"]]
        return [message for message in shown if chat is not None or self._topic in {None, message.topic}]

    def pinned(self, chat: int | None = None) -> list[SeenMessage]:
        """Return the pinned messages of a chat, oldest first."""
        return [message for message in self.chat(chat) if message.pinned]

    def toasts(self, chat: int | None = None) -> list[str]:
        """Return the notices shown to this person over the chat so far, empty ones left out."""
        toasts = self.office.get(f"/chats/{self._at(chat) or self.id}")["toasts"]
        return [toast["text"] for toast in toasts if toast["text"] and toast["person"] == self.id]

    def new_messages(self, chat: int | None = None) -> list[SeenMessage]:
        """Return the bot's messages that are new or have changed since last read, and count them as read."""
        found = [message for message in self.chat(chat) if message.from_bot and self._is_new(message)]
        for message in found:
            self._mark_read(message)
        return found

    def waits_for(
        self,
        part: str,
        *,
        after: SeenMessage | int | Marker | None = None,
        timeout: float = PATIENCE,
        chat: int | None = None,
    ) -> SeenMessage:
        """Return the bot's first message containing ``part`` that is not read yet.

        With ``after``: the first that is younger than that message, or changed after that marker, read or not.
        """
        found: list[SeenMessage] = []

        def appeared() -> bool:
            found.extend(
                message
                for message in self.chat(chat)
                if message.from_bot and part in message.text and self._counts(message, after)
            )
            return bool(found)

        try:
            self.office.wait(appeared, timeout, "")
        except NotSeenError:
            complaint = f"{self.name} did not see {part!r} within {timeout:g} s"
            raise NotSeenError(f"{complaint}. The chat:\n{self.transcript(chat)}") from None
        self._mark_read(found[0])
        return found[0]

    def transcript(self, chat: int | None = None) -> str:
        """Return the chat as text."""
        return "\n".join(map(str, self.chat(chat)))

    def _does(self, what: str, message: SeenMessage) -> None:
        self.office.post(f"/people/{self.id}/{what}", {"message_id": message.id, "chat_id": message.chat_id})

    def _at(self, chat: int | None) -> int | None:
        return self._group if chat is None else chat

    def _place(self, chat: int | None, topic: int | None) -> Json:
        return {"chat_id": self._at(chat), "topic": self._topic if topic is None else topic}

    def _counts(self, message: SeenMessage, after: SeenMessage | int | Marker | None) -> bool:
        if after is None:
            return self._is_new(message)
        if isinstance(after, Marker):
            return message.version > after.version
        return message.id > (_id(after) or 0)

    def _is_new(self, message: SeenMessage) -> bool:
        return self._read.get((message.chat_id, message.id), 0) < message.version

    def _mark_read(self, message: SeenMessage) -> None:
        self._read[message.chat_id, message.id] = message.version

    def _latest_with(self, button: str, chat: int | None) -> int:
        for message in reversed(self.chat(chat)):
            if any(button in {shown.text, shown.data} for shown in message.buttons):
                return message.id
        raise NotSeenError(f"{self.name} sees no button {button!r}. The chat:\n{self.transcript(chat)}")

    def _latest_question(self, chat: int | None = None) -> int:
        for message in reversed(self.chat(chat)):
            if message.force_reply:
                return message.id
        raise NotSeenError(f"{self.name} was asked nothing. The chat:\n{self.transcript(chat)}")


def _id(message: SeenMessage | int | None) -> int | None:
    return message.id if isinstance(message, SeenMessage) else message
