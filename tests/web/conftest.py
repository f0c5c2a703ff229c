"""The live board over real HTTP: the program's own server on the loopback, a town's store, and clocks in hand."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from init_data_py import sign

from bot.services.work import Runner
from bot.web.board import Bounds, LiveBoard, Pace
from bot.web.server import WebServer
from tests.gateway.conftest import Loop, TownClock
from tests.services.conftest import Town, beginnings, lasting_store, no_waiting, staffed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["beginnings", "lasting_store", "no_waiting", "staffed"]  # fixtures

TOKEN = "987654321:" + "token-of-the-board-in-these-tests-0"
OPENED = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)


@dataclass
class Hand:
    """The machine's clock, by which sessions live: where the test puts it."""

    at: datetime = OPENED

    def now(self) -> datetime:
        """Return the moment."""
        return self.at

    def machine_time(self, moment: datetime) -> datetime:
        """Return the moment itself."""
        return moment

    def forward(self, **passed: float) -> None:
        """Put it forward."""
        self.at += timedelta(**passed)


def init_data(telegram_id: int, *, token: str = TOKEN, opened: datetime = OPENED, **fields: str) -> str:
    """Return what Telegram would sign for somebody who opens the page."""
    user = {"id": telegram_id, "first_name": "Sari & <b>Dewi</b>", "last_name": "", "language_code": "id"}
    payload = {"query_id": "AAHdF6IQAAAAAN0XohDhrOrc", "user": json.dumps(user), **fields}
    return sign(payload, token, auth_date=opened)


@dataclass
class Look:
    """A board with whoever looks at it: one process of the program."""

    town: Town
    hand: Hand
    url: str
    board: LiveBoard
    http: httpx.Client = field(default_factory=lambda: httpx.Client(trust_env=False, timeout=10))

    def signs_in(self, data: str | bytes) -> httpx.Response:
        """Post init data."""
        return self.http.post(f"{self.url}/papan/masuk", content=data)

    def session(self, who: str) -> str:
        """Return the session of somebody who opens the page now."""
        answer = self.signs_in(init_data(self.town.stranger(who), opened=self.hand.at))
        assert answer.status_code == 200
        return str(answer.json()["session"])

    def gets(self, path: str, session: str | None) -> httpx.Response:
        """Ask for something with a session."""
        return self.http.get(f"{self.url}/papan/{path}", headers=bearer(session))

    def sees(self, who: str) -> dict[str, Any]:
        """Return the board as somebody sees it."""
        answer = self.gets("berkas", self.session(who))
        assert answer.status_code == 200
        board: dict[str, Any] = answer.json()["board"]
        return board

    @contextmanager
    def watches(self, session: str, office: str = "") -> Iterator[Iterator[tuple[str, Any]]]:
        """Keep a stream open; yields its events, each as kind and content."""
        path = f"{self.url}/papan/alur{f'?kantor={office}' if office else ''}"
        with self.http.stream("GET", path, headers=bearer(session)) as answer:
            assert answer.status_code == 200, answer.status_code
            yield _events(answer)


def bearer(session: str | None) -> dict[str, str]:
    """Return the header that carries a session."""
    return {} if session is None else {"Authorization": f"Bearer {session}"}


def _events(answer: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            kind = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield kind, json.loads(line.removeprefix("data: "))


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


class Houses:
    """Starts boards: several are replicas on one store."""

    def __init__(self, loop: Loop, town: Town) -> None:
        self._loop, self._town = loop, town
        self._running: list[tuple[Look, WebServer]] = []
        self.hand = Hand()

    def starts(self, *, bounds: Bounds | None = None, token: str = TOKEN) -> Look:
        """Serve a board on a port of its own."""

        async def start() -> tuple[LiveBoard, WebServer]:
            runner = Runner(self._town.store, TownClock(self._town), self._town.library)
            board = LiveBoard(runner, token, clock=self.hand, bounds=bounds, pace=Pace(gap=0.0, tick=0.05))
            server = WebServer("127.0.0.1", 0, board.routes())
            await server.start()
            return board, server

        board, server = self._loop.run(start())
        look = Look(self._town, self.hand, f"http://127.0.0.1:{server.port}", board)
        self._running.append((look, server))
        return look

    def close(self) -> None:
        """Stop them all, as the program does: pages first."""
        for look, server in self._running:
            self._loop.loop.call_soon_threadsafe(look.board.close)
            self._loop.run(server.stop())
            look.http.close()


@pytest.fixture
def houses(loop: Loop, staffed: Town) -> Iterator[Houses]:
    houses = Houses(loop, staffed)
    yield houses
    houses.close()


@pytest.fixture
def look(houses: Houses) -> Look:
    return houses.starts()
