"""What happened to a case. Facts in the past tense; the log is append-only.

``at`` is when it was recorded. Where ``real_at`` (or ``since``) is set, it really happened then: a late
entry after an outage; deadlines and statistics count from there. ``standin`` and ``acting`` name those of
``posts`` that were held as Plh and as Plt at that moment (UU 30/2014 Pasal 14); all others are definitif.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.sop import PostId

PersonId = int


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all facts. ``at`` is UTC."""

    at: datetime


@dataclass(frozen=True, slots=True)
class CaseStarted(Event):
    """A case began. ``capacity`` is the post the starter acted for (``sekretariat`` included)."""

    by: PersonId
    capacity: PostId


@dataclass(frozen=True, slots=True)
class TaskGiven(Event):
    """A step was activated: task ``task`` (1-based within the case), its ``round`` of the step."""

    task: int
    step: int
    round: int
    due_at: datetime
    since: datetime | None = None


# --- what holders do with the open task -------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartDone(Event):
    """A person reported done for ``posts`` of the open step.

    With ``on_behalf_of``, ``by`` recorded what that person decided outside Telegram: ``medium`` is
    ``paper``, ``voice`` or ``outage``, ``remark`` says why, ``evidence`` is an attachment's id.
    """

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    step: int
    note: str | None = None
    standin: tuple[PostId, ...] = ()
    acting: tuple[PostId, ...] = ()
    on_behalf_of: PersonId | None = None
    medium: str | None = None
    remark: str | None = None
    evidence: int | None = None
    real_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StepDone(Event):
    """The open step was completed."""

    task: int
    step: int
    real_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StepRejected(Event):
    """The open step was rejected and the case goes back to ``to_step``; recorded ones as in PartDone.

    ``missing`` are the items of the kelengkapan that were named as not complete.
    """

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    step: int
    to_step: int
    reason: str
    standin: tuple[PostId, ...] = ()
    acting: tuple[PostId, ...] = ()
    on_behalf_of: PersonId | None = None
    medium: str | None = None
    remark: str | None = None
    evidence: int | None = None
    real_at: datetime | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskAccepted(Event):
    """A holder has seen the task and takes it on (Terima)."""

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    standin: tuple[PostId, ...] = ()
    acting: tuple[PostId, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskClaimed(Event):
    """Of several holders of ``post``, one says that they are at it (ambil); it replaces an earlier claim."""

    by: PersonId
    post: PostId
    task: int


@dataclass(frozen=True, slots=True)
class TaskReleased(Event):
    """Whoever had claimed the task for ``post`` lets go of it (lepas)."""

    by: PersonId
    post: PostId
    task: int


@dataclass(frozen=True, slots=True)
class NoteAdded(Event):
    """A holder left a note on the open task."""

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    note: str
    standin: tuple[PostId, ...] = ()
    acting: tuple[PostId, ...] = ()


@dataclass(frozen=True, slots=True)
class FileAttached(Event):
    """A file was added as evidence. ``attachment`` is its row, ``unique_id`` Telegram's name for its content."""

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    attachment: int
    unique_id: str


@dataclass(frozen=True, slots=True)
class TimeRequested(Event):
    """A holder asked for more time: ``amount`` of ``unit`` (see bot.domain.budget) on top of the budget."""

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    amount: int
    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Undone(Event):
    """Whoever moved the case last took it back: ``task`` is open again, ``withdrawn`` (what followed) is void."""

    by: PersonId
    task: int
    withdrawn: int | None = None


# --- what the sekretariat, or a superior, does with the case ------------------------------------


@dataclass(frozen=True, slots=True)
class TimeGranted(Event):
    """The request for more time was granted; ``due_at`` is the new deadline."""

    by: PersonId
    capacity: PostId
    task: int
    amount: int
    unit: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TimeRefused(Event):
    """The request for more time was refused; the deadline stands."""

    by: PersonId
    capacity: PostId
    task: int


@dataclass(frozen=True, slots=True)
class DeadlineMoved(Event):
    """The office's calendar changed and with it the deadline of the open task. ``why`` is a stable word.

    ``by`` is None where it was not done in Telegram.
    """

    task: int
    due_at: datetime
    why: str
    by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class CaseHeld(Event):
    """The clock of the open task stopped (jeda). ``outside``: it waits for somebody outside the office."""

    by: PersonId
    capacity: PostId
    task: int
    reason: str
    outside: bool


@dataclass(frozen=True, slots=True)
class CaseResumed(Event):
    """The clock runs again (lanjut); the deadline has moved by the working time held."""

    by: PersonId
    capacity: PostId
    task: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class TaskMoved(Event):
    """The sekretariat handed the open task from one post to another (pindah); ``posts`` are all it is given to now."""

    by: PersonId
    capacity: PostId
    task: int
    from_post: PostId
    to_post: PostId
    posts: tuple[PostId, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class CaseReturned(Event):
    """The case was moved to another step (mundur, or an objection): ``to_step`` is given anew."""

    by: PersonId
    capacity: PostId
    task: int
    step: int
    to_step: int
    reason: str


@dataclass(frozen=True, slots=True)
class DecisionObjected(Event):
    """The person on whose behalf ``task`` was decided says that this was not their decision."""

    by: PersonId
    posts: tuple[PostId, ...]
    task: int
    reason: str


@dataclass(frozen=True, slots=True)
class CaseSealed(Event):
    """The case became secret (rahasia): what it is about stays out of Telegram. Also for one that has ended."""

    by: PersonId
    capacity: PostId


@dataclass(frozen=True, slots=True)
class CaseFinished(Event):
    """The last step was done."""

    real_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseCancelled(Event):
    """A case that should not run was ended by the sekretariat."""

    by: PersonId
    capacity: PostId
    reason: str
