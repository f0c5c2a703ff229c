"""Notices: on behalf of somebody else, and what is entered late."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AskObjection",
    "DecisionRecorded",
    "MomentRefused",
    "MomentUnread",
    "NobodyDecides",
    "NotHeldThen",
    "NothingToRecord",
    "ObjectionNoted",
    "ObjectionRefused",
    "ObjectionTold",
    "RecordStep",
    "RecordedTold",
]


@dataclass(frozen=True, slots=True)
class RecordStep(Notice):
    """One question of an entry: which task, whose decision, which, why, how it was given, when; at last whether so."""

    question_id: int


@dataclass(frozen=True, slots=True)
class NothingToRecord(Notice):
    """There is no task on which the recipient could record somebody else's decision. ``late`` is for /susulan."""

    late: bool = False


@dataclass(frozen=True, slots=True)
class NobodyDecides(Notice):
    """Nobody (else) holds a post that the task waits for, so there is nobody's decision to record."""

    task_id: int


@dataclass(frozen=True, slots=True)
class NotHeldThen(Notice):
    """The person could not decide the task at that moment (ISO, UTC)."""

    task_id: int
    person_id: int
    at: str


@dataclass(frozen=True, slots=True)
class MomentUnread(Notice):
    """A moment that cannot be read; how to write one."""


@dataclass(frozen=True, slots=True)
class MomentRefused(Notice):
    """The moment of a late entry must lie between two others (ISO, UTC)."""

    task_id: int
    earliest: str
    latest: str


@dataclass(frozen=True, slots=True)
class DecisionRecorded(Notice):
    """Answer to whoever recorded a decision: what it led to. ``undo`` is its place, where it can be taken back."""

    task_id: int
    undo: int | None = None


@dataclass(frozen=True, slots=True)
class RecordedTold(Notice):
    """To whoever is said to have decided: who recorded what, and until when they may object; one button.

    ``task_id`` is there when it is first told.
    """

    question_id: int
    task_id: int | None = None


@dataclass(frozen=True, slots=True)
class AskObjection(Notice):
    """Why is it not the recipient's decision? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ObjectionNoted(Notice):
    """Answer to whoever objected: where the case is now."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ObjectionTold(Notice):
    """To the sekretariat and whoever recorded it: somebody disowns the decision on a task, and why."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ObjectionRefused(Notice):
    """There is nothing (any more) to object to; ``until`` (ISO, UTC) is when the time for it was over."""

    task_id: int
    until: str | None = None
