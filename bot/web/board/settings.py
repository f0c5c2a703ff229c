"""Where the board is, who may frame it, and its bounds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from bot.settings import BOARD_PATH

TELEGRAM_WEB = (
    "https://web.telegram.org",
    "https://weba.telegram.org",
    "https://webk.telegram.org",
    "https://webz.telegram.org",
)
"""The origins of Telegram's own web clients; the others show the page in a window of their own, not in a frame."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What anybody may take of the board at most. Times in seconds."""

    body: int = 4096  # bytes of init data; Telegram's are under 1,000
    body_seconds: float = 5.0
    sign_ins: int = 32  # in hand at once
    looks: int = 8  # in hand at once
    streams: int = 200
    streams_each: int = 4  # of one person; the oldest makes room
    burst: int = 30  # looks of one person at once, then one per second
    send_seconds: float = 20.0  # for a reader to take one piece


@dataclass(frozen=True, slots=True)
class Pace:
    """How often the board looks. ``gap`` is the least between two looks, ``tick`` the most, in seconds."""

    gap: float = 2.0
    tick: float = 10.0


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long init data opens the board, how far Telegram's clock may be ahead, how long a session lasts."""

    init_data: timedelta = timedelta(hours=1)
    skew: timedelta = timedelta(minutes=1)
    session: timedelta = timedelta(minutes=15)


def button_url(webhook_url: str) -> str | None:
    """Return the board's public address, on the host that Telegram posts to; None where no button may lead there.

    Telegram takes https only; a Bot API server of one's own may post elsewhere all the same.
    """
    parts = urlsplit(webhook_url)
    return f"https://{parts.netloc}{BOARD_PATH}/" if parts.scheme == "https" else None
