"""A case's event log, read task by task. What each event is in words stands in bot.messages.history."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from bot.domain import events as ev
from bot.domain.budget import Budget, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

_E = TypeVar("_E", bound=ev.Event)
_OfTask = ev.StepDone | ev.StepRejected | ev.CaseReturned
Ending = ev.StepDone | ev.StepRejected | ev.CaseReturned | ev.Undone | ev.CaseCancelled
Word = ev.PartDone | ev.StepRejected


@dataclass(frozen=True)
class Story:
    """The whole log of one case, oldest first. Task numbers are those within the case.

    What was taken back (urungkan) is in ``log`` and no longer in ``standing``, with all that had followed from it.
    """

    log: tuple[ev.Event, ...]

    @cached_property
    def standing(self) -> tuple[ev.Event, ...]:
        """The events that nobody has taken back."""
        return _standing(self.log)

    @property
    def start(self) -> ev.CaseStarted:
        """How the case began; every log opens with it."""
        return self._all(ev.CaseStarted)[0]

    @property
    def rejections(self) -> list[ev.StepRejected]:
        """Every rejection that stands."""
        return self._all(ev.StepRejected)

    @property
    def cancellation(self) -> ev.CaseCancelled | None:
        """Who ended the case and why, if somebody did."""
        return next(iter(self._all(ev.CaseCancelled)), None)

    @property
    def given(self) -> list[ev.TaskGiven]:
        """Every activation of a step, in order, also those that were withdrawn."""
        return [event for event in self.log if isinstance(event, ev.TaskGiven)]

    @property
    def done(self) -> dict[int, ev.StepDone]:
        """How each step that is done and stands ended: whatever sends the case back undoes all from its target on."""
        found: dict[int, ev.StepDone] = {}
        for event in self.standing:
            if isinstance(event, ev.StepDone):
                found[event.step] = event
            if isinstance(event, ev.StepRejected | ev.CaseReturned):
                found = {number: done for number, done in found.items() if number < event.to_step}
        return found

    def round(self, task: int) -> int:
        """Return which round of its step a task is; counts from 1."""
        return next(given.round for given in self.given if given.task == task)

    def parts(self, task: int) -> list[ev.PartDone]:
        """Return the reports on a task, in order."""
        return [part for part in self._all(ev.PartDone) if part.task == task]

    def notes(self, task: int) -> list[ev.NoteAdded]:
        """Return the notes left on a task beside its reports, in order."""
        return [note for note in self._all(ev.NoteAdded) if note.task == task]

    def accepted(self, task: int) -> list[ev.TaskAccepted]:
        """Return who has accepted a task for those that hold it now, in order."""
        seen: list[ev.TaskAccepted] = []
        for event in self.standing:
            if isinstance(event, ev.TaskMoved) and event.task == task:
                seen.clear()
            if isinstance(event, ev.TaskAccepted) and event.task == task:
                seen.append(event)
        return seen

    def granted(self, task: int) -> list[Budget]:
        """Return what was granted on top of a task's budget, in order."""
        return [Budget(grant.amount, Unit(grant.unit)) for grant in self._all(ev.TimeGranted) if grant.task == task]

    def request(self, task: int) -> ev.TimeRequested | None:
        """Return the request for more time that still waits for its decision."""
        waiting = None
        for event in self.standing:
            if isinstance(event, ev.TimeRequested) and event.task == task:
                waiting = event
            elif isinstance(event, ev.TimeGranted | ev.TimeRefused) and event.task == task:
                waiting = None
        return waiting

    def hold(self, task: int) -> ev.CaseHeld | None:
        """Return the latest hold on a task, if there was one."""
        return next((held for held in reversed(self._all(ev.CaseHeld)) if held.task == task), None)

    def pauses(self, task: int) -> list[tuple[datetime, datetime | None]]:
        """Return since and until when a task's clock stood still; None for a hold that nobody has ended."""
        since: dict[int, datetime] = {}
        found: list[tuple[datetime, datetime | None]] = []
        for event in self.standing:
            if isinstance(event, ev.CaseHeld) and event.task == task:
                since[task] = event.at
            elif isinstance(event, ev.CaseResumed) and event.task == task and task in since:
                found.append((since.pop(task), event.at))
        return found + [(moment, None) for moment in since.values()]

    def ending(self, task: int) -> Ending | None:
        """Return what ended a task, or None while it is open."""
        withdrawn = next((e for e in self.log if isinstance(e, ev.Undone) and e.withdrawn == task), None)
        ends: list[_OfTask] = [*self._all(ev.StepDone), *self._all(ev.StepRejected), *self._all(ev.CaseReturned)]
        own = next((end for end in ends if end.task == task), withdrawn)
        if own is not None or self.given_after(task) is not None:
            return own
        return self.cancellation

    def word_undone(self, undone: ev.Undone) -> Word | None:
        """Return the report or rejection that was taken back."""
        before = _standing(self.log[: self.log.index(undone)])
        return next((event for event in reversed(before) if _is_word(event, undone)), None)  # type: ignore[return-value]  # as _is_word says

    def given_after(self, task: int) -> ev.TaskGiven | None:
        """Return the activation that followed a task, if any has and still stands."""
        return next((given for given in self._all(ev.TaskGiven) if given.task > task), None)

    def task_before(self, task: int) -> int | None:
        """Return the activation whose end led to a task, or None for the first one."""
        place = next((n for n, e in enumerate(self.log) if isinstance(e, ev.TaskGiven) and e.task == task), 0)
        earlier = [event.task for event in _standing(self.log[:place]) if isinstance(event, ev.TaskGiven)]
        return earlier[-1] if earlier else None

    def sent_back_by(self, task: int) -> ev.StepRejected | ev.CaseReturned | None:
        """Return what sent the case back to a task, or None where the case moved forward."""
        before = self.task_before(task)
        ending = None if before is None else self.ending(before)
        return ending if isinstance(ending, ev.StepRejected | ev.CaseReturned) else None

    def _all(self, kind: type[_E]) -> list[_E]:
        return [event for event in self.standing if isinstance(event, kind)]


def _standing(log: Iterable[ev.Event]) -> tuple[ev.Event, ...]:
    kept: list[ev.Event] = []
    for event in log:
        if isinstance(event, ev.Undone):
            while kept and not _is_word(kept.pop(), event):
                pass
        else:
            kept.append(event)
    return tuple(kept)


def _is_word(event: ev.Event, undone: ev.Undone) -> bool:
    return isinstance(event, ev.PartDone | ev.StepRejected) and (event.task, event.by) == (undone.task, undone.by)
