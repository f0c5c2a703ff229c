"""Secrets that are computed instead of kept: the codes of invitations, from the bot's token and a nonce."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Self

_PURPOSE = b"sop-bot invitation 1"
_CODE_BYTES = 18  # 24 characters, 144 bits: nobody guesses one


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key that codes are made with. It lives in memory only; another token makes another key."""

    _key: bytes = field(repr=False)

    @classmethod
    def of_token(cls, token: str) -> Self:
        """Return the keyring of a bot: the same in every process and replica that has its token."""
        return cls(hmac.digest(token.encode(), _PURPOSE, "sha256"))

    @classmethod
    def passing(cls) -> Self:
        """Return a keyring that ends with this process: its codes can be shown now and never again."""
        return cls(secrets.token_bytes(32))

    def code(self, nonce: str) -> str:
        """Return the code that belongs to a nonce."""
        digest = hmac.digest(self._key, nonce.encode(), "sha256")
        return urlsafe_b64encode(digest[:_CODE_BYTES]).decode()


def new_nonce() -> str:
    """Return a random nonce; it opens nothing without the key."""
    return secrets.token_urlsafe(_CODE_BYTES)


def fingerprint(code: str) -> str:
    """Return what is stored of a code: its SHA-256, enough for one that is random."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
