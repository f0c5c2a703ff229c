"""The queue of updates: offsets that confirm, one reader at a time, a webhook instead of reading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.demo.telegram.refusals import bad_request, conflict

if TYPE_CHECKING:
    from bot.demo.telegram.entities import Json

MAX_PER_CALL = 100
NOT_SENT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"
WEBHOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
TERMINATED_BY_WEBHOOK = "terminated by setWebhook request"

_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}$")


@dataclass
class Webhook:
    """Where updates are pushed, and the last failure of doing so."""

    url: str = ""
    secret: str = ""
    max_connections: int = 40
    error_date: int | None = None
    error: str | None = None


@dataclass
class Updates:
    """Updates not yet confirmed by the bot, oldest first. ``reader`` numbers the getUpdates calls."""

    next_id: int
    pending: list[Json] = field(default_factory=list)
    allowed: frozenset[str] = frozenset()
    webhook: Webhook = field(default_factory=Webhook)
    reader: int = 0
    ended_by: str = TERMINATED

    def add(self, kind: str, content: Json) -> Json | None:
        """Queue an update; returns None for a kind that the bot did not ask for."""
        wanted = kind in self.allowed if self.allowed else kind not in NOT_SENT_BY_DEFAULT
        if not wanted:
            return None
        update: Json = {"update_id": self.next_id, kind: content}
        self.next_id += 1
        self.pending.append(update)
        return update

    def begin_reading(self, allowed: list[str] | None) -> int:
        """Start a getUpdates call, ending any earlier one; raises Refusal while a webhook is set."""
        if self.webhook.url:
            raise conflict(WEBHOOK_ACTIVE)
        if allowed is not None:
            self.allowed = frozenset(allowed)
        self.reader += 1
        self.ended_by = TERMINATED
        return self.reader

    def check_reader(self, reader: int) -> None:
        """Raise Refusal when the getUpdates call ``reader`` has been ended by another request."""
        if reader != self.reader:
            raise conflict(self.ended_by)

    def confirm(self, offset: int) -> bool:
        """Forget updates below ``offset`` (negative: all but the last few); returns whether any went."""
        before = len(self.pending)
        if offset < 0:
            self.pending = self.pending[offset:]
        else:
            self.pending = [update for update in self.pending if update["update_id"] >= offset]
        return len(self.pending) != before

    def read(self, limit: int) -> list[Json]:
        """Return the oldest updates, at most ``limit`` (1 to 100)."""
        return self.pending[: max(1, min(limit, MAX_PER_CALL))]

    def set_webhook(self, webhook: Webhook, allowed: list[str] | None) -> None:
        """Push updates to a url from now on; raises Refusal for a bad url or secret."""
        if not re.match(r"https?://[^\s/]+", webhook.url):
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if webhook.secret and not _SECRET.match(webhook.secret):
            raise bad_request("secret token contains unallowed characters")
        if allowed is not None:
            self.allowed = frozenset(allowed)
        self.webhook = webhook
        self.reader += 1
        self.ended_by = TERMINATED_BY_WEBHOOK

    def delete_webhook(self) -> None:
        """Stop pushing."""
        self.webhook = Webhook()
