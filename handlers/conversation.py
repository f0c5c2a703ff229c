"""What comes in and what goes back, free of Telegram's classes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from bot.domain import codes

if TYPE_CHECKING:
    from bot.domain.notices import Notice


class Kind(Enum):
    """What sort of update came in."""

    COMMAND = auto()
    TEXT = auto()
    BUTTON = auto()
    FILE = auto()  # a document or a photo, in private
    EDITED = auto()  # an edited message
    OTHER = auto()  # a sticker, a place on the map …
    BLOCKED = auto()  # the person blocked the bot
    UNBLOCKED = auto()
    GROUP_JOINED = auto()  # the bot was taken into a group, or its rights there changed
    GROUP_LEFT = auto()  # the bot was thrown out of a group, or left it
    GROUP_MOVED = auto()  # a group became a supergroup


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file as Telegram describes it; its content stays there.

    ``size`` is in bytes, None where Telegram does not say. ``album`` is the same for all files that were sent together.
    ``file_id`` is for sending and fetching, ``file_unique_id`` for telling whether two files are one.
    """

    file_id: str
    file_unique_id: str
    name: str = ""  # a photo has none
    mime_type: str = ""
    size: int | None = None
    photo: bool = False
    album: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update. ``text`` is a command's rest, a text, a file's caption or a button's data; ``body`` the raw update.

    ``topic`` is the topic of a forum that it was said in: what answers goes there. For GROUP_MOVED, ``chat_id`` is
    the group's old id and ``moved_to`` the new one. ``user_id`` is 0 where nobody known did something to a group.
    """

    update_id: int
    kind: Kind
    chat_id: int
    user_id: int
    name: str
    private: bool = True
    command: str = ""
    text: str = ""
    message_id: int | None = None
    reply_to: int | None = None  # the message that a text answers
    callback_id: str | None = None
    file: IncomingFile | None = None
    chat_title: str = ""  # a group's
    topic: int | None = None
    forum: bool = False  # whether the group has topics
    moved_to: int | None = None
    body: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """The answer: ``say`` are new messages, ``edit`` becomes the pressed message, ``toast`` a button's word."""

    say: tuple[Notice, ...] = ()
    edit: Notice | None = None
    toast: Notice | None = None
    alert: bool = False


def said(*notices: Notice) -> Response:
    """Answer with new messages."""
    return Response(say=notices)


def split_code(text: str) -> tuple[str | None, str | None]:
    """Split a command's rest into a case code (upper case) and the other words; None for what is missing.

    A first word shaped like a code is the code; anything else is text.
    """
    first, *rest = text.split(maxsplit=1) or [""]
    code = codes.normalise(first)
    words = "".join(rest).strip() if code else text.strip()
    return code, words or None
