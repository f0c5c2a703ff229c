"""The board as Server-sent events, each of which is whole: a page that comes back has nothing to make up."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from starlette.responses import Response

from bot.web.board.answers import DATA_HEADERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from starlette.types import Receive, Scope, Send

    from bot.web.board.hub import Hub, Onlooker

_QUIET_SECONDS = 15.0
"""Something is said that often, so that neither a proxy nor the page takes silence for an end."""


class BoardStream(Response):
    """Everything that one page is shown until its session ends, its right ends, or it goes away.

    Events: ``board`` (the whole board), ``now`` (nothing changed; the moment in words), ``end`` (``why``: ``session``
    over, ``gone`` from the office, ``closed`` here).
    """

    media_type = "text/event-stream"

    def __init__(
        self, hub: Hub, onlooker: Onlooker, *, until: datetime, now: Callable[[], datetime], send_seconds: float
    ) -> None:
        """Take the page, until when its session lasts, and the clock that says so."""
        super().__init__(headers={**DATA_HEADERS, "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._hub, self._onlooker = hub, onlooker
        self._until, self._now = until, now
        self._send_seconds = send_seconds

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until there are no more; a reader who takes nothing for too long is left."""
        talking = asyncio.ensure_future(self._talk(send))
        leaving = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({talking, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if talking.done():
                talking.result()
        finally:
            self._hub.leave(self._onlooker)
            for task in (talking, leaving):
                task.cancel()
            await asyncio.gather(talking, leaving, return_exceptions=True)

    async def _talk(self, send: Send) -> None:
        await self._send(send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for piece in self._events():
            await self._send(send, {"type": "http.response.body", "body": piece.encode(), "more_body": True})
        await self._send(send, {"type": "http.response.body", "body": b""})

    async def _send(self, send: Send, message: dict[str, object]) -> None:
        async with asyncio.timeout(self._send_seconds):
            await send(message)

    async def _events(self) -> AsyncIterator[str]:
        shown = ""
        said = ""
        while True:
            left = (self._until - self._now()).total_seconds()
            fresh = await self._onlooker.news(max(min(_QUIET_SECONDS, left), 0))
            if self._onlooker.ended or self._now() >= self._until:
                yield _event("end", json.dumps({"why": self._onlooker.ended or "session"}))
                return
            board = self._onlooker.latest
            if not fresh or board is None:
                yield ": \n\n"
            elif board.digest != shown:
                shown, said = board.digest, board.now
                yield _event("board", f'{{"now":{json.dumps(board.now)},{board.text[1:]}', key=board.digest)
            elif board.now != said:
                said = board.now
                yield _event("now", json.dumps({"now": board.now}))


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _event(kind: str, data: str, *, key: str = "") -> str:
    identity = f"id: {key}\n" if key else ""
    return f"event: {kind}\n{identity}data: {data}\n\n"
