"""Webhook intake: Telegram posts updates, and 200 says that the transaction has committed."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Never

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route
from telegram.error import RetryAfter, TelegramError

from bot.gateway.reception import DatabaseAwayError, Reception, Timing
from bot.gateway.seldom import Seldom
from bot.gateway.telegram_api import ALLOWED_UPDATES
from bot.gateway.translate import update_number
from bot.metrics import WEBHOOK_REFUSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

    from bot.gateway.telegram_api import Bot
    from bot.services.work import Runner

log = logging.getLogger(__name__)

SECRET_HEADER = b"x-telegram-bot-api-secret-token"
LARGEST_BODY = 1024 * 1024
AT_ONCE = 40
"""How many connections Telegram is told to open at most."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where Telegram posts to (``path`` is that of ``url``), and the secret that proves it is Telegram."""

    url: str
    path: str
    secret: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Updates in hand at most; seconds for a body to come whole, for room in hand, between looks at the webhook."""

    at_once: int = AT_ONCE
    body: float = 10.0
    room: float = 5.0
    look: float = 300.0


class RefusedRequest(Exception):  # noqa: N818 - an answer to whoever asked
    """The request gets this status and no reason; ``why`` is for the log and the counter."""

    def __init__(self, status: int, why: str) -> None:
        """Carry both."""
        super().__init__(why)
        self.status = status
        self.why = why


class Webhook:
    """Takes updates that are posted to it, and keeps Telegram posting them."""

    def __init__(
        self,
        bot: Bot,
        runner: Runner,
        address: Address,
        timing: Timing | None = None,
        *,
        bounds: Bounds | None = None,
        beat: Callable[[float], None] = lambda _: None,
    ) -> None:
        """Take the bot to register with, the store to write to, and where Telegram is to post."""
        self._bot = bot
        self._address = address
        self._timing = timing or Timing()
        self._bounds = bounds or Bounds()
        self._beat = beat
        self._reception = Reception(bot, runner, answer_within=self._timing.answer)
        self._room = asyncio.Semaphore(self._bounds.at_once)
        self._seldom = Seldom(log)
        self._stopping = asyncio.Event()
        self._open = False

    def routes(self) -> list[Route]:
        """Return the one route; whoever does not POST gets 405."""
        return [Route(self._address.path, self._receive, methods=["POST"])]

    def stop(self) -> None:
        """Let ``run`` end. What is being posted meanwhile is the server's to finish."""
        self._stopping.set()

    async def run(self) -> None:
        """Have Telegram post here, and look now and then that it still does; until stopped.

        The webhook stays when the program stops: Telegram keeps what it cannot deliver, and other replicas take it.
        """
        self._open = True
        failures = 0
        known = False
        while not self._stopping.is_set():
            try:
                if not known or await self._is_lost():
                    await self._set()
            except TelegramError as error:
                failures += 1
                log.warning("webhook not set: %s", error.message, extra={"action": "webhook.unset"})
                await self._rest(_rest_after(error, self._timing.pause(failures)))
            else:
                failures, known = 0, True
                await self._rest(self._bounds.look)

    async def close(self) -> None:
        """Wait for the answers to buttons that are on their way."""
        await self._reception.close()

    async def _is_lost(self) -> bool:
        """Whether somebody with the same token has told Telegram otherwise."""
        url = (await self._bot.get_webhook_info()).url
        if url == self._address.url:
            return False
        log.error("another program with this token has taken the webhook away", extra={"action": "webhook.lost"})
        return True

    async def _set(self) -> None:
        """Tell Telegram where to post. Replicas all say the same, so their order does not matter."""
        await self._bot.set_webhook(
            url=self._address.url,
            secret_token=self._address.secret,
            allowed_updates=ALLOWED_UPDATES,
            max_connections=AT_ONCE,
            drop_pending_updates=False,
        )
        log.info("webhook set", extra={"action": "webhook.set"})

    async def _receive(self, request: Request) -> Response:
        try:
            self._check_secret(request)
            if not self._open:
                return _busy()  # the program is only starting: it does not even know which bot it is
            await self._deal_with(request)
        except RefusedRequest as refusal:
            WEBHOOK_REFUSED.labels(refusal.why).inc()
            self._seldom.warn(f"webhook.{refusal.why}", "request to the webhook refused with %s", refusal.status)
            # What is left of the body is not read: the connection cannot be used again.
            return Response(status_code=refusal.status, headers={"connection": "close"})
        except DatabaseAwayError:
            return _busy()
        return Response()

    def _check_secret(self, request: Request) -> None:
        """Compare in constant time, before anything of the body is read; raises RefusedRequest."""
        given = [value for name, value in request.scope["headers"] if name == SECRET_HEADER]
        if not given:
            raise RefusedRequest(401, "no_secret")
        if len(given) > 1 or not hmac.compare_digest(given[0], self._address.secret.encode()):
            raise RefusedRequest(403, "wrong_secret")

    async def _deal_with(self, request: Request) -> None:
        try:
            async with asyncio.timeout(self._bounds.room):
                await self._room.acquire()
        except TimeoutError:
            raise RefusedRequest(503, "full") from None
        try:
            await self._reception.deal_with(read_update(await self._body(request)))
        finally:
            self._room.release()

    async def _body(self, request: Request) -> bytes:
        """Return the whole body; raises RefusedRequest where it is too large, too slow or cut off."""
        if _is_larger(request.headers.get("content-length")):
            raise RefusedRequest(413, "too_large")
        body = bytearray()
        try:
            async with asyncio.timeout(self._bounds.body):
                async for piece in request.stream():
                    body += piece
                    if len(body) > LARGEST_BODY:
                        raise RefusedRequest(413, "too_large")
        except TimeoutError:
            raise RefusedRequest(408, "too_slow") from None
        except ClientDisconnect:
            raise RefusedRequest(400, "cut_off") from None
        return bytes(body)

    async def _rest(self, seconds: float) -> None:
        self._beat(seconds + 60)
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def read_update(body: bytes) -> dict[str, Any]:
    """Return the update that a body holds; raises RefusedRequest for anything else."""
    try:
        update = json.loads(body.decode("utf-8"), parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise RefusedRequest(400, "not_json") from None
    if not isinstance(update, dict) or update_number(update) is None:
        raise RefusedRequest(400, "no_update")
    return update


def _no_number(word: str) -> Never:
    raise ValueError(word)  # NaN and Infinity are no JSON


def _finite(digits: str) -> float:
    number = float(digits)
    return number if math.isfinite(number) else _no_number(digits)


def _is_larger(length: str | None) -> bool:
    return length is not None and length.isascii() and length.isdigit() and int(length[:20]) > LARGEST_BODY


def _busy() -> Response:
    """Ask Telegram to bring the update again: it was not written down."""
    return Response(status_code=503, headers={"retry-after": "5"})


def _rest_after(error: TelegramError, otherwise: float) -> float:
    if not isinstance(error, RetryAfter):
        return otherwise
    rest = error.retry_after
    return rest if isinstance(rest, int | float) else rest.total_seconds()
