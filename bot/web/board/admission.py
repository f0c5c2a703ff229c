"""Who opens the page, as Telegram signed it (init data): HMAC with a key made of the bot's token.

https://core.telegram.org/bots/webapps#validating-data-received-via-the-mini-app
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from init_data_py import errors, hash_token, validate_by_hash

from bot.web.board.settings import Lifetimes

if TYPE_CHECKING:
    from datetime import datetime

_LARGEST_ID = 2**52
_HASH = re.compile(r"(?:^|&)hash=[0-9a-f]{64}(?:&|$)")


class Admission:
    """Reads init data; whatever is wrong with it, it is nobody's. It logs nothing and says no reason."""

    def __init__(self, token: str, lifetimes: Lifetimes) -> None:
        """Take the bot's token; only the key made of it is kept."""
        self._key = hash_token(token)
        self._lifetimes = lifetimes

    def person(self, init_data: bytes, at: datetime) -> int | None:
        """Return the Telegram id of whom the data was signed for, None where it is not good at ``at``."""
        try:
            text = init_data.decode("ascii")  # everything else is percent-encoded in it
            # The signature before the date: what is expired takes as long as what is forged. The library takes a
            # hash in capitals as well; Telegram sends none.
            signed = (
                validate_by_hash(text, self._key, token_hashed=True, expires_in=None) if _HASH.search(text) else None
            )
        except (errors.InvalidInitDataError, ValueError, RecursionError):
            return None
        if signed is None or signed.user is None or signed.user.is_bot or not 0 < signed.user.id < _LARGEST_ID:
            return None
        age = at - signed.issued_at
        return signed.user.id if -self._lifetimes.skew <= age <= self._lifetimes.init_data else None
