"""Rows to start from, without any service."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING

import pytest

from bot.domain.case import Status
from bot.store.tables import CaseRow, HoldingRow, OfficeRow, PersonRow, SopVersionRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from sqlalchemy.orm import DeclarativeBase, Session

    from bot.store.database import Store

NOON = datetime(2026, 2, 2, 5, 0, tzinfo=UTC)


class Rows:
    """Adds rows, each in a transaction of its own, and returns their ids."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._telegram_ids = count(1)

    def add(self, *rows: DeclarativeBase) -> None:
        """Add rows as they are."""

        def use_case(session: Session) -> None:
            session.add_all(rows)

        self._store.run_now(use_case)

    def office(self, office: str) -> int:
        """Add an office with one SOP; returns the definition's id."""
        self.add(OfficeRow(id=office, name=office.title(), zone="WIB"))
        version = SopVersionRow(
            sop_id=f"{office}-pk", office_id=office, content_hash="0", definition={}, created_at=NOON
        )
        self.add(version)
        return version.id

    def person(self, name: str) -> int:
        """Add a person; returns the id."""
        person = PersonRow(telegram_id=next(self._telegram_ids), name=name, created_at=NOON)
        self.add(person)
        return person.id

    def hold(self, person: int, office: str, post: str, since: datetime = NOON, until: datetime | None = None) -> None:
        """Let a person hold a post for a while."""
        row = HoldingRow(office_id=office, post_id=post, person_id=person, kind="definitive", since=since, until=until)
        self.add(row)

    def case(self, sop_version: int, office: str, starter: int, code: str, status: Status = Status.RUNNING) -> int:
        """Add a case without any task; returns the id."""
        case = CaseRow(
            office_id=office,
            code=code,
            sop_version_id=sop_version,
            title="Perjanjian Kinerja",
            status=status,
            started_by=starter,
            started_at=NOON,
            events=0,
        )
        self.add(case)
        return case.id

    def task(
        self, case: int, number: int, due_at: datetime, *, posts: tuple[str, ...] = (), ended_at: datetime | None = None
    ) -> int:
        """Add a task given to ``posts``; returns the id."""
        task = TaskRow(
            case_id=case, number=number, step=number, round=1, given_at=NOON, due_at=due_at, ended_at=ended_at
        )
        self.add(task)
        self.add(*(TaskPostRow(task_id=task.id, post_id=post) for post in posts))
        return task.id


@pytest.fixture
def rows(store: Store) -> Rows:
    return Rows(store)
