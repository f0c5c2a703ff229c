"""What happens to an update, however it came: written down once, apologised for where it fails, its button answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.exc import IntegrityError
from telegram.error import TelegramError

from bot.gateway.translate import UnreadableUpdateError, translate, update_number
from bot.metrics import UPDATES
from bot.store import migrate
from bot.store.database import is_trouble, reason
from handlers.conversation import Incoming, Kind
from handlers.dispatch import Spoken, apologise, dispatch

if TYPE_CHECKING:
    import telegram

    from bot.services.work import Runner, Work

log = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")

POLL_SECONDS = 25
_TRIES = 3
_UNREADABLE = "unreadable"


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


class DatabaseAwayError(Exception):
    """The update was not written down, through no fault of its own: it must not be acknowledged."""


class OtherSchemaError(Exception):
    """The database is not at this program's revision: what fails on it is no update's fault."""


@dataclass(slots=True)
class _Queue:
    """The updates of one chat that are in hand."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    length: int = 0
    broken: bool = False

    def check(self) -> None:
        """Raise DatabaseAwayError where one before was handed back."""
        if self.broken:
            raise DatabaseAwayError


def _check_schema(work: Work) -> None:
    revision = migrate.revision_of(work.session)
    if revision != migrate.head():
        raise OtherSchemaError(f"its schema is {revision}, not {migrate.head()}")


class Reception:
    """Deals with updates one by one per chat, side by side across chats.

    ``wait_out`` is asked after trouble with the database, with the number of failures in a row: it pauses
    and returns whether to try again. Without it the update is handed back at once.
    """

    def __init__(
        self,
        bot: telegram.Bot,
        runner: Runner,
        *,
        answer_within: float,
        wait_out: Callable[[int], Awaitable[bool]] | None = None,
    ) -> None:
        """Take the bot that answers buttons, the store to write to, and what to do about trouble."""
        self._bot = bot
        self._runner = runner
        self._answer_within = answer_within
        self._wait_out = wait_out
        self._away = False
        self._chats: dict[int, _Queue] = {}
        migrate.head()  # remembered from now on: newer files may be put in place of ours while we run
        self._answering: set[asyncio.Task[None]] = set()

    async def deal_with(self, raw: dict[str, Any]) -> None:
        """Deal with an update as Telegram sent it; once this returns it may be acknowledged.

        Raises DatabaseAwayError where it could not be written down.
        """
        try:
            incoming = translate(raw)
        except UnreadableUpdateError as error:
            # What is wrong with it is Telegram's or a stranger's doing: no traceback, and nothing of its content.
            log.warning("unreadable update: %s", error, extra={"action": "intake.unreadable"})
            await self._keep_unreadable(raw, error)
            return
        if incoming is None:
            return
        async with self._turn_of(incoming.chat_id):
            await self._one(incoming)
        UPDATES.labels(incoming.kind.name.lower()).inc()

    async def close(self) -> None:
        """Wait for the answers that are on their way."""
        if self._answering:
            await asyncio.wait(self._answering, timeout=self._answer_within)

    @asynccontextmanager
    async def _turn_of(self, chat_id: int) -> AsyncIterator[None]:
        """Let the updates of a chat pass one by one, in the order they came.

        Where one is handed back, those behind it are as well: Telegram brings them again in their order.
        """
        queue = self._chats.setdefault(chat_id, _Queue())
        queue.length += 1
        try:
            async with queue.lock:
                queue.check()
                yield
        except DatabaseAwayError:
            queue.broken = True
            raise
        finally:
            queue.length -= 1
            if not queue.length:
                del self._chats[chat_id]

    async def _one(self, incoming: Incoming) -> None:
        """Deal with one update and answer its button."""
        if incoming.callback_id is None:
            await self._commit(incoming)
            return
        working = asyncio.ensure_future(self._commit(incoming))
        await asyncio.wait({working}, timeout=self._answer_within)
        in_time = working.done()
        if not in_time:
            self._answer(incoming.callback_id, Spoken())
        spoken = await working
        if in_time:
            self._answer(incoming.callback_id, spoken)

    async def _commit(self, incoming: Incoming) -> Spoken:
        """Write an update's outcome down."""
        for failures in count(1):
            try:
                return await self._surely(dispatch, self._bot.id, incoming)
            except DatabaseAwayError:
                raise
            except Exception as error:
                await self._refuse_other_schema()
                log.exception("update failed", extra={"action": "intake.failed", "update_id": incoming.update_id})
                # A unique key that two replicas hit at once is settled by looking again.
                tries = 2 * _TRIES if isinstance(error, IntegrityError) else _TRIES
                if failures >= tries:
                    return await self._give_up(incoming, error)
        raise AssertionError  # the loop returns

    async def _keep_unreadable(self, raw: dict[str, Any], error: Exception) -> None:
        """Store an update of whose sender nothing is known."""
        number = update_number(raw)
        # Without its number it can be neither stored nor acknowledged.
        if number is not None:
            nobody = Incoming(number, Kind.OTHER, chat_id=0, user_id=0, name="", private=False, body=raw)
            await self._refuse_other_schema()
            await self._give_up(nobody, error)
        UPDATES.labels(_UNREADABLE).inc()

    async def _give_up(self, incoming: Incoming, error: Exception) -> Spoken:
        try:
            return await self._surely(apologise, self._bot.id, incoming, repr(error))
        except DatabaseAwayError:
            raise
        except Exception:
            # The log has it; everybody else's updates must not wait for this one.
            log.exception("failed update not stored", extra={"action": "intake.lost", "update_id": incoming.update_id})
            return Spoken()

    async def _refuse_other_schema(self) -> None:
        """Raise DatabaseAwayError where a newer program has changed the schema, or an older one is in its place."""
        try:
            await self._surely(_check_schema)
        except OtherSchemaError as error:
            self._note_trouble(error)
            raise DatabaseAwayError from error

    async def _surely(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case; raises DatabaseAwayError once trouble with the database is not waited out any longer."""
        for failures in count(1):
            try:
                result = await self._runner.run(use_case, *args, **kwargs)
            except Exception as error:
                if not is_trouble(error):
                    raise
                self._note_trouble(error)
                if self._wait_out is None or not await self._wait_out(failures):
                    raise DatabaseAwayError from error
            else:
                self._note_success()
                return result
        raise AssertionError  # the loop returns

    def _note_trouble(self, error: Exception) -> None:
        """Say once that the database is away, not for every update that waits for it."""
        if not self._away:
            text = "database away, updates are not acknowledged: %s"
            log.error(text, reason(error), extra={"action": "intake.database"})
        self._away = True

    def _note_success(self) -> None:
        if self._away:
            log.warning("database back, updates are taken again", extra={"action": "intake.resumed"})
        self._away = False

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
