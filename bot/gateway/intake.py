"""Polling intake: an update is acknowledged only after its transaction has committed.

The library's own updater acknowledges first, so it is not used. The offset lives in memory only.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, groupby
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.gateway.translate import translate
from handlers.conversation import Incoming, Kind
from handlers.dispatch import Spoken, apologise, dispatch

if TYPE_CHECKING:
    from bot.gateway.telegram_api import Bot
    from bot.services.work import Runner, Work

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

POLL_SECONDS = 25
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Timing:
    """How long intake waits, in seconds.

    ``poll`` for updates, ``answer`` before a pressed button gets an empty answer, ``conflict`` before
    another instance is complained of; ``pauses`` follow the first, second … failure in a row.
    """

    poll: int = POLL_SECONDS
    answer: float = 3.0
    conflict: float = 60.0
    pauses: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)

    def pause(self, failures: int) -> float:
        """Return the pause after so many failures in a row (at least 1)."""
        return self.pauses[min(failures, len(self.pauses)) - 1]


class Intake:
    """Fetches updates and deals with them: in order per chat, side by side across chats."""

    def __init__(self, bot: Bot, runner: Runner, timing: Timing | None = None) -> None:
        """Take the bot to ask and the store to write to."""
        self._bot = bot
        self._runner = runner
        self._timing = timing or Timing()
        self._stopping = asyncio.Event()
        self._trouble = 0
        self._conflicts: tuple[float, float] | None = None  # the first and the latest of a row
        self._answering: set[asyncio.Task[None]] = set()

    def stop(self) -> None:
        """Finish the updates in hand and fetch no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Poll until stopped; never gives up."""
        offset: int | None = None
        while not self._stopping.is_set():
            batch = await self._fetch(offset)
            if batch and await self._deal_with(batch):
                offset = batch[-1]["update_id"] + 1
        if offset is not None:
            await self._acknowledge(offset)
        if self._answering:
            await asyncio.wait(self._answering, timeout=self._timing.answer)

    async def _fetch(self, offset: int | None) -> list[dict[str, Any]]:
        """Ask for updates; on trouble pause and return none."""
        asking = asyncio.ensure_future(self._bot.raw_updates(offset, self._timing.poll))
        stopping = asyncio.ensure_future(self._stopping.wait())
        await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not asking.done():
            # Nothing is lost: what this request would have brought was not acknowledged.
            asking.cancel()
            return []
        try:
            batch = asking.result()
        except TelegramError as error:
            await self._pause_after(error)
            return []
        self._trouble = 0
        return batch

    async def _acknowledge(self, offset: int) -> None:
        try:
            await self._bot.raw_updates(offset, 0)
        except TelegramError:
            log.info("last acknowledgement not taken", extra={"action": "intake.unacknowledged"})

    async def _pause_after(self, error: TelegramError) -> None:
        self._trouble += 1
        pause = self._timing.pause(self._trouble)
        if isinstance(error, RetryAfter):
            rest = error.retry_after
            pause = rest if isinstance(rest, int | float) else rest.total_seconds()
        if isinstance(error, Conflict):
            self._note_conflict()
        else:
            log.warning("updates not fetched: %s", error.message, extra={"action": "intake.trouble"})
        await self._rest(pause)

    def _note_conflict(self) -> None:
        now = asyncio.get_running_loop().time()
        first, latest = self._conflicts or (now, now)
        # Two instances take turns: a poll that succeeds in between does not mean that the other is gone.
        if now - latest > self._timing.conflict:
            first = now
        self._conflicts = first, now
        if now - first < self._timing.conflict:
            # A restart overlaps with its predecessor's last request; that passes by itself.
            log.info("another request holds the updates", extra={"action": "intake.conflict"})
            return
        self._conflicts = now, now
        log.error(
            "another instance of this bot is running with the same token: stop it, "
            "or give this one a token of its own from @BotFather (retrying meanwhile)",
            extra={"action": "intake.other_instance"},
        )

    async def _deal_with(self, batch: list[dict[str, Any]]) -> bool:
        """Deal with a batch; False when stopped before all of it was written down."""
        heard: list[Incoming] = []
        kept = True
        for raw in batch:
            try:
                incoming = translate(raw)
            except Exception as error:
                log.exception("unreadable update", extra={"action": "intake.unreadable"})
                kept = await self._keep_unreadable(raw, error) and kept
            else:
                heard += [incoming] if incoming is not None else []
        heard.sort(key=lambda incoming: (incoming.chat_id, incoming.update_id))
        chats = [list(group) for _, group in groupby(heard, key=lambda incoming: incoming.chat_id)]
        done = await asyncio.gather(*(self._one_chat(chat) for chat in chats))
        return kept and all(done)

    async def _one_chat(self, updates: list[Incoming]) -> bool:
        for incoming in updates:
            if not await self._one(incoming):
                return False
        return True

    async def _one(self, incoming: Incoming) -> bool:
        """Deal with one update and answer its button; False when stopped before it was written down."""
        working = asyncio.ensure_future(self._commit(incoming))
        if incoming.callback_id is None:
            return await working is not None
        await asyncio.wait({working}, timeout=self._timing.answer)
        in_time = working.done()
        if not in_time:
            self._answer(incoming.callback_id, Spoken())
        spoken = await working
        if spoken is not None and in_time:
            self._answer(incoming.callback_id, spoken)
        return spoken is not None

    async def _commit(self, incoming: Incoming) -> Spoken | None:
        """Write an update's outcome down; None when stopped first."""
        for failures in count(1):
            try:
                return await self._surely(dispatch, self._bot.id, incoming)
            except Exception as error:
                log.exception("update failed", extra={"action": "intake.failed", "update_id": incoming.update_id})
                # A unique key that two replicas hit at once is settled by looking again.
                tries = 2 * _TRIES if isinstance(error, IntegrityError) else _TRIES
                if failures >= tries:
                    return await self._give_up(incoming, error)
        raise AssertionError  # the loop returns

    async def _keep_unreadable(self, raw: dict[str, Any], error: Exception) -> bool:
        """Store an update of whose sender nothing is known; False when stopped first."""
        nobody = Incoming(raw["update_id"], Kind.OTHER, chat_id=0, user_id=0, name="", private=False, body=raw)
        return await self._give_up(nobody, error) is not None

    async def _give_up(self, incoming: Incoming, error: Exception) -> Spoken | None:
        try:
            return await self._surely(apologise, self._bot.id, incoming, repr(error))
        except Exception:
            # The log has it; everybody else's updates must not wait for this one.
            log.exception("failed update not stored", extra={"action": "intake.lost", "update_id": incoming.update_id})
            return Spoken()

    async def _surely(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Run a use case; trouble with the database is waited out, None when stopped meanwhile."""
        for failures in count(1):
            try:
                return await self._runner.run(use_case, *args, **kwargs)
            except (OperationalError, InterfaceError, OSError):
                log.exception("database away", extra={"action": "intake.database"})
                if self._stopping.is_set():
                    return None
                await self._rest(self._timing.pause(failures))
        raise AssertionError  # the loop returns

    def _answer(self, callback_id: str, spoken: Spoken) -> None:
        """Answer a button beside the work: a slow answer must not hold up the next update."""
        answering = asyncio.create_task(self._try_to_answer(callback_id, spoken))
        self._answering.add(answering)
        answering.add_done_callback(self._answering.discard)

    async def _try_to_answer(self, callback_id: str, spoken: Spoken) -> None:
        try:
            await self._bot.answer_callback_query(callback_id, text=spoken.text or None, show_alert=spoken.alert)
        except TelegramError as error:
            # Best effort: the card shows the outcome anyway.
            log.info("button not answered: %s", error.message, extra={"action": "intake.unanswered"})

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
