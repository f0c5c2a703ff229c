"""Notices: what the sekretariat is told about the running of the bot itself."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AuditFinding",
    "MessageUndelivered",
    "Restored",
    "TooManyMessages",
    "WeeklyDigest",
]


@dataclass(frozen=True, slots=True)
class MessageUndelivered(Notice):
    """To the sekretariat: messages to others that Telegram did not take within the stated time, or never will."""

    outbox_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AuditFinding(Notice):
    """To the sekretariat: something is not as the event log says it should be."""

    finding_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Restored(Notice):
    """To the sekretariat: the database came back from a backup; acts since then are missing."""

    restoration_id: int


@dataclass(frozen=True, slots=True)
class WeeklyDigest(Notice):
    """To the sekretariat, once a week: what runs, what ended, and the fingerprints of the cases' logs."""

    digest_id: int


@dataclass(frozen=True, slots=True)
class TooManyMessages(Notice):
    """Answer to whoever sends more than anybody needs to; said once, then silence until ``until`` (ISO, UTC)."""

    until: str
