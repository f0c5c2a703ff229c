"""A running server with a clock in the test's hand, the real library on one side and phones on the other."""

from __future__ import annotations

import itertools
import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_asyncio
import telegram
from telegram.request import HTTPXRequest

from bot.demo.telegram import TelegramServer
from bot.demo.telegram.state import FIRST_UPDATE
from bot.demo.telegram.updates import Updates

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from bot.demo.telegram import Person, RunningServer

THURSDAY = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder talk to their server on the loopback."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)


def picture(width: int, height: int) -> bytes:
    """Return a white PNG."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xff" * -(-width // 8)) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


class Clock:
    """A clock that stands still until it is put forward."""

    def __init__(self) -> None:
        self.at = THURSDAY

    def __call__(self) -> datetime:
        """Return the moment."""
        return self.at

    def forward(self, seconds: float) -> None:
        """Put the clock forward."""
        self.at += timedelta(seconds=seconds)


@dataclass
class Answer:
    """What came back from the Bot API."""

    status: int
    body: dict[str, Any]

    @property
    def description(self) -> str:
        """Telegram's words for a refusal, else empty."""
        return str(self.body.get("description", ""))

    @property
    def result(self) -> Any:
        """The result; fails for a refusal."""
        assert self.body["ok"], self.body
        return self.body["result"]


class Api:
    """The Bot API without a library in between, to see the very words."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self._http = httpx.Client(trust_env=False, timeout=10)

    def __call__(self, method: str, **parameters: object) -> Answer:
        """Call a method with a JSON body, parameters that are None left out."""
        given = {name: value for name, value in parameters.items() if value is not None}
        return self.post(f"/bot{self._server.token}/{method}", json=given)

    def post(self, path: str, **request: Any) -> Answer:
        """Post whatever httpx can post."""
        response = self._http.post(self._server.base_url + path, **request)
        return Answer(response.status_code, response.json())

    def get(self, path: str, **headers: str) -> httpx.Response:
        """Get a path."""
        return self._http.get(self._server.base_url + path, headers=headers)

    def close(self) -> None:
        """Hang up."""
        self._http.close()


@pytest.fixture(scope="session")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="session")
def one_server(clock: Clock) -> Iterator[RunningServer]:
    with TelegramServer.start(now=clock, webhook_retry=0.01) as running:
        yield running


@pytest.fixture
def server(one_server: RunningServer) -> Iterator[RunningServer]:
    """Give out the session's server in good weather, with no update waiting."""
    yield one_server
    state = one_server.telegram
    state.faults.clear()
    state.pacing.switch(None)
    state.updates = Updates(FIRST_UPDATE)


@pytest.fixture(scope="session")
def one_api(one_server: RunningServer) -> Iterator[Api]:
    api = Api(one_server)
    yield api
    api.close()


@pytest.fixture
def api(one_api: Api, server: RunningServer) -> Api:
    assert server.telegram.updates.pending == []
    return one_api


@pytest_asyncio.fixture
async def bot(server: RunningServer) -> AsyncIterator[telegram.Bot]:
    """Point the real library at the server."""
    # Nothing here is encrypted; reading the system's certificates would only take time.
    plain = {"verify": False, "trust_env": False}
    requests = [HTTPXRequest(httpx_kwargs=plain) for _ in range(2)]
    bot = telegram.Bot(
        server.token,
        base_url=server.bot_url,
        base_file_url=server.file_url,
        request=requests[0],
        get_updates_request=requests[1],
    )
    async with bot:
        yield bot


_ids = itertools.count(1001)


@pytest.fixture
def stranger(server: RunningServer) -> Person:
    """Somebody with an account who never pressed Start."""
    return server.person(next(_ids), "Siti Aminah", username="siti_a")


@pytest.fixture
def budi(server: RunningServer) -> Person:
    """Somebody whose chat with the bot is open and whose updates the bot has taken."""
    person = server.person(next(_ids), "Budi Santoso")
    person.says("/start")
    server.telegram.updates.pending.clear()
    return person
