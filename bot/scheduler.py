"""APScheduler wiring: one wake-up for the earliest row, a sweep as the net, cron for housekeeping.

It holds no business state. The database is the schedule; a restart rebuilds nothing.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clock import SystemClock
from bot.services.auditor import Rounds, audit_cases, audit_outbox, next_round, tell_findings
from bot.services.boards import refresh_boards
from bot.services.briefs import fire_briefs
from bot.services.changeovers import changeovers
from bot.services.deliver import purge
from bot.services.digest import fire_digests
from bot.services.monitor_digests import fire_morning, fire_week_end
from bot.services.remind import fire_reminders, next_wake

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from bot.services.work import Runner, Work

log = logging.getLogger(__name__)

SWEEP_SECONDS = 30
REPLICA_SECONDS = 5
"""How often replicas look for what is due: one that died cannot wake the others."""

AUDIT_MINUTES = 10
_ASLEEP = timedelta(hours=1)  # between two audits: the machine has not been awake all the time
_FIRST_AUDIT = timedelta(seconds=20)
_IN_USE = timedelta(seconds=1)
_WAKE, _AGAIN = "wake", "again"
# A job that came late (the machine slept) runs once, at once.
_LATE = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1, "replace_existing": True}


def _move_desks(work: Work) -> int:
    """Let desks follow who stands in; what a chief finds on a new one is one message, before any card leaves."""
    moved = changeovers(work)
    if moved:
        fire_briefs(work)
    return moved


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
        self._fired_at: datetime | None = None
        self._up_since = self._audited_at = runner.clock.now()
        self._rounds = Rounds()
        self._stopped = False

    async def start(self) -> None:
        """Arm the jobs; fires what came due while the program was down."""
        self._scheduler.add_job(self._job(self.sweep), IntervalTrigger(seconds=SWEEP_SECONDS), id="sweep", **_LATE)
        self._scheduler.add_job(self._job(self._purge), CronTrigger(hour=19, minute=17), id="purge", **_LATE)
        if self._runner.store.engine.dialect.name == "postgresql":
            self._scheduler.add_job(self._job(self.fire), IntervalTrigger(seconds=REPLICA_SECONDS), id="net", **_LATE)
        self._scheduler.start()
        self._arming = asyncio.create_task(self._rearm_forever())
        await self.fire()
        # After the first firing: what an outage has kept back is given out by then, and no finding.
        regularly = IntervalTrigger(minutes=AUDIT_MINUTES, jitter=60)
        soon = SystemClock().now() + _FIRST_AUDIT
        self._scheduler.add_job(self._job(self.audit), regularly, id="audit", next_run_time=soon, **_LATE)

    def stop(self) -> None:
        """Fire nothing more; what runs is broken off."""
        if self._stopped:
            return
        self._stopped = True
        self._scheduler.shutdown(wait=False)
        if self._arming is not None:
            self._arming.cancel()

    def step_by_hand(self) -> None:
        """Arm nothing from now on: whoever moves the clock fires what is due.

        Nor does anything come regularly: by the machine's clock it would come at another moment of the stepped one
        each time. What is still in use is looked at again all the same.
        """
        for job in ("sweep", "purge", "audit"):
            with suppress(JobLookupError):
                self._scheduler.remove_job(job)
        if self._arming is not None:
            self._arming.cancel()
            self._arming = None

    def changed(self) -> None:
        """Look for an earlier moment: something was committed."""
        self._changed.set()

    async def fire(self) -> None:
        """Queue what is due now and wake the courier."""
        async with self._firing:
            await self._change_over()
            try:
                fired = await self._runner.look(fire_reminders)
            except Exception:
                # Whatever it was, the next sweep tries again.
                log.exception("reminders not fired", extra={"action": "reminder.failed"})
                return
        if fired.messages:
            log.info("reminders queued", extra={"action": "reminder.fired", "messages": fired.messages})
        if fired.passed_over:
            soon = DateTrigger(SystemClock().now() + _IN_USE)
            self._scheduler.add_job(self._job(self.fire), soon, id=_AGAIN, **_LATE)
        self._fired_at = fired.at
        await self._brief()
        self._wake_courier()
        self.changed()

    async def _brief(self) -> None:
        """Tell chiefs what waits for them; after the reminders and before the courier, so that it is one message."""
        try:
            messages = await self._runner.look(fire_briefs)
        except Exception:
            # Whatever it was, the next sweep tries again.
            log.exception("briefs not made", extra={"action": "brief.failed"})
            return
        if messages:
            log.info("briefs queued", extra={"action": "brief.made", "messages": messages})

    async def _change_over(self) -> None:
        """Let desks follow who stands in; before the reminders, which go to whoever has them."""
        try:
            moved = await self._runner.look(_move_desks)
        except Exception:
            # Whatever it was, the next sweep tries again.
            log.exception("desks not moved", extra={"action": "changeover.failed"})
            return
        if moved:
            log.info("desks moved", extra={"action": "changeover.done", "standins": moved})

    async def audit(self) -> None:
        """Compare with the event log what there is, in portions; what is found is kept, logged and told."""
        now = self._runner.clock.now()
        if now - self._audited_at > _ASLEEP:
            self._up_since = now  # what a sleeping machine could not send has not overstayed
        self._audited_at = now
        try:
            portions, self._rounds = await self._runner.look(next_round, self._rounds)
            found = await self._runner.look(audit_outbox, self._up_since)
            for portion in portions:
                found += await self._audit_cases(portion)
            await self._runner.run(tell_findings)
        except Exception:
            # Whatever it was, the next round tries again.
            log.exception("not audited", extra={"action": "audit.failed"})
            return
        log.info("audited", extra={"action": "audit.done", "cases": sum(map(len, portions)), "findings": found})

    async def _audit_cases(self, portion: tuple[int, ...]) -> int:
        """Audit a portion, or each of its cases where one cannot be read: it must not silence the others."""
        try:
            return await self._runner.look(audit_cases, portion)
        except Exception:
            log.exception("cases not audited", extra={"action": "audit.failed", "cases": portion})
        return sum([await self._audit_cases((case_id,)) for case_id in portion]) if len(portion) > 1 else 0

    def _job(self, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """Return what the scheduler runs: it would log as an error what it breaks off itself at a stop."""

        @wraps(work)
        async def until_stopped() -> None:
            try:
                await work()
            except asyncio.CancelledError:
                if not self._stopped:
                    raise

        return until_stopped

    async def sweep(self) -> None:
        """Do what is due, what no moment is armed for (digests, boards), and what else belongs to a sweep."""
        await self.fire()
        await self._digest()
        await self._on_sweep()

    async def _digest(self) -> None:
        messages = 0
        for use_case in (fire_digests, fire_morning, fire_week_end, refresh_boards):
            try:
                messages += await self._runner.run(use_case)
            except Exception:
                # Whatever it was, the next sweep tries again.
                log.exception("digests not made", extra={"action": "digest.failed", "use_case": use_case.__name__})
        if messages:
            log.info("digests queued", extra={"action": "digest.made", "messages": messages})

    async def _purge(self) -> None:
        try:
            gone = await self._runner.look(purge)
        except Exception:
            # Tomorrow is early enough.
            log.exception("old rows not purged", extra={"action": "purge.failed"})
            return
        log.info("old rows purged", extra={"action": "purge", "rows": gone})

    async def _rearm_forever(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                # While something fires, the scheduler would skip what is armed for just then, and say so each time.
                async with self._firing:
                    await self._arm(await self._runner.look(next_wake, self._fired_at))
            except Exception:
                # Whatever it was: without this task nothing would ever be armed again. The sweep comes in any case.
                log.exception("wake-up not armed", extra={"action": "reminder.database"})

    async def _arm(self, moment: datetime | None) -> None:
        if moment is None or moment == self._armed_for:
            return
        self._armed_for = moment
        run_date = self._runner.clock.machine_time(moment)
        self._scheduler.add_job(self._job(self._woken), DateTrigger(run_date), id=_WAKE, **_LATE)

    async def _woken(self) -> None:
        self._armed_for = None
        await self.fire()
