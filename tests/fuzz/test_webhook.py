"""Whatever is posted to the webhook gets an honest status, no traceback, and leaves nothing behind in memory."""

from __future__ import annotations

import asyncio
import gc
import gzip
import itertools
import json
import logging
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete
from starlette.applications import Starlette

from bot.gateway.webhook import LARGEST_BODY, SECRET_HEADER, Address, Bounds, Webhook
from bot.services.work import Runner
from bot.store.tables import OutboxRow, UpdateRow
from bot.web.server import WebServer
from tests.fuzz.bot_api import Json, oddities, updates
from tests.fuzz.effort import inputs
from tests.fuzz.reading import read_out, youngest
from tests.fuzz.test_updates import Clock, Telegram, message, with_own_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.services.work import Work
    from tests.fuzz.conftest import Ear
    from tests.services.conftest import Town

pytestmark = pytest.mark.enable_socket  # to the webhook of this process, on the loopback

SECRET = "rahasia-webhook"  # noqa: S105 - of this test
HONEST = {200, 400, 401, 403, 404, 405, 413}
QUICK = Bounds(body=0.5)


class Post:
    """A running webhook and whoever posts to it, byte by byte."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.port = self._run(self._open())

    async def _open(self) -> int:
        bot: Any = Telegram([])
        clock: Any = Clock(self.town)
        address = Address("https://contoh.go.id/telegram", "/telegram", SECRET)
        self._webhook = Webhook(bot, Runner(self.town.store, clock, self.town.library), address, bounds=QUICK)
        self._app = Starlette(routes=self._webhook.routes())
        self._server = WebServer("127.0.0.1", 0, self._webhook.routes())
        await self._server.start()
        self._running = asyncio.create_task(self._webhook.run())
        return self._server.port

    def _run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        """End the server and its thread."""
        self._run(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _stop(self) -> None:
        self._webhook.stop()
        await self._running
        await self._server.stop()
        await self._webhook.close()

    def raw(self, sent: bytes, *, hang_up: bool = False) -> int | None:
        """Send bytes and return the answer's status, None where the connection just ended."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            try:
                connection.sendall(sent)
                if hang_up:
                    connection.shutdown(socket.SHUT_WR)
                head = connection.recv(64)
            except ConnectionError:
                return None  # the answer came before all was sent, and was lost with the connection
        return int(head.split()[1]) if head.startswith(b"HTTP/1.1 ") else None

    def body(self, content: bytes, *headers: str, secret: str = SECRET) -> int | None:
        """Post a body as Telegram does, with more headers; returns the status."""
        return self.raw(request(content, f"Content-Length: {len(content)}", *headers, secret=secret))

    def within(self, body: bytes, secret: str = SECRET) -> int:
        """Hand a body to the application without a connection, whose timers would outlive it; returns the status."""
        headers = [(SECRET_HEADER, secret.encode())]
        scope = {"type": "http", "method": "POST", "path": "/telegram", "headers": headers, "query_string": b""}
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        self._run(self._app(scope, receive, send))
        return int(sent[0]["status"])

    def works(self) -> bool:
        """Whether an ordinary update is still taken."""
        return self.body(json.dumps(with_own_id(message(text="/tugas"))).encode()) == 200


def request(content: bytes, *headers: str, secret: str = SECRET, method: str = "POST") -> bytes:
    lines = [f"{method} /telegram HTTP/1.1", "Host: x", f"X-Telegram-Bot-Api-Secret-Token: {secret}", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + content


@pytest.fixture
def unheard() -> Iterator[None]:
    """Keep pytest from collecting log records: they hold on to the errors they tell of."""
    logging.disable()
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def post(busy: Town) -> Iterator[Post]:
    post = Post(busy)
    yield post
    post.close()


def _dumped(value: Json) -> bytes:
    return json.dumps(value).encode()


_posted = updates.map(with_own_id).map(_dumped)
_bodies = st.one_of(
    _posted,
    _posted,
    st.binary(max_size=200),
    oddities.map(_dumped),
    st.builds(lambda body, cut: body[:cut], _posted, st.integers(0, 200)),
    st.builds(lambda body, more: body + more, _posted, st.binary(min_size=1, max_size=20)),
    st.builds(lambda body, place, byte: body[:place] + byte + body[place:], _posted, st.integers(0, 99), st.binary()),
)

_NUMBER = itertools.count(2 * 10**7)
_ODD_BODIES = {
    "nothing": b"",
    "nested lists": b"[" * 100_000,
    "nested objects": b'{"a":' * 100_000,
    "closed nesting": b"[" * 900 + b"]" * 900,
    "an update nested just within reach": b'{"update_id": 77, "message": ' + b"[" * 900 + b"]" * 900 + b"}",
    "a number without end": b'{"update_id": ' + b"9" * 5000 + b"}",
    "a number beyond 64 bits": b'{"update_id": ' + b"9" * 50 + b"}",
    "infinity": b'{"update_id": 1e999}',
    "no number": b'{"update_id": NaN}',
    "odd numbers inside": b'{"update_id": 78, "message": {"message_id": 1e400, "date": -1}}',
    "the same key twice": b'{"update_id": 1, "update_id": 79, "message": {}, "message": null}',
    "utf-16": '{"update_id": 80}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"update_id": 81}',
    "a lone surrogate": b'{"update_id": 82, "message": {"text": "\\ud800"}}',
    "zeros": b"\x00" * 1000,
    "gzip": gzip.compress(b'{"update_id": 83}'),
    "a page": b"<!doctype html><script>",
    "a form": b"update_id=1&message=x",
    "too much": b" " * (LARGEST_BODY + 1),
    "just not too much": b" " * LARGEST_BODY,
}


@inputs(80)
@given(body=_bodies)
def test_every_body_gets_an_honest_status(post: Post, ear: Ear, body: bytes) -> None:
    mark = youngest(post.town)
    assert post.body(body) in {200, 400}
    assert ear.trouble() == []
    read_out(post.town, mark)


def test_a_body_that_breaks_readers_is_refused_or_passed_over(post: Post, ear: Ear) -> None:
    for name, body in _ODD_BODIES.items():
        encoding = "Content-Encoding: gzip" if name == "gzip" else "Content-Type: text/x; charset=zz"
        status = post.body(body, encoding)
        # Whoever is refused before the body is read may lose the answer with the connection.
        assert status in ({413, None} if name == "too much" else {200, 400}), name
        assert ear.trouble() == [], name
        assert post.works(), name


_NO_REQUESTS = [
    b"",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS to a plain port
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /telegram HTTP/1.1\r\n\r\n",
    b"POST /telegram HTTP/9.9\r\nHost: x\r\n\r\n",
    b"x" * 100_000,
    request(b"{}", "Content-Length: -1"),
    request(b"{}", "Content-Length: 1e3"),
    request(b"{}", "Content-Length: " + "9" * 100),
    request(b"{}", "Content-Length: 2", "Content-Length: 3"),
    request(b"{}", "Content-Length: 100"),  # and no more comes
    request(b'{"update_id": 84}zzz', "Content-Length: 17"),
    request(b"", "Transfer-Encoding: chunked"),
    request(b'5\r\n{"upd\r\nFFFFFFFFFFFFFFFFF\r\n', "Transfer-Encoding: chunked"),
    request(b"zz\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked"),
    request(b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Length: 2"),
    request(b"2\r\n{}\r\n0\r\n\r\n", "Transfer-Encoding: gzip, chunked"),
    request(b"{}", "Content-Length: 2", "X-Telegram-Bot-Api-Secret-Token: zwei"),
    request(b"{}", "Content-Length: 2", secret="\xff" * 300),
    request(b"{}", "Content-Length: 2", secret=""),
    request(b"{}", "Content-Length: 2", "X-Lang: " + "a" * 100_000),
    request(b"", "Content-Length: 0", method="PUT"),
    request(b"", "Expect: 100-continue", "Content-Length: 5"),
]


def test_a_request_that_is_none_is_refused_and_the_next_one_served(post: Post, ear: Ear) -> None:
    for sent in _NO_REQUESTS:
        status = post.raw(sent, hang_up=True)
        assert status is None or status in HONEST | {100, 408}, sent[:200]
        assert ear.trouble() == [], sent[:200]
        assert post.works(), sent[:200]


@inputs(30)
@given(pieces=st.lists(st.binary(min_size=1, max_size=40), max_size=6))
def test_a_body_in_pieces_is_put_together(post: Post, ear: Ear, pieces: list[bytes]) -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    assert post.raw(request(chunks, "Transfer-Encoding: chunked")) in {200, 400}
    assert ear.trouble() == []


@pytest.mark.usefixtures("unheard")
def test_nothing_of_what_was_refused_stays_in_memory(post: Post) -> None:
    def everything() -> None:
        for body in _ODD_BODIES.values():
            post.within(body)
            post.within(body, secret=SECRET[:-1])
        for _ in range(5):
            post.within(_dumped(with_own_id(message(text="x", chat={"id": next(_NUMBER), "type": "private"}))))
        post.town.run(_forget)

    def living() -> int:
        gc.collect()
        return len(gc.get_objects())

    for _ in range(3):
        everything()
    before = living()
    for _ in range(20):
        everything()
    # 900 requests; a single object kept of each would show.
    assert living() - before < 300


def _forget(work: Work) -> None:
    for table in (UpdateRow, OutboxRow):
        work.session.execute(delete(table))
