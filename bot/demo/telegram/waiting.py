"""Waiting for a change without sleeping, the base of every long poll."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Waiters:
    """Coroutines that wait until something has become true; ``wake`` may be called from any thread."""

    def __init__(self) -> None:
        self.closed = False
        self._futures: set[asyncio.Future[None]] = set()

    def wake(self) -> None:
        """Let everybody look again."""
        for future in tuple(self._futures):
            loop = future.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(_finish, future)

    def close(self) -> None:
        """End all waiting, now and later: the server stops."""
        self.closed = True
        self.wake()

    async def until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Return whether ``ready()`` became true within ``seconds`` of real time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while True:
            # Registered before looking, so that a change from another thread in between is not missed.
            future = loop.create_future()
            self._futures.add(future)
            try:
                if ready():
                    return True
                left = deadline - loop.time()
                if self.closed or left <= 0:
                    return False
                await asyncio.wait({future}, timeout=left)
            finally:
                self._futures.discard(future)


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
