"""Server-sent events: each reader gets what is newer than what it has, at its own pace."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Message, Send

    from bot.demo.telegram.entities import Json

HEARTBEAT_SECONDS = 15.0
MOST_READERS = 24
_PATIENCE_SECONDS = 30.0
_ID = re.compile(r"([0-9a-f]{1,32}):([0-9]{1,15})")


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader has come: everything up to ``version`` of an epoch."""

    epoch: str
    version: int

    def __str__(self) -> str:
        """Write the id of an event."""
        return f"{self.epoch}:{self.version}"


def place_of(last_event_id: str | None) -> Place | None:
    """Return where a reader that reconnects has come to, None for one that is new or says nonsense."""
    match = _ID.fullmatch(last_event_id or "")
    return Place(match[1], int(match[2])) if match else None


def event(name: str, data: Json, place: Place | None = None) -> str:
    """Return an event; JSON has no line ends of its own, so the data is one line whatever people have typed."""
    head = f"id: {place}\n" if place else ""
    return f"event: {name}\n{head}data: {json.dumps(data)}\n\n"


COMMENT = ":\n\n"
"""Keeps a connection alive and says nothing."""


class EventStream(StreamingResponse):
    """A stream that ends when its reader has gone, or has taken nothing for a while.

    What a reader has not taken yet waits in the connection's buffer and then in this stream alone: nothing is queued.
    """

    def __init__(self, events: AsyncIterator[str]) -> None:
        """Take the events."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "X-Content-Type-Options": "nosniff"}
        super().__init__(events, media_type="text/event-stream", headers=headers)

    async def stream_response(self, send: Send) -> None:
        """Send event after event, and give up on who takes none."""

        async def patiently(message: Message) -> None:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await send(message)

        with suppress(TimeoutError):
            await super().stream_response(patiently)
