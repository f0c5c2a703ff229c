"""Notices: holds, and the moves of the sekretariat."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AskHoldReason",
    "AskMoveReason",
    "AskReturnReason",
    "ChooseMoveFrom",
    "ChooseMoveTo",
    "ChooseReturn",
    "ChooseRunning",
    "ConfirmReturn",
    "HoldRecorded",
    "HoldTold",
    "MoveRecorded",
    "MoveRefused",
    "MoveTold",
    "NoneToSteer",
    "NotOnHold",
    "OnHold",
    "ResumeRecorded",
    "ResumeTold",
    "ReturnRecorded",
    "ReturnRefused",
    "ReturnTold",
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


@dataclass(frozen=True, slots=True)
class NoneToSteer(Notice):
    """There is no case that ``command`` (its name without the slash) could be for."""

    command: str


@dataclass(frozen=True, slots=True)
class ChooseRunning(Notice):
    """Which running case is meant; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskHoldReason(Notice):
    """What, or whom, does the task wait for? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class HoldRecorded(Notice):
    """Answer to a hold: the clock stands still, and how it goes on."""

    task_id: int


@dataclass(frozen=True, slots=True)
class HoldTold(Notice):
    """To the sekretariat and the other holders: the clock stands still, who stopped it and why."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ResumeRecorded(Notice):
    """Answer to whoever let the clock run again: the new deadline."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ResumeTold(Notice):
    """To the sekretariat and the other holders: the clock runs again, until when."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ChooseMoveFrom(Notice):
    """From which of the waiting posts is the task handed on? One button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseMoveTo(Notice):
    """To which post of the SOP? One button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskMoveReason(Notice):
    """Why is the task handed on? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class MoveRecorded(Notice):
    """Answer to handing a task on: who has it now."""

    task_id: int


@dataclass(frozen=True, slots=True)
class MoveTold(Notice):
    """To the sekretariat and whoever had the task: who has it now, and why."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ChooseReturn(Notice):
    """Back to which earlier step? One button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskReturnReason(Notice):
    """Why does the case go back? My next text is the answer."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ConfirmReturn(Notice):
    """Really move the case back? Two buttons."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ReturnRecorded(Notice):
    """Answer to moving a case back: where it is now. ``task_id`` is the task that it was taken from."""

    task_id: int


@dataclass(frozen=True, slots=True)
class ReturnTold(Notice):
    """To the sekretariat and everyone whose report it undid, or whose task it took: where to, and why."""

    task_id: int
