"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import IntegrityError

from bot.store.tables import (
    CardRow,
    EventRow,
    HoldingRow,
    InvitationRow,
    PersonRow,
    ReminderReceiptRow,
    ReminderRow,
    SopVersionRow,
    TaskPostRow,
    UpdateRow,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.store.conftest import Rows

NOON = datetime(2026, 2, 2, 5, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)


class Desk:
    """An office with one person, one running case and its open task."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.version = rows.office("dinas")
        self.person = rows.person("Ani")
        self.case = rows.case(self.version, "dinas", self.person, "PK-2026-001")
        self.task = rows.task(self.case, 1, LATER, posts=("staf",))
        reminder = ReminderRow(task_id=self.task, kind="before", sequence=1, due_at=NOON)
        rows.add(reminder)
        self.reminder = reminder.id


@pytest.fixture
def desk(rows: Rows) -> Desk:
    return Desk(rows)


def test_a_case_has_one_open_task_at_most(desk: Desk) -> None:
    with pytest.raises(IntegrityError):
        desk.rows.task(desk.case, 2, LATER)


def test_a_case_may_have_many_ended_tasks(desk: Desk) -> None:
    desk.rows.task(desk.case, 2, LATER, ended_at=LATER)
    desk.rows.task(desk.case, 3, LATER, ended_at=LATER)


def test_somebody_may_take_a_post_again_after_giving_it_up(desk: Desk) -> None:
    desk.rows.hold(desk.person, "dinas", "staf", until=LATER)
    desk.rows.hold(desk.person, "dinas", "staf", until=LATER)
    desk.rows.hold(desk.person, "dinas", "staf", since=LATER)


def _update(_: Desk) -> UpdateRow:
    return UpdateRow(bot_id=1, update_id=2**40, received_at=NOON)


def _receipt(desk: Desk) -> ReminderReceiptRow:
    return ReminderReceiptRow(reminder_id=desk.reminder, person_id=desk.person, given_at=NOON)


def _reminder(desk: Desk) -> ReminderRow:
    return ReminderRow(task_id=desk.task, kind="late", sequence=1, due_at=LATER)


def _card(desk: Desk) -> CardRow:
    return CardRow(task_id=desk.task, person_id=desk.person, chat_id=2**40)


def _event(desk: Desk) -> EventRow:
    return EventRow(case_id=desk.case, number=1, at=NOON, kind="CaseFinished", data={}, hash="0" * 64)


def _definition(_: Desk) -> SopVersionRow:
    return SopVersionRow(sop_id="dinas-pk", office_id="dinas", content_hash="f", definition={}, created_at=NOON)


def _invitation(_: Desk) -> InvitationRow:
    return InvitationRow(code_hash="h", office_id="dinas", post_id="staf", created_at=NOON, expires_at=LATER)


def _holding(desk: Desk) -> HoldingRow:
    return HoldingRow(office_id="dinas", post_id="staf", person_id=desk.person, kind="definitive", since=NOON)


def _account(_: Desk) -> PersonRow:
    return PersonRow(telegram_id=2**40, name="Budi", created_at=NOON)


ONCE: list[Callable[[Desk], object]] = [
    *(_update, _receipt, _reminder, _card, _event, _definition, _invitation, _holding, _account)
]


@pytest.mark.parametrize("row", ONCE)
def test_it_is_stored_once_only(desk: Desk, row: Callable[[Desk], PersonRow]) -> None:
    desk.rows.add(row(desk))
    with pytest.raises(IntegrityError):
        desk.rows.add(row(desk))


def test_a_code_is_given_once_in_an_office_and_again_in_another(desk: Desk) -> None:
    other = desk.rows.office("badan")
    desk.rows.case(other, "badan", desk.person, "PK-2026-001")
    with pytest.raises(IntegrityError):
        desk.rows.case(desk.version, "dinas", desk.person, "PK-2026-001")


def test_nothing_points_at_what_is_not_there(desk: Desk) -> None:
    with pytest.raises(IntegrityError):
        desk.rows.add(TaskPostRow(task_id=desk.task + 1, post_id="staf"))
