"""A finished message: HTML text and what hangs below it. Knows nothing of Telegram's classes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.drawing.paper import Paper


class Style(StrEnum):
    """Telegram's button styles (Bot API 9.4)."""

    DEFAULT = ""
    PRIMARY = "primary"
    SUCCESS = "success"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button: either ``action`` (callback data, at most 64 bytes) or ``url``."""

    label: str
    action: str | None = None
    url: str | None = None
    style: Style = Style.DEFAULT


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that Telegram has already, by the id this bot knows it by; a document is none of Telegram's photos."""

    file_id: str
    photo: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: ``html`` fits Telegram's 4096 characters; at most one of buttons / force_reply.

    ``force_reply`` is the placeholder (1–64 characters) of a question that wants a text.
    ``reply_to`` is the message id in the recipient's chat that this one answers.
    With ``attachment`` it is a file, and ``html`` its caption, which fits 1024 characters; likewise with ``paper``,
    a file that is drawn when it is sent. A picture of several pages leaves as an album, which carries no buttons.
    ``pin`` has it pinned in its chat once it is sent.
    """

    html: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    force_reply: str | None = None
    reply_to: int | None = None
    attachment: Attachment | None = None
    pin: bool = False
    paper: Paper | None = None
