"""What the server remembers: people, chats, messages, files, presses."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from bot.demo.telegram.images import UNKNOWN, size_of
from bot.demo.telegram.markup import is_inline

if TYPE_CHECKING:
    from datetime import datetime

    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.images import Size

SUPERGROUP_BASE = -1_000_000_000_000
"""Ids of supergroups start below this number."""


class ChatKind(StrEnum):
    """The kinds of chat a bot of an office meets."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"


@dataclass
class User:
    """A person with a Telegram account, or the bot itself."""

    id: int
    first_name: str
    last_name: str | None = None
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False

    @property
    def name(self) -> str:
        """The name as Telegram shows it."""
        return f"{self.first_name} {self.last_name or ''}".strip()

    def api(self) -> Json:
        """Return the Bot API's User object."""
        return _present(
            id=self.id,
            is_bot=self.is_bot,
            first_name=self.first_name,
            last_name=self.last_name,
            username=self.username,
            language_code=self.language_code,
        )


@dataclass
class StoredFile:
    """A file that was sent by either side; ``kind`` is ``document`` or ``photo`` and stays with it for good.

    ``size`` is what Telegram says of it, in bytes; ``thumbnail`` is the small copy Telegram makes of a photo.
    """

    id: str
    unique_id: str
    path: str
    content: bytes
    name: str
    mime_type: str
    kind: str
    size: int
    thumbnail: StoredFile | None = None

    def api(self) -> Json:
        """Return the fields every file object of the Bot API shares."""
        return {"file_id": self.id, "file_unique_id": self.unique_id, "file_size": self.size}

    @cached_property
    def picture(self) -> Size:
        """How large a photo is; UNKNOWN for one that is no picture."""
        return size_of(self.content) or UNKNOWN

    def as_media(self) -> Json:
        """Return the field of a message that carries the file; a photo comes in sizes, the largest last."""
        if self.kind == "photo":
            whole = {**self.api(), **self.picture._asdict()}
            small = [{**self.thumbnail.api(), "width": 90, "height": 67}] if self.thumbnail else []
            return {"photo": [*small, whole]}
        return {"document": {**self.api(), "file_name": self.name, "mime_type": self.mime_type}}


@dataclass(eq=False)
class Message:
    """A message as the chat holds it now. ``version`` is the server's counter at its last change.

    ``topic`` is the forum topic it stands in, None for the general one and for chats without topics; ``album`` is what
    files sent together have in common.
    """

    chat: Chat
    id: int
    sender: User
    date: datetime
    text: str = ""
    entities: list[Json] = field(default_factory=list)
    markup: Json | None = None
    reply_to: Message | None = None
    topic: int | None = None
    file: StoredFile | None = None
    album: str | None = None
    service: Json = field(default_factory=dict)
    silent: bool = False
    edited: datetime | None = None
    deleted: bool = False
    version: int = 0

    def api(self, *, nested: bool = False) -> Json:
        """Return the Bot API's Message object; a nested one names no reply of its own."""
        words = ("caption", "caption_entities") if self.file else ("text", "entities")
        answered = None if nested else self.reply_to or self._beginning_of_topic()
        return _present(
            message_id=self.id,
            date=stamp(self.date),
            chat=self.chat.api(),
            message_thread_id=self.topic or self._thread(),
            is_topic_message=True if self.topic else None,
            media_group_id=self.album,
            edit_date=stamp(self.edited) if self.edited else None,
            reply_to_message=answered.api(nested=True) if answered else None,
            reply_markup=self.markup if is_inline(self.markup) else None,
            **{"from": self.sender.api(), words[0]: self.text or None, words[1]: self.entities or None},
            **(self.file.as_media() if self.file else {}),
            **self.service,
        )

    def inaccessible(self) -> Json:
        """Return what Telegram sends instead of a message that the bot may not see any more."""
        return {"message_id": self.id, "date": 0, "chat": self.chat.api()}

    def _beginning_of_topic(self) -> Message | None:
        """Return what Telegram shows a message in a topic as a reply to, where it is no reply to anything else."""
        return self.chat.messages.get(self.topic) if self.topic and self.topic != self.id else None

    def _thread(self) -> int | None:
        """Return the first message of a chain of replies: supergroups name it as if it were a topic."""
        if self.chat.kind is not ChatKind.SUPERGROUP or self.reply_to is None:
            return None
        first = self.reply_to
        while first.reply_to is not None:
            first = first.reply_to
        return first.id

    @property
    def pinned(self) -> bool:
        """Whether the message is pinned in its chat."""
        return self.id in self.chat.pinned

    @property
    def buttons(self) -> list[list[Json]]:
        """The rows of inline buttons under the message."""
        rows: list[list[Json]] = (self.markup or {}).get("inline_keyboard", [])
        return rows


@dataclass
class Topic:
    """A topic of a forum; its id is that of the service message that began it."""

    name: str
    closed: bool = False


@dataclass(eq=False)
class Chat:
    """A private chat or a group, with everything said in it.

    ``members`` holds a status per user id, ``left`` and ``kicked`` among them; ``rights`` what each administrator may.
    """

    id: int
    kind: ChatKind
    user: User | None = None
    title: str | None = None
    members: dict[int, str] = field(default_factory=dict)
    rights: dict[int, frozenset[str]] = field(default_factory=dict)
    forum: bool = False
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    toasts: list[Json] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    started: bool = False
    blocked: bool = False
    last_id: int = 0
    migrated_to: int | None = None

    def api(self) -> Json:
        """Return the Bot API's Chat object."""
        person = self.user
        if person is None:
            forum = {"is_forum": True} if self.forum else {}
            return {"id": self.id, "type": self.kind.value, "title": self.title or "", **forum}
        return _present(
            id=self.id,
            type=self.kind.value,
            first_name=person.first_name,
            last_name=person.last_name,
            username=person.username,
        )

    def has(self, user_id: int) -> bool:
        """Whether somebody is in the group."""
        return self.members.get(user_id, "left") in {"member", "administrator", "creator"}

    def may(self, user_id: int, right: str) -> bool:
        """Whether somebody has a right of administrators in the group, as ``can_pin_messages``."""
        status = self.members.get(user_id)
        return status == "creator" or (status == "administrator" and right in self.rights.get(user_id, frozenset()))

    def manages(self, user_id: int) -> bool:
        """Whether somebody is an administrator of the group."""
        return self.members.get(user_id) in {"administrator", "creator"}

    def live(self, message_id: int | None) -> Message | None:
        """Return the message unless it is unknown or deleted."""
        message = self.messages.get(message_id or 0)
        return None if message is None or message.deleted else message


@dataclass
class Press:
    """One press of an inline button; ``answer`` is what the bot showed, None while it has not answered."""

    id: str
    user: User
    message: Message
    data: str
    at: datetime
    answer: Json | None = None


def stamp(moment: datetime) -> int:
    """Return Telegram's date: whole seconds since 1970."""
    return int(moment.timestamp())


def _present(**fields: object) -> Json:
    return {name: value for name, value in fields.items() if value is not None}
