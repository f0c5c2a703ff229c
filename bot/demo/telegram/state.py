"""The state behind both faces of the server: synchronous, its clock passed in."""

from __future__ import annotations

import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256, sha512
from typing import TYPE_CHECKING

from bot.demo.telegram.entities import Json, detect, trimmed
from bot.demo.telegram.faults import Faults
from bot.demo.telegram.model import Chat, ChatKind, Message, Press, StoredFile, User
from bot.demo.telegram.pacing import Pacing
from bot.demo.telegram.parameters import Upload
from bot.demo.telegram.updates import Updates

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

TOKEN = re.compile(r"(\d+):[\w-]{35}$")
FIRST_UPDATE = 100_001
FILE_ID_STARTS = {"document": "BQACAgUAAxkBAA", "photo": "AgACAgUAAxkBAA"}
CALLBACK_LIFETIME = timedelta(seconds=15)


@dataclass
class Recorded:
    """One request of the bot: what it asked and what it got."""

    number: int
    method: str
    parameters: Json
    at: datetime
    outcome: str = ""
    status: int = 0
    description: str = ""
    result: object = None


@dataclass
class Profile:
    """What the bot said about itself: commands per (scope, language) and single texts by method name."""

    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menu_buttons: dict[int, Json] = field(default_factory=dict)


class Telegram:
    """Telegram as one bot and its people see it.

    ``now`` returns an aware UTC datetime. Every visible change raises ``version`` and calls the listeners.
    Not safe to change from several threads at once: the server changes it on its own loop only.
    """

    def __init__(
        self,
        token: str,
        now: Callable[[], datetime],
        *,
        bot_name: str = "SOP Bot",
        bot_username: str = "sop_demo_bot",
        callback_lifetime: timedelta = CALLBACK_LIFETIME,
    ) -> None:
        match = TOKEN.match(token)
        if match is None:
            message = "a token looks like 123456:AAAA… with 35 characters after the colon"
            raise ValueError(message)
        self.token = token
        self.bot = User(int(match[1]), bot_name, username=bot_username, is_bot=True)
        self.callback_lifetime = callback_lifetime
        # Whether a Mini App may be on this machine, without TLS; Telegram itself takes no such address.
        self.local_apps = False
        self.version = 0
        self.listeners: list[Callable[[], None]] = []
        self._now = now
        self._begin()

    def forget(self) -> None:
        """Know nobody and nothing again; only the version goes on, so that whoever waits for a change sees one."""
        self._begin()
        self.changed()

    def _begin(self) -> None:
        self.clock_offset = timedelta(0)
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.presses: dict[str, Press] = {}
        self.updates = Updates(FIRST_UPDATE)
        self.requests: list[Recorded] = []
        self.request_count = 0
        self.profile = Profile()
        self.pacing = Pacing()
        self.faults = Faults()

    def now(self) -> datetime:
        """Return the moment by the server's clock."""
        return self._now() + self.clock_offset

    def shift_clock(self, by: timedelta) -> None:
        """Put the server's clock forward."""
        self.clock_offset += by
        self.changed()

    def changed(self) -> int:
        """Raise the version, wake whoever waits, return the new version."""
        self.version += 1
        self.wake()
        return self.version

    def wake(self) -> None:
        """Let whoever waits look again although nothing visible has changed."""
        for listener in list(self.listeners):
            listener()

    def touch(self, message: Message) -> None:
        """Mark ``message`` as changed just now."""
        message.version = self.version + 1
        self.changed()

    def put(self, chat: Chat, sender: User, text: str = "", entities: list[Json] | None = None) -> Message:
        """Append a message to ``chat``; the caller fills in the rest before anybody looks."""
        text, entities = trimmed(text, entities or [])
        chat.last_id += 1
        message = Message(chat, chat.last_id, sender, self.now(), text, detect(text, entities))
        chat.messages[message.id] = message
        self.touch(message)
        return message

    def remove(self, message: Message) -> None:
        """Take a message out of its chat for everybody."""
        message.deleted = True
        message.chat.pinned = [pinned for pinned in message.chat.pinned if pinned != message.id]
        self.touch(message)

    def announce(self, chat: Chat, by: User, content: Json, *, topic: int | None = None) -> Message:
        """Put a service message in a chat and tell the bot of it if it is there."""
        message = self.put(chat, by)
        message.service, message.topic = content, topic
        if chat.kind is ChatKind.PRIVATE or chat.has(self.bot.id):
            self.tell_bot("message", message.api())
        return message

    def tell_bot(self, kind: str, content: Json) -> None:
        """Queue an update for the bot."""
        self.updates.add(kind, content)
        self.changed()

    def private_chat(self, user: User) -> Chat:
        """Return the chat between ``user`` and the bot, making it on first use."""
        chat = self.chats.get(user.id)
        if chat is None:
            chat = self.chats[user.id] = Chat(user.id, ChatKind.PRIVATE, user=user)
        return chat

    def store(self, kind: str, upload: Upload, *, size: int | None = None) -> StoredFile:
        """Keep a file as a document or photo; ``size`` in bytes where the file only pretends to be that large."""
        thumbnail = None
        if kind == "photo":
            small = upload.content[: len(upload.content) // 4]
            thumbnail = self._kept(kind, Upload(upload.name, small, upload.mime_type), len(small))
        file = self._kept(kind, upload, len(upload.content) if size is None else size)
        file.thumbnail = thumbnail
        return file

    def _kept(self, kind: str, upload: Upload, size: int) -> StoredFile:
        """Return a new file: its id is new each time, its unique id the same for the same content."""
        number = len(self.files) + 1
        suffix = re.sub(r"[^A-Za-z0-9]", "", upload.name.rpartition(".")[2] if "." in upload.name else "bin")
        mark = urlsafe_b64encode(sha256(kind.encode() + upload.content).digest()).decode()
        # Long and like no other, yet the same whenever the same story is played again.
        own = urlsafe_b64encode(sha512(f"{number} {mark}".encode()).digest()[:42]).decode()
        file_id = f"{FILE_ID_STARTS[kind]}{self.bot.id % 100_000:05}{own}"
        path = f"{kind}s/file_{number}.{suffix}"
        file = StoredFile(file_id, f"AgAD{mark[:12]}", path, upload.content, upload.name, upload.mime_type, kind, size)
        self.files[file.id] = file
        return file

    def press(self, user: User, message: Message, data: str) -> Press:
        """Remember a press of an inline button."""
        press = Press(str(secrets.randbits(62)), user, message, data, self.now())
        self.presses[press.id] = press
        return press
