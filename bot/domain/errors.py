"""Typed refusals of the domain. Each carries the data a message needs; none carries prose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class DomainError(Exception):
    """Base of every refusal: the command was understood and changes nothing."""


@dataclass(eq=False)
class UnknownStep(DomainError):
    """A step number that the SOP does not print."""

    sop: str
    number: int


@dataclass(eq=False)
class NoWorkingTime(DomainError):
    """The calendar has no work period within a year after ``at``."""

    at: datetime


@dataclass(eq=False)
class CaseEnded(DomainError):
    """The case has finished or was cancelled."""


@dataclass(eq=False)
class TaskEnded(DomainError):
    """The task the actor means is not the open one any more."""

    task: int


@dataclass(eq=False)
class NotHolder(DomainError):
    """The actor holds none of the posts of the open step."""

    step: int
    posts: tuple[str, ...]


@dataclass(eq=False)
class AlreadyReported(DomainError):
    """The actor's posts have all reported; the step still waits for ``waiting``."""

    step: int
    waiting: tuple[str, ...]


@dataclass(eq=False)
class FirstStepNotRejectable(DomainError):
    """The first step has nowhere to be sent back to."""

    step: int


@dataclass(eq=False)
class ReasonMissing(DomainError):
    """A rejection or a cancellation needs a reason."""
