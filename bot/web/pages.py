"""``/healthz`` and ``/metrics``: no personal data, no secrets, and cheap however often somebody asks."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Generic, TypeVar

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.metrics import REGISTRY
from bot.services.figures import Figures, figures, schema
from bot.settings import HEALTH_PATH, METRICS_PATH
from bot.store.database import is_trouble
from bot.store.migrate import head

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from bot.services.work import Runner
    from bot.web.pulse import Pulse

log = logging.getLogger(__name__)
T = TypeVar("T")

PATIENCE_SECONDS = 3.0
"""How long the database may take to answer before it counts as away."""


class Pages:
    """The two pages of a running program."""

    def __init__(self, runner: Runner, pulse: Pulse, *, patience: float = PATIENCE_SECONDS) -> None:
        """Take the store to ask and the signs of life to show."""
        self._pulse = pulse
        self._schema = _Asked(lambda: runner.look(schema), patience)
        self._figures = _Asked(lambda: runner.look(figures), patience)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route(HEALTH_PATH, self._health), Route(METRICS_PATH, self._metrics)]

    async def _health(self, _: Request) -> Response:
        revision = await self._schema.answer()
        signs = self._pulse.signs()
        trouble = [part for part, sign in signs.items() if not sign.alive]
        if revision is None:
            trouble.append("database")
        elif revision != head():
            trouble.append("schema")
        content = {
            "status": "trouble" if trouble else "ok",
            "trouble": trouble,
            "database": "away" if revision is None else "ok",
            "schema": revision,
            "parts": {part: {"alive": sign.alive, "age": _rounded(sign.age)} for part, sign in signs.items()},
        }
        return JSONResponse(content, status_code=503 if trouble else 200)

    async def _metrics(self, _: Request) -> Response:
        now = await self._figures.answer()
        # What this process has counted is told even where the database is away.
        page = generate_latest(REGISTRY) + generate_latest(_as_gauges(now))
        return Response(page, media_type=CONTENT_TYPE_LATEST)


class _Asked(Generic[T]):
    """A question to the database that is on its way at most once, whoever asks meanwhile.

    A database that hangs must not take all the store's threads, one for each who asks for our health.
    """

    def __init__(self, ask: Callable[[], Awaitable[T]], patience: float) -> None:
        self._ask = ask
        self._patience = patience
        self._asking: asyncio.Future[T] | None = None

    async def answer(self) -> T | None:
        """Return the answer; None where the database refuses, or does not answer in time."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask())
            self._asking.add_done_callback(_note_failure)
        await asyncio.wait({self._asking}, timeout=self._patience)
        asked = self._asking
        answered = asked.done() and not asked.cancelled() and asked.exception() is None
        return asked.result() if answered else None


def _note_failure(asked: asyncio.Future[T]) -> None:
    error = None if asked.cancelled() else asked.exception()
    # That the database is away is said by those who need it.
    if error is not None and not is_trouble(error):
        log.error("page without figures", exc_info=error, extra={"action": "web.failed"})


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def _as_gauges(now: Figures | None) -> CollectorRegistry:
    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"sop_bot_{name}", about, labels, registry=registry)

    gauge("database_up", "Whether the database answers").set(now is not None)
    if now is None:
        return registry
    depth = gauge("outbox_rows", "Messages that have not gone out, by state", "state")
    for state, rows in now.outbox.items():
        depth.labels(state).set(rows)
    gauge("outbox_oldest_seconds", "Age of the oldest message that may go out and has not").set(now.oldest_message)
    gauge("reminder_lag_seconds", "How long the oldest due reminder has been waiting").set(now.reminder_lag)
    gauge("open_cases", "Cases that are running").set(now.open_cases)
    gauge("open_findings", "Differences the auditor found that are not settled").set(now.open_findings)
    return registry
