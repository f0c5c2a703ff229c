"""What each event of a case is in words: the whole table, one line for every kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.domain import events as ev
from bot.domain.budget import Budget, Unit
from bot.messages.attachments import file_in_words
from bot.messages.dates import waktu
from bot.messages.labels import join, label
from bot.messages.limits import shorten

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.messages.case_view import CaseView

_TEXT = 150


@dataclass(frozen=True, slots=True)
class Entry:
    """One event: when, what in one line, and what somebody wrote to it."""

    moment: str
    line: str
    text: str = ""


def entries_of(case: CaseView) -> list[Entry]:
    """Return the case's history, oldest first."""
    told = ((event, TELLERS[type(event)](case, event)) for event in case.story.log)
    return [
        Entry(case.clock.brief(event.at), line, shorten(text, _TEXT))
        for event, (line, text) in told
        if line  # the end of a step is told with the report that led to it
    ]


Told = tuple[str, str]
Teller = Callable[["CaseView", Any], Told]


def _words(key: str, **values: object) -> str:
    return label(f"history.{key}", **values)


def _post(case: CaseView, posts: Collection[str]) -> str:
    return join([case.view.post(case.row.office_id, post) for post in posts])


def _step(case: CaseView, task: int) -> str:
    """Return "Langkah 9 (putaran 2)" of a task's number."""
    given = next(given for given in case.story.given if given.task == task)
    return _words("step", number=given.step, round=given.round)


def _monitored(key: str) -> Teller:
    """Return a teller of what somebody did in a capacity."""

    def tell(case: CaseView, event: Any) -> Told:
        values = {"who": case.who(event.by, [event.capacity]), "step": _step(case, event.task)}
        return _words(key, **values), getattr(event, "reason", "")

    return tell


def _held(key: str) -> Teller:
    """Return a teller of what a holder did with a task."""

    def tell(case: CaseView, event: Any) -> Told:
        who = case.acted(event) if hasattr(event, "posts") else case.who(event.by, [event.post])
        text = getattr(event, "note", None) or getattr(event, "reason", None) or ""
        return _words(key, who=who, step=_step(case, event.task)), text

    return tell


def _started(case: CaseView, event: ev.CaseStarted) -> Told:
    return _words("started", who=case.who(event.by, [event.capacity])), ""


def _given(case: CaseView, event: ev.TaskGiven) -> Told:
    posts = _post(case, case.sop.step(event.step).posts)
    line = _words("given", step=_step(case, event.task), who=posts, due=case.clock.brief(event.due_at))
    since = "" if event.since is None else _words("since", moment=case.clock.brief(event.since))
    return line + since, ""


def _part(case: CaseView, event: ev.PartDone) -> Told:
    log = case.story.log
    place = log.index(event) + 1 if event in log else len(log)
    following = log[place : place + 1]
    ended = bool(following) and isinstance(following[0], ev.StepDone)
    return _decided(case, event, "done" if ended else "part"), event.note or event.remark or ""


def _rejected(case: CaseView, event: ev.StepRejected) -> Told:
    return _decided(case, event, "rejected", to_step=_number(event.to_step)), event.reason


def _decided(case: CaseView, event: ev.PartDone | ev.StepRejected, key: str, **values: object) -> str:
    """Return who decided; and who recorded it, where that was somebody else, and when it really was."""
    who = case.acted(event, event.on_behalf_of)
    line = _words(key, who=who, step=_step(case, event.task), **values)
    if event.on_behalf_of is not None:
        line += _words("recorded", who=case.view.person(event.by), medium=event.medium or "")
    return line if event.real_at is None else line + _words("really", moment=case.clock.brief(event.real_at))


def _attached(case: CaseView, event: ev.FileAttached) -> Told:
    line = _words("attached", who=case.acted(event), step=_step(case, event.task))
    return line, file_in_words(case.view, event.attachment)


def _asked(case: CaseView, event: ev.TimeRequested) -> Told:
    values = {"who": case.acted(event), "step": _step(case, event.task)}
    return _words("time_asked", amount=_amount(event), **values), event.reason


def _granted(case: CaseView, event: ev.TimeGranted) -> Told:
    budget = waktu(case.sop.step(_task_step(case, event.task)).budget)
    due = case.clock.brief(event.due_at)
    values = {"who": case.who(event.by, [event.capacity]), "step": _step(case, event.task)}
    asked = [e for e in case.story.log if isinstance(e, ev.TimeRequested) and e.task == event.task and e.at <= event.at]
    own = bool(asked) and asked[-1].by == event.by
    return _words("time_granted", own=own, amount=_amount(event), waktu=budget, due=due, **values), ""


def _undone(case: CaseView, event: ev.Undone) -> Told:
    word = case.story.word_undone(event)
    who = case.acted(word, event.by) if word else case.view.person(event.by)
    what = "rejection" if isinstance(word, ev.StepRejected) else "report"
    return _words("undone", who=who, step=_step(case, event.task), what=what), ""


def _due_moved(case: CaseView, event: ev.DeadlineMoved) -> Told:
    who = "" if event.by is None else case.view.person(event.by)
    return _words("due_moved", who=who, step=_step(case, event.task), due=case.clock.brief(event.due_at)), ""


def _paused(case: CaseView, event: ev.CaseHeld) -> Told:
    key = "held_outside" if event.outside else "held"
    return _words(key, who=case.who(event.by, [event.capacity]), step=_step(case, event.task)), event.reason


def _resumed(case: CaseView, event: ev.CaseResumed) -> Told:
    values = {"who": case.who(event.by, [event.capacity]), "step": _step(case, event.task)}
    return _words("resumed", due=case.clock.brief(event.due_at), **values), ""


def _moved(case: CaseView, event: ev.TaskMoved) -> Told:
    ends = {"from_post": _post(case, [event.from_post]), "to_post": _post(case, [event.to_post])}
    values = {"who": case.who(event.by, [event.capacity]), "step": _step(case, event.task)}
    return _words("moved", **ends, **values), event.reason


def _returned(case: CaseView, event: ev.CaseReturned) -> Told:
    values = {"who": case.who(event.by, [event.capacity]), "step": _step(case, event.task)}
    return _words("returned", to_step=_number(event.to_step), **values), event.reason


def _sealed(case: CaseView, event: ev.CaseSealed) -> Told:
    return _words("sealed", who=case.who(event.by, [event.capacity])), ""


def _cancelled(case: CaseView, event: ev.CaseCancelled) -> Told:
    return _words("cancelled", who=case.who(event.by, [event.capacity])), event.reason


def _task_step(case: CaseView, task: int) -> int:
    return next(given.step for given in case.story.given if given.task == task)


def _number(step: int) -> str:
    return label("step.short", number=step)


def _amount(event: ev.TimeRequested | ev.TimeGranted) -> str:
    return waktu(Budget(event.amount, Unit(event.unit)))


TELLERS: Mapping[type[ev.Event], Teller] = {
    ev.CaseStarted: _started,
    ev.TaskGiven: _given,
    ev.PartDone: _part,
    ev.StepDone: lambda _case, _event: ("", ""),
    ev.StepRejected: _rejected,
    ev.TaskAccepted: _held("accepted"),
    ev.TaskClaimed: _held("claimed"),
    ev.TaskReleased: _held("released"),
    ev.NoteAdded: _held("noted"),
    ev.FileAttached: _attached,
    ev.TimeRequested: _asked,
    ev.Undone: _undone,
    ev.TimeGranted: _granted,
    ev.TimeRefused: _monitored("time_refused"),
    ev.DeadlineMoved: _due_moved,
    ev.CaseHeld: _paused,
    ev.CaseResumed: _resumed,
    ev.TaskMoved: _moved,
    ev.CaseReturned: _returned,
    ev.DecisionObjected: _held("objected"),
    ev.CaseSealed: _sealed,
    ev.CaseFinished: lambda _case, _event: (_words("finished"), ""),
    ev.CaseCancelled: _cancelled,
}
"""Every kind of event: its line (empty where another one tells it too) and what somebody wrote."""
