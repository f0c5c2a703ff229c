"""What the due reminders stand in: read by a handful of statements, however many there are after an outage."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, select

from bot.domain.office_rules import audiences_under, posts_above
from bot.domain.reminders import Audience, ReminderKind
from bot.store import queries
from bot.store.tables import CaseRow, HoldingRow, ReminderReceiptRow, ReminderRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from bot.services.work import Work


def pending(until: datetime) -> ColumnElement[bool]:
    """Return the condition for unsettled reminders planned up to ``until``."""
    return and_(ReminderRow.settled_at.is_(None), ReminderRow.due_at <= until)


@dataclass(frozen=True, slots=True)
class Due:
    """A reminder that is due or about to be; ``held`` tells that its case is locked by this transaction."""

    row: ReminderRow
    case: CaseRow
    task: TaskRow
    held: bool


class Soon:
    """The reminders planned up to a moment, earliest first (``dues``), and whom they concern."""

    def __init__(self, work: Work, until: datetime, held: Collection[int]) -> None:
        """Read them; ``held`` are the cases that this transaction has locked."""
        self._work = work
        # One statement: what ends meanwhile in a case that is not held is there as a whole or not at all.
        rows = work.session.execute(
            select(ReminderRow, CaseRow, TaskRow)
            .join(TaskRow, TaskRow.id == ReminderRow.task_id)
            .join(CaseRow, CaseRow.id == TaskRow.case_id)
            .where(pending(until))
            .order_by(ReminderRow.due_at, ReminderRow.id)
        )
        self.dues = [Due(row, case, task, case.id in held) for row, case, task in rows]
        self._waiting = self._read_waiting(until)
        self._given = self._read_given(until)
        self._holders: dict[tuple[str, bool], Mapping[str, set[int]]] = {}

    def _read_waiting(self, until: datetime) -> Mapping[int, set[str]]:
        """Return the posts that have not reported, by task."""
        found: dict[int, set[str]] = defaultdict(set)
        tasks = select(ReminderRow.task_id).where(pending(until))
        query = select(TaskPostRow.task_id, TaskPostRow.post_id)
        for task_id, post_id in self._work.session.execute(
            query.where(TaskPostRow.task_id.in_(tasks), TaskPostRow.reported_at.is_(None))
        ):
            found[task_id].add(post_id)
        return found

    def _read_given(self, until: datetime) -> Mapping[int, set[int]]:
        """Return the people who have had a reminder already, by reminder."""
        found: dict[int, set[int]] = defaultdict(set)
        receipts = select(ReminderReceiptRow.reminder_id, ReminderReceiptRow.person_id)
        query = receipts.join(ReminderRow, ReminderRow.id == ReminderReceiptRow.reminder_id).where(pending(until))
        for reminder_id, person_id in self._work.session.execute(query):
            found[reminder_id].add(person_id)
        return found

    def recipients(self, due: Due) -> set[int]:
        """Return the people who are still to be given a reminder."""
        sop = self._work.sop_of(due.case)
        waiting = self._waiting.get(due.row.task_id, set())
        rules, kind = self._work.rules_of(due.case.office_id), ReminderKind(due.row.kind)
        held = self._holders_in(due.case.office_id, strategic=False)
        empty = {rules.via_secretary} - held.keys() if rules.via_secretary else set()
        people = self._people(due, posts_above(rules, sop, kind, waiting, empty))
        if Audience.HOLDERS in audiences_under(rules, kind):
            people |= self._people(due, waiting, strategic=due.task.strategic)
        return people - self._given.get(due.row.id, set())

    def _people(self, due: Due, posts: Collection[str], *, strategic: bool = False) -> set[int]:
        holders = self._holders_in(due.case.office_id, strategic=strategic)
        return {person for post in posts for person in holders.get(post, ())}

    def _holders_in(self, office_id: str, *, strategic: bool) -> Mapping[str, set[int]]:
        if (office_id, strategic) not in self._holders:
            found: dict[str, set[int]] = defaultdict(set)
            held = select(HoldingRow.post_id, HoldingRow.person_id).where(HoldingRow.office_id == office_id)
            condition = queries.in_force_for(self._work.at, strategic=strategic)
            for post_id, person_id in self._work.session.execute(held.where(condition)):
                found[post_id].add(person_id)
            self._holders[office_id, strategic] = found
        return self._holders[office_id, strategic]
