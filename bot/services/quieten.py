"""Use case: a holder wants no reminders of a task for a while (Ingatkan nanti), and until when whose have to wait.

What is put off waits in the outbox for its moment and says then what is true then. It counts as given, so that
the others are reminded as ever; nothing that says that the time is up, or goes to a superior, is put off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import NothingToPutOff, Notice, RemindersPutOff, TaskOver
from bot.domain.placement import next_slot
from bot.domain.reminders import ReminderKind
from bot.services import cards
from bot.services.act import person_of, task_for
from bot.services.work import Refusal
from bot.store.tables import QuietRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from bot.services.work import Actor, Work
    from bot.store.tables import ReminderRow, TaskRow

POSTPONABLE = frozenset({ReminderKind.EARLY, ReminderKind.LATE})


def quieten(work: Work, actor: Actor, task_id: int) -> Notice:
    """Put the actor's reminders of a task off until the next working slot, never past its deadline. Raises Refusal."""
    case, task, _ = task_for(work, actor, task_id)
    if task.ended_at is not None:
        raise Refusal(TaskOver(task.id))
    if task.held_at is not None:
        raise Refusal(NothingToPutOff(task.id))
    until = next_slot(work.rules_of(case.office_id), work.calendar_of(case), work.at)
    if task.due_at > work.at:
        until = min(until, task.due_at)
    person = person_of(actor)
    if quiet_until(work, person.id, task.id) != until:
        work.session.add(QuietRow(person_id=person.id, task_id=task.id, until=until, made_at=work.at))
        work.session.flush()
    cards.refresh_of(work, task.id, person.id)
    cards.refresh_of(work, task.id, person.id, not_before=until)  # by then it is no longer true
    return RemindersPutOff(task.id, until.isoformat())


def quiet_until(work: Work, person_id: int, task_id: int) -> datetime | None:
    """Return until when somebody wants no reminders of a task, None where they do."""
    query = select(QuietRow.until).where(
        QuietRow.person_id == person_id, QuietRow.task_id == task_id, QuietRow.until > work.at
    )
    return work.session.scalars(query.order_by(QuietRow.until.desc()).limit(1)).first()


def meeting_until(work: Work, person_id: int) -> datetime | None:
    """Return until when somebody is in a meeting (Sedang rapat), None where they are not."""
    query = select(QuietRow.until).where(
        QuietRow.person_id == person_id, QuietRow.task_id.is_(None), QuietRow.until > work.at
    )
    return work.session.scalars(query.order_by(QuietRow.until.desc()).limit(1)).first()


class Silences:
    """Who wants no reminders now, read at once for all who are about to get some."""

    def __init__(self, work: Work, people: Collection[int]) -> None:
        """Read what people (ids) have put off."""
        self._work = work
        query = select(QuietRow).where(QuietRow.person_id.in_(people), QuietRow.until > work.at)
        self._rows: Sequence[QuietRow] = work.session.scalars(query).all() if people else ()

    def until(self, person_id: int, row: ReminderRow, task: TaskRow) -> datetime | None:
        """Return until when a person's reminder has to wait, None where it goes out now."""
        if row.kind not in POSTPONABLE:
            return None
        mine = (q for q in self._rows if q.person_id == person_id and q.task_id in {None, task.id})
        until = max((quiet.until for quiet in mine), default=None)
        if until is None or row.kind != ReminderKind.EARLY:
            return until
        # What is to come before the deadline is not kept back beyond it; and of what is over nothing is.
        return min(until, task.due_at) if task.due_at > self._work.at else None
