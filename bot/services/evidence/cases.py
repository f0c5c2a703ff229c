"""Checking the logs of cases: chain, order, and the rows that say what the log came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain as chained
from itertools import groupby
from typing import TYPE_CHECKING

from sqlalchemy import Text, cast, func, select

from bot.domain import chain
from bot.domain import events as ev
from bot.domain.case import Case, Status, evolve
from bot.services.evidence.log import Problem, Scope, Wrong, fact_of
from bot.store.chains import CASE_COLUMNS, EVENT_COLUMNS, Found, entry_of, moment, parsed, passed, walk_of
from bot.store.tables import CaseRow, EventRow, SopVersionRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.work import Work

PAGE = 100
_STREAMED = 500


@dataclass(slots=True)
class Page:
    """What one transaction has checked; ``last`` is the id to go on from, None at the end."""

    problems: list[Problem] = field(default_factory=list)
    last: int | None = None
    cases: int = 0
    events: int = 0
    versions: set[int] = field(default_factory=set)


def check_cases(work: Work, scope: Scope, after: int) -> Page:
    """Check the next cases whose ids come after ``after``.

    Case and events are one statement: on a database in use they are those of one moment.
    """
    ids = select(CaseRow.id).where(CaseRow.id > after, *scope.conditions()).order_by(CaseRow.id).limit(PAGE)
    query = (
        select(*CASE_COLUMNS, *EVENT_COLUMNS)
        .outerjoin(SopVersionRow, SopVersionRow.id == CaseRow.sop_version_id)
        .outerjoin(EventRow, EventRow.case_id == CaseRow.id)
        .where(CaseRow.id.in_(ids))
        .order_by(CaseRow.id, EventRow.number)
    )
    page = Page()
    rows = work.session.execute(query, execution_options={"yield_per": _STREAMED})
    for _, log in groupby(rows, key=lambda row: row.case_id):
        _check(page, log)
    return page


def _check(page: Page, log: Iterator[Found]) -> None:
    first = next(log)
    reading = Reading(first)
    problem = reading.problem(first, log)
    page.problems += [problem] if problem else []
    page.last, page.cases, page.events = first.case_id, page.cases + 1, page.events + reading.walk.count
    page.versions.add(first.sop_version_id)


class Reading:
    """One case's log on its way past."""

    def __init__(self, case: Found) -> None:
        """Begin with the case: any row of ``CASE_COLUMNS``."""
        self.case = case
        self.walk = walk_of(case)
        self._state: Case | None = None
        self._started: ev.CaseStarted | None = None
        self._ended: datetime | None = None

    def problem(self, first: Found, rest: Iterable[Found]) -> Problem | None:
        """Return the first thing that is wrong with the case, if anything is; without events, ``first`` has none."""
        for row in chained([first] if first.number is not None else [], rest):
            entry = entry_of(row)
            broken = passed(self.walk, entry)
            if broken is not None:
                return self._found(Wrong(broken.fault.value), broken.number)
            if not self._follows(fact_of(entry)):
                return self._found(Wrong.MISFIT, self.walk.count)
        return self._against_the_case()

    def _follows(self, fact: ev.Event | None) -> bool:
        if fact is None:
            return False
        try:
            self._state = evolve(self._state, fact)
        except (TypeError, ValueError):
            return False
        if isinstance(fact, ev.CaseStarted):
            self._started = fact
        if isinstance(fact, ev.CaseFinished):
            self._ended = fact.real_at or fact.at
        if isinstance(fact, ev.CaseCancelled):
            self._ended = fact.at
        return True

    def _against_the_case(self) -> Problem | None:
        count, case = self.walk.count, self.case
        if count < case.events or self._state is None:
            return self._found(Wrong.MISSING, count + 1)
        if count > case.events:
            return self._found(Wrong.SURPLUS, case.events + 1)
        if self.walk.head != case.head:
            return self._found(Wrong.HEAD, count)
        return None if self._as_the_log_says() else self._found(Wrong.STATE, count)

    def _as_the_log_says(self) -> bool:
        case, state, started = self.case, self._state, self._started
        ended = None if state is None or state.status is Status.RUNNING else self._ended
        return (
            state is not None
            and started is not None
            and (case.status, case.started_by) == (state.status, state.started_by)
            and moment(case.started_at) == started.at
            and (moment(case.ended_at) if case.ended_at is not None else None) == ended
        )

    def _found(self, what: Wrong, number: int) -> Problem:
        return Problem(what, self.case.office_id, self.case.code, number)


def check_definition(work: Work, version_id: int) -> list[Problem]:
    """Check that a pinned definition still has the content its hash stands for."""
    columns = SopVersionRow.office_id, SopVersionRow.sop_id, SopVersionRow.content_hash
    query = select(*columns, cast(SopVersionRow.definition, Text).label("definition"))
    row = work.session.execute(query.where(SopVersionRow.id == version_id)).one_or_none()
    if row is None:
        return []  # the identity of every case that stood on it is broken, and said so
    content = parsed(row.definition)
    if isinstance(content, dict) and chain.digest(content) == row.content_hash:
        return []
    return [Problem(Wrong.DEFINITION, row.office_id, row.sop_id)]


def check_orphans(work: Work) -> list[Problem]:
    """Check that no event belongs to a case that is not there."""
    lost = select(func.count()).select_from(EventRow).outerjoin(CaseRow, CaseRow.id == EventRow.case_id)
    count = work.session.scalar(lost.where(CaseRow.id.is_(None)))
    return [Problem(Wrong.ORPHANS, "", number=count)] if count else []
