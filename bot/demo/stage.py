"""The stage of the demo: the local Bot API server, the whole bot against it, and an office's cast."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Self, TypeVar

from sqlalchemy import func, select

from bot.console import console
from bot.demo.bot_run import BotRun
from bot.demo.telegram.client import PATIENCE, NotSeenError
from bot.demo.telegram.server import DEMO_TOKEN, TelegramServer
from bot.domain.posts import SECRETARIAT
from bot.services.invitations import new_invitation
from bot.services.outbox import Delivery
from bot.services.remind import next_wake
from bot.settings import BOARD_PATH
from bot.store.tables import ChatRow, OutboxRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from types import TracebackType

    from starlette.routing import BaseRoute

    from bot.app import App
    from bot.demo.clock import ShiftedClock, SteppedClock
    from bot.demo.telegram.client import Person
    from bot.demo.telegram.server import RunningServer
    from bot.domain.sop import OfficeId, PostId, Sop
    from bot.services.work import Runner, Work
    from bot.settings import Settings

T = TypeVar("T")

FIRST_ID = 1001
_LOOK_AGAIN_SECONDS = 0.05
_A_YEAR = timedelta(days=365)  # the clock may be put forward between a press and its answer


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
        board: bool = False,
    ) -> None:
        """Prepare; nothing runs before the context is entered. ``routes`` are served beside the Bot API.

        With ``sweep_every`` the moments that are moved to bring what a sweep does (digests, boards) that often.
        ``board`` tells that the live board is among the routes: people get the button that opens it.
        """
        self._board = board
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
        self.office = self._listen()
        try:
            self._run = self._begin()
        except BaseException:
            self.office.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the bot, then the server, and throw the database away."""
        try:
            self._run.close()
        finally:
            self.office.stop()

    @property
    def runner(self) -> Runner:
        """What runs use cases on the bot's database; another one after a reset."""
        return self._run.runner

    @property
    def app(self) -> App:
        """The bot; another one after a reset."""
        return self._run.app

    def reset(self) -> None:
        """Begin anew at the same address: no case, no person, no message, and the clock where it stood at first.

        Nobody else may be doing anything on the stage; who looks on meanwhile may meet BotGoneError.
        """
        with self._casting:
            self._run.close()
            self.office.forget()
            self.clock.reset()
            self._swept = self.clock.now() - timedelta(days=1)
            self._casts.clear()
            self._people = count()
            self._run = self._begin()

    def _begin(self) -> BotRun:
        board = f"{self.office.base_url}{BOARD_PATH}/" if self._board else None
        self.office.telegram.local_apps = self._board
        return BotRun(self._settings, self.clock, self.office, board=board)

    def _listen(self) -> RunningServer:
        try:
            return TelegramServer.start(
                DEMO_TOKEN, now=self.clock.now, port=self._port, routes=self._routes, callback_lifetime=_A_YEAR
            )
        except (OSError, OverflowError) as error:
            raise PortUnusableError(self._port, error) from None

    # --- doing --------------------------------------------------------------------------------

    def ask(self, use_case: Callable[[Work], T]) -> T:
        """Run a use case on the bot's own store and return its result."""
        return self._run.ask(use_case)

    def look(self, use_case: Callable[[Work], T]) -> T:
        """Run a use case that changes nothing and return its result; the bot does not look for work because of it."""
        return self._run.look(use_case)

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

    def give_menus(self) -> None:
        """Let everybody have the command menu of their post now, which else comes within half a minute."""
        self._run.do(self.app.menus.refresh())
        self.settle()

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
        self._run.do(self.app.wakener.sweep() if self._is_to_sweep(moment) else self.app.wakener.fire())
        self.settle()

    def _is_to_sweep(self, moment: datetime) -> bool:
        if self._sweep_every is None or moment - self._swept < self._sweep_every:
            return False
        self._swept = moment
        return True


def _invitation(office_id: str, post_id: str, work: Work) -> str:
    return new_invitation(work, office_id, post_id)[1]


def undelivered(work: Work) -> int:
    """Return how many rows of the outbox are on their way or may leave now; those of a resting chat may not."""
    resting = select(ChatRow.id).where(ChatRow.blocked_until > work.at)
    ready = (OutboxRow.not_before <= work.at) & OutboxRow.chat_id.not_in(resting)
    due = (OutboxRow.state == Delivery.PENDING) & ready
    query = select(func.count()).select_from(OutboxRow).where(due | (OutboxRow.state == Delivery.SENDING))
    return work.session.scalar(query) or 0
