"""What the sekretariat, a superior or the machine may do with a case, and taking back one's own word."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, cast

from bot.domain import errors
from bot.domain import events as ev
from bot.domain.case.state import Status

if TYPE_CHECKING:
    from bot.domain.case import commands as c
    from bot.domain.case.state import Recorded
    from bot.domain.case.turn import Turn

Events = tuple[ev.Event, ...]

UNDO_WITHIN = timedelta(minutes=5)
"""How long one may take back one's own *Selesai* or *Tolak* (by the clock, not working time)."""


def undo(turn: Turn, command: c.Command) -> Events:
    """Take back the actor's last word on the task, if nothing but its consequences has happened since."""
    word = cast("c.Undo", command)
    case, last = turn.case, turn.case.last
    following = case.task if case.task is not None and case.task.number != word.task else None
    if following is not None and following.begun:
        raise errors.NextHolderActed(following.number)
    if last is None or (last.by, last.task) != (word.by, word.task):
        raise errors.NothingToUndo
    if turn.at - last.at > UNDO_WITHIN:
        raise errors.UndoTooLate
    return (ev.Undone(turn.at, word.by, word.task, None if following is None else following.number),)


def grant_time(turn: Turn, command: c.Command) -> Events:
    """Add what was asked for to the deadline, or count it from now where that has passed."""
    grant = cast("c.GrantTime", command)
    turn.meant(grant.task)
    task = turn.active
    if task.request is None:
        raise errors.NoTimeRequested
    budget = task.request.budget
    due_at = turn.calendar.due(max(task.due_at, turn.at), budget)
    return (ev.TimeGranted(turn.at, grant.by, grant.capacity, task.number, budget.amount, budget.unit.value, due_at),)


def refuse_time(turn: Turn, command: c.Command) -> Events:
    """Leave the deadline as it is."""
    refusal = cast("c.RefuseTime", command)
    turn.meant(refusal.task)
    if turn.task.request is None:
        raise errors.NoTimeRequested
    return (ev.TimeRefused(turn.at, refusal.by, refusal.capacity, turn.task.number),)


def move_deadline(turn: Turn, command: c.Command) -> Events:
    """Let the deadline follow the calendar; to where it already is, nothing happens."""
    move = cast("c.MoveDeadline", command)
    turn.meant(move.task)
    if move.due_at == turn.active.due_at:
        return ()
    return (ev.DeadlineMoved(turn.at, move.task, move.due_at, move.why, move.by),)


def hold(turn: Turn, command: c.Command) -> Events:
    """Stop the clock; a held case is not held twice."""
    stop = cast("c.Hold", command)
    turn.meant(stop.task)
    task = turn.active
    reason = turn.reason(stop.reason)
    return (ev.CaseHeld(turn.at, stop.by, stop.capacity, task.number, reason, stop.outside),)


def resume(turn: Turn, command: c.Command) -> Events:
    """Let the clock run again; the deadline moves by the working time held."""
    go = cast("c.Resume", command)
    turn.meant(go.task)
    task = turn.task
    if task.pause is None:
        raise errors.NotOnHold
    held = turn.calendar.between(task.pause.at, turn.at)
    return (ev.CaseResumed(turn.at, go.by, go.capacity, task.number, turn.calendar.add(task.due_at, held)),)


def move(turn: Turn, command: c.Command) -> Events:
    """Hand the task from one post that has not reported to another of the SOP that does not have it."""
    handing = cast("c.Move", command)
    turn.meant(handing.task)
    task, posts = turn.active, turn.task.posts(turn.step)
    known = {post.id for post in turn.sop.posts}
    if handing.from_post not in task.waiting(turn.step) or handing.to_post in posts or handing.to_post not in known:
        raise errors.ImpossibleMove
    reason = turn.reason(handing.reason)
    now = tuple(handing.to_post if post == handing.from_post else post for post in posts)
    ends = handing.from_post, handing.to_post
    return (ev.TaskMoved(turn.at, handing.by, handing.capacity, task.number, *ends, now, reason),)


def return_(turn: Turn, command: c.Command) -> Events:
    """Move the case back to an earlier step; a hold ends with the task it was on."""
    back = cast("c.Return", command)
    turn.meant(back.task)
    if turn.sop.position(back.to_step) >= turn.sop.position(turn.task.step):
        raise errors.ImpossibleReturn(back.to_step)
    reason = turn.reason(back.reason)
    return _returned(turn, back.by, back.capacity, back.to_step, reason)


def object_(turn: Turn, command: c.Command) -> Events:
    """Disown what was recorded on the actor's behalf: that step is done again, where the decision still counts."""
    objection = cast("c.Object", command)
    recorded = _recorded(turn, objection)
    until = turn.calendar.due(recorded.at, objection.within)
    if turn.at > until:
        raise errors.ObjectionTooLate(until)
    reason = turn.reason(objection.reason)
    said = ev.DecisionObjected(turn.at, objection.by, recorded.posts, recorded.task, reason)
    if turn.case.status is not Status.RUNNING or not recorded.counts_in(turn.case):
        return (said,)
    return said, *_returned(turn, objection.by, recorded.posts[0], recorded.step, reason)


def seal(turn: Turn, command: c.Command) -> Events:
    """Make the case secret; whether it is already is for the caller to know."""
    closing = cast("c.Seal", command)
    return (ev.CaseSealed(turn.at, closing.by, closing.capacity),)


def cancel(turn: Turn, command: c.Command) -> Events:
    """End the case."""
    cancellation = cast("c.Cancel", command)
    reason = turn.reason(cancellation.reason)
    return (ev.CaseCancelled(turn.at, cancellation.by, cancellation.capacity, reason),)


def _recorded(turn: Turn, objection: c.Object) -> Recorded:
    for recorded in turn.case.recorded:
        if (recorded.task, recorded.person) == (objection.task, objection.by):
            return recorded
    raise errors.NothingToObject


def _returned(turn: Turn, by: ev.PersonId, capacity: str, to_step: int, reason: str) -> Events:
    task = turn.task
    returned = ev.CaseReturned(turn.at, by, capacity, task.number, task.step, to_step, reason)
    return returned, turn.give(turn.sop.step(to_step))
