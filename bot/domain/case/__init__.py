"""The case engine: which command is allowed when, and what follows from it.

Pure decide/evolve: ``handle`` turns a command into events without changing anything, ``evolve``
folds events into a state. The event log alone is therefore enough to rebuild any case.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bot.domain import errors
from bot.domain import events as ev
from bot.domain.case import commands as c
from bot.domain.case import holding, steering
from bot.domain.case.commands import (
    Accept,
    AddNote,
    Attach,
    Cancel,
    Claim,
    Command,
    Complete,
    GrantTime,
    Hold,
    HolderCommand,
    MonitorCommand,
    Move,
    MoveDeadline,
    Object,
    Origin,
    RefuseTime,
    Reject,
    Release,
    RequestTime,
    Resume,
    Return,
    Seal,
    Undo,
)
from bot.domain.case.evolve import evolve, replay
from bot.domain.case.state import Case, Pause, Recorded, Report, Request, Status, Task, undone_by, waiting_posts
from bot.domain.case.steering import UNDO_WITHIN
from bot.domain.case.turn import Turn

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.sop import PostId, Sop
    from bot.domain.worktime import Calendar

__all__ = [
    "UNDO_WITHIN",
    "Accept",
    "AddNote",
    "Attach",
    "Cancel",
    "Case",
    "Claim",
    "Command",
    "Complete",
    "Events",
    "GrantTime",
    "Hold",
    "HolderCommand",
    "MonitorCommand",
    "Move",
    "MoveDeadline",
    "Object",
    "Origin",
    "Pause",
    "Recorded",
    "RefuseTime",
    "Reject",
    "Release",
    "Report",
    "Request",
    "RequestTime",
    "Resume",
    "Return",
    "Seal",
    "Status",
    "Task",
    "Undo",
    "evolve",
    "handle",
    "replay",
    "start",
    "undone_by",
    "waiting_posts",
]

Events = tuple[ev.Event, ...]


def start(sop: Sop, calendar: Calendar, *, by: ev.PersonId, capacity: PostId, at: datetime) -> Events:
    """Return the events that begin a case: its start and the first task."""
    opening = ev.CaseStarted(at, by, capacity)
    return opening, Turn(evolve(None, opening), sop, calendar, at).give(sop.first)


def handle(case: Case, command: Command, sop: Sop, calendar: Calendar, at: datetime) -> Events:
    """Return what ``command`` leads to at ``at`` (UTC); nothing where it is so already.

    Raises a DomainError (see bot.domain.errors) where it is not allowed; a refused command leads to nothing.
    """
    rule = _RULES[type(command)]
    if case.status not in _LATE.get(type(command), _RUNNING):
        raise errors.CaseEnded
    return rule(Turn(case, sop, calendar, at), command)


_RUNNING = frozenset({Status.RUNNING})
_LATE: Mapping[type[Command], frozenset[Status]] = {
    c.Undo: frozenset({Status.RUNNING, Status.FINISHED}),
    c.Object: frozenset(Status),
    c.Seal: frozenset(Status),
}
"""What is allowed after a case has ended; every other command is for a running one, or refused with CaseEnded."""

_RULES: Mapping[type[Command], Callable[[Turn, Command], Events]] = {
    c.Complete: holding.complete,
    c.Reject: holding.reject,
    c.Accept: holding.accept,
    c.Claim: holding.claim,
    c.Release: holding.release,
    c.AddNote: holding.add_note,
    c.Attach: holding.attach,
    c.RequestTime: holding.request_time,
    c.Undo: steering.undo,
    c.GrantTime: steering.grant_time,
    c.RefuseTime: steering.refuse_time,
    c.MoveDeadline: steering.move_deadline,
    c.Hold: steering.hold,
    c.Resume: steering.resume,
    c.Move: steering.move,
    c.Return: steering.return_,
    c.Object: steering.object_,
    c.Seal: steering.seal,
    c.Cancel: steering.cancel,
}
