"""Sessions that need no storing: signed with a key of the bot's token, so every replica knows those of the others.

A session says who somebody is and until when, never what they may see: that is asked of the store for each look.
"""

from __future__ import annotations

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

_PURPOSE = b"sop-bot live board session 1"
_NONCE_BYTES = 12
_TOKEN = re.compile(r"([1-9][0-9]{0,15})\.([1-9][0-9]{0,11})\.([A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class Session:
    """Who looks (Telegram id), and until when (UTC)."""

    telegram_id: int
    until: datetime


class Sessions:
    """Gives out sessions and knows its own again."""

    def __init__(self, token: str, lasting: timedelta) -> None:
        """Take the bot's token, of which only a key is kept, and how long a session lasts."""
        self._key = hmac.digest(token.encode(), _PURPOSE, "sha256")
        self._lasting = lasting

    def begin(self, telegram_id: int, at: datetime) -> str:
        """Return the token of a new session."""
        until = int((at + self._lasting).timestamp())
        claim = f"{telegram_id}.{until}.{secrets.token_urlsafe(_NONCE_BYTES)}"
        return f"{claim}.{self._mac(claim)}"

    def find(self, token: str, at: datetime) -> Session | None:
        """Return the session of a token; None where we never gave it out, or it is over at ``at``."""
        match = _TOKEN.fullmatch(token)
        if match is None:
            return None
        claim, _, mac = token.rpartition(".")
        if not hmac.compare_digest(mac, self._mac(claim)):
            return None
        until = datetime.fromtimestamp(int(match[2]), UTC)
        return Session(int(match[1]), until) if at < until else None

    def _mac(self, claim: str) -> str:
        digest = hmac.digest(self._key, claim.encode(), "sha256")
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
