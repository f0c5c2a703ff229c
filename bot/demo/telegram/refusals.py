"""What the Bot API answers when it refuses: a status, a description in its own words, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BAD_REQUEST = 400
UNAUTHORIZED = 401
FORBIDDEN = 403
NOT_FOUND = 404
CONFLICT = 409
TOO_LARGE = 413
TOO_MANY_REQUESTS = 429


class Refusal(Exception):
    """A request that Telegram would not carry out."""

    def __init__(self, status: int, description: str, parameters: Mapping[str, int] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = dict(parameters or {})

    def body(self) -> dict[str, object]:
        """Return the JSON object that goes over the wire."""
        answer: dict[str, object] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.parameters:
            answer["parameters"] = self.parameters
        return answer


def bad_request(reason: str) -> Refusal:
    """Return a 400 with Telegram's prefix before ``reason``."""
    return Refusal(BAD_REQUEST, f"Bad Request: {reason}")


def forbidden(reason: str) -> Refusal:
    """Return a 403 with Telegram's prefix before ``reason``."""
    return Refusal(FORBIDDEN, f"Forbidden: {reason}")


def conflict(reason: str) -> Refusal:
    """Return a 409 with Telegram's prefix before ``reason``."""
    return Refusal(CONFLICT, f"Conflict: {reason}")


def too_many_requests(seconds: int) -> Refusal:
    """Return a 429 that asks to come back after ``seconds``."""
    return Refusal(TOO_MANY_REQUESTS, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})
