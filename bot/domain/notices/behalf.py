"""Notices: on behalf of somebody else, and what is entered late."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "MomentRefused",
    "ObjectionRefused",
]


@dataclass(frozen=True, slots=True)
class MomentRefused(Notice):
    """The moment of a late entry must lie between two others (ISO, UTC)."""

    task_id: int
    earliest: str
    latest: str


@dataclass(frozen=True, slots=True)
class ObjectionRefused(Notice):
    """There is nothing (any more) to object to; ``until`` (ISO, UTC) is when the time for it was over."""

    task_id: int
    until: str | None = None
