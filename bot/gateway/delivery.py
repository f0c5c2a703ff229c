"""The courier: takes rows from the outbox and sends them, in order per chat, side by side across chats."""

from __future__ import annotations

import asyncio
import logging
import random
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError

from bot.gateway.pacing import Limits, Pacer
from bot.gateway.telegram_api import Verdict, judge, send
from bot.services.deliver import Parcel, give_up, postpone, requeue_interrupted, sent, take

if TYPE_CHECKING:
    from collections.abc import Callable

    import telegram

    from bot.services.work import Runner, Work

log = logging.getLogger(__name__)
P = ParamSpec("P")

IDLE_SECONDS = 30.0
_AT_ONCE = 20
_TROUBLE_PAUSE = 2.0


class Courier:
    """Delivers the outbox until it is stopped. ``wake`` it after every commit."""

    def __init__(self, bot: telegram.Bot, runner: Runner, limits: Limits) -> None:
        """Take the bot to send with and the store to read from."""
        self._bot = bot
        self._runner = runner
        self._pacer = Pacer(limits)
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        """Look at the outbox now."""
        self._news.set()

    def stop(self) -> None:
        """Finish what is being sent and take nothing more."""
        self._stopping = True
        self._news.set()

    @property
    def idle(self) -> bool:
        """Whether nothing is being sent right now."""
        return not self._tasks

    async def run(self) -> None:
        """Deliver until stopped."""
        await self._surely(requeue_interrupted)
        while not self._stopping:
            self._news.clear()
            pause = await self._round()
            if pause and not self._stopping:
                await _wait(self._news, pause)
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _round(self) -> float:
        """Start what may start now and return how long there is nothing to do (seconds)."""
        now = asyncio.get_running_loop().time()
        room = min(self._pacer.free(now), _AT_ONCE - len(self._tasks))
        if room <= 0:
            return max(self._pacer.wait(now), 0.05)
        try:
            parcels = await self._runner.look(take, busy=frozenset(self._busy), limit=room)
        except (SQLAlchemyError, OSError):
            log.exception("outbox not readable", extra={"action": "delivery.database"})
            return _TROUBLE_PAUSE
        for parcel in parcels:
            self._start(parcel)
        return 0.0 if parcels else IDLE_SECONDS

    def _start(self, parcel: Parcel) -> None:
        self._busy.add(parcel.chat_id)
        self._pacer.note(asyncio.get_running_loop().time())
        task = asyncio.create_task(self._deliver(parcel))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, parcel: Parcel) -> None:
        loop = asyncio.get_running_loop()
        earliest = loop.time() + self._pacer.gap(parcel.chat_id)
        try:
            message_id = await send(self._bot, parcel)
        except TelegramError as error:
            await self._refused(parcel, error)
        except Exception as error:
            # A message that cannot even be handed over must not stop the others.
            log.exception("message not sendable", extra={"action": "delivery.failed", "outbox_id": parcel.outbox_id})
            await self._surely(give_up, parcel.outbox_id, repr(error), unreachable=False)
        else:
            await self._surely(sent, parcel.outbox_id, message_id)
        loop.call_later(max(0.0, earliest - loop.time()), self._release, parcel.chat_id)

    def _release(self, chat_id: int) -> None:
        self._busy.discard(chat_id)
        self._news.set()

    async def _refused(self, parcel: Parcel, error: TelegramError) -> None:
        refused = judge(error, parcel.attempts, random.random())  # noqa: S311 - jitter, not a secret
        log.warning(
            "telegram refused a message: %s",
            error.message,
            extra={"action": f"delivery.{refused.verdict.name.lower()}", "outbox_id": parcel.outbox_id},
        )
        row = parcel.outbox_id
        if refused.verdict is Verdict.DONE:
            await self._surely(sent, row, None)
        elif refused.verdict is Verdict.LATER:
            await self._surely(postpone, row, refused.rest, error.message)
        else:
            gone = refused.verdict is Verdict.UNREACHABLE
            await self._surely(give_up, row, error.message, unreachable=gone)

    async def _surely(
        self, use_case: Callable[Concatenate[Work, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Write an outcome down, however long the database is away; a stop leaves it to the next start."""
        while True:
            try:
                await self._runner.run(use_case, *args, **kwargs)
            except (SQLAlchemyError, OSError):
                log.exception("outcome not written", extra={"action": "delivery.database"})
                if self._stopping:
                    return
                await _wait(self._news, _TROUBLE_PAUSE)
            else:
                return


async def _wait(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
