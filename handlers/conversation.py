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
    EDITED = auto()  # an edited message
    OTHER = auto()  # a sticker, a photo …
    BLOCKED = auto()  # the person blocked the bot
    UNBLOCKED = auto()


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update. ``text`` is a command's rest, a text, or a button's data; ``body`` the raw update."""

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
