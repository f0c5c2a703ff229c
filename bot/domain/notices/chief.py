"""Notices: the chief's phone: what awaits a decision."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "ChiefBrief",
    "KeptBack",
    "MeetingBegun",
    "MeetingOver",
]


@dataclass(frozen=True, slots=True)
class ChiefBrief(Notice):
    """To a chief at the start of a working day: what awaits a decision, and what was kept back until now.

    ``again``: the message is shown once more after a press on it, with what has been decided since.
    """

    digest_id: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class KeptBack(Notice):
    """To a chief after a meeting or a break: the rows of the outbox that came meanwhile, in one message."""

    outbox_ids: tuple[int, ...]
    again: bool = False


@dataclass(frozen=True, slots=True)
class MeetingBegun(Notice):
    """Answer to a chief in a meeting: until when (ISO) nothing disturbs, and how to end it."""

    until: str


@dataclass(frozen=True, slots=True)
class MeetingOver(Notice):
    """Answer to a chief whose meeting is over. ``kept``: how many messages came meanwhile and follow in one."""

    kept: int
