"""What the holders of the open task may do with it, and what follows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from bot.domain import errors
from bot.domain import events as ev
from bot.domain.sop import Completion

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.case import commands as c
    from bot.domain.case.turn import Turn
    from bot.domain.sop import PostId

Events = tuple[ev.Event, ...]
Word = TypeVar("Word", ev.PartDone, ev.StepRejected)


def complete(turn: Turn, command: c.Command) -> Events:
    """Report done: the part, and where nothing is left to wait for the step, and what comes after it."""
    done = cast("c.Complete", command)
    step, task = turn.step, turn.active
    posts = turn.unreported(done)
    real_at = _real(turn, done.origin)
    standin, acting = _capacities(posts, done)
    part = ev.PartDone(turn.at, done.by, posts, task.number, step.number, done.note, standin, acting)
    part = _recorded(part, done.origin)
    left = set(task.waiting(step)) - set(posts)
    if left and step.completion is Completion.ALL:
        return (part,)
    # The step was done when its last part really was.
    moment = max([real_at or turn.at, *(report.at for report in task.reports)])
    since = moment if moment < turn.at else None
    following = turn.sop.next_after(step.number)
    ended = ev.StepDone(turn.at, task.number, step.number, since)
    onward = ev.CaseFinished(turn.at, since) if following is None else turn.give(following, since)
    return part, ended, onward


def reject(turn: Turn, command: c.Command) -> Events:
    """Send the case back to where a rejection of this step leads."""
    rejection = cast("c.Reject", command)
    step = turn.step
    posts = turn.unreported(rejection)
    target = turn.sop.reject_target(step.number)
    if target is None:
        raise errors.FirstStepNotRejectable(step.number)
    reason = turn.reason(rejection.reason)
    real_at = _real(turn, rejection.origin)
    here, there = (turn.active.number, step.number), target.number
    held = _capacities(posts, rejection)
    back = ev.StepRejected(turn.at, rejection.by, posts, *here, there, reason, *held, missing=rejection.missing)
    return _recorded(back, rejection.origin), turn.give(target, real_at)


def accept(turn: Turn, command: c.Command) -> Events:
    """Say that the task was seen; a second time changes nothing."""
    seen = cast("c.Accept", command)
    posts = turn.held(seen)
    if seen.by in turn.task.accepted:
        return ()
    return (ev.TaskAccepted(turn.at, seen.by, posts, turn.task.number, *_capacities(posts, seen)),)


def claim(turn: Turn, command: c.Command) -> Events:
    """Claim the task for the first unreported post that the actor holds; a second time changes nothing."""
    taken = cast("c.Claim", command)
    post = turn.unreported(taken)[0]
    if turn.task.claims.get(post) == taken.by:
        return ()
    return (ev.TaskClaimed(turn.at, taken.by, post, turn.task.number),)


def release(turn: Turn, command: c.Command) -> Events:
    """Let go of every claim the actor has on the task."""
    freed = cast("c.Release", command)
    turn.meant(freed.task)
    mine = [post for post, who in turn.task.claims.items() if who == freed.by]
    if not mine:
        raise errors.NotClaimed
    return tuple(ev.TaskReleased(turn.at, freed.by, post, turn.task.number) for post in mine)


def add_note(turn: Turn, command: c.Command) -> Events:
    """Leave a note."""
    noted = cast("c.AddNote", command)
    posts = turn.held(noted)
    note = turn.reason(noted.note)
    return (ev.NoteAdded(turn.at, noted.by, posts, turn.task.number, note, *_capacities(posts, noted)),)


def attach(turn: Turn, command: c.Command) -> Events:
    """Add a file."""
    file = cast("c.Attach", command)
    posts = turn.held(file)
    return (ev.FileAttached(turn.at, file.by, posts, turn.task.number, file.attachment, file.unique_id),)


def request_time(turn: Turn, command: c.Command) -> Events:
    """Ask for more time; one request waits at a time."""
    wish = cast("c.RequestTime", command)
    posts = turn.unreported(wish)
    reason = turn.reason(wish.reason)
    if turn.task.request is not None:
        raise errors.TimeAlreadyRequested
    amount, unit = wish.budget.amount, wish.budget.unit.value
    return (ev.TimeRequested(turn.at, wish.by, posts, turn.task.number, amount, unit, reason),)


def _capacities(
    posts: tuple[PostId, ...], command: c.Complete | c.Reject | c.Accept | c.AddNote
) -> tuple[tuple[PostId, ...], tuple[PostId, ...]]:
    standin = tuple(post for post in posts if post in command.standin)
    return standin, tuple(post for post in posts if post in command.acting)


def _recorded(word: Word, origin: c.Origin | None) -> Word:
    """Return the word with whose decision it is, where somebody else only records it."""
    if origin is None:
        return word
    return replace(
        word,
        on_behalf_of=origin.person,
        medium=origin.medium,
        remark=origin.remark,
        evidence=origin.evidence,
        real_at=origin.real_at,
    )


def _real(turn: Turn, origin: c.Origin | None) -> datetime | None:
    moment = None if origin is None else origin.real_at
    if moment is not None and not turn.task.given_at <= moment <= turn.at:
        raise errors.ImplausibleMoment(turn.task.given_at, turn.at)
    return moment
