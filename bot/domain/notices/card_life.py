"""Notices: a card's whole life: accepted, noted, put off, given more time, undone, claimed and released."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "NotClaimed",
    "RequestOver",
    "RequestWaits",
    "UndoRefused",
]


@dataclass(frozen=True, slots=True)
class UndoRefused(Notice):
    """Nothing can be taken back. ``why``: ``late``, ``acted`` (by the next holder) or ``changed``."""

    task_id: int
    why: str


@dataclass(frozen=True, slots=True)
class RequestOver(Notice):
    """The request for more time was decided already, or there was none."""

    task_id: int


@dataclass(frozen=True, slots=True)
class RequestWaits(Notice):
    """A request for more time waits for its decision."""

    task_id: int


@dataclass(frozen=True, slots=True)
class NotClaimed(Notice):
    """The recipient has not claimed this task; who has."""

    task_id: int
