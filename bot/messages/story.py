"""A case's event log, read task by task."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from bot.domain import events as ev

_E = TypeVar("_E", bound=ev.Event)
Ending = ev.StepDone | ev.StepRejected | ev.CaseCancelled


@dataclass(frozen=True, slots=True)
class Story:
    """The whole log of one case, oldest first. Task numbers are those within the case."""

    log: tuple[ev.Event, ...]

    @property
    def start(self) -> ev.CaseStarted:
        """How the case began; every log opens with it."""
        return self._all(ev.CaseStarted)[0]

    @property
    def rejections(self) -> list[ev.StepRejected]:
        """Every rejection so far."""
        return self._all(ev.StepRejected)

    @property
    def cancellation(self) -> ev.CaseCancelled | None:
        """Who ended the case and why, if somebody did."""
        return next(iter(self._all(ev.CaseCancelled)), None)

    @property
    def given(self) -> list[ev.TaskGiven]:
        """Every activation of a step, in order."""
        return self._all(ev.TaskGiven)

    def round(self, task: int) -> int:
        """Return which round of its step a task is; counts from 1."""
        return next(given.round for given in self.given if given.task == task)

    def parts(self, task: int) -> list[ev.PartDone]:
        """Return the reports on a task, in order."""
        return [part for part in self._all(ev.PartDone) if part.task == task]

    def ending(self, task: int) -> Ending | None:
        """Return what ended a task, or None while it is open."""
        ends: list[ev.StepDone | ev.StepRejected] = [*self._all(ev.StepDone), *self._all(ev.StepRejected)]
        own = next((end for end in ends if end.task == task), None)
        if own is not None or self.given_after(task) is not None:
            return own
        return self.cancellation

    def given_after(self, task: int) -> ev.TaskGiven | None:
        """Return the activation that followed a task, if any has."""
        return next((given for given in self.given if given.task == task + 1), None)

    def rejection_before(self, task: int) -> ev.StepRejected | None:
        """Return the rejection that a task exists for, or None where the case moved forward."""
        ending = self.ending(task - 1)
        return ending if isinstance(ending, ev.StepRejected) else None

    def _all(self, kind: type[_E]) -> list[_E]:
        return [event for event in self.log if isinstance(event, kind)]
