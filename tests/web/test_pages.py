"""``/healthz`` and ``/metrics``: true, cheap, without personal data, and there when the database is not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import event, text
from starlette.applications import Starlette

from bot.domain.notices import Stranger
from bot.metrics import DELIVERIES
from bot.services.figures import figures
from bot.services.library import Library
from bot.services.outbox import Delivery, put
from bot.services.work import Runner, Work
from bot.sop_files.calendars import load_calendars
from bot.store.migrate import head
from bot.store.tables import (
    CaseRow,
    FindingRow,
    OfficeRow,
    OutboxRow,
    PersonRow,
    ReminderRow,
    SopVersionRow,
    TaskRow,
)
from bot.web.pages import Pages
from bot.web.pulse import Pulse

if TYPE_CHECKING:
    from bot.store.database import Store

NOON = datetime(2026, 2, 2, 5, 0, tzinfo=UTC)
NAME = "Siti Rahasia"
CALENDARS = load_calendars(Path("no such folder"))


class Noon:
    """A clock that stands at noon."""

    def now(self) -> datetime:
        """Return noon."""
        return NOON

    def machine_time(self, moment: datetime) -> datetime:
        """Return the moment itself."""
        return moment


class Desk:
    """The pages over a real database, a pulse, and whoever asks."""

    def __init__(self, store: Store) -> None:
        self.moment = 1000.0
        self.pulse = Pulse("intake", "courier", clock=lambda: self.moment)
        self.runner = Runner(store, Noon(), Library({}, CALENDARS, frozenset()))
        self.store = store
        self.pages = Pages(self.runner, self.pulse, patience=2.0)
        self._app = Starlette(routes=self.pages.routes())

    async def get(self, path: str) -> httpx.Response:
        """Ask for a page."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url="http://bot") as http:
            return await http.get(path)

    async def figures(self) -> dict[str, float]:
        """Return the figures of ``/metrics`` by name and labels."""
        page = await self.get("/metrics")
        assert page.status_code == 200
        lines = [line for line in page.text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def all_well(self) -> None:
        """Let every part give a sign of life for a minute."""
        self.pulse.beat("intake", 60)
        self.pulse.beat("courier", 60)

    def loses_its_database(self) -> None:
        """Let every statement from now on fail."""
        self.store.engine.dispose()
        event.listen(self.store.engine, "do_connect", _refuses)


def _refuses(*_: object) -> None:
    raise ConnectionRefusedError(NAME)


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


# --- health ---------------------------------------------------------------------------------


async def test_a_program_whose_parts_live_is_well(desk: Desk) -> None:
    desk.all_well()
    desk.moment += 12.34
    page = await desk.get("/healthz")
    assert page.status_code == 200
    alive = {"alive": True, "age": 12.3}
    assert page.json() == {
        "status": "ok",
        "trouble": [],
        "database": "ok",
        "schema": head(),
        "parts": {"intake": alive, "courier": alive},
    }


async def test_a_program_that_is_only_starting_is_not_well_yet(desk: Desk) -> None:
    page = await desk.get("/healthz")
    assert (page.status_code, page.json()["trouble"]) == (503, ["intake", "courier"])


async def test_a_part_that_gives_no_sign_any_more_is_named(desk: Desk) -> None:
    desk.all_well()
    desk.moment += 60.1
    desk.pulse.beat("courier", 60)
    page = await desk.get("/healthz")
    assert (page.status_code, page.json()["trouble"]) == (503, ["intake"])


async def test_a_database_that_is_away_is_named_and_nothing_of_its_words(desk: Desk) -> None:
    desk.all_well()
    desk.loses_its_database()
    page = await desk.get("/healthz")
    assert (page.status_code, page.json()["trouble"], page.json()["database"]) == (503, ["database"], "away")
    assert NAME not in page.text


async def test_a_database_of_another_version_is_named(desk: Desk) -> None:
    desk.all_well()
    await desk.store.run(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    page = await desk.get("/healthz")
    assert (page.status_code, page.json()["trouble"], page.json()["schema"]) == (503, ["schema"], "9999")


async def test_a_database_that_hangs_is_asked_once_however_many_want_to_know(store: Store) -> None:
    desk = Desk(store)
    desk.pages = Pages(desk.runner, desk.pulse, patience=0.3)
    desk._app = Starlette(routes=desk.pages.routes())  # noqa: SLF001 - our own
    store.run_now(lambda session: session.execute(text("SELECT 1")))  # so that it is connected
    asked: list[int] = []
    goes_on = Event()

    def hangs(*_: object) -> None:
        asked.append(1)
        goes_on.wait(20)

    event.listen(store.engine, "begin", hangs)
    try:
        pages = await asyncio.gather(*(desk.get("/healthz") for _ in range(20)))
        assert {page.status_code for page in pages} == {503}
        assert len(asked) == 1
    finally:
        goes_on.set()
        event.remove(store.engine, "begin", hangs)


# --- figures --------------------------------------------------------------------------------


def _busy_office(work: Work) -> None:
    """Leave rows of every sort behind."""
    session = work.session
    session.add(OfficeRow(id="dinas", name="Dinas", zone="WIB"))
    person = PersonRow(telegram_id=7, name=NAME, created_at=NOON)
    session.add(person)
    session.flush()
    version = SopVersionRow(sop_id="pk", office_id="dinas", content_hash="0", definition={}, created_at=NOON)
    session.add(version)
    session.flush()
    for number, status in enumerate(("running", "running", "finished"), start=1):
        case = CaseRow(
            office_id="dinas", code=f"PK-2026-{number:03d}", sop_version_id=version.id, title=NAME, status=status,
            started_by=person.id, started_at=NOON, events=0,
        )  # fmt: skip
        session.add(case)
        session.flush()
        task = TaskRow(case_id=case.id, number=1, step=1, round=1, given_at=NOON, due_at=NOON)
        session.add(task)
        session.flush()
        late = timedelta(minutes=number)
        settled = NOON if number == 3 else None
        session.add(ReminderRow(task_id=task.id, kind="late", sequence=1, due_at=NOON - late, settled_at=settled))
    for seconds, state in (
        (90, "pending"),
        (-60, "pending"),
        (500, "sent"),
        (800, "dead"),
        (40, "sending"),
        (1, "held"),
        (1, "folded"),
    ):
        put(work, 7, Stranger(), person_id=person.id, not_before=NOON - timedelta(seconds=seconds))
        session.flush()
        session.query(OutboxRow).order_by(OutboxRow.id.desc()).first().state = Delivery(state)  # type: ignore[union-attr] # it is there
    for number in (1, 2):
        session.add(
            FindingRow(
                kind="x", subject=str(number), detail={}, found_at=NOON, resolved_at=NOON if number == 2 else None
            )
        )


async def test_the_database_s_figures_are_true_at_the_moment_of_asking(desk: Desk) -> None:
    before = await desk.figures()
    assert (before["sop_bot_reminder_lag_seconds"], before["sop_bot_open_cases"]) == (0, 0)
    await desk.runner.run(_busy_office)
    now = await desk.figures()
    assert {name: value for name, value in now.items() if value != before.get(name)} == {
        'sop_bot_outbox_rows{state="pending"}': 2,
        'sop_bot_outbox_rows{state="sending"}': 1,
        'sop_bot_outbox_rows{state="dead"}': 1,
        'sop_bot_outbox_rows{state="held"}': 1,
        'sop_bot_outbox_rows{state="folded"}': 1,
        "sop_bot_outbox_oldest_seconds": 90,
        "sop_bot_reminder_lag_seconds": 120,
        "sop_bot_open_cases": 2,
        "sop_bot_open_findings": 1,
    }


async def test_figures_hold_nothing_about_people(desk: Desk) -> None:
    await desk.runner.run(_busy_office)
    page = (await desk.get("/metrics")).text
    assert not [word for word in (NAME, "PK-2026", "dinas") if word in page]


async def test_what_was_counted_is_told_while_the_database_is_away(desk: Desk) -> None:
    DELIVERIES.labels("sent").inc()
    desk.loses_its_database()
    now = await desk.figures()
    assert now["sop_bot_database_up"] == 0
    assert now['sop_bot_deliveries_total{outcome="sent"}'] >= 1
    assert "sop_bot_open_cases" not in now


def test_what_waits_for_its_hour_is_not_old(store: Store) -> None:
    runner = Runner(store, Noon(), Library({}, CALENDARS, frozenset()))
    runner.run_now(lambda work: put(work, 7, Stranger(), not_before=NOON + timedelta(hours=1)))
    assert runner.run_now(figures).oldest_message == 0


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_the_pages_are_only_read(desk: Desk, method: str) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(desk._app), base_url="http://bot") as http:  # noqa: SLF001 - our own
        answers = [await http.request(method, path) for path in ("/healthz", "/metrics")]
    assert {answer.status_code for answer in answers} == {405}
