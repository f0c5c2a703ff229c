"""The courier: takes rows from the outbox and sends them, in order per chat, side by side across chats."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
import socket
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import ChatMigrated, TelegramError

from bot.drawing.draw import NotDrawnError
from bot.gateway.telegram_api import Verdict, judge, send
from bot.logs import hide_secrets
from bot.services import leases
from bot.services.deliver import Parcel, Taken, astray, begin, give_up, gone, moved, postpone, put_back, sent, take
from bot.services.pacing import SECOND, Limits, Sender
from bot.services.parcels import UnfitRowError, put_aside, schema_is_ours
from bot.store import migrate
from bot.store.database import is_transient, is_trouble

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import telegram
    from sqlalchemy.orm import Session

    from bot.services.work import Runner, Work

log = logging.getLogger(__name__)
P = ParamSpec("P")

IDLE_SECONDS = 30.0
SHARED_IDLE_SECONDS = 3.0  # the net for a replica's death and for wake-ups that got lost
_AT_ONCE = 40
_SPACING = 0.2  # in a burst one transaction takes all that may start within this time; shorter than AHEAD
_BURST = 5
_SPREAD = 0.025  # what starts a burst does not start all at once; what follows keeps the distance by itself
_TROUBLE_PAUSE = 2.0
_SCHEMA_PAUSE = 10.0
_GRACE_SECONDS = 60.0


def replica_name() -> str:
    """Return a name that no other courier has."""
    return f"{socket.gethostname()[:32]}-{os.getpid()}-{secrets.token_hex(4)}"


def awake_or_not() -> float:
    """Return seconds that also pass while the machine sleeps, where it can tell."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(frozen=True, slots=True)
class _Moment:
    """The moment of a take: on the loop's clock, and as ``awake_or_not`` counts."""

    began: float
    leased: float


class Courier:
    """Delivers the outbox until it is stopped. ``wake`` it after every commit."""

    def __init__(self, bot: telegram.Bot, runner: Runner, limits: Limits, owner: str | None = None) -> None:
        """Take the bot to send with, the store to read from, and a name that no other courier has."""
        self._bot = bot
        self._runner = runner
        self._limits = limits
        self._owner = owner or replica_name()
        shared = runner.store.engine.dialect.name != "sqlite"
        self._idle_seconds = SHARED_IDLE_SECONDS if shared else IDLE_SECONDS
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._news = asyncio.Event()
        self._last_take = self._last_start = 0.0
        self._grasp = _AT_ONCE
        self._stopping = False
        self._foreign = False
        migrate.head()  # remembered from now on: newer files may be put in place of ours while we run
        self.beat: Callable[[float], None] = lambda _: None
        """Told at each round for how many seconds to come nothing is wrong."""

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
        self._sender = Sender(self._owner, self._bot.id, self._limits)
        await self._surely(self._runner.look, begin, self._sender)
        keeping = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping:
                self._news.clear()
                pause = await self._round()
                if pause and not self._stopping:
                    await _wait(self._news, pause)
            if self._tasks:
                await asyncio.wait(self._tasks)
            await self._surely(self._runner.look, leases.release, self._sender)
        finally:
            keeping.cancel()

    async def _round(self) -> float:
        """Start what may start now and return how long there is nothing to do (seconds)."""
        self.beat(self._idle_seconds + _GRACE_SECONDS)
        room = self._grasp - len(self._tasks)
        if room <= 0:
            return self._idle_seconds
        try:
            moment, taken = await self._take(room)
        except UnfitRowError as unfit:
            return await self._put_aside(unfit)
        except Exception:
            # Whatever it is, it must not silence all chats: the next look may meet other rows.
            log.exception("outbox not readable", extra={"action": "delivery.database"})
            return _TROUBLE_PAUSE
        for parcel in sorted(taken.parcels, key=lambda parcel: parcel.wait):
            self._start(parcel, moment)
        again = self._idle_seconds if taken.again is None else taken.again.total_seconds()
        return min(again, self._idle_seconds)

    async def _put_aside(self, unfit: UnfitRowError) -> float:
        """Bury the row that the database would not have; return how long to pause (seconds)."""
        try:
            if await self._is_foreign():
                return _SCHEMA_PAUSE
            await self._runner.look(put_aside, unfit.outbox_id, type(unfit.__cause__).__name__)
        except Exception:
            log.exception("row not put aside", extra={"action": "delivery.failed", "outbox_id": unfit.outbox_id})
            return _TROUBLE_PAUSE
        self._news.set()
        return 0.0

    async def _is_foreign(self) -> bool:
        """Whether another version's schema is in the place of ours: nothing is given up for what fails on that."""
        before, self._foreign = self._foreign, not await self._runner.look(schema_is_ours)
        if self._foreign and not before:
            text = "the database has the schema of another version, delivery waits"
            log.error(text, extra={"action": "delivery.schema"})
        return self._foreign

    async def _take(self, room: int) -> tuple[_Moment, Taken]:
        """Return what was taken, and the moment that its waits and its leases count from."""
        loop = asyncio.get_running_loop()
        if not self._limits.unlimited and len(self._tasks) >= _BURST:
            # What is news now joins what comes free in a moment, in one transaction.
            await asyncio.sleep(max(0.0, self._last_take + _SPACING - loop.time()))
        busy = frozenset(self._busy)

        def timed(session: Session) -> tuple[_Moment, Taken]:
            # Before the transaction's moment is read: leases are never older than this says.
            leased = awake_or_not()
            work = self._runner.work(session)
            return _Moment(loop.time(), leased), take(work, self._sender, limit=room, busy=busy)

        self._last_take = loop.time()
        return await self._runner.store.look(timed)

    def _start(self, parcel: Parcel, moment: _Moment) -> None:
        at = moment.began + parcel.wait.total_seconds()
        self._busy.add(parcel.chat_id)
        if not self._limits.unlimited and not parcel.wait:
            at = max(at, self._last_start + _SPREAD)
        self._last_start = at
        task = asyncio.create_task(self._deliver(parcel, at, moment.leased))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, parcel: Parcel, at: float, leased: float) -> None:
        loop = asyncio.get_running_loop()
        answered: float | None = None
        try:
            # Slot and chat are ours from now on; they are free from that moment on.
            await asyncio.sleep(max(0.0, at - loop.time()))
            if awake_or_not() - leased > leases.FRESH.total_seconds():
                # A machine that slept or crawled: the lease might end, or have ended, before the send does.
                log.warning("taken too long ago", extra={"action": "delivery.stale", "outbox_id": parcel.outbox_id})
                # So slow a machine takes fewer at a time, or nothing would ever be fresh.
                self._grasp = max(1, self._grasp // 2)
                await self._surely(self._runner.look, put_back, parcel)
            else:
                self._grasp = min(_AT_ONCE, self._grasp + 1)
                answered = await self._send(parcel)
        except Exception:
            # The row stays as it is; once its lease has lapsed it is taken again, a few times at most.
            log.exception("outcome lost", extra={"action": "delivery.lost", "outbox_id": parcel.outbox_id})
        finally:
            self._busy.discard(parcel.chat_id)
            # Before anybody is woken: whoever looks then is to find its place free.
            self._tasks -= {task for task in self._tasks if task is asyncio.current_task()}
            self._look_again(parcel.chat_id, answered)

    async def _send(self, parcel: Parcel) -> float:
        """Send, write down what became of it, and return when Telegram answered (on the loop's clock)."""
        loop = asyncio.get_running_loop()
        try:
            arrived = await send(self._bot, parcel)
        except TelegramError as error:
            answered = loop.time()
            await self._refused(parcel, error, answered)
        except NotDrawnError as error:
            answered = loop.time()
            log.exception("paper not drawn", extra={"action": "delivery.undrawn", "outbox_id": parcel.outbox_id})
            await self._note(give_up, answered, parcel, type(error).__name__)
        except Exception as error:
            answered = loop.time()
            # A message that cannot even be handed over must not stop the others.
            log.exception("message not sendable", extra={"action": "delivery.failed", "outbox_id": parcel.outbox_id})
            await self._note(give_up, answered, parcel, type(error).__name__)
        else:
            answered = loop.time()
            await self._note(
                sent, answered, parcel, arrived.message_id, messages=arrived.messages, uploaded=arrived.uploaded
            )
        return answered

    def _look_again(self, chat_id: int, answered: float | None) -> None:
        """Wake when the slot and the chat are free again: at once where nothing was sent, or nothing written."""
        loop = asyncio.get_running_loop()
        if answered is None or self._limits.unlimited:
            self._news.set()
            return
        for rest in {SECOND, self._limits.gap(chat_id)}:
            loop.call_at(answered + (rest - self._limits.ahead).total_seconds(), self._news.set)

    async def _refused(self, parcel: Parcel, error: TelegramError, answered: float) -> None:
        refused = judge(error, parcel.attempts, random.random())  # noqa: S311 - jitter, not a secret
        said = hide_secrets(error.message)
        log.warning(
            "telegram refused a message: %s",
            said,
            extra={"action": f"delivery.{refused.verdict.name.lower()}", "outbox_id": parcel.outbox_id},
        )
        match refused.verdict:
            case Verdict.DONE:
                await self._note(sent, answered, parcel, None)
            case Verdict.LATER:
                await self._note(postpone, answered, parcel, refused.rest, said, uncertain=refused.uncertain)
            case Verdict.GONE if parcel.pins is None:
                await self._note(gone, answered, parcel, said)
            case Verdict.ASTRAY if parcel.topic is not None:
                await self._note(astray, answered, parcel, said)
            case Verdict.MOVED if isinstance(error, ChatMigrated):
                await self._note(moved, answered, parcel, error.new_chat_id)
            case verdict:
                unreachable = verdict is Verdict.UNREACHABLE
                await self._note(give_up, answered, parcel, said, unreachable=unreachable)

    async def _note(
        self,
        outcome: Callable[Concatenate[Work, P], object],
        answered: float,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> None:
        """Write down what became of a parcel, counted from the moment of the answer (on the loop's clock)."""
        loop = asyncio.get_running_loop()

        def use_case(session: Session) -> None:
            # Before the transaction's moment is read: what passes in between lets the chat rest longer, not shorter.
            kwargs["ago"] = timedelta(seconds=loop.time() - answered)
            outcome(self._runner.work(session), *args, **kwargs)

        await self._surely(self._runner.store.look, use_case)

    async def _surely(self, run: Callable[P, Awaitable[object]], *args: P.args, **kwargs: P.kwargs) -> None:
        """Write something down, however long the database is away; a stop leaves it to the next start.

        Raises what is no trouble with the database: that would not be written the next time either, unless
        the schema is another version's just now.
        """
        while True:
            try:
                await run(*args, **kwargs)
            except (SQLAlchemyError, OSError) as error:
                if not (is_trouble(error) or is_transient(error) or await self._is_foreign()):
                    raise
                log.exception("outcome not written", extra={"action": "delivery.database"})
                if self._stopping:
                    return
                await _wait(self._news, _TROUBLE_PAUSE)
            else:
                return

    async def _keep_leases(self) -> None:
        """Renew what is held: an outcome may wait for its database longer than a lease lasts."""
        while True:
            # Well before a lease would lapse; there is nothing to be woken for.
            await asyncio.sleep(leases.LEASE.total_seconds() / 4)
            if not self._busy:
                continue
            try:
                await self._runner.look(leases.renew, self._sender, frozenset(self._busy))
            except Exception:
                log.warning("leases not renewed", exc_info=True, extra={"action": "delivery.database"})


async def _wait(news: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return
