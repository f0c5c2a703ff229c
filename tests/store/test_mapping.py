"""The event log on disk says exactly what happened."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.domain import events as ev
from bot.store import queries
from bot.store.mapping import event_of, event_row
from bot.store.tables import CaseRow, EventRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from bot.store.database import Store
    from tests.store.conftest import Rows

ZONES = st.sampled_from([UTC, ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")])
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=ZONES)  # noqa: DTZ001 - hypothesis adds the zone
POSTS = st.sampled_from(["staf", "kasubag", "kepala_dinas", "sekretariat"])
NUMBERS = st.integers(1, 99)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "at": MOMENTS,
    "due_at": MOMENTS,
    "since": st.none() | MOMENTS,
    "real_at": st.none() | MOMENTS,
    "standin": st.lists(POSTS, max_size=2, unique=True).map(tuple),
    "acting": st.lists(POSTS, max_size=2, unique=True).map(tuple),
    "on_behalf_of": st.none() | st.integers(1, 2**31),
    "medium": st.sampled_from([None, "paper", "voice", "outage"]),
    "remark": st.none() | st.text(min_size=1, max_size=50),
    "evidence": st.none() | st.integers(1, 2**31),
    "post": st.text(min_size=1, max_size=20),
    "from_post": st.text(min_size=1, max_size=20),
    "to_post": st.text(min_size=1, max_size=20),
    "attachment": st.integers(1, 2**31),
    "unique_id": st.text(min_size=1, max_size=20),
    "amount": st.integers(1, 99),
    "unit": st.sampled_from(["minute", "hour", "day"]),
    "withdrawn": st.none() | st.integers(1, 99),
    "why": st.text(min_size=1, max_size=20),
    "outside": st.booleans(),
    "by": st.integers(1, 3),
    "capacity": POSTS,
    "posts": st.lists(POSTS, min_size=1, unique=True).map(tuple),
    "task": NUMBERS,
    "step": NUMBERS,
    "to_step": NUMBERS,
    "round": NUMBERS,
    "note": st.none() | st.text(),
    "reason": st.text(min_size=1),
    "missing": st.lists(st.text(min_size=1, max_size=20), max_size=3).map(tuple),
}


def _any(kind: type[ev.Event]) -> st.SearchStrategy[ev.Event]:
    return st.builds(kind, **{f.name: FIELDS[f.name] for f in fields(kind)})


# Not Event.__subclasses__(): a dataclass with slots is a second class, and the first may still be listed there.
KINDS = [kind for kind in vars(ev).values() if isinstance(kind, type) and issubclass(kind, ev.Event)][1:]
LOGS = st.lists(st.one_of([_any(kind) for kind in KINDS]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(log=LOGS)
def test_a_log_comes_back_as_it_was_written(store: Store, rows: Rows, log: list[ev.Event]) -> None:
    case_id = _new_case(store, rows)

    def write(session: Session) -> None:
        session.add_all(event_row(case_id, number, event, "") for number, event in enumerate(log, 1))

    store.run_now(write)
    assert store.run_now(queries.log_of, case_id) == log


def _new_case(store: Store, rows: Rows) -> int:
    """Return a case of its own for each example: the database is the same for all of them."""
    known = store.run_now(lambda session: session.scalar(select(func.count()).select_from(CaseRow)))
    if not known:
        version = rows.office("dinas")
        assert [rows.person(name) for name in ("Ani", "Budi", "Citra")] == [1, 2, 3]
        return rows.case(version, "dinas", 1, "PK-2026-000")
    return rows.case(1, "dinas", 1, f"PK-2026-{known:03d}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_event_fits_its_column(kind: type[ev.Event]) -> None:
    assert len(kind.__name__) <= 32


def test_an_event_of_a_newer_program_is_not_guessed_at() -> None:
    with pytest.raises(KeyError):
        event_of(EventRow(kind="CasePaused", at=datetime(2026, 2, 2, tzinfo=UTC), data={}))
