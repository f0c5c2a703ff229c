"""Notices: holds, and the moves of the sekretariat."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "MoveRefused",
    "NotOnHold",
    "OnHold",
    "ReturnRefused",
]


@dataclass(frozen=True, slots=True)
class OnHold(Notice):
    """The case's clock stands still, why and since when; who may let it go on."""

    case_id: int


@dataclass(frozen=True, slots=True)
class NotOnHold(Notice):
    """The case is not on hold."""

    case_id: int


@dataclass(frozen=True, slots=True)
class MoveRefused(Notice):
    """The task cannot go to that post."""

    case_id: int


@dataclass(frozen=True, slots=True)
class ReturnRefused(Notice):
    """The case cannot go back to that step."""

    case_id: int
