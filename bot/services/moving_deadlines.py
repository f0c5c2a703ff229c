"""What another set of rules means for an office's open deadlines, and making them follow it in a locked office."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.case import MoveDeadline, Status, handle
from bot.domain.office_rules import calendar_with, ladder_for, moved_due, shift
from bot.domain.reminders import ReminderKind
from bot.services import cards
from bot.services.ledger import planned_anew, record, replan
from bot.store import queries
from bot.store.tables import CaseRow, OfficeRow, ReminderRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.office_rules import OfficeRules
    from bot.domain.reminders import PlannedReminder
    from bot.domain.sop import Office, OfficeId, Zone
    from bot.domain.worktime import Calendar, WorkingSpan
    from bot.services.work import Work
    from bot.store.tables import TaskRow

WHY = "office_rules"
"""The word in the log for a deadline that followed the office's rules."""


@dataclass(frozen=True, slots=True)
class Move:
    """An open task whose deadline moves, and by how much working time (``late`` where it comes earlier)."""

    case_id: int
    task_id: int
    before: datetime
    after: datetime
    by: WorkingSpan

    @property
    def earlier(self) -> bool:
        """Whether there is less time than before."""
        return self.after < self.before


class Comparison:
    """An office's rules beside other ones, for whichever definition a case began with."""

    def __init__(self, work: Work, old: OfficeRules, new: OfficeRules) -> None:
        """Take both; nothing is stored."""
        self._work, self._old, self._new = work, old, new
        self._made: dict[Zone, tuple[Calendar, Calendar]] = {}

    def calendars(self, office: Office) -> tuple[Calendar, Calendar]:
        """Return the office's calendar under the old and the new rules."""
        if office.zone not in self._made:
            base = self._work.library.calendars.for_office(office)
            self._made[office.zone] = calendar_with(base, self._old), calendar_with(base, self._new)
        return self._made[office.zone]

    def move(self, case: CaseRow, task: TaskRow) -> Move | None:
        """Return where a task's deadline goes; None where it stays, as all that is held does.

        Raises NoWorkingTime.
        """
        sop, before = self._work.sop_of(case), task.due_at
        old, new = self.calendars(sop.office)
        if task.held_at is not None:
            return None
        budget, at = sop.step(task.step).budget, self._work.at
        after = moved_due(old, new, given=task.given_at, budget=budget, due=before, adjusted=task.adjusted, at=at)
        if after == before:
            return None
        return Move(case.id, task.id, before, after, shift(old, new, before=before, after=after))

    def reminds_otherwise(self, case: CaseRow, task: TaskRow) -> bool:
        """Whether the rungs of a running clock may stand elsewhere although its deadline does not move."""
        sop = self._work.sop_of(case)
        old, new = self.calendars(sop.office)
        ladders = [ladder_for(rules, sop, task.step) for rules in (self._old, self._new)]
        return task.held_at is None and (old != new or ladders[0] != ladders[1])


def moves_under(work: Work, office_id: OfficeId, new: OfficeRules) -> list[Move]:
    """Return what would move now, by most time first; raises NoWorkingTime."""
    comparison = Comparison(work, work.rules_of(office_id), new)
    running = queries.running_cases(work.session, [office_id])
    found = [move for case, task in running if (move := comparison.move(case, task)) is not None]
    return sorted(found, key=lambda move: -abs(move.after - move.before))


def hold_office(work: Work, office_id: OfficeId) -> None:
    """Lock an office and all its running cases: nothing is given, ended or started there meanwhile."""
    _lock_running(work, office_id)
    # Behind the cases, as every command on a case locks them.
    work.session.get(OfficeRow, office_id, with_for_update={"key_share": True})
    _lock_running(work, office_id)  # those that began before the office was ours
    work.session.expire_all()  # what was read before the locks may have changed since


def _lock_running(work: Work, office_id: OfficeId) -> None:
    running = select(CaseRow.id).where(CaseRow.office_id == office_id, CaseRow.status == Status.RUNNING)
    work.session.scalars(running.order_by(CaseRow.id).with_for_update()).all()


def follow(work: Work, office_id: OfficeId, comparison: Comparison, by: int | None) -> list[Move]:
    """Let the open deadlines and reminders of a locked office follow new rules, which count already; return the moves.

    ``by`` is the person who changed them. Raises NoWorkingTime.
    """
    moves = []
    for case, task in queries.running_cases(work.session, [office_id]):
        move = comparison.move(case, task)
        if move is not None:
            moves.append(move)
            _record(work, case, task, move, by)
        elif comparison.reminds_otherwise(case, task) and _stand_elsewhere(work, case, task):
            replan(work, case, task)
    return moves


def _record(work: Work, case: CaseRow, task: TaskRow, move: Move, by: int | None) -> None:
    state = queries.state_of(work.session, case.id)
    command = MoveDeadline(by, task.number, move.after, WHY)
    record(work, case, handle(state, command, work.sop_of(case), work.calendar_of(case), work.at))
    cards.refresh(work, task.id)


def _stand_elsewhere(work: Work, case: CaseRow, task: TaskRow) -> bool:
    """Whether what is still to come of a task's reminders is planned otherwise than it would be now."""
    planned = planned_anew(work, case, task)
    waiting = (ReminderRow.task_id == task.id, ReminderRow.settled_at.is_(None))
    rows = work.session.scalars(select(ReminderRow).where(*waiting)).all()
    return _rungs(planned) != {_rung(row.kind, row.sequence, row.due_at) for row in rows}


def _rungs(planned: Sequence[PlannedReminder]) -> set[tuple[str, int, datetime]]:
    return {_rung(rung.kind, rung.sequence, rung.at) for rung in planned}


def _rung(kind: str, sequence: int, at: datetime) -> tuple[str, int, datetime]:
    # How often somebody late was reminded says nothing of when they are next.
    return str(kind), 0 if kind == ReminderKind.LATE else sequence, at
