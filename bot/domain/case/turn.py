"""A case at the moment a command meets it, and what all rules ask of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain import errors
from bot.domain import events as ev

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.case import commands as c
    from bot.domain.case.state import Case, Task
    from bot.domain.sop import PostId, Sop, Step
    from bot.domain.worktime import Calendar


@dataclass(frozen=True, slots=True)
class Turn:
    """A case, its definition and calendar, at ``at`` (UTC)."""

    case: Case
    sop: Sop
    calendar: Calendar
    at: datetime

    @property
    def task(self) -> Task:
        """The open task, held or not; raises CaseEnded where there is none."""
        if self.case.task is None:
            raise errors.CaseEnded
        return self.case.task

    @property
    def active(self) -> Task:
        """The open task, whose clock must run; raises CaseOnHold."""
        if self.task.pause is not None:
            raise errors.CaseOnHold(self.task.pause.reason)
        return self.task

    @property
    def step(self) -> Step:
        """The step that the open task activates."""
        return self.sop.step(self.task.step)

    def meant(self, task: int) -> None:
        """Raise TaskEnded unless ``task`` is the open one."""
        if task != self.task.number:
            raise errors.TaskEnded(task)

    def held(self, command: c.HolderCommand) -> tuple[PostId, ...]:
        """Return the posts of the open task that the actor may act for; raises NotHolder or StrategicStep."""
        self.meant(command.task)
        posts = self.task.posts(self.step)
        held = tuple(post for post in posts if post in command.posts)
        if not held:
            raise errors.NotHolder(self.step.number, posts)
        if self.step.strategic:
            held = tuple(post for post in held if post not in command.standin | command.acting)
            if not held:
                raise errors.StrategicStep(self.step.number)
        return held

    def unreported(self, command: c.HolderCommand) -> tuple[PostId, ...]:
        """Return those that the actor still has to report for; raises AlreadyReported, too."""
        held = self.held(command)
        waiting = self.task.waiting(self.step)
        unreported = tuple(post for post in held if post in waiting)
        if not unreported:
            raise errors.AlreadyReported(self.step.number, waiting)
        return unreported

    def reason(self, text: str) -> str:
        """Return the trimmed text; raises ReasonMissing."""
        if not text.strip():
            raise errors.ReasonMissing
        return text.strip()

    def give(self, step: Step, since: datetime | None = None) -> ev.TaskGiven:
        """Return the activation of ``step``; ``since`` when it was really given, if earlier than now."""
        round_ = self.case.rounds.get(step.number, 0) + 1
        due_at = self.calendar.due(since or self.at, step.budget)
        return ev.TaskGiven(self.at, self.case.tasks_given + 1, step.number, round_, due_at, since)
