"""Notices: the checklist: what must be complete before a task moves on."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "Checklist",
    "LeftUnticked",
    "NothingMissing",
    "TicksCounted",
]


@dataclass(frozen=True, slots=True)
class Checklist(Notice):
    """A task's kelengkapan, one button for each item; what its holders have ticked."""

    task_id: int


@dataclass(frozen=True, slots=True)
class TicksCounted(Notice):
    """Answer to a tick: how many of the items are complete now."""

    task_id: int


@dataclass(frozen=True, slots=True)
class LeftUnticked(Notice):
    """To whoever ended a task whose kelengkapan was being ticked: which items were left."""

    task_id: int


@dataclass(frozen=True, slots=True)
class NothingMissing(Notice):
    """Kirim was pressed and nothing is named yet; what to do."""
