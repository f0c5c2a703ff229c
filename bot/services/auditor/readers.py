"""How each kind of event is read: whatever does not follow from what came before raises."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from bot.domain.sop import Completion
from bot.services.auditor.told import WITHDRAWN, TaskRead, must

if TYPE_CHECKING:
    from bot.services.auditor.told import CaseRead, Memory, Said

UNDO_WITHIN = timedelta(minutes=5)
"""The specification's five minutes."""


def _started(case: CaseRead, row: Said) -> None:
    must(row.number == 1 and row.by is not None)
    case.started_by, case.started_at = row.by or 0, row.at
    case.following, case.to_step = "TaskGiven", case.sop.steps[0].number


def _given(case: CaseRead, row: Said) -> None:
    step = next(step for step in case.sop.steps if step.number == case.to_step)
    standing = [task for task in case.tasks if task.outcome != WITHDRAWN]
    round_ = 1 + sum(task.step.number == step.number for task in standing)
    number = len(case.tasks) + 1
    must((row.data["task"], row.data["step"], row.data["round"]) == (number, step.number, round_))
    due_at, since = _moment(row.data["due_at"]), row.data.get("since")
    given_at = row.at if since is None else _moment(since)
    must(given_at <= row.at)
    case.tasks.append(TaskRead(number, step, round_, given_at, due_at, step.posts, due_at, row.at))
    case.to_step = None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    must(moment.tzinfo is not None)
    return moment


def _really(row: Said, task: TaskRead) -> datetime:
    """Return when it really happened: a late entry lies between the giving of the task and its recording."""
    real = row.data.get("real_at")
    moment = row.at if real is None else _moment(real)
    must(real is None or task.given_at <= moment <= row.at)
    return moment


def _decided(case: CaseRead, row: Said, task: TaskRead) -> int:
    """Return whose decision it was; one that was recorded can be objected to."""
    person = row.data.get("on_behalf_of")
    if person is None:
        return row.by or 0
    must(row.data.get("medium") in {"paper", "voice", "outage"})
    case.recorded[task.number, person] = task.step.number
    return int(person)


def _authorised(row: Said, task: TaskRead) -> None:
    """Check the posts somebody acted for: a strategic step is for the definitive holder alone."""
    named = set(row.data["posts"])
    for_others = set(row.data.get("standin", ())) | set(row.data.get("acting", ()))
    must(bool(named) and row.by is not None and named <= set(task.posts) and for_others <= named)
    must(not (task.step.strategic and for_others))


def _part(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    _authorised(row, task)
    must(task.held_at is None and not set(row.data["posts"]) & set(task.reports))
    case.remember(row)
    task.reports |= dict.fromkeys(row.data["posts"], (_really(row, task), _decided(case, row, task)))
    if task.step.completion is Completion.ANY or set(task.reports) == set(task.posts):
        case.following = "StepDone"


def _done(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    must(bool(task.reports))
    must(task.step.completion is Completion.ANY or set(task.reports) == set(task.posts))
    real = row.data.get("real_at")
    task.ended_at, task.outcome = row.at, "done"
    task.real_ended_at = None if real is None else _moment(real)
    later = [step.number for step in case.sop.steps[case.sop.steps.index(task.step) + 1 :]]
    case.following, case.to_step = ("TaskGiven", later[0]) if later else ("CaseFinished", None)


def _rejected(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    place = case.sop.steps.index(task.step)
    _authorised(row, task)
    must(place > 0 and task.held_at is None and bool(row.data["reason"]))
    target = task.step.reject_to if task.step.reject_to is not None else case.sop.steps[place - 1].number
    must(row.data["to_step"] == target)
    case.remember(row)
    real = _really(row, task)
    _decided(case, row, task)
    task.ended_at, task.outcome = row.at, "rejected"
    task.real_ended_at = real if row.data.get("real_at") else None
    case.following, case.to_step = "TaskGiven", target


def undone(case: CaseRead, row: Said, memory: Memory | None) -> None:
    """Take a word back: everything is as it was before, but the numbers given since stay given."""
    must(memory is not None)
    word = cast("Memory", memory)
    must((word.by, word.task) == (row.by, row.data["task"]) and row.at - word.at <= UNDO_WITHIN)
    withdrawn = case.tasks[-1] if case.tasks[-1].number != word.task else None
    if withdrawn is not None and withdrawn.outcome == WITHDRAWN:
        withdrawn = None
    must(row.data.get("withdrawn") == (None if withdrawn is None else withdrawn.number))
    ends = [task.ended_at for task in case.tasks if task.number == word.task]
    case.tasks = [*word.tasks, *([] if withdrawn is None else [withdrawn])]
    if withdrawn is not None:
        withdrawn.ended_at, withdrawn.outcome = row.at, WITHDRAWN
    reopened = next(task for task in case.tasks if task.number == word.task)
    reopened.reopened += [end for end in ends if end is not None]
    case.recorded = dict(word.recorded)
    case.status, case.ended_at = "running", None


def _seen(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    _authorised(row, task)
    must(row.by not in task.seen)
    task.seen.add(row.by or 0)


def _claimed(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    must(row.by is not None and row.data["post"] in task.posts and row.data["post"] not in task.reports)
    task.claims[row.data["post"]] = row.by or 0
    task.claimed = True


def _released(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    must(row.by is not None and task.claims.pop(row.data["post"]) == row.by)


def _word(case: CaseRead, row: Said) -> None:
    _authorised(row, case.open(row.data))


def _asked(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    _authorised(row, task)
    must(task.asked is None and bool(row.data["reason"]))
    task.asked = row.data["amount"], row.data["unit"]


def _granted(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    must(row.by is not None and task.held_at is None and task.asked == (row.data["amount"], row.data["unit"]))
    task.asked = None
    _rescheduled(task, row)


def _refused(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    must(row.by is not None and task.asked is not None)
    task.asked = None


def _deadline(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    must(task.held_at is None)
    _rescheduled(task, row)


def _held(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    must(row.by is not None and task.held_at is None and bool(row.data["reason"]))
    task.held_at = row.at
    task.replanned.append(row.at)


def _resumed(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    must(row.by is not None and task.held_at is not None)
    task.pauses.append((cast("datetime", task.held_at), row.at))
    task.held_at = None
    _rescheduled(task, row)


def _rescheduled(task: TaskRead, row: Said) -> None:
    task.due_at = _moment(row.data["due_at"])
    task.replanned.append(row.at)


def _moved(case: CaseRead, row: Said) -> None:
    task, from_post, to_post = case.open(row.data), row.data["from_post"], row.data["to_post"]
    known = {post.id for post in case.sop.posts}
    must(row.by is not None and task.held_at is None and from_post in task.posts and from_post not in task.reports)
    must(to_post in known and to_post not in task.posts and bool(row.data["reason"]))
    task.posts = tuple(to_post if post == from_post else post for post in task.posts)
    must(tuple(row.data["posts"]) == task.posts)
    task.claims.pop(from_post, None)
    task.seen.clear()


def _returned(case: CaseRead, row: Said) -> None:
    task = case.open(row.data)
    known = {step.number for step in case.sop.steps}
    must(row.by is not None and row.data["to_step"] in known and bool(row.data["reason"]))
    # Forward, or to the same step, leads an objection only, which comes right before it.
    earlier = row.data["to_step"] < task.step.number
    must(earlier or row.data["capacity"] in {post.id for post in case.sop.posts})
    task.ended_at, task.outcome = row.at, "returned"
    case.following, case.to_step = "TaskGiven", row.data["to_step"]


def _objected(case: CaseRead, row: Said) -> None:
    must(row.by is not None and bool(row.data["reason"]))
    del case.recorded[row.data["task"], row.by or 0]


def _finished(case: CaseRead, row: Said) -> None:
    last = next(task for task in reversed(case.tasks) if task.outcome != WITHDRAWN)
    must(last.outcome == "done" and last.step == case.sop.steps[-1])
    real = row.data.get("real_at")
    case.status, case.ended_at = "finished", row.at if real is None else _moment(real)


def _cancelled(case: CaseRead, row: Said) -> None:
    task = next(task for task in reversed(case.tasks) if task.outcome != WITHDRAWN)
    must(task.ended_at is None)
    task.ended_at, task.outcome = row.at, "cancelled"
    case.status, case.ended_at = "cancelled", row.at


READERS: Mapping[str, Callable[[CaseRead, Said], None]] = {
    "CaseStarted": _started,
    "TaskGiven": _given,
    "PartDone": _part,
    "StepDone": _done,
    "StepRejected": _rejected,
    "TaskAccepted": _seen,
    "TaskClaimed": _claimed,
    "TaskReleased": _released,
    "NoteAdded": _word,
    "FileAttached": _word,
    "TimeRequested": _asked,
    "TimeGranted": _granted,
    "TimeRefused": _refused,
    "DeadlineMoved": _deadline,
    "CaseHeld": _held,
    "CaseResumed": _resumed,
    "TaskMoved": _moved,
    "CaseReturned": _returned,
    "DecisionObjected": _objected,
    "CaseSealed": lambda _, row: must(row.by is not None),
    "CaseFinished": _finished,
    "CaseCancelled": _cancelled,
}
