"""Activations of steps as the statistics read them: working time used, holds left out, against the plain budget."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from bot.domain.errors import NoWorkingTime
from bot.services.ledger import WITHDRAWN
from bot.store.tables import CaseRow, EventRow, SopVersionRow, TaskRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

    from bot.domain.budget import Budget
    from bot.domain.sop import OfficeId, Sop
    from bot.domain.worktime import Calendar
    from bot.services.work import Work

Pause = tuple[datetime, datetime | None]
"""Since and until when a clock stood still; None for a hold that nobody has ended."""

_NONE = timedelta()
_HELD, _RESUMED = "CaseHeld", "CaseResumed"

really_ended = func.coalesce(TaskRow.real_ended_at, TaskRow.ended_at, type_=TaskRow.ended_at.type)
"""When a task really ended; null while it is open."""


@dataclass(frozen=True, slots=True)
class Spell:
    """One activation of a step that nobody has taken back. Times are working time, moments UTC.

    ``ended_at`` is when it really ended, None while it is open: then ``used`` and ``late`` are those of the moment
    it is read. ``due_at`` is the deadline as it stands, ``budget`` the plain one of the SOP.
    """

    task_id: int
    case_id: int
    version_id: int
    case_status: str
    case_ended_at: datetime | None
    number: int
    step: int
    round: int
    given_at: datetime
    due_at: datetime
    ended_at: datetime | None
    outcome: str | None
    used: timedelta
    budget: timedelta
    late: bool
    pauses: tuple[Pause, ...] = ()

    @property
    def share(self) -> float | None:
        """The time used over the budget, 1.0 is all of it; None where the calendar leaves the budget no time."""
        return self.used / self.budget if self.budget else None


def spells(work: Work, office_id: OfficeId, *where: ColumnElement[bool]) -> list[Spell]:
    """Return the activations of an office's cases for which all of ``where`` holds, case by case in order.

    Two statements, however many there are.
    """
    mine = (CaseRow.office_id == office_id, or_(TaskRow.outcome.is_(None), TaskRow.outcome != WITHDRAWN), *where)
    rows = work.session.execute(_TASKS.where(*mine).order_by(CaseRow.id, TaskRow.number)).all()
    held = _pauses(work, mine) if rows else {}
    calendar = work.calendar_for(work.offices()[office_id])
    return [_spell(work, calendar, row, held.get((row.case_id, row.number), ())) for row in rows]


def pinned(work: Work, version_id: int) -> Sop:
    """Return the definition that cases of this version go by."""
    return work.library.pinned(version_id, lambda: work.session.get_one(SopVersionRow, version_id))


def spent(calendar: Calendar, given: datetime, end: datetime, pauses: Sequence[Pause] = ()) -> timedelta:
    """Return the working time from ``given`` to ``end`` without the holds in between; none where it ended before."""
    end = max(given, end)
    held = (calendar.between(min(since, end), min(until or end, end)) for since, until in pauses)
    return calendar.between(given, end) - sum(held, _NONE)


def plain_budget(calendar: Calendar, given: datetime, due: datetime, budget: Budget, *, adjusted: bool) -> timedelta:
    """Return a budget as working time; where more time or a hold has ``adjusted`` the deadline, as it was before."""
    if adjusted:
        with suppress(NoWorkingTime):  # the calendar has changed since
            due = calendar.due(given, budget)
    return calendar.between(given, due)


_TASKS = select(
    TaskRow.id,
    TaskRow.case_id,
    TaskRow.number,
    TaskRow.step,
    TaskRow.round,
    TaskRow.given_at,
    TaskRow.due_at,
    TaskRow.outcome,
    TaskRow.adjusted,
    really_ended.label("really_ended"),
    CaseRow.sop_version_id,
    CaseRow.status,
    CaseRow.ended_at.label("case_ended"),
).join(CaseRow, CaseRow.id == TaskRow.case_id)


def _spell(work: Work, calendar: Calendar, row: Row[*tuple[Any, ...]], pauses: Sequence[Pause]) -> Spell:
    end = row.really_ended or work.at
    step = pinned(work, row.sop_version_id).step(row.step)
    # A clock that stands still makes nobody late; a deadline that was passed before it stopped stays passed.
    stopped = min((since for since, until in pauses if until is None), default=end)
    return Spell(
        task_id=row.id,
        case_id=row.case_id,
        version_id=row.sop_version_id,
        case_status=row.status,
        case_ended_at=row.case_ended,
        number=row.number,
        step=row.step,
        round=row.round,
        given_at=row.given_at,
        due_at=row.due_at,
        ended_at=row.really_ended,
        outcome=row.outcome,
        used=spent(calendar, row.given_at, end, pauses),
        budget=plain_budget(calendar, row.given_at, row.due_at, step.budget, adjusted=row.adjusted),
        late=min(end, stopped) > row.due_at,
        pauses=tuple(pauses),
    )


def _pauses(work: Work, where: Sequence[ColumnElement[bool]]) -> Mapping[tuple[int, int], Sequence[Pause]]:
    """Return the holds by case and number of the task. A hold ends the time to take a word back: all of them stand."""
    cases = select(TaskRow.case_id).join(CaseRow, CaseRow.id == TaskRow.case_id).where(*where)
    query = select(EventRow.case_id, EventRow.kind, EventRow.at, EventRow.data).where(
        EventRow.kind.in_([_HELD, _RESUMED]), EventRow.case_id.in_(cases)
    )
    found: dict[tuple[int, int], list[Pause]] = defaultdict(list)
    for case_id, kind, at, data in work.session.execute(query.order_by(EventRow.case_id, EventRow.number)):
        pauses = found[case_id, data["task"]]
        if kind == _HELD:
            pauses.append((at, None))
        elif pauses:
            pauses[-1] = (pauses[-1][0], at)
    return found
