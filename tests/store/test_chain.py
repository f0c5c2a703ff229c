"""A log's hashes hold through both databases, and a migrated log has those that the program computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from sqlalchemy import func, select, update

from bot.domain import chain
from bot.domain import events as ev
from bot.store.chains import EVENT_COLUMNS, broken_chains, entry_of
from bot.store.mapping import event_row
from bot.store.migrate import downgrade, migrate
from bot.store.tables import CaseRow, EventRow
from tests.store.test_mapping import LOGS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.store.database import Store
    from tests.store.conftest import Rows

START = chain.genesis(office_id="dinas", code="PK-2026-000", title="Perjanjian Kinerja", sop_hash="0")


def _written(store: Store, rows: Rows, log: list[ev.Event]) -> int:
    """Write a log as the program does, to a case of its own; returns the case's id."""
    known = store.run_now(lambda session: session.scalar(select(func.count()).select_from(CaseRow))) or 0
    if not known:
        rows.office("dinas")
        assert [rows.person(name) for name in ("Ani", "Budi", "Citra")] == [1, 2, 3]
    case_id = rows.case(1, "dinas", 1, f"PK-2026-{known:03d}")

    def write(session: Session) -> None:
        head = START
        for number, event in enumerate(log, 1):
            row = event_row(case_id, number, event, head)
            head = row.hash
            session.add(row)
        session.execute(update(CaseRow).where(CaseRow.id == case_id).values(head=head, events=len(log)))

    store.run_now(write)
    return case_id


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=LOGS)
def test_any_log_has_the_same_hashes_when_it_comes_back(store: Store, rows: Rows, log: list[ev.Event]) -> None:
    case_id = _written(store, rows, log)
    query = select(*EVENT_COLUMNS).where(EventRow.case_id == case_id).order_by(EventRow.number)
    found = store.run_now(lambda session: session.execute(query).all())
    walk = chain.Walk(START)
    assert [walk.step(entry_of(row)) for row in found] == [None] * len(log)


@settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(log=LOGS.filter(lambda log: len(log) > 5))
def test_a_log_from_before_the_chain_gets_the_hashes_that_the_program_computes(
    store: Store, rows: Rows, log: list[ev.Event]
) -> None:
    _written(store, rows, log)
    written = store.run_now(_hashes)
    downgrade(store.engine, "0001")
    migrate(store.engine)
    assert store.run_now(_hashes) == written
    with store.engine.connect() as connection:
        assert broken_chains(connection) == []


def _hashes(session: Session) -> list[str]:
    events = select(EventRow.hash).order_by(EventRow.case_id, EventRow.number)
    return [*session.scalars(events), *session.scalars(select(CaseRow.head).order_by(CaseRow.id))]
