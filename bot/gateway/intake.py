"""Polling intake: an update is acknowledged only after its transaction has committed.

The library's own updater acknowledges first, so it is not used. The offset lives in memory only.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from telegram.error import Conflict, RetryAfter, TelegramError

from bot.gateway.reception import DatabaseAwayError, Reception, Timing
from bot.gateway.translate import update_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.gateway.telegram_api import Bot
    from bot.services.work import Runner

__all__ = ["Intake", "Timing"]

log = logging.getLogger(__name__)

_GRACE_SECONDS = 60.0


class Intake:
    """Fetches updates and has them dealt with: in order per chat, side by side across chats.

    ``beat`` is told at each turn for how many seconds to come nothing is wrong with it.
    """

    def __init__(
        self, bot: Bot, runner: Runner, timing: Timing | None = None, *, beat: Callable[[float], None] = lambda _: None
    ) -> None:
        """Take the bot to ask and the store to write to."""
        self._bot = bot
        self._timing = timing or Timing()
        self._beat = beat
        self._reception = Reception(bot, runner, answer_within=self._timing.answer, wait_out=self._wait_out)
        self._stopping = asyncio.Event()
        self._trouble = 0
        self._conflicts: tuple[float, float] | None = None  # the first and the latest of a row

    def stop(self) -> None:
        """Finish the updates in hand and fetch no more."""
        self._stopping.set()

    async def run(self) -> None:
        """Poll until stopped; never gives up."""
        offset: int | None = None
        while not self._stopping.is_set():
            self._beat(_GRACE_SECONDS + self._timing.poll)
            batch = await self._fetch(offset)
            if batch and await self._deal_with(batch):
                numbers = [number for raw in batch if (number := update_number(raw)) is not None]
                offset = max(numbers) + 1 if numbers else offset
            elif batch:
                await self._rest(self._timing.pause(1))
        if offset is not None:
            await self._acknowledge(offset)
        await self.close()

    async def close(self) -> None:
        """Wait for the answers to buttons that are on their way."""
        await self._reception.close()

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
        """Deal with a batch; False where not all of it was written down."""
        outcomes = await asyncio.gather(*map(self._reception.deal_with, batch), return_exceptions=True)
        failures = [outcome for outcome in outcomes if outcome is not None]
        for failure in failures:
            if not isinstance(failure, DatabaseAwayError):
                raise failure
        return not failures

    async def _wait_out(self, failures: int) -> bool:
        """Pause after trouble with the database; False once it is time to stop."""
        await self._rest(self._timing.pause(failures))
        return not self._stopping.is_set()

    async def _rest(self, seconds: float) -> None:
        self._beat(_GRACE_SECONDS + seconds)
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
