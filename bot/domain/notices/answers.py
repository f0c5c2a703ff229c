"""Notices: refusals and other answers."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AlreadyChosen",
    "Apology",
    "CaseOver",
    "CodeNeeded",
    "CodeUnknown",
    "EditedNotObeyed",
    "FirstStep",
    "HeldByOthers",
    "Help",
    "HoldingOver",
    "LastSecretariat",
    "NoTasks",
    "NotAllowed",
    "NotUnderstood",
    "NothingToRemove",
    "NothingToStart",
    "PartAlreadyReported",
    "PrivateOnly",
    "SopUnknown",
    "Stranger",
    "TaskOver",
]


@dataclass(frozen=True, slots=True)
class Help(Notice):
    """What the recipient may do here."""


@dataclass(frozen=True, slots=True)
class Stranger(Notice):
    """How to get an invitation; nothing about any case."""


@dataclass(frozen=True, slots=True)
class PrivateOnly(Notice):
    """In groups: the bot works in private chat."""


@dataclass(frozen=True, slots=True)
class EditedNotObeyed(Notice):
    """An edited message with a command is not obeyed."""


@dataclass(frozen=True, slots=True)
class NotUnderstood(Notice):
    """A text that answers no question, or an unknown command."""


@dataclass(frozen=True, slots=True)
class Apology(Notice):
    """An update failed on its own account."""


@dataclass(frozen=True, slots=True)
class CodeUnknown(Notice):
    """No such case here; the same words for a code of another office."""

    code: str


@dataclass(frozen=True, slots=True)
class CodeNeeded(Notice):
    """The command wants a code. ``command`` is its name without the slash."""

    command: str


@dataclass(frozen=True, slots=True)
class NoTasks(Notice):
    """The recipient holds no open task."""


@dataclass(frozen=True, slots=True)
class HeldByOthers(Notice):
    """The recipient does not hold this task; who does. With an ended case: how it ended."""

    case_id: int


@dataclass(frozen=True, slots=True)
class TaskOver(Notice):
    """The task meant is over: who did what and when; where the case is now."""

    task_id: int


@dataclass(frozen=True, slots=True)
class PartAlreadyReported(Notice):
    """The recipient's part is done; whom the step still waits for."""

    task_id: int


@dataclass(frozen=True, slots=True)
class CaseOver(Notice):
    """The case has ended, and how."""

    case_id: int


@dataclass(frozen=True, slots=True)
class FirstStep(Notice):
    """The first step cannot be rejected; what to do instead."""

    task_id: int


@dataclass(frozen=True, slots=True)
class NotAllowed(Notice):
    """The command is for others. ``who``: ``secretariat``, ``starter``, ``member`` or ``chief``."""

    who: str


@dataclass(frozen=True, slots=True)
class SopUnknown(Notice):
    """No such SOP in the recipient's offices."""

    word: str


@dataclass(frozen=True, slots=True)
class NothingToStart(Notice):
    """There is no SOP that the recipient may start."""


@dataclass(frozen=True, slots=True)
class NothingToRemove(Notice):
    """Nobody holds a post that the recipient could take away."""


@dataclass(frozen=True, slots=True)
class AlreadyChosen(Notice):
    """The choice was made already; nothing happens twice."""


@dataclass(frozen=True, slots=True)
class LastSecretariat(Notice):
    """The office's only sekretariat cannot be removed; invite a successor first."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class HoldingOver(Notice):
    """The person no longer holds the post anyway."""

    holding_id: int
