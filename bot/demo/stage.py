"""The stage of the demo: the local Bot API server, the whole bot against it, and an office's cast."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from concurrent.futures import Future
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Self, TypeVar

from sqlalchemy import func, select

from bot.app import App, open_runner
from bot.console import console
from bot.demo.clock import SteppedClock
from bot.demo.telegram.client import PATIENCE, NotSeenError
from bot.demo.telegram.server import DEMO_TOKEN, TelegramServer
from bot.domain.posts import SECRETARIAT
from bot.gateway.pacing import UNLIMITED
from bot.gateway.telegram_api import make_bot
from bot.services.floods import BOUNDLESS
from bot.services.invitations import new_invitation
from bot.services.outbox import Delivery
from bot.services.remind import next_wake
from bot.store.tables import ChatRow, OutboxRow

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from datetime import datetime
    from types import TracebackType

    from starlette.routing import BaseRoute

    from bot.demo.clock import ShiftedClock
    from bot.demo.telegram.client import Person
    from bot.demo.telegram.server import RunningServer
    from bot.domain.sop import OfficeId, PostId, Sop
    from bot.services.work import Work
    from bot.settings import Settings

T = TypeVar("T")

FIRST_ID = 1001
_START_SECONDS = 30.0
_STOP_SECONDS = 30.0
_ASK_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Player:
    """One official of the demo: a phone, and the post they hold."""

    post: str
    title: str
    phone: Person

    @property
    def name(self) -> str:
        """The official with their post, as a transcript shows them."""
        return f"{self.phone.name} ({self.title})"


class PortUnusableError(Exception):
    """The server cannot listen on the port; ``why`` is what the system said."""

    def __init__(self, port: int, why: OSError | OverflowError) -> None:
        """Carry the port and the reason."""
        super().__init__(port, why)
        self.port = port
        self.why = why


class Stage:
    """Everything that runs during a demo; a context manager. Its database lives as long as it does."""

    def __init__(
        self,
        settings: Settings,
        clock: SteppedClock | ShiftedClock,
        *,
        port: int = 0,
        routes: Sequence[BaseRoute] = (),
        sweep_every: timedelta | None = None,
    ) -> None:
        """Prepare; nothing runs before the context is entered. ``routes`` are served beside the Bot API.

        With ``sweep_every`` the moments that are moved to bring what a sweep does (digests, boards) that often.
        """
        self.clock = clock
        self._sweep_every = sweep_every
        self._swept = clock.now() - timedelta(days=1)
        self._settings = settings
        self._port = port
        self._routes = routes
        self._casting = threading.Lock()
        self._casts: dict[OfficeId, dict[PostId, Player]] = {}
        self._people = count()

    def __enter__(self) -> Self:
        """Start the server and the bot; returns once the bot is serving. Raises PortUnusableError."""
        self._loop = asyncio.new_event_loop()
        self._ended: Future[None] = Future()
        with ExitStack() as starting:
            starting.callback(self._close_unused_loop)
            folder = starting.enter_context(tempfile.TemporaryDirectory(prefix="sop-demo-"))
            database = f"sqlite:///{folder}/demo.db"
            settings = self._settings.model_copy(update={"database_url": database, "admin_ids": frozenset()})
            self.office = self._listen()
            starting.callback(self.office.stop)
            self.runner = open_runner(settings, self.clock)
            # Its actors play faster than hands, and its clock may stand still.
            self.runner.library = replace(self.runner.library, allowance=BOUNDLESS)
            starting.callback(self.runner.store.close)
            self.app = App(self.runner, make_bot(DEMO_TOKEN, self.office.base_url), limits=UNLIMITED)
            threading.Thread(target=self._serve, name="demo-bot", daemon=True).start()
            starting.callback(self._stop_bot)
            self.office.wait(self._serving, _START_SECONDS, console("demo.no_start"))
            if isinstance(self.clock, SteppedClock):
                # Nothing becomes due by itself on it; looking for it after each commit takes half of the time.
                self._loop.call_soon_threadsafe(self.app.wakener.step_by_hand)
            self._running = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the bot, then the server, and throw the database away."""
        self._running.close()

    def _listen(self) -> RunningServer:
        try:
            return TelegramServer.start(DEMO_TOKEN, now=self.clock.now, port=self._port, routes=self._routes)
        except (OSError, OverflowError) as error:
            raise PortUnusableError(self._port, error) from None

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            with closing(self._loop):
                self._loop.run_until_complete(self.app.run())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the end
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    def _stop_bot(self) -> None:
        with suppress(RuntimeError):  # the loop is closed where the bot has ended by itself
            self._loop.call_soon_threadsafe(self.app.stop)
        self._ended.result(_STOP_SECONDS)

    def _close_unused_loop(self) -> None:
        """Close the loop where the bot never got as far as running on it."""
        if not self._loop.is_running():
            self._loop.close()

    def _serving(self) -> bool:
        if self._ended.done():
            self._ended.result()
        return bool(self.office.requests("getUpdates"))

    # --- doing --------------------------------------------------------------------------------

    def ask(self, use_case: Callable[[Work], T]) -> T:
        """Run a use case on the bot's own store and return its result."""
        return self._on_loop(self.runner.run(use_case))

    def cast(self, sop: Sop) -> dict[PostId, Player]:
        """Give every post of the SOP's office a person with a phone who has pressed Start; by post id.

        Who has been cast for the office before stays; offices have different people.
        """
        titles = {SECRETARIAT: console("demo.secretariat")} | {post.id: post.name for post in sop.posts}
        with self._casting:
            known = self._casts.setdefault(sop.office.id, {})
            new = {post: self._player(post, title) for post, title in titles.items() if post not in known}
            # The sekretariat comes last: it would be told of everybody who comes after it.
            for post in sorted(new, key=lambda post: post == SECRETARIAT):
                self._invite(sop.office.id, new[post])
            known |= new
        return {post: known[post] for post in titles}

    def admit(self, office_id: OfficeId, post: PostId, title: str, name: str) -> Player:
        """Give a post of an office one more holder, by name, with a phone and Start pressed."""
        player = Player(post, title, self.office.person(FIRST_ID + next(self._people), name))
        self._invite(office_id, player)
        return player

    def _invite(self, office_id: OfficeId, player: Player) -> None:
        code = self.ask(partial(_invitation, office_id, player.post))
        player.phone.says(f"/start {code}")
        self.settle()

    def _player(self, post: PostId, title: str) -> Player:
        names = console("demo.names").split(", ")
        index = next(self._people)
        return Player(post, title, self.office.person(FIRST_ID + index, names[index % len(names)]))

    def settle(self, within: float = PATIENCE) -> None:
        """Wait until the bot has dealt with everything said, and everything it had to say is out.

        Raises NotSeenError after ``within`` seconds.
        """
        deadline = time.monotonic() + within
        self.office.wait_until_all_taken(within)
        while self.ask(undelivered):
            if time.monotonic() > deadline:
                raise NotSeenError("the bot has not sent everything")
            since = self.office.state()["version"]
            self.office.get("/changes", {"since": since, "timeout": _LOOK_AGAIN_SECONDS})

    def move_to(self, moment: datetime) -> None:
        """Put the clock forward, stopping wherever something becomes due on the way."""
        while (due := self.ask(next_wake)) is not None and due < moment:
            self._arrive(due)
        self._arrive(moment)

    def next_due(self) -> datetime | None:
        """Return the next moment at which the bot has something to do by itself."""
        return self.ask(next_wake)

    def _arrive(self, moment: datetime) -> None:
        self.clock.move_to(moment)
        self._on_loop(self.app.wakener.sweep() if self._is_to_sweep(moment) else self.app.wakener.fire())
        self.settle()

    def _is_to_sweep(self, moment: datetime) -> bool:
        if self._sweep_every is None or moment - self._swept < self._sweep_every:
            return False
        self._swept = moment
        return True

    def _on_loop(self, doing: Coroutine[object, object, T]) -> T:
        if self._ended.done():
            doing.close()
            self._ended.result()
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result(_ASK_SECONDS)


def _invitation(office_id: str, post_id: str, work: Work) -> str:
    return new_invitation(work, office_id, post_id)[1]


def undelivered(work: Work) -> int:
    """Return how many rows of the outbox are on their way or may leave now; those of a resting chat may not."""
    resting = select(ChatRow.id).where(ChatRow.blocked_until > work.at)
    ready = (OutboxRow.not_before <= work.at) & OutboxRow.chat_id.not_in(resting)
    due = (OutboxRow.state == Delivery.PENDING) & ready
    query = select(func.count()).select_from(OutboxRow).where(due | (OutboxRow.state == Delivery.SENDING))
    return work.session.scalar(query) or 0
