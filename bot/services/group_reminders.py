"""Reminders for an office's group: one message for what falls due together, and each of it once.

What is said in the group counts as given to every monitor: they hold the receipts.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, cast

from bot.domain.notices import Reminders
from bot.domain.reminders import group_by
from bot.services.alerts import to_group
from bot.services.groups import group_of
from bot.services.outbox import withdraw
from bot.store.tables import ReminderReceiptRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.services.due import Due, Soon
    from bot.services.work import Work


def awaited_in_groups(work: Work, soon: Soon, ready: Iterable[Due]) -> set[int]:
    """Return the reminders (ids) that are to wait for others with which they are one message to a group."""
    waiting: set[int] = set()
    for dues in _by_office(soon, ready).values():
        for together in group_by(dues, lambda due: due.row.due_at):
            if together[-1].row.due_at > work.at or not all(due.held for due in together):
                waiting |= {due.row.id for due in together}
    return waiting


def tell_groups(work: Work, soon: Soon, settled: Sequence[Due]) -> int:
    """Queue what each office's group is to hear of the reminders that are settled now; return how many messages.

    A reminder is settled once: in the group it is said neither twice nor never.
    """
    by_office = _by_office(soon, settled)
    for office_id, dues in by_office.items():
        dues.sort(key=lambda due: due.row.due_at)
        latest = {due.row.task_id: due.row.id for due in dues}  # the last word on each task stays
        unsent = _unsent(work, office_id)
        cases = {due.case.id for due in dues}
        case_id = cases.pop() if len(cases) == 1 and not unsent else None
        to_group(work, office_id, Reminders((*unsent, *latest.values())), case_id=case_id)
        for due in dues:
            receipts = (ReminderReceiptRow(reminder_id=due.row.id, person_id=who, given_at=work.at)
                        for who in soon.monitors(due))  # fmt: skip
            work.session.add_all(receipts)
    return len(by_office)


def _unsent(work: Work, office_id: str) -> list[int]:
    """Take back what an outage has kept from the group: it is said in the same message."""
    group = group_of(work, office_id)
    waiting = withdraw(work, group.chat_id, Reminders) if group is not None else []
    return [held for notice in waiting for held in cast("Reminders", notice).reminder_ids]


def _by_office(soon: Soon, dues: Iterable[Due]) -> Mapping[str, list[Due]]:
    found: dict[str, list[Due]] = defaultdict(list)
    for due in dues:
        if soon.in_group(due):
            found[due.case.office_id].append(due)
    return found
