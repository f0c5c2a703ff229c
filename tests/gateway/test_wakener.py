"""The wakener: armed for the earliest row, armed again when that changes, deaf to nothing."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot.clock import SystemClock
from bot.domain.notices import Help
from bot.scheduler import Wakener
from bot.services import outbox
from bot.services.auditor import audit_cases
from bot.services.complete_task import complete_task
from bot.services.work import Runner, Work
from bot.store.tables import CaseRow, FindingRow, OutboxRow
from tests.services.conftest import wib

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tests.gateway.conftest import Gateway, Loop, Weather
    from tests.services.conftest import Town

pytestmark = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
SOON = timedelta(milliseconds=50)


class Waking:
    """A wakener on the town's clock; the machine's own clock reaches any moment in 50 ms, if allowed."""

    def __init__(self, loop: Loop, town: Town) -> None:
        self.town = town
        self.armed: list[datetime] = []
        self.arms = threading.Event()
        self.woken = threading.Event()
        self._loop = loop
        self.wakener = loop.run(self._make(Runner(town.store, self, town.library)))
        town.store.after_commit = lambda: None

    async def _make(self, runner: Runner) -> Wakener:
        return Wakener(runner, wake_courier=self.woken.set, on_sweep=_nothing)

    def now(self) -> datetime:
        """Return the town's moment."""
        return self.town.at

    def machine_time(self, moment: datetime) -> datetime:
        """Let the town's clock jump to the moment that was armed for."""
        self.armed.append(moment)
        self.town.at = moment
        self.arms.set()
        return SystemClock().now() + SOON

    def start(self) -> None:
        """Start it."""
        self._loop.run(self.wakener.start())

    def changed(self) -> None:
        """Tell it of a commit."""
        self.arms.clear()
        self._loop.loop.call_soon_threadsafe(self.wakener.changed)

    def stop(self) -> None:
        """Stop it."""
        self._loop.loop.call_soon_threadsafe(self.wakener.stop)
        self._loop.run(_nothing())


async def _nothing() -> None:
    return


@pytest.fixture
def waking(loop: Loop, staffed: Town) -> Iterator[Waking]:
    waking = Waking(loop, staffed)
    yield waking
    waking.stop()


def reminders(town: Town) -> list[str]:
    return [town.name(row.chat_id) for row in town.rows(OutboxRow) if row.notice == "Reminders"]


def test_it_wakes_for_one_moment_after_the_other(waking: Waking, gateway: Gateway, staffed: Town) -> None:
    staffed.starts("Sari", "dinas-sk")
    waking.start()
    gateway.wait(lambda: len(waking.armed) >= 4, "not armed again")
    assert waking.armed[:4] == [wib(9, 8, 24), wib(9, 8, 30), wib(9, 9, 30), wib(10, 7, 30)]
    assert sorted(reminders(staffed)[:3]) == ["Bagus", "Bagus", "Sari"]


def test_what_came_due_while_the_program_was_down_is_given_out_at_the_start(waking: Waking, staffed: Town) -> None:
    staffed.starts("Sari", "dinas-sk")
    staffed.at = wib(9, 9)
    waking.start()
    assert sorted(reminders(staffed)) == ["Bagus", "Sari"]
    assert waking.woken.is_set()


def test_an_earlier_moment_that_a_commit_brings_is_armed_for(waking: Waking, gateway: Gateway, staffed: Town) -> None:
    waking.start()
    staffed.starts("Sari", "dinas-sk")
    waking.changed()
    assert waking.arms.wait(5)
    assert waking.armed[0] == wib(9, 8, 24)
    gateway.wait(lambda: bool(reminders(staffed)), "not woken")


def test_it_goes_on_after_trouble_with_the_database(
    waking: Waking, gateway: Gateway, staffed: Town, weather: Weather, caplog: pytest.LogCaptureFixture
) -> None:
    staffed.starts("Sari", "dinas-sk")
    weather.fails(2)  # the desks' change-over is first, and what follows is tried all the same
    waking.start()
    assert weather.failed.wait(5)
    waking.changed()
    gateway.wait(lambda: bool(reminders(staffed)), "not woken")
    actions = {getattr(record, "action", "") for record in caplog.records}
    assert {"changeover.failed", "reminder.failed"} <= actions


def test_a_task_that_ends_first_is_not_woken_for(waking: Waking, gateway: Gateway, staffed: Town) -> None:
    case = staffed.starts("Sari", "dinas-sk")
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    waking.start()
    gateway.wait(lambda: len(waking.armed) > 1, "not armed again")
    over = wib(9, 8, 5) + timedelta(seconds=1)
    assert waking.armed[:2] == [over, wib(9, 9, 36)], "the end of Urungkan and the next task's, not the ended one's"


def test_a_stop_in_the_midst_of_an_audit_is_quiet(
    waking: Waking, loop: Loop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    auditing, stopped = threading.Event(), threading.Event()

    def held_up(*_: object) -> None:
        auditing.set()
        stopped.wait(10)

    monkeypatch.setattr("bot.scheduler._FIRST_AUDIT", timedelta(0))
    monkeypatch.setattr("bot.scheduler.next_round", held_up)
    waking.start()
    assert auditing.wait(10)
    waking.stop()
    stopped.set()
    loop.run(waking.wakener._runner.look(lambda _: None))  # noqa: SLF001 - whoever asks the store after it comes later
    loop.run(_nothing())
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_case_that_cannot_be_read_keeps_no_finding_about_another_from_being_told(
    waking: Waking, loop: Loop, staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    unreadable, altered = staffed.starts("Sari", "dinas-sk"), staffed.starts("Sari", "dinas-sk")
    staffed.run(lambda work: work.session.execute(update(CaseRow).where(CaseRow.id == altered).values(title="Lain")))

    def audit(work: Work, case_ids: tuple[int, ...]) -> int:
        if unreadable in case_ids:
            raise ValueError(case_ids)
        return audit_cases(work, case_ids)

    monkeypatch.setattr("bot.scheduler.audit_cases", audit)
    loop.run(waking.wakener.audit())
    assert [staffed.name(row.chat_id) for row in staffed.rows(OutboxRow) if row.notice == "AuditFinding"] == ["Sari"]


def test_every_sweep_looks_whether_a_week_has_opened(waking: Waking, loop: Loop, staffed: Town) -> None:
    staffed.starts("Sari", "dinas-sk")
    staffed.at = wib(16, 7, 30)
    for _ in range(2):
        loop.run(waking.wakener.sweep())
    assert [staffed.name(row.chat_id) for row in staffed.rows(OutboxRow) if row.notice == "WeeklyDigest"] == ["Sari"]


def test_what_comes_due_while_something_fires_is_armed_for_afterwards(
    waking: Waking, loop: Loop, gateway: Gateway, staffed: Town
) -> None:
    waking.start()
    firing = waking.wakener._firing  # noqa: SLF001 - held by whatever fires
    loop.run(firing.acquire())
    staffed.starts("Sari", "dinas-sk")
    waking.changed()
    loop.run(waking.wakener._runner.look(lambda _: None))  # noqa: SLF001 - whoever asks the store after it comes later
    loop.run(_nothing())
    assert waking.armed == [], "the scheduler would skip it"
    loop.loop.call_soon_threadsafe(firing.release)
    gateway.wait(lambda: bool(waking.armed), "not armed")
    assert waking.armed[0] == wib(9, 8, 24)


def test_what_waited_while_the_machine_slept_is_no_finding_and_what_waits_on_is(
    waking: Waking, loop: Loop, staffed: Town
) -> None:
    staffed.run(outbox.put, staffed.ids["Sari"], Help())
    staffed.at += timedelta(hours=64)  # from Friday to Monday
    loop.run(waking.wakener.audit())
    assert staffed.rows(FindingRow) == []
    for _ in range(32):
        staffed.at += timedelta(minutes=59)
        loop.run(waking.wakener.audit())
    assert [row.kind for row in staffed.rows(FindingRow)] == ["outbox_stuck"]
