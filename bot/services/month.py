"""Use case: one month of an office, case by case, with the raw times that its report is made of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select

from bot.domain.case import Status
from bot.services.ledger import REJECTED
from bot.services.spells import pinned, spells
from bot.services.statistics import beginning, next_month
from bot.store.tables import CaseRow, EventRow, PersonRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from bot.domain.sop import OfficeId, Sop
    from bot.services.spells import Spell
    from bot.services.work import Work

_NONE = timedelta()


@dataclass(frozen=True, slots=True)
class Desk:
    """A post that a task was given to, and who reported for it, when (UTC); None while nobody has."""

    post: str
    who: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """Who sent a case back as what, where to and why; the decider where somebody else recorded it."""

    who: str
    posts: tuple[str, ...]
    to_step: int
    reason: str


@dataclass(frozen=True, slots=True)
class MonthCase:
    """A case that ran in the month, with every activation of its steps that stands, as of the moment of reading."""

    row: CaseRow
    sop: Sop
    starter: str
    spells: tuple[Spell, ...]

    @property
    def used(self) -> timedelta:
        """The working time of all its tasks."""
        return sum((spell.used for spell in self.spells), _NONE)

    @property
    def budget(self) -> timedelta:
        """The plain budgets of all its tasks."""
        return sum((spell.budget for spell in self.spells), _NONE)

    @property
    def rejections(self) -> int:
        """How often it was sent back."""
        return sum(spell.outcome == REJECTED for spell in self.spells)

    @property
    def late(self) -> bool:
        """Whether any of its tasks ended, or is, after its deadline."""
        return any(spell.late for spell in self.spells)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of an office, from ``since`` until before ``until`` (UTC); ``desks`` by task, ``rejections`` too."""

    first: date
    since: datetime
    until: datetime
    cases: tuple[MonthCase, ...]
    desks: Mapping[int, Sequence[Desk]]
    rejections: Mapping[int, Rejection]

    @property
    def started(self) -> int:
        """How many cases began in the month."""
        return sum(case.row.started_at >= self.since for case in self.cases)

    def ended(self, status: Status) -> list[MonthCase]:
        """Return the cases that came to this end in the month."""
        return [case for case in self.cases if case.row.status == status and self._has_ended(case)]

    @property
    def running(self) -> int:
        """How many cases ran on when the month was over."""
        return sum(not self._has_ended(case) for case in self.cases)

    def _has_ended(self, case: MonthCase) -> bool:
        return case.row.ended_at is not None and case.row.ended_at < self.until


def month_of(work: Work, office_id: OfficeId, first: date) -> Month:
    """Return the month that begins with ``first``: every case that ran on any moment of it, oldest first."""
    calendar = work.calendar_for(work.offices()[office_id])
    since = beginning(calendar, first)
    until = beginning(calendar, next_month(first))
    ran = CaseRow.started_at < until, or_(CaseRow.ended_at.is_(None), CaseRow.ended_at >= since)
    by_case: dict[int, list[Spell]] = defaultdict(list)
    for spell in spells(work, office_id, *ran):
        by_case[spell.case_id].append(spell)
    mine = (CaseRow.office_id == office_id, *ran)
    rows = work.session.execute(
        select(CaseRow, PersonRow.name)
        .join(PersonRow, PersonRow.id == CaseRow.started_by)
        .where(*mine)
        .order_by(CaseRow.started_at, CaseRow.id)
    )
    cases = tuple(MonthCase(row, pinned(work, row.sop_version_id), name, tuple(by_case[row.id])) for row, name in rows)
    rejected = [spell for found in by_case.values() for spell in found if spell.outcome == REJECTED]
    return Month(first, since, until, cases, _desks(work, mine), _rejections(work, mine, rejected))


def _desks(work: Work, mine: Sequence[ColumnElement[bool]]) -> Mapping[int, Sequence[Desk]]:
    query = (
        select(TaskPostRow.task_id, TaskPostRow.post_id, PersonRow.name, TaskPostRow.reported_at)
        .join(TaskRow, TaskRow.id == TaskPostRow.task_id)
        .join(CaseRow, CaseRow.id == TaskRow.case_id)
        .outerjoin(PersonRow, PersonRow.id == TaskPostRow.reported_by)
        .where(*mine)
        .order_by(TaskPostRow.task_id, TaskPostRow.post_id)
    )
    found: dict[int, list[Desk]] = defaultdict(list)
    for task_id, post, who, at in work.session.execute(query):
        found[task_id].append(Desk(post, who, at))
    return found


def _rejections(work: Work, mine: Sequence[ColumnElement[bool]], rejected: Sequence[Spell]) -> Mapping[int, Rejection]:
    """Return the rejections by task. Of a task that was rejected, taken back and rejected again the last one stands."""
    cases = select(CaseRow.id).where(*mine)
    query = select(EventRow.case_id, EventRow.by, EventRow.data).where(
        EventRow.kind == "StepRejected", EventRow.case_id.in_(cases)
    )
    events = work.session.execute(query.order_by(EventRow.case_id, EventRow.number)).all()
    told: dict[tuple[int, int], tuple[int, dict[str, Any]]] = {
        (case_id, data["task"]): (data.get("on_behalf_of") or by or 0, data) for case_id, by, data in events
    }
    people = {person_id for person_id, _ in told.values()}
    names = dict(work.session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people))).all())
    return {
        spell.task_id: Rejection(names[person_id], tuple(data["posts"]), data["to_step"], data["reason"])
        for spell in rejected
        for person_id, data in [told[spell.case_id, spell.number]]
    }
