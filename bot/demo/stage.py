"""The stage of the demo: the local Bot API server, the whole bot against it, and an office's cast."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

from sqlalchemy import func, select

from bot.app import App, open_runner
from bot.console import console
from bot.demo.telegram.server import DEMO_TOKEN, TelegramServer
from bot.domain.posts import SECRETARIAT
from bot.gateway.pacing import UNLIMITED
from bot.gateway.telegram_api import make_bot
from bot.services.invitations import new_invitation
from bot.services.outbox import Delivery
from bot.services.remind import next_wake
from bot.store.tables import OutboxRow

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from datetime import datetime
    from types import TracebackType

    from bot.demo.clock import ShiftedClock, SteppedClock
    from bot.demo.telegram.client import Person
    from bot.domain.sop import Sop
    from bot.services.work import Work
    from bot.settings import Settings

T = TypeVar("T")

FIRST_ID = 1001
_START_SECONDS = 30.0
_STOP_SECONDS = 30.0
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


class Stage:
    """Everything that runs during a demo; a context manager. Its database lives as long as it does."""

    def __init__(self, settings: Settings, clock: SteppedClock | ShiftedClock, *, port: int = 0) -> None:
        """Prepare; nothing runs before the context is entered."""
        self.clock = clock
        self._settings = settings
        self._port = port
        self._folder = tempfile.TemporaryDirectory(prefix="sop-demo-")
        self._loop = asyncio.new_event_loop()
        self._ended: Future[None] = Future()

    def __enter__(self) -> Self:
        """Start the server and the bot; returns once the bot is serving."""
        database = f"sqlite:///{self._folder.name}/demo.db"
        settings = self._settings.model_copy(update={"database_url": database, "admin_ids": frozenset()})
        self.office = TelegramServer.start(DEMO_TOKEN, now=self.clock.now, port=self._port)
        self.runner = open_runner(settings, self.clock)
        self.app = App(self.runner, make_bot(DEMO_TOKEN, self.office.base_url), limits=UNLIMITED)
        threading.Thread(target=self._serve, name="demo-bot", daemon=True).start()
        self.office.wait(self._serving, _START_SECONDS, console("demo.no_start"))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the bot, then the server, and throw the database away."""
        self._loop.call_soon_threadsafe(self.app.stop)
        self._ended.result(_STOP_SECONDS)
        self.office.stop()
        self.runner.store.close()
        self._folder.cleanup()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self.app.run())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits for the end
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    def _serving(self) -> bool:
        if self._ended.done():
            self._ended.result()
        return bool(self.office.requests("getUpdates"))

    # --- doing --------------------------------------------------------------------------------

    def ask(self, use_case: Callable[[Work], T]) -> T:
        """Run a use case on the bot's own store and return its result."""
        return self._on_loop(self.runner.run(use_case))

    def cast(self, sop: Sop) -> dict[str, Player]:
        """Give every post of the SOP's office a person with a phone who has pressed Start; by post id."""
        titles = {SECRETARIAT: console("demo.secretariat")} | {post.id: post.name for post in sop.posts}
        names = console("demo.names").split(", ")
        players = {
            post: Player(post, title, self.office.person(FIRST_ID + index, names[index % len(names)]))
            for index, (post, title) in enumerate(titles.items())
        }
        for player in players.values():
            code = self.ask(partial(_invitation, sop.office.id, player.post))
            player.phone.says(f"/start {code}")
            self.settle()
        return players

    def settle(self) -> None:
        """Wait until the bot has dealt with everything said, and everything it had to say is out."""
        self.office.wait_until_all_taken()
        while self.ask(_undelivered):
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
        self._on_loop(self.app.wakener.fire())
        self.settle()

    def _on_loop(self, doing: Coroutine[object, object, T]) -> T:
        if self._ended.done():
            doing.close()
            self._ended.result()
        return asyncio.run_coroutine_threadsafe(doing, self._loop).result()


def _invitation(office_id: str, post_id: str, work: Work) -> str:
    return new_invitation(work, office_id, post_id)[1]


def _undelivered(work: Work) -> int:
    due = (OutboxRow.state == Delivery.PENDING) & (OutboxRow.not_before <= work.at)
    query = select(func.count()).select_from(OutboxRow).where(due | (OutboxRow.state == Delivery.SENDING))
    return work.session.scalar(query) or 0
