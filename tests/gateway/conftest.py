"""The gateway's parts in this process, against the strict server and a real database."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from bot.demo.telegram import TelegramServer
from bot.demo.telegram.state import FIRST_UPDATE
from bot.demo.telegram.updates import Updates
from bot.gateway.delivery import Courier
from bot.gateway.intake import Intake, Timing
from bot.gateway.pacing import UNLIMITED, Limits
from bot.gateway.telegram_api import Bot, make_bot
from bot.services.work import Runner
from bot.store.tables import OutboxRow
from tests.services.conftest import Town, beginnings, lasting_store, no_waiting, staffed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from datetime import datetime

    from bot.demo.telegram import Person, RunningServer
    from bot.demo.telegram.entities import Json
    from bot.store.database import Store

__all__ = ["beginnings", "lasting_store", "no_waiting", "staffed"]  # fixtures

T = TypeVar("T")
HERE = Path(__file__).parent
QUICK = Timing(poll=5, answer=0.2, conflict=60.0, pauses=(0.01,))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder talk to their server on the loopback."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)


class TownClock:
    """The clock of the gateway's parts: the town's."""

    def __init__(self, town: Town) -> None:
        self._town = town

        self.runs_since: float | None = None

    def now(self) -> datetime:
        """Return the town's moment; a clock that was started goes on from there."""
        passed = 0.0 if self.runs_since is None else time.monotonic() - self.runs_since
        return self._town.at + timedelta(seconds=passed)

    def machine_time(self, moment: datetime) -> datetime:
        """Return the moment itself."""
        return moment


class Loop:
    """An event loop in a thread of its own: tests and phones may wait without holding the bot up."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="gateway")
        self._thread.start()

    def start(self, work: Coroutine[object, object, T]) -> Future[T]:
        """Start a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine to its end."""
        return self.start(work).result(30)

    def close(self) -> None:
        """End the thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(scope="session")
def one_server() -> Iterator[RunningServer]:
    with TelegramServer.start() as running:
        yield running


@pytest.fixture
def server(one_server: RunningServer) -> Iterator[RunningServer]:
    """Give out the session's server in good weather, with no update waiting."""
    state = one_server.telegram
    state.updates = Updates(FIRST_UPDATE)
    yield one_server
    state.faults.clear()
    state.pacing.switch(None)


@pytest.fixture(scope="session")
def bot(loop: Loop, one_server: RunningServer) -> Iterator[Bot]:
    bot = make_bot(one_server.token, one_server.base_url)
    loop.run(bot.initialize())
    yield bot
    loop.run(bot.shutdown())


class Weather:
    """What happens to the statements of the program's own database threads; the test's are spared."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._failures = 0
        self._gate = threading.Event()
        self._gate.set()
        self.waiting = threading.Event()
        self.failed = threading.Event()

    def fails(self, times: int) -> None:
        """Let the next statements fail as a lost database does; ``failed`` is set after the last."""
        self.failed.clear()
        self._failures = times

    def holds(self) -> None:
        """Let the next statement wait until ``goes_on``; ``waiting`` is set when it does."""
        self.waiting.clear()
        self._gate.clear()

    def goes_on(self) -> None:
        """Let everything go on."""
        self._gate.set()

    def __call__(self, *_: object) -> None:
        """Be the database's listener, before each statement."""
        if not threading.current_thread().name.startswith("store"):
            return
        if not self._gate.is_set():
            self.waiting.set()
            self._gate.wait(10)
        if self._failures:
            self._failures -= 1
            if not self._failures:
                self.failed.set()
            raise OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))


@pytest.fixture
def weather(staffed: Town) -> Iterator[Weather]:
    weather = Weather(staffed.store)
    event.listen(staffed.store.engine, "before_cursor_execute", weather)
    yield weather
    weather.goes_on()
    event.remove(staffed.store.engine, "before_cursor_execute", weather)


class Gateway:
    """What the tests of this folder turn on and off."""

    def __init__(self, loop: Loop, bot: Bot, server: RunningServer, town: Town) -> None:
        self.loop, self.bot, self.server, self.town = loop, bot, server, town
        self.clock = TownClock(town)
        self.runner = Runner(town.store, self.clock, town.library)
        self.first_request = int(server.state()["requests"])
        self._running: list[tuple[Intake | Courier, Future[None]]] = []

    def phone(self, who: str, *, started: bool = True) -> Person:
        """Return somebody's phone; ``started`` opens the chat with the bot without telling the bot."""
        person = self.server.person(self.town.stranger(who), who)
        chat = self.server.telegram.chats[person.id]
        chat.started, chat.blocked = started, False
        chat.messages.clear()
        return person

    def phone_of(self, who: str) -> Person:
        """Return the phone of somebody who has one, with all that is on it."""
        return self.server.person(self.town.ids[who], who)

    def takes_in(self, timing: Timing = QUICK) -> Intake:
        """Start intake."""

        async def make() -> Intake:
            return Intake(self.bot, self.runner, timing)

        intake = self.loop.run(make())
        self._running.append((intake, self.loop.start(intake.run())))
        return intake

    def delivers(self, limits: Limits = UNLIMITED) -> Courier:
        """Start the courier, woken after every commit."""

        async def make() -> Courier:
            return Courier(self.bot, self.runner, limits)

        courier = self.loop.run(make())
        self._running.append((courier, self.loop.start(courier.run())))
        self.town.store.after_commit = partial(self.wake, courier)
        return courier

    def wake(self, courier: Courier) -> None:
        """Tell the courier that time has passed."""
        self.loop.loop.call_soon_threadsafe(courier.wake)

    def wait(self, ready: Callable[[], bool], complaint: str) -> None:
        """Wait until something is so, looking again whenever the server sees a request."""
        deadline = time.monotonic() + 10
        while not ready():
            assert time.monotonic() < deadline, complaint
            since = self.server.state()["version"]
            self.server.get("/changes", {"since": since, "timeout": 0.02})

    def settled(self) -> bool:
        """Whether no row of the outbox is on its way; what waits for a later hour is not."""
        rows = [row for row in self.town.rows(OutboxRow) if row.not_before <= self.clock.now()]
        return all(row.state not in {"pending", "sending"} for row in rows)

    def stop(self) -> None:
        """Stop all that runs, as a SIGTERM does; fails where something ended in an error."""
        running, self._running = self._running, []
        for part, ended in running:
            self.loop.loop.call_soon_threadsafe(part.stop)
            ended.result(20)

    def requests(self, method: str) -> list[Json]:
        """Return the bot's requests of this test."""
        return self.server.requests(method, after=self.first_request)

    def offsets(self) -> list[str | None]:
        """Return the offsets that intake asked from, in order; None where it named none."""
        return [request["parameters"].get("offset") for request in self.requests("getUpdates")]


@pytest.fixture
def gateway(loop: Loop, bot: Bot, server: RunningServer, staffed: Town, weather: Weather) -> Iterator[Gateway]:
    gateway = Gateway(loop, bot, server, staffed)
    yield gateway
    weather.goes_on()
    gateway.stop()
    staffed.store.after_commit = lambda: None
