"""APScheduler wiring: one wake-up for the earliest row, a sweep as the net, cron for housekeeping.

It holds no business state. The database is the schedule; a restart rebuilds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from bot.services.deliver import purge
from bot.services.digest import fire_digests
from bot.services.remind import fire_reminders, next_wake

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.services.work import Runner

log = logging.getLogger(__name__)

SWEEP_SECONDS = 30
_WAKE = "wake"
# A job that came late (the machine slept) runs once, at once.
_LATE = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1, "replace_existing": True}


class Wakener:
    """Fires reminders when they are due and pokes the courier when a held message may go."""

    def __init__(
        self, runner: Runner, *, wake_courier: Callable[[], None], on_sweep: Callable[[], Awaitable[None]]
    ) -> None:
        """Take the store, whom to wake, and what else belongs to a sweep."""
        self._runner = runner
        self._wake_courier = wake_courier
        self._on_sweep = on_sweep
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._armed_for: datetime | None = None
        self._changed = asyncio.Event()
        self._arming: asyncio.Task[None] | None = None
        self._firing = asyncio.Lock()

    async def start(self) -> None:
        """Arm the jobs; fires what came due while the program was down."""
        self._scheduler.add_job(self._sweep, IntervalTrigger(seconds=SWEEP_SECONDS), id="sweep", **_LATE)
        self._scheduler.add_job(self._purge, CronTrigger(hour=19, minute=17), id="purge", **_LATE)
        self._scheduler.start()
        self._arming = asyncio.create_task(self._rearm_forever())
        await self.fire()

    def stop(self) -> None:
        """Fire nothing more."""
        self._scheduler.shutdown(wait=False)
        if self._arming is not None:
            self._arming.cancel()

    def changed(self) -> None:
        """Look for an earlier moment: something was committed."""
        self._changed.set()

    async def fire(self) -> None:
        """Queue what is due now and wake the courier."""
        async with self._firing:
            try:
                messages = await self._runner.look(fire_reminders)
            except Exception:
                # Whatever it was, the next sweep tries again.
                log.exception("reminders not fired", extra={"action": "reminder.failed"})
                return
        if messages:
            log.info("reminders queued", extra={"action": "reminder.fired", "messages": messages})
        self._wake_courier()
        self.changed()

    async def _sweep(self) -> None:
        await self.fire()
        await self._digest()
        await self._on_sweep()

    async def _digest(self) -> None:
        try:
            messages = await self._runner.run(fire_digests)
        except Exception:
            # Whatever it was, the next sweep tries again.
            log.exception("digests not made", extra={"action": "digest.failed"})
            return
        if messages:
            log.info("digests queued", extra={"action": "digest.made", "messages": messages})

    async def _purge(self) -> None:
        gone = await self._runner.look(purge)
        log.info("old rows purged", extra={"action": "purge", "rows": gone})

    async def _rearm_forever(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._arm(await self._runner.look(next_wake))
            except (SQLAlchemyError, OSError):
                # The sweep comes in any case.
                log.exception("wake-up not armed", extra={"action": "reminder.database"})

    async def _arm(self, moment: datetime | None) -> None:
        if moment is None or moment == self._armed_for:
            return
        self._armed_for = moment
        run_date = self._runner.clock.machine_time(moment)
        self._scheduler.add_job(self._woken, DateTrigger(run_date), id=_WAKE, **_LATE)

    async def _woken(self) -> None:
        self._armed_for = None
        await self.fire()
