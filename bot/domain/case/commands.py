"""What somebody may want to do with a case.

``posts`` are all posts the actor holds now; ``standin`` and ``acting`` those of them held as Plh and as Plt.
``task`` is the activation meant. ``capacity`` is the post (``sekretariat`` included) somebody acts in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.budget import Budget
    from bot.domain.events import PersonId
    from bot.domain.sop import PostId

_NONE: frozenset[PostId] = frozenset()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a decision that ``by`` only records comes from: ``person`` took it, at ``real_at`` if not now.

    ``medium`` is ``paper``, ``voice`` or ``outage``; ``evidence`` an attachment's id.
    """

    person: PersonId
    medium: str
    remark: str | None = None
    evidence: int | None = None
    real_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Complete:
    """Report done. With an ``origin``, ``posts`` are those of the person who decided."""

    by: PersonId
    posts: frozenset[PostId]
    task: int
    note: str | None = None
    standin: frozenset[PostId] = _NONE
    acting: frozenset[PostId] = _NONE
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """Send the case back, with a reason; ``missing`` are the items of the kelengkapan that it names."""

    by: PersonId
    posts: frozenset[PostId]
    task: int
    reason: str
    standin: frozenset[PostId] = _NONE
    acting: frozenset[PostId] = _NONE
    origin: Origin | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accept:
    """Say that the task was seen and is taken on; a second time changes nothing."""

    by: PersonId
    posts: frozenset[PostId]
    task: int
    standin: frozenset[PostId] = _NONE
    acting: frozenset[PostId] = _NONE


@dataclass(frozen=True, slots=True)
class Claim:
    """Say that of several holders of one post the actor is at it."""

    by: PersonId
    posts: frozenset[PostId]
    task: int
    standin: frozenset[PostId] = _NONE
    acting: frozenset[PostId] = _NONE


@dataclass(frozen=True, slots=True)
class Release:
    """Let go of a claim."""

    by: PersonId
    task: int


@dataclass(frozen=True, slots=True)
class AddNote:
    """Leave a note on the open task."""

    by: PersonId
    posts: frozenset[PostId]
    task: int
    note: str
    standin: frozenset[PostId] = _NONE
    acting: frozenset[PostId] = _NONE


@dataclass(frozen=True, slots=True)
class Attach:
    """Add a file to the open task."""

    by: PersonId
    posts: frozenset[PostId]
    task: int
    attachment: int
    unique_id: str
    standin: frozenset[PostId] = _NONE
    acting: frozenset[PostId] = _NONE


@dataclass(frozen=True, slots=True)
class RequestTime:
    """Ask the sekretariat for more time."""

    by: PersonId
    posts: frozenset[PostId]
    task: int
    budget: Budget
    reason: str
    standin: frozenset[PostId] = _NONE
    acting: frozenset[PostId] = _NONE


@dataclass(frozen=True, slots=True)
class Undo:
    """Take back one's own last word on ``task``."""

    by: PersonId
    task: int


@dataclass(frozen=True, slots=True)
class GrantTime:
    """Grant what was asked for on ``task``."""

    by: PersonId
    capacity: PostId
    task: int


@dataclass(frozen=True, slots=True)
class RefuseTime:
    """Refuse what was asked for on ``task``."""

    by: PersonId
    capacity: PostId
    task: int


@dataclass(frozen=True, slots=True)
class MoveDeadline:
    """Let the open task's deadline follow a changed calendar."""

    by: PersonId | None
    task: int
    due_at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Stop the clock of the open task, with a reason."""

    by: PersonId
    capacity: PostId
    task: int
    reason: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the clock run again."""

    by: PersonId
    capacity: PostId
    task: int


@dataclass(frozen=True, slots=True)
class Move:
    """Hand the open task from one post to another of the SOP, with a reason."""

    by: PersonId
    capacity: PostId
    task: int
    from_post: PostId
    to_post: PostId
    reason: str


@dataclass(frozen=True, slots=True)
class Return:
    """Move the case back to an earlier step, with a reason."""

    by: PersonId
    capacity: PostId
    task: int
    to_step: int
    reason: str


@dataclass(frozen=True, slots=True)
class Object:
    """Say that what was recorded on the actor's behalf for ``task`` was not their decision.

    ``within`` is the working time in which that may be said.
    """

    by: PersonId
    task: int
    reason: str
    within: Budget


@dataclass(frozen=True, slots=True)
class Seal:
    """Keep what the case is about out of Telegram from now on."""

    by: PersonId
    capacity: PostId


@dataclass(frozen=True, slots=True)
class Cancel:
    """End a case that should not run, with a reason."""

    by: PersonId
    capacity: PostId
    reason: str


HolderCommand = Complete | Reject | Accept | Claim | AddNote | Attach | RequestTime
MonitorCommand = GrantTime | RefuseTime | Hold | Resume | Move | Return | MoveDeadline
Command = HolderCommand | MonitorCommand | Release | Undo | Object | Seal | Cancel
