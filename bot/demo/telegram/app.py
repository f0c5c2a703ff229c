"""The server as a Starlette application: the Bot API, its files, and the human face."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.demo.telegram.bot_api import GET_UPDATES, canonical, carry_out, record, settle
from bot.demo.telegram.demo_api import PREFIX, demo_routes
from bot.demo.telegram.faults import FaultKind
from bot.demo.telegram.refusals import NOT_FOUND, UNAUTHORIZED, Refusal
from bot.demo.telegram.requests_in import BodyLimit, OwnOrigin, parameters_of
from bot.demo.telegram.state import TOKEN
from bot.demo.telegram.waiting import Waiters
from bot.demo.telegram.webhook import push_updates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from starlette.requests import Request
    from starlette.routing import BaseRoute
    from starlette.types import Receive, Scope, Send

    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.parameters import Parameters
    from bot.demo.telegram.state import Telegram

LONGEST_POLL = 50
LOOPBACK = ["127.0.0.1", "localhost"]


class BrokenConnection(Response):
    """An answer that never comes: the connection ends in the middle of it."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Promise a byte and leave; the server then closes the connection."""
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


class BotApi:
    """The endpoints for the bot."""

    def __init__(self, telegram: Telegram, waiters: Waiters) -> None:
        self._telegram = telegram
        self._waiters = waiters

    async def call(self, request: Request) -> Response:
        """Answer ``/bot<token>/<method>``."""
        try:
            self._check_token(request)
            parameters = await parameters_of(request)
        except Refusal as refusal:
            return _refused(refusal)
        return await self._answer(canonical(request.path_params["method"]), parameters)

    async def file(self, request: Request) -> Response:
        """Answer ``/file/bot<token>/<path>``."""
        try:
            self._check_token(request)
        except Refusal as refusal:
            return _refused(refusal)
        path = request.path_params["path"]
        file = next((file for file in self._telegram.files.values() if file.path == path), None)
        if file is None:
            return _refused(Refusal(NOT_FOUND, "Not Found"))
        return Response(file.content, media_type="application/octet-stream")

    def _check_token(self, request: Request) -> None:
        token = request.path_params["token"]
        if not TOKEN.match(token):
            raise Refusal(NOT_FOUND, "Not Found")
        if token != self._telegram.token:
            raise Refusal(UNAUTHORIZED, "Unauthorized")

    async def _answer(self, method: str, parameters: Parameters) -> Response:
        telegram = self._telegram
        recorded = record(telegram, method, parameters)
        fault = telegram.faults.take(method, parameters.chat())
        kind = fault.kind if fault else None
        if fault and kind is FaultKind.DELAY:
            telegram.changed()
            await asyncio.sleep(fault.seconds)
        if kind is FaultKind.DROP:
            recorded.outcome = "dropped"
            return BrokenConnection()
        refusal = fault.refusal() if fault else None
        result = refusal or await self._result(method, parameters)
        settle(telegram, recorded, result)
        if kind is FaultKind.LOSE:
            recorded.outcome = "lost"
            return BrokenConnection()
        return _refused(result) if isinstance(result, Refusal) else JSONResponse({"ok": True, "result": result})

    async def _result(self, method: str, parameters: Parameters) -> object:
        try:
            if method == GET_UPDATES:
                return await self._get_updates(parameters)
            return carry_out(self._telegram, method, parameters)
        except Refusal as refusal:
            return refusal

    async def _get_updates(self, parameters: Parameters) -> list[Json]:
        telegram, updates = self._telegram, self._telegram.updates
        reader = updates.begin_reading(parameters.texts("allowed_updates", "allowed updates"))
        telegram.changed()
        offset = parameters.integer("offset")
        if offset and updates.confirm(offset):
            telegram.changed()

        def ready() -> bool:
            updates.check_reader(reader)
            return bool(updates.pending)

        await self._waiters.until(ready, max(0, min(parameters.integer("timeout"), LONGEST_POLL)))
        return updates.read(parameters.integer("limit", 100))


def build_app(telegram: Telegram, *, routes: Sequence[BaseRoute] = (), webhook_retry: float = 1.0) -> Starlette:
    """Return the application over ``telegram``; ``routes`` are added before the server's own.

    ``app.state.waiters.close()`` ends all long polls, to be called before the server is stopped.
    ``webhook_retry`` is the pause in seconds after a failed delivery to a webhook.
    """
    waiters = Waiters()
    api = BotApi(telegram, waiters)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        telegram.listeners.append(waiters.wake)
        pushing = asyncio.create_task(push_updates(telegram, waiters, webhook_retry))
        yield
        telegram.listeners.remove(waiters.wake)
        waiters.close()
        pushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await pushing

    app = Starlette(
        routes=[
            *routes,
            Route("/bot{token}/{method}", api.call, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", api.file, methods=["GET"]),
            *demo_routes(telegram, waiters),
            Route("/{path:path}", _nothing_here),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=LOOPBACK),
            Middleware(OwnOrigin, prefix=PREFIX),
            Middleware(BodyLimit),
        ],
        lifespan=lifespan,
    )
    app.state.waiters = waiters
    return app


async def _nothing_here(_: Request) -> Response:
    return _refused(Refusal(NOT_FOUND, "Not Found"))


def _refused(refusal: Refusal) -> Response:
    seconds = refusal.parameters.get("retry_after")
    headers = {"Retry-After": str(seconds)} if seconds else None
    return JSONResponse(refusal.body(), status_code=refusal.status, headers=headers)
