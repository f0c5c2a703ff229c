"""One look for everybody who watches: whatever the number of open pages, the database is asked once for each change.

A page gets the newest board and nothing else: what it was too slow to take is replaced, never queued.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError

from bot.store.database import reason
from bot.web.board.looking import look

if TYPE_CHECKING:
    from bot.web.board.looker import Looker
    from bot.web.board.looking import Shown, Wish
    from bot.web.board.settings import Bounds, Pace

log = logging.getLogger(__name__)


class FullError(Exception):
    """As many pages are open as this process serves."""


class Onlooker:
    """One open page. ``ended`` says why nothing more will come: ``gone`` (not theirs to see), ``closed``."""

    def __init__(self, wish: Wish) -> None:
        """Take who looks, and at which office."""
        self.wish = wish
        self.latest: Shown | None = None
        self.ended = ""
        self._news = asyncio.Event()

    def show(self, board: Shown) -> None:
        """Replace what the page has not taken yet."""
        self.latest = board
        self._news.set()

    def end(self, why: str) -> None:
        """Let the page go."""
        self.ended = self.ended or why
        self._news.set()

    async def news(self, seconds: float) -> bool:
        """Wait for something new; False where there was nothing for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True


class Hub:
    """Knows the open pages of this process and keeps them true. Lives on one event loop; idle while nobody looks."""

    def __init__(self, runner: Looker, bounds: Bounds, pace: Pace) -> None:
        """Take the store to read, and how many pages and looks there may be."""
        self._runner = runner
        self._bounds = bounds
        self._pace = pace
        self._onlookers: list[Onlooker] = []
        self._changed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.Task[None] | None = None
        self._closed = False
        self._away = False

    def join(self, wish: Wish) -> Onlooker:
        """Add a page, for which the oldest of a person with too many makes room; raises FullError."""
        mine = [onlooker for onlooker in self._onlookers if onlooker.wish[0] == wish[0]]
        if len(mine) >= self._bounds.streams_each:
            mine[0].end("closed")
            self.leave(mine[0])
        if self._closed or len(self._onlookers) >= self._bounds.streams:
            raise FullError
        onlooker = Onlooker(wish)
        self._onlookers.append(onlooker)
        self._changed.set()
        if self._looking is None or self._looking.done():
            self._loop = asyncio.get_running_loop()
            self._looking = self._loop.create_task(self._look_on())
        return onlooker

    def leave(self, onlooker: Onlooker) -> None:
        """Forget a page; safe to call twice."""
        with suppress(ValueError):
            self._onlookers.remove(onlooker)

    def changed(self) -> None:
        """Look again soon: something was committed. From any thread."""
        if self._loop is not None and self._onlookers and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._changed.set)

    def close(self) -> None:
        """End every page, and take no more."""
        self._closed = True
        for onlooker in self._onlookers:
            onlooker.end("closed")
        if self._looking is not None:
            self._looking.cancel()

    async def _look_on(self) -> None:
        while self._onlookers:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.tick):
                    await self._changed.wait()
            self._changed.clear()
            await self._look()
            # What changes meanwhile is seen together, by the next look.
            await asyncio.sleep(self._pace.gap)

    async def _look(self) -> None:
        onlookers = list(self._onlookers)
        try:
            boards = await self._runner.look(look, {onlooker.wish for onlooker in onlookers})
        except (SQLAlchemyError, OSError) as error:
            # Said once until it is back: the pages keep asking.
            if not self._away:
                log.warning("live board not read: %s", reason(error), extra={"action": "board.database"})
            self._away = True
            return
        except Exception:
            log.exception("live board failed", extra={"action": "board.failed"})
            return
        self._away = False
        for onlooker in onlookers:
            if onlooker.wish not in boards:
                continue
            board = boards[onlooker.wish]
            if board is None:
                onlooker.end("gone")
                self.leave(onlooker)
            else:
                onlooker.show(board)
