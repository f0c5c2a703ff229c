"""Reminders: to the holder a request, to everybody else a report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT
from bot.domain.reminders import ReminderKind
from bot.messages.case_view import CaseLine, CaseView, TaskLine, task_and_case
from bot.messages.chief import chiefs_phone, meeting_button
from bot.messages.limits import html_units
from bot.messages.view import Context
from bot.store import queries
from bot.store.tables import ReminderRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain import notices as n
    from bot.messages.view import View
    from bot.store.tables import TaskRow

_SHOWN = 10
_LIST_UNITS = 3600  # leaves room for the opening and the closing lines
_ITEM_UNITS = 120  # tags and words around the values of one item
_JUST_NOW = timedelta(minutes=10)
_FOR_MONITORS = {ReminderKind.DUE, ReminderKind.SUPERIOR, ReminderKind.HEAD, ReminderKind.HOLD}


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder. ``role``: ``holder``, ``secretariat`` or ``superior``; ``kind``: early, due, late or hold."""

    role: str
    kind: str
    case: CaseLine
    task: TaskLine
    holders: str
    given: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersContext(Context):
    """Soonest due first; ``left_out`` counts those beyond the list.

    ``mine`` tells that all are the recipient's own tasks; ``superior`` that all, ``mixed`` that only
    some are reported to the recipient as to a superior.
    """

    items: tuple[Reminder, ...]
    left_out: int
    mine: bool
    superior: bool
    mixed: bool


def reminders(view: View, notice: n.Reminders) -> RemindersContext | None:
    """Return what is still true of the reminders, or None when nothing is."""
    latest: dict[int, Reminder] = {}
    for reminder_id in notice.reminder_ids:
        row = view.session.get(ReminderRow, reminder_id)
        item = _reminder(view, row) if row else None
        if row and item:
            latest[row.task_id] = item  # one word on each task: the last
    if not latest:
        return None
    items = sorted(latest.values(), key=lambda item: item.due_at)
    shown, roles = _fitting(items), {item.role for item in items}
    return RemindersContext(
        items=shown,
        left_out=len(items) - len(shown),
        mine=roles == {"holder"},
        superior=roles == {"superior"},
        mixed="superior" in roles and len(roles) > 1,
        reply_to=_card_message(view, *latest) if len(latest) == 1 else None,
        buttons=((meeting_button(),),) if chiefs_phone(view) else (),
    )


def _fitting(items: Sequence[Reminder]) -> tuple[Reminder, ...]:
    """Return as many as one message holds, at least one."""
    room = _LIST_UNITS
    for count, item in enumerate(items[:_SHOWN]):
        room -= _size(item)
        if room < 0:
            return tuple(items[: max(1, count)])
    return tuple(items[:_SHOWN])


def _size(item: Reminder) -> int:
    case, task = item.case, item.task
    texts = (case.code, case.title, case.office or "", task.step, task.activity, task.due, task.left, item.holders)
    return _ITEM_UNITS + html_units(*texts, task.hold.reason if task.hold else "")


def _reminder(view: View, row: ReminderRow) -> Reminder | None:
    case, task = task_and_case(view, row.task_id)
    role = _role(view, case, task, row)
    if role is None or task.ended_at is not None or _holds(row) != (task.held_at is not None):
        return None
    return Reminder(
        role=role,
        kind=_kind(case, task, row),
        case=case.line,
        task=case.task_line(task),
        holders=case.waited_for(task),
        given=case.moment(task.given_at),
        due_at=task.due_at,
    )


def _role(view: View, case: CaseView, task: TaskRow, row: ReminderRow) -> str | None:
    """Return what the recipient is to the task now; None where it does not concern them any more."""
    mine = view.posts_in(case.row.office_id)
    if _holds(row):
        return "secretariat" if mine else None  # nobody is asked to do their own part meanwhile
    if view.posts_on(case.row.office_id, strategic=task.strategic) & set(case.waiting(task)):
        return "holder"
    if mine and view.group_office is not None:
        return "secretariat"  # what is queued for the group is for all who watch, early warnings too
    if not mine or row.kind not in _FOR_MONITORS:
        return None
    if SECRETARIAT in mine:
        return "secretariat"
    return None if row.kind == ReminderKind.DUE else "superior"


def _kind(case: CaseView, task: TaskRow, row: ReminderRow) -> str:
    """Return what is true now: a reminder that was held up may come after the deadline."""
    if _holds(row):
        return "hold"
    if not case.clock.late(task.due_at):
        return "early" if row.kind == ReminderKind.EARLY else "due"
    return "due" if case.calendar.between(task.due_at, case.view.at) < _JUST_NOW else "late"


def _holds(row: ReminderRow) -> bool:
    """Whether the reminder is about a clock that stands still; every other one is about one that runs."""
    return row.kind == ReminderKind.HOLD


def _card_message(view: View, task_id: int) -> int | None:
    if view.recipient.person_id is None:
        return None
    card = queries.card_of(view.session, task_id, view.recipient.person_id)
    return card.message_id if card else None
