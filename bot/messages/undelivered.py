"""What did not arrive, for the sekretariat: who waits in vain, and about which cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.messages.labels import join
from bot.messages.view import Context
from bot.services.outbox import Delivery
from bot.store.tables import CaseRow, OutboxRow, ReminderRow, TaskRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View

PEOPLE_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Missed:
    """How much did not reach a person; ``codes`` are the cases it was about, empty for none."""

    person: str
    count: int
    codes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeliveredContext(Context):
    """``more`` counts the people who are not shown."""

    missed: tuple[Missed, ...]
    more: int


def message_undelivered(view: View, notice: n.MessageUndelivered) -> UndeliveredContext | None:
    """Return who did not get what; None when all of it has been dealt with since."""
    dead = select(OutboxRow).where(OutboxRow.id.in_(notice.outbox_ids), OutboxRow.state == Delivery.DEAD)
    people: dict[int, list[OutboxRow]] = {}
    for row in view.session.scalars(dead.order_by(OutboxRow.id)):
        if row.person_id is not None:
            people.setdefault(row.person_id, []).append(row)
    if not people:
        return None
    shown = list(people.items())[:PEOPLE_SHOWN]
    missed = tuple(Missed(view.person(person), len(rows), _codes(view, rows)) for person, rows in shown)
    return UndeliveredContext(missed=missed, more=len(people) - len(shown))


def _codes(view: View, rows: list[OutboxRow]) -> str:
    """Return the codes of the cases that the messages were about, as far as the recipient may see them."""
    cases = {case.id: case for row in rows for case in _cases(view, row) if case.office_id in view.offices}
    return join([case.code for case in cases.values()])


def _cases(view: View, row: OutboxRow) -> list[CaseRow]:
    reminders = [view.session.get(ReminderRow, key) for key in row.data.get("reminder_ids", ())]
    task_ids = [row.data.get("task_id"), *(reminder.task_id for reminder in reminders if reminder)]
    tasks = [view.session.get(TaskRow, key) for key in task_ids if key]
    case_ids = [row.data.get("case_id"), *(task.case_id for task in tasks if task)]
    return [case for key in case_ids if key and (case := view.session.get(CaseRow, key))]
