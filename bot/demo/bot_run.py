"""One life of the bot in the demo: the whole program against the local server, on a database thrown away with it."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from concurrent.futures import CancelledError, Future
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from bot.app import App, open_runner
from bot.console import console
from bot.demo.clock import SteppedClock
from bot.demo.telegram.server import DEMO_TOKEN
from bot.gateway.pacing import UNLIMITED
from bot.gateway.telegram_api import make_bot
from bot.services.floods import BOUNDLESS

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from bot.demo.clock import ShiftedClock
    from bot.demo.telegram.client import Office
    from bot.services.work import Work
    from bot.settings import Settings

T = TypeVar("T")

_START_SECONDS = 30.0
_STOP_SECONDS = 30.0
_ASK_SECONDS = 30.0


class BotGoneError(Exception):
    """The bot was stopped before it could do what it was asked for."""


class BotRun:
    """The bot on a database of its own, in a thread of its own, from its making until ``close``."""

    def __init__(
        self, settings: Settings, clock: SteppedClock | ShiftedClock, office: Office, *, board: str | None = None
    ) -> None:
        """Start; returns once the bot is serving, and leaves nothing behind where it does not come so far.

        ``board`` is the address of the live board, where one is served.
        """
        self._loop = asyncio.new_event_loop()
        self._ended: Future[None] = Future()
        self._office = office
        self._asking = threading.Lock()
        self._gone = False
        with ExitStack() as starting:
            starting.callback(self._close_unused_loop)
            folder = starting.enter_context(tempfile.TemporaryDirectory(prefix="sop-demo-"))
            database = f"sqlite:///{folder}/demo.db"
            own = settings.model_copy(update={"database_url": database, "admin_ids": frozenset()})
            self.runner = open_runner(own, clock)
            # Its actors play faster than hands, and its clock may stand still.
            self.runner.library = replace(self.runner.library, allowance=BOUNDLESS)
            starting.callback(self.runner.store.close)
            self.app = App(self.runner, make_bot(DEMO_TOKEN, office.base_url), limits=UNLIMITED, board=board)
            threading.Thread(target=self._serve, name="demo-bot", daemon=True).start()
            starting.callback(self._stop)
            office.wait(self._serving, _START_SECONDS, console("demo.no_start"))
            if isinstance(clock, SteppedClock):
                # Nothing becomes due by itself on it; looking for it after each commit takes half of the time.
                self._loop.call_soon_threadsafe(self.app.wakener.step_by_hand)
            self._running = starting.pop_all()

    def close(self) -> None:
        """Stop the bot and throw its database away; safe to call twice."""
        self._running.close()

    def ask(self, use_case: Callable[[Work], T]) -> T:
        """Run a use case on the bot's own store and return its result."""
        return self.do(self.runner.run(use_case))

    def look(self, use_case: Callable[[Work], T]) -> T:
        """Run a use case that changes nothing, and so wakes nobody: neither the courier nor the reminders."""
        return self.do(self.runner.look(use_case))

    def do(self, doing: Coroutine[object, object, T]) -> T:
        """Run a coroutine on the bot's loop and return its result.

        Raises BotGoneError where the bot has stopped or stops meanwhile, TimeoutError where it takes too long.
        """
        with self._asking:
            if self._gone:
                doing.close()
                raise BotGoneError
            done = asyncio.run_coroutine_threadsafe(doing, self._loop)
        try:
            return done.result(_ASK_SECONDS)
        except CancelledError:
            raise BotGoneError from None

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            with closing(self._loop):
                self._loop.run_until_complete(self._live())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the end
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    async def _live(self) -> None:
        """Run the bot; in the end nobody is left waiting for an answer from it."""
        try:
            await self.app.run()
        finally:
            with self._asking:
                self._gone = True
            await asyncio.sleep(0)  # what was asked last is a task by now
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=_STOP_SECONDS)

    def _stop(self) -> None:
        with suppress(RuntimeError):  # the loop is closed where the bot has ended by itself
            self._loop.call_soon_threadsafe(self.app.stop)
        self._ended.result(_STOP_SECONDS)

    def _close_unused_loop(self) -> None:
        """Close the loop where the bot never got as far as running on it."""
        if not self._loop.is_running():
            self._loop.close()

    def _serving(self) -> bool:
        if self._ended.done():
            self._ended.result()
        return bool(self._office.requests("getUpdates"))
