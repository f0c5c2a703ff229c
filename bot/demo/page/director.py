"""The page's one hand on the stage: casts offices, moves the clock, begins anew. On the server's own loop."""

from __future__ import annotations

import asyncio
import logging
import secrets
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

import httpx
from starlette.concurrency import run_in_threadpool

from bot.demo.bot_run import BotGoneError
from bot.demo.page.problems import PageProblem
from bot.demo.page.scene import Ahead, Scene, ahead, jumps, open_office
from bot.demo.plot import UnknownSopError, choose
from bot.demo.telegram.client import NotSeenError
from bot.domain.errors import NoWorkingTime

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
    from datetime import datetime

    from bot.demo.stage import Stage
    from bot.domain.sop import Sop
    from bot.domain.worktime import Calendar
    from bot.services.work import Work

    Rest = Callable[[float], Awaitable[float]]

T = TypeVar("T")

log = logging.getLogger(__name__)

SPEEDS = (0, 60, 600)
TICK_SECONDS = 0.5
_SLOW = (NotSeenError, TimeoutError, BotGoneError, httpx.HTTPError)


async def rest(seconds: float) -> float:
    """Let so many real seconds pass and return how many did."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.sleep(seconds)
    return loop.time() - began


@dataclass(frozen=True, slots=True)
class Look:
    """A scene with the calendar its office has now, and what comes next there."""

    scene: Scene
    coming: Ahead
    at: datetime


class Director:
    """Whatever moves the bot or the clock happens here, one thing after the other.

    ``epoch`` names the life of the bot that is being played: it is another one after ``reset``.
    """

    def __init__(self, stage: Stage, first: Scene, *, ticks: Rest = rest) -> None:
        """Take a running stage, its first scene, and what lets time pass between two steps of a clock that plays."""
        self.stage = stage
        self.telegram = stage.office.telegram
        self.epoch = secrets.token_hex(4)
        self.listeners = 0
        self.hands = 0
        self.speed = 0
        self._ticks = ticks
        self._round = 0
        self._gate = asyncio.Lock()
        self._open = asyncio.Event()
        self._open.set()
        self._broken_off = False
        self._arrived = stage.clock.now()
        self._scenes: dict[str, Scene] = {first.sop.id: first}
        self._tasks: set[asyncio.Task[None]] = set()

    # --- looking ------------------------------------------------------------------------------

    async def scene(self, sop_id: str) -> Scene:
        """Return the scene of a SOP, its office cast where it was not yet; raises PageProblem."""
        sop = self.sop(sop_id)
        await self._open.wait()
        if sop.id not in self._scenes:
            async with self._gate:
                return await self._cast(sop)
        return self._scenes[sop.id]

    def sop(self, sop_id: str) -> Sop:
        """Return a SOP by its id; raises PageProblem for an unknown one."""
        try:
            return choose(self.stage.runner.library.sops, sop_id)
        except UnknownSopError:
            raise PageProblem(HTTPStatus.NOT_FOUND, "sop", value=sop_id) from None

    def is_cast(self, sop_id: str) -> bool:
        """Whether the scene of a SOP can be shown at once."""
        return self._open.is_set() and sop_id in self._scenes

    async def look(self, sop_id: str) -> Look:
        """Return how a SOP's office stands; raises PageProblem, also where the demo begins anew just then."""
        return await self._look(await self.scene(sop_id))

    async def _cast(self, sop: Sop) -> Scene:
        """Return the scene of a SOP; the gate is held."""
        if sop.id not in self._scenes:
            self._scenes[sop.id] = await _in_time(Scene.of, self.stage, sop)
        return self._scenes[sop.id]

    async def _look(self, scene: Scene) -> Look:
        calendar, coming, at = await _in_time(self.stage.look, _looked(scene))
        return Look(replace(scene, calendar=calendar), coming, at)

    async def ask(self, use_case: Callable[[Work], T]) -> T:
        """Run a use case that changes nothing on the bot's store; raises PageProblem."""
        return await _in_time(self.stage.look, use_case)

    async def settle(self) -> None:
        """Wait until the bot has answered everybody; raises PageProblem."""
        await _in_time(self.stage.settle)

    def break_off(self) -> None:
        """End a journey of the clock under way where it next stops."""
        self._broken_off = True

    @asynccontextmanager
    async def hold(self, sop_id: str) -> AsyncIterator[Look]:
        """Keep everybody else from moving the stage; nothing that is held here may ask for it again."""
        sop = self.sop(sop_id)
        async with self._gate:
            yield await self._look(await self._cast(sop))

    # --- the clock ----------------------------------------------------------------------------

    async def jump(self, sop_id: str, key: str) -> None:
        """Put the clock forward by one of the jumps; raises PageProblem."""
        async with self.hold(sop_id) as look:
            jump = jumps(look.scene, look.at, look.coming).get(key)
            if jump is None:
                raise PageProblem(HTTPStatus.BAD_REQUEST, "jump", value=key)
            if jump.to is None:
                raise PageProblem(HTTPStatus.CONFLICT, "nowhere")
            await self.travel(look.scene, jump.to)

    async def play(self, sop_id: str, speed: int) -> None:
        """Let the clock run ``speed`` times as fast while anybody listens, 0 as it does by itself."""
        if speed and not self.listeners:
            raise PageProblem(HTTPStatus.CONFLICT, "nobody_looks")
        await self.scene(sop_id)
        begins = speed and not self.speed
        self.set_speed(speed)
        if begins:
            self.begin(self._playing(sop_id, self._round))

    def set_speed(self, speed: int) -> None:
        """Let the clock run so fast from its next tick on; whoever lets it run at present stops at 0."""
        if not speed:
            self._round += 1
        self.speed = speed
        self.changed()

    async def _playing(self, sop_id: str, round_: int) -> None:
        """Move the clock tick by tick; what cannot be played ends the playing, and the terminal says why."""
        self._arrived = self.stage.clock.now()
        try:
            while round_ == self._round:
                passed = await self._ticks(TICK_SECONDS)
                if not self.listeners:
                    break
                await self._tick(sop_id, round_, passed)
        except PageProblem as problem:
            log.warning("the clock stopped: %s", problem, extra={"action": "demo.clock_stopped"})
        if round_ == self._round:
            self.set_speed(0)

    async def _tick(self, sop_id: str, round_: int, passed: float) -> None:
        async with self.hold(sop_id) as look:
            if round_ == self._round:
                # From where the last step led: the clock itself may have gone on meanwhile, or have been put forward.
                await self.travel(look.scene, self._arrived + timedelta(seconds=passed * self.speed))

    async def travel(self, scene: Scene, to: datetime) -> None:
        """Go to a moment, stopping wherever something becomes due or a day opens; within ``hold`` only."""
        self._broken_off = False
        await self.settle()
        while self.stage.clock.now() < to and not self._broken_off:
            await _in_time(self.stage.move_to, min(to, await self._next_stop(scene, to)))
            self.changed()
        self._arrived = self.stage.clock.now()

    async def _next_stop(self, scene: Scene, to: datetime) -> datetime:
        due, now = await _in_time(self.stage.next_due), self.stage.clock.now()
        stops = [to, *([due] if due is not None and due > now else [])]
        with suppress(NoWorkingTime):
            # What comes with a day (digests, boards) has no moment of its own.
            stops.append(scene.calendar.next_day_opening(now))
        return min(stops)

    # --- everything else ----------------------------------------------------------------------

    async def reset(self, sop_id: str) -> None:
        """Begin anew and cast the SOP's office; raises PageProblem."""
        sop = self.sop(sop_id)
        self.set_speed(0)
        self.break_off()
        async with self._gate:
            self._open.clear()
            try:
                self._scenes.clear()
                await _in_time(self.stage.reset)
                await _in_time(open_office, self.stage, sop)
                self.epoch = secrets.token_hex(4)
                self._arrived = self.stage.clock.now()
                self.hands += 1
                await self._cast(sop)
            finally:
                self._open.set()
                self.changed()

    def changed(self) -> None:
        """Let every page look again."""
        self.telegram.changed()

    def begin(self, doing: Coroutine[object, object, None]) -> None:
        """Do something beside; it ends by itself, at the latest with the server."""
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _looked(scene: Scene) -> Callable[[Work], tuple[Calendar, Ahead, datetime]]:
    office = scene.sop.office
    return lambda work: (work.calendar_for(office), ahead(work, office.id), work.at)


async def _in_time(doing: Callable[..., T], *given: object) -> T:
    """Do something that waits for the bot, beside the loop; raises PageProblem where it takes too long."""
    try:
        return await run_in_threadpool(doing, *given)
    except _SLOW:
        raise PageProblem(HTTPStatus.SERVICE_UNAVAILABLE, "slow") from None
