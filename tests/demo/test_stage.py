"""The stage of a story: time on it passes when it is told to, and never by the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot import scheduler
from bot.demo.clock import SteppedClock
from bot.demo.stage import Stage
from bot.scheduler import Wakener
from bot.settings import Settings

if TYPE_CHECKING:
    import pytest

MONDAY = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)


def test_on_a_clock_that_is_stepped_nothing_comes_by_the_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    sweeps: list[datetime] = []

    async def sweep(wakener: Wakener) -> None:  # noqa: ARG001 - a method, called as the sweep is
        sweeps.append(clock.now())

    clock = SteppedClock(MONDAY)
    monkeypatch.setattr(scheduler, "SWEEP_SECONDS", 0.01)
    monkeypatch.setattr(Wakener, "sweep", sweep)
    with Stage(Settings(_env_file=None), clock, sweep_every=timedelta(minutes=30)) as stage:
        stage.next_due()  # by now the stage has the bot's loop to itself
        sweeps.clear()
        for minute in range(1, 6):
            stage.move_to(MONDAY + timedelta(minutes=minute))
    assert sweeps == [MONDAY + timedelta(minutes=1)]
