"""Notices: tasks and cases."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "CardReplaced",
    "CaseCancelled",
    "CaseFinished",
    "CaseHistory",
    "CaseStarted",
    "CaseStatus",
    "PartReported",
    "RejectionRecorded",
    "RejectionTold",
    "Reminders",
    "RunningCases",
    "SopDetail",
    "SopList",
    "TaskCard",
    "TaskList",
]


@dataclass(frozen=True, slots=True)
class TaskCard(Notice):
    """The card of one task for the recipient: as it stands now, open or ended. ``more`` shows every button."""

    task_id: int
    more: bool = False


@dataclass(frozen=True, slots=True)
class CardReplaced(Notice):
    """What an old card becomes when its holder is given the task's card anew."""


@dataclass(frozen=True, slots=True)
class TaskList(Notice):
    """The recipient's open tasks, soonest due first. ``greet`` opens with a greeting."""

    greet: bool = False


@dataclass(frozen=True, slots=True)
class CaseStarted(Notice):
    """Answer to the starter: the code, who has the first step, what is unconfirmed."""

    case_id: int


@dataclass(frozen=True, slots=True)
class PartReported(Notice):
    """Answer to a completion: what it led to. With ``undo`` (its message's place) it can be taken back from there."""

    task_id: int
    undo: int | None = None


@dataclass(frozen=True, slots=True)
class RejectionRecorded(Notice):
    """Answer to a rejection: where the case went back to. ``undo`` as in PartReported."""

    task_id: int
    undo: int | None = None


@dataclass(frozen=True, slots=True)
class RejectionTold(Notice):
    """To the sekretariat and everyone whose report a rejection undid: who, why, where to."""

    task_id: int


@dataclass(frozen=True, slots=True)
class CaseFinished(Notice):
    """To all who took part: the case is done, time used against budget. ``undo`` as in PartReported."""

    case_id: int
    undo: int | None = None


@dataclass(frozen=True, slots=True)
class CaseCancelled(Notice):
    """To all who took part: the case was ended by the sekretariat, and why."""

    case_id: int


@dataclass(frozen=True, slots=True)
class Reminders(Notice):
    """One or several reminders for the recipient, in one message."""

    reminder_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class RunningCases(Notice):
    """The running cases of the recipient's offices: who holds each, time left."""


@dataclass(frozen=True, slots=True)
class CaseStatus(Notice):
    """One case in full."""

    case_id: int


@dataclass(frozen=True, slots=True)
class CaseHistory(Notice):
    """Everything that happened to a case. ``page`` counts from 0 = the oldest; None is the newest."""

    case_id: int
    page: int | None = None


@dataclass(frozen=True, slots=True)
class SopList(Notice):
    """The SOPs of the recipient's offices."""


@dataclass(frozen=True, slots=True)
class SopDetail(Notice):
    """One SOP with its steps."""

    sop_id: str
