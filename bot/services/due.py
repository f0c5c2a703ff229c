"""What the due reminders stand in: read by a handful of statements, however many there are after an outage."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, select

from bot.domain.office_rules import audiences_under, ladder_for, posts_above
from bot.domain.posts import SECRETARIAT, at_it
from bot.domain.reminders import Audience, ReminderKind
from bot.services.groups import group_of
from bot.store import queries
from bot.store.tables import CaseRow, HoldingRow, ReminderReceiptRow, ReminderRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from bot.services.work import Work


_AT_IT = {ReminderKind.EARLY, ReminderKind.LATE}
"""Of these only hears who has claimed the task, where one of several holders of a post has."""


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
        self._groups: dict[str, bool] = {}

    def _read_waiting(self, until: datetime) -> Mapping[int, dict[str, int | None]]:
        """Return the posts that have not reported, by task, each with whoever has claimed it."""
        found: dict[int, dict[str, int | None]] = defaultdict(dict)
        tasks = select(ReminderRow.task_id).where(pending(until))
        query = select(TaskPostRow.task_id, TaskPostRow.post_id, TaskPostRow.claimed_by)
        for task_id, post_id, claimer in self._work.session.execute(
            query.where(TaskPostRow.task_id.in_(tasks), TaskPostRow.reported_at.is_(None))
        ):
            found[task_id][post_id] = claimer
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
        waiting = self._waiting.get(due.row.task_id, {})
        rules, kind = self._work.rules_of(due.case.office_id), ReminderKind(due.row.kind)
        held = self._holders_in(due.case.office_id, strategic=False)
        empty = {rules.via_secretary} - held.keys() if rules.via_secretary else set()
        above = posts_above(rules, sop, kind, waiting, empty)
        if self._has_group(due.case.office_id):
            above -= {SECRETARIAT}  # they read it in their group
        people = self._people(due, above)
        if Audience.HOLDERS in audiences_under(rules, kind):
            people |= self._holders_of(due, waiting)
        return people - self._given.get(due.row.id, set())

    def _holders_of(self, due: Due, waiting: Mapping[str, int | None]) -> set[int]:
        """Return who has the task: of a post's holders whoever claimed it, but that time is up all of them."""
        held = self._holders_in(due.case.office_id, strategic=due.task.strategic)
        if due.row.kind not in _AT_IT:
            waiting = dict.fromkeys(waiting)
        return {person for post, claimer in waiting.items() for person in at_it(held.get(post, set()), claimer)}

    def in_group(self, due: Due) -> bool:
        """Whether the office's group hears of a reminder: what its sekretariat hears, and the last early warning."""
        if not self._has_group(due.case.office_id):
            return False
        return self._is_for_monitors(due) or self._is_last_warning(due)

    def monitors(self, due: Due) -> set[int]:
        """Return the people who count as told by what their group is told, and are not told themselves."""
        if not self._is_for_monitors(due):
            return set()
        told = self._given.get(due.row.id, set()) | self.recipients(due)
        return self._people(due, {SECRETARIAT}) - told

    def _is_for_monitors(self, due: Due) -> bool:
        rules = self._work.rules_of(due.case.office_id)
        return Audience.SECRETARIAT in audiences_under(rules, ReminderKind(due.row.kind))

    def _is_last_warning(self, due: Due) -> bool:
        if due.row.kind != ReminderKind.EARLY:
            return False
        sop, rules = self._work.sop_of(due.case), self._work.rules_of(due.case.office_id)
        rungs = ladder_for(rules, sop, due.task.step).early
        return due.row.sequence == max((rung.percent for rung in rungs), default=0)

    def _has_group(self, office_id: str) -> bool:
        if office_id not in self._groups:
            self._groups[office_id] = group_of(self._work, office_id) is not None
        return self._groups[office_id]

    def _people(self, due: Due, posts: Collection[str]) -> set[int]:
        holders = self._holders_in(due.case.office_id, strategic=False)
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
