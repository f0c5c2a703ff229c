"""Polling intake: an update is acknowledged only after its transaction has committed.

The library's own updater acknowledges first, so it is not used. The offset lives in memory only.
"""

from __future__ import annotations

import asyncio
import logging
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.gateway.translate import translate
from handlers.dispatch import Spoken, apologise, dispatch

if TYPE_CHECKING:
    from bot.gateway.telegram_api import Bot
    from bot.services.work import Runner
    from handlers.conversation import Incoming

log = logging.getLogger(__name__)

POLL_SECONDS = 25
ANSWER_WITHIN_SECONDS = 3.0
CONFLICT_PATIENCE_SECONDS = 60.0
_TRIES = 3
_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)


class Intake:
    """Fetches updates and deals with them: in order per chat, side by side across chats."""

    def __init__(self, bot: Bot, runner: Runner, *, poll_seconds: int = POLL_SECONDS) -> None:
        """Take the bot to ask and the store to write to."""
        self._bot = bot
        self._runner = runner
        self._poll_seconds = poll_seconds
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
            await asyncio.wait(self._answering, timeout=ANSWER_WITHIN_SECONDS)

    async def _fetch(self, offset: int | None) -> list[dict[str, Any]]:
        """Ask for updates; on trouble pause and return none."""
        asking = asyncio.ensure_future(self._bot.raw_updates(offset, self._poll_seconds))
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
        pause = _PAUSES[min(self._trouble, len(_PAUSES)) - 1]
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
        if now - latest > CONFLICT_PATIENCE_SECONDS:
            first = now
        self._conflicts = first, now
        if now - first < CONFLICT_PATIENCE_SECONDS:
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
        heard = [incoming for raw in batch if (incoming := _read(raw)) is not None]
        heard.sort(key=lambda incoming: (incoming.chat_id, incoming.update_id))
        chats = [list(group) for _, group in groupby(heard, key=lambda incoming: incoming.chat_id)]
        done = await asyncio.gather(*(self._one_chat(chat) for chat in chats))
        return all(done)

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
        await asyncio.wait({working}, timeout=ANSWER_WITHIN_SECONDS)
        in_time = working.done()
        if not in_time:
            self._answer(incoming.callback_id, Spoken())
        spoken = await working
        if spoken is not None and in_time:
            self._answer(incoming.callback_id, spoken)
        return spoken is not None

    async def _commit(self, incoming: Incoming) -> Spoken | None:
        """Write an update's outcome down; None when stopped first. Trouble with the database is waited out."""
        failures = pauses = 0
        while True:
            try:
                return await self._runner.run(dispatch, self._bot.id, incoming)
            except (OperationalError, InterfaceError, OSError):
                log.exception("database away", extra={"action": "intake.database"})
                if self._stopping.is_set():
                    return None
                await self._rest(_PAUSES[min(pauses, len(_PAUSES) - 1)])
                pauses += 1
            except Exception as error:
                # A unique key that two replicas hit at once is settled by looking again.
                log.exception("update failed", extra={"action": "intake.failed", "update_id": incoming.update_id})
                failures += 1
                if failures >= _TRIES and not isinstance(error, IntegrityError):
                    return await self._give_up(incoming, error)
                if failures >= 2 * _TRIES:
                    return await self._give_up(incoming, error)

    async def _give_up(self, incoming: Incoming, error: Exception) -> Spoken | None:
        try:
            await self._runner.run(apologise, self._bot.id, incoming, repr(error))
        except SQLAlchemyError:
            log.exception("failed update not stored", extra={"action": "intake.database"})
            return None
        return Spoken()

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


def _read(raw: dict[str, Any]) -> Incoming | None:
    try:
        return translate(raw)
    except Exception:
        # Nobody can be answered: it is not even known who wrote.
        log.exception("unreadable update", extra={"action": "intake.unreadable", "update_id": raw.get("update_id")})
        return None
