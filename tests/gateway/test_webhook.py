"""The webhook: 200 after the commit and not before; whoever is not Telegram learns nothing; nothing is a traceback."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import text

from bot.gateway.reception import DatabaseAwayError, Reception
from bot.gateway.seldom import Seldom
from bot.gateway.webhook import LARGEST_BODY, Address, Bounds, Webhook
from bot.metrics import REGISTRY
from bot.store.migrate import head
from bot.store.tables import CaseRow, OutboxRow, UpdateRow
from bot.web.server import WebServer
from handlers import registry
from tests.gateway.conftest import QUICK, Gateway, Weather
from tests.gateway.test_intake import actions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.services.conftest import Town

PATH = "/telegram/here"
SECRET = "the-" + "secret_of-the-tests"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
TELEGRAM = {HEADER: SECRET}
# What never gets as far as the database is the same on either kind.
once = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
LOCALHOST = "127.0.0.1"


def says(text: str, *, update: int, who: int) -> dict[str, Any]:
    """Return an update as Telegram writes it."""
    person = {"id": who, "is_bot": False, "first_name": "Sari"}
    chat = {"id": who, "type": "private", "first_name": "Sari"}
    entity = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    message = {"message_id": update, "date": 1, "chat": chat, "from": person, "text": text, "entities": [entity]}
    return {"update_id": update, "message": message}


class Post:
    """A webhook that is served on a port of its own, and whoever posts to it."""

    def __init__(self, gateway: Gateway, bounds: Bounds) -> None:
        self.gateway = gateway

        async def make() -> tuple[Webhook, WebServer]:
            address = Address(f"http://{LOCALHOST}{PATH}", PATH, SECRET)
            webhook = Webhook(gateway.bot, gateway.runner, address, QUICK, bounds=bounds)
            web = WebServer(LOCALHOST, 0, webhook.routes())
            await web.start()
            return webhook, web

        self.webhook, self.web = gateway.loop.run(make())
        self.url = f"http://{LOCALHOST}:{self.web.port}{PATH}"
        self._http = httpx.Client(trust_env=False, timeout=20)
        self._running: Any = None

    def opens(self) -> None:
        """Begin to take updates."""
        self.webhook._address = replace(self.webhook._address, url=self.url)  # noqa: SLF001 - its port is known only now
        self._running = self.gateway.loop.start(self.webhook.run())
        self.gateway.wait(lambda: bool(self.gateway.requests("setWebhook")), "not registered")

    def __call__(self, body: Any, headers: dict[str, str] | None = None) -> httpx.Response:
        """Post bytes as they are, a generator in pieces, anything else as JSON."""
        content = json.dumps(body).encode() if isinstance(body, dict) else body
        return self._http.post(self.url, content=content, headers=TELEGRAM if headers is None else headers)

    def close(self) -> None:
        """Stop as a SIGTERM does."""
        self.gateway.loop.loop.call_soon_threadsafe(self.webhook.stop)
        if self._running is not None:
            self._running.result(10)
        self.gateway.loop.run(self.web.stop())
        self.gateway.loop.run(self.webhook.close())
        self._http.close()


@pytest.fixture
def bounds() -> Bounds:
    return Bounds()


@pytest.fixture
def closed(gateway: Gateway, bounds: Bounds, caplog: pytest.LogCaptureFixture) -> Iterator[Post]:
    """Return a webhook that does not take updates yet."""
    caplog.set_level(logging.DEBUG, "uvicorn")
    post = Post(gateway, bounds)
    yield post
    post.close()
    errors = [
        record for record in caplog.records if record.name.startswith("uvicorn") and record.levelno >= logging.ERROR
    ]
    assert errors == []


@pytest.fixture
def post(closed: Post) -> Post:
    closed.opens()
    return closed


@pytest.fixture
def sari(staffed: Town) -> int:
    return staffed.ids["Sari"]


def refused(why: str) -> float:
    return REGISTRY.get_sample_value("sop_bot_webhook_refused_total", {"why": why}) or 0.0


# --- taking updates -------------------------------------------------------------------------


@pytest.mark.usefixtures("post")
def test_telegram_posts_and_gets_200_only_after_the_commit(gateway: Gateway, staffed: Town, weather: Weather) -> None:
    weather.holds()
    gateway.phone("Sari").says("/mulai dinas-pk")
    assert weather.waiting.wait(5)
    assert gateway.server.state()["pending_updates"] == 1
    weather.goes_on()
    gateway.server.wait_until_all_taken()
    assert len(staffed.rows(CaseRow)) == 1


def test_a_redelivery_counts_once_and_gets_200_again(post: Post, staffed: Town, sari: int) -> None:
    update = says("/mulai dinas-pk", update=5, who=sari)
    with ThreadPoolExecutor(4) as people:
        answers = list(people.map(post, [update] * 4))
    answers.append(post(update))
    assert [answer.status_code for answer in answers] == [200] * 5
    assert {answer.content for answer in answers} == {b""}
    assert len(staffed.rows(CaseRow)) == 1


def test_a_slow_press_gets_an_empty_answer_and_200_after_its_commit(
    post: Post, gateway: Gateway, sari: int, weather: Weather
) -> None:
    shown = says("x", update=1, who=sari)["message"]
    press = {"id": "77", "from": shown["from"], "chat_instance": "1", "message": shown, "data": "d:1"}
    weather.holds()
    with ThreadPoolExecutor(1) as people:
        posting = people.submit(post, {"update_id": 5, "callback_query": press})
        gateway.wait(lambda: bool(gateway.requests("answerCallbackQuery")), "not answered")
        assert not posting.done()
        weather.goes_on()
        assert posting.result(10).status_code == 200
    assert "text" not in gateway.requests("answerCallbackQuery")[0]["parameters"]


def test_an_update_that_cannot_be_read_or_keeps_failing_is_kept_and_gets_200(
    post: Post, staffed: Town, sari: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explodes(*_: object) -> None:
        raise ValueError("boom")

    monkeypatch.setattr("handlers.dispatch.COMMANDS", {**registry.COMMANDS, "bantuan": explodes})
    assert post({"update_id": 1, "message": {"text": 7}}).status_code == 200
    assert post(says("/bantuan", update=2, who=sari)).status_code == 200
    assert sorted(row.update_id for row in staffed.rows(UpdateRow) if row.failure) == [1, 2]


# --- trouble with the database --------------------------------------------------------------


def test_while_the_database_is_away_updates_are_handed_back_and_taken_once_it_is_there_again(
    post: Post, staffed: Town, sari: int, weather: Weather, caplog: pytest.LogCaptureFixture
) -> None:
    update = says("/mulai dinas-pk", update=5, who=sari)
    weather.fails(3)
    answers = [post(update) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [503, 503, 503, 200]
    assert answers[0].headers["retry-after"] == "5"
    assert len(staffed.rows(CaseRow)) == 1
    assert [row.failure for row in staffed.rows(UpdateRow)] == [None]
    assert "Apology" not in {row.notice for row in staffed.rows(OutboxRow)}
    said = [getattr(record, "action", "") for record in caplog.records if record.levelno >= logging.WARNING]
    assert said == ["intake.database", "intake.resumed"], "said once, not for every update"


def test_before_the_program_knows_its_bot_updates_are_handed_back(closed: Post, staffed: Town, sari: int) -> None:
    assert closed(says("/mulai dinas-pk", update=5, who=sari)).status_code == 503
    assert staffed.rows(UpdateRow) == []


@pytest.mark.parametrize("revision", ["9999", "0001"])
def test_what_fails_on_another_schema_is_kept_for_the_program_that_knows_it(
    post: Post, staffed: Town, sari: int, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    def explodes(*_: object) -> None:
        raise ValueError("a column that this program does not fill")

    def is_at(number: str) -> None:
        statement = text("UPDATE alembic_version SET version_num = :revision")
        staffed.store.run_now(lambda session: session.execute(statement, {"revision": number}))

    monkeypatch.setattr("handlers.dispatch.COMMANDS", {**registry.COMMANDS, "bantuan": explodes})
    is_at(revision)
    try:
        assert post(says("/bantuan", update=5, who=sari)).status_code == 503
    finally:
        is_at(head())
    assert staffed.rows(UpdateRow) == []


# --- who is not Telegram --------------------------------------------------------------------


@once
@pytest.mark.parametrize(
    ("headers", "status", "why"),
    [
        ({}, 401, "no_secret"),
        ({HEADER: ""}, 403, "wrong_secret"),
        ({HEADER: SECRET[:-1]}, 403, "wrong_secret"),
        ({HEADER: SECRET + "x"}, 403, "wrong_secret"),
        ({HEADER: SECRET.upper()}, 403, "wrong_secret"),
        ({HEADER: "räuber".encode("latin-1")}, 403, "wrong_secret"),
        ([(HEADER, SECRET), (HEADER, SECRET)], 403, "wrong_secret"),
    ],
)
def test_without_the_secret_nobody_gets_in_or_learns_why(
    post: Post, caplog: pytest.LogCaptureFixture, headers: Any, status: int, why: str
) -> None:
    town = post.gateway.town
    before = refused(why)
    answers = [post(says("/mulai dinas-pk", update=5, who=town.ids["Sari"]), headers) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(status, b"")}
    assert refused(why) - before == 3
    lines = [record.getMessage() for record in caplog.records if getattr(record, "action", "") == f"webhook.{why}"]
    assert lines == [f"request to the webhook refused with {status}"]
    assert town.rows(UpdateRow) == []


@once
def test_the_secret_is_asked_before_anything_is_read(post: Post) -> None:
    assert post(b"x" * (LARGEST_BODY + 1), {}).status_code == 401


@once
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_only_posting_is_known_here(post: Post, method: str) -> None:
    assert httpx.request(method, post.url, headers=TELEGRAM, trust_env=False).status_code == 405


@once
def test_another_path_is_not_found(post: Post) -> None:
    assert httpx.post(post.url + "/x", headers=TELEGRAM, trust_env=False).status_code == 404


# --- what is no update ----------------------------------------------------------------------


def _pieces(size: int) -> Callable[[], Iterator[bytes]]:
    def make() -> Iterator[bytes]:
        for _ in range(size // 65536 + 1):
            yield b" " * 65536

    return make


@once
@pytest.mark.parametrize("body", [lambda: b" " * (LARGEST_BODY + 1), _pieces(LARGEST_BODY)], ids=["told", "in pieces"])
def test_a_body_that_is_too_large_is_refused_while_it_comes(post: Post, body: Callable[[], Any]) -> None:
    before = refused("too_large")
    assert post(body()).status_code == 413
    assert refused("too_large") - before == 1


@once
def test_an_update_of_the_largest_size_is_taken(post: Post, staffed: Town, sari: int) -> None:
    body = json.dumps(says("/mulai dinas-pk", update=5, who=sari)).encode()
    assert post(body.ljust(LARGEST_BODY)).status_code == 200
    assert len(staffed.rows(CaseRow)) == 1


NO_JSON = [
    b"",
    b"{",
    b"\xff\xfe{\x00}\x00",
    b'{"update_id": 1, "x": "\xc3("}',
    b"\xef\xbb\xbf{}",
    b'{"update_id": NaN}',
    b'{"update_id": 1, "x": Infinity}',
    b'{"update_id": 1, "x": 1e999}',
    b'{"update_id": ' + b"9" * 5000 + b"}",
    b"[" * 200_000,
    b'{"update_id": 1, "x": ' * 40_000,
]
NO_UPDATE = [
    b"[]",
    b"null",
    b"7",
    b'"x"',
    b"{}",
    b'{"update_id": "1"}',
    b'{"update_id": 1.0}',
    b'{"update_id": true}',
    b'{"update_id": null}',
    b'{"update_id": 9223372036854775808}',
]


@once
def test_what_is_no_update_is_refused_and_logged_once(
    post: Post, staffed: Town, caplog: pytest.LogCaptureFixture
) -> None:
    before = refused("not_json"), refused("no_update")
    assert {post(body).status_code for body in NO_JSON + NO_UPDATE} == {400}
    assert (refused("not_json"), refused("no_update")) == (before[0] + len(NO_JSON), before[1] + len(NO_UPDATE))
    said = [getattr(record, "action", "") for record in caplog.records if record.levelno >= logging.WARNING]
    assert sorted(said) == ["webhook.no_update", "webhook.not_json"]
    assert not [record for record in caplog.records if record.exc_info]
    assert staffed.rows(UpdateRow) == []


@once
@pytest.mark.parametrize("bounds", [Bounds(body=0.1)])
def test_a_body_that_does_not_come_is_not_waited_for(post: Post) -> None:
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 100\r\n\r\n{{"
    with socket.create_connection((LOCALHOST, post.web.port), timeout=5) as line:
        line.sendall(head.encode())
        assert line.recv(100).startswith(b"HTTP/1.1 408 ")


@once
def test_a_line_that_breaks_off_is_nobodys_error(post: Post, staffed: Town, gateway: Gateway) -> None:
    before = refused("cut_off")
    head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\n{HEADER}: {SECRET}\r\nContent-Length: 100\r\n\r\n{{"
    with socket.create_connection((LOCALHOST, post.web.port), timeout=5) as line:
        line.sendall(head.encode())
    gateway.wait(lambda: refused("cut_off") == before + 1, "not noticed")
    assert staffed.rows(UpdateRow) == []


@once
@pytest.mark.parametrize("bounds", [Bounds(at_once=1, room=0.1)])
def test_more_than_can_be_in_hand_is_handed_back(post: Post, sari: int, weather: Weather) -> None:
    weather.holds()
    with ThreadPoolExecutor(1) as people:
        first = people.submit(post, says("/bantuan", update=5, who=sari))
        assert weather.waiting.wait(5)
        assert post(says("/bantuan", update=6, who=sari)).status_code == 503
        weather.goes_on()
        assert first.result(10).status_code == 200


def test_a_warning_comes_again_after_its_interval_with_what_was_left_out(caplog: pytest.LogCaptureFixture) -> None:
    moment = [0.0]
    seldom = Seldom(logging.getLogger("bot.x"), interval=60, clock=lambda: moment[0])
    for moment[0] in (0.0, 1.0, 59.9, 60.0, 61.0):
        seldom.warn("webhook.x", "refused with %s", 400)
    assert [vars(record)["left_out"] for record in caplog.records] == [0, 2]


# --- in order -------------------------------------------------------------------------------


def test_updates_of_one_chat_are_dealt_with_in_the_order_they_came(gateway: Gateway, staffed: Town, sari: int) -> None:
    async def all_at_once() -> None:
        reception = Reception(gateway.bot, gateway.runner, answer_within=1.0)
        updates = [says(f"/mulai dinas-pk Nomor {n}", update=n, who=sari) for n in range(1, 9)]
        await asyncio.gather(*map(reception.deal_with, updates))

    gateway.loop.run(all_at_once())
    cases = sorted((case.code, case.title) for case in staffed.rows(CaseRow))
    assert cases == [(f"PK-2026-{n:03d}", f"Nomor {n}") for n in range(1, 9)]


def test_what_waits_behind_an_update_that_is_handed_back_is_handed_back_too(
    gateway: Gateway, staffed: Town, sari: int, weather: Weather
) -> None:
    async def all_at_once() -> list[type]:
        reception = Reception(gateway.bot, gateway.runner, answer_within=1.0)
        updates = [says(f"/mulai dinas-pk Nomor {n}", update=n, who=sari) for n in range(1, 4)]
        outcomes = await asyncio.gather(*map(reception.deal_with, updates), return_exceptions=True)
        await reception.deal_with(updates[0])
        return [type(outcome) for outcome in outcomes]

    weather.fails(1)
    assert gateway.loop.run(all_at_once()) == [DatabaseAwayError] * 3
    assert [case.title for case in staffed.rows(CaseRow)] == ["Nomor 1"]


# --- being registered -----------------------------------------------------------------------


@once
def test_telegram_is_told_where_to_post_and_keeps_what_waits(closed: Post, gateway: Gateway, staffed: Town) -> None:
    gateway.phone("Sari").says("/mulai dinas-pk")
    gateway.server.fault("status", method="setWebhook", status=502, count=2)
    closed.opens()
    gateway.server.wait_until_all_taken()
    assert len(staffed.rows(CaseRow)) == 1
    told = gateway.requests("setWebhook")[-1]["parameters"]
    assert (told["url"], told["secret_token"], told["max_connections"]) == (closed.url, SECRET, "40")
    assert "drop_pending_updates" not in told or told["drop_pending_updates"] in {"false", "False", False}
    assert "my_chat_member" in str(told["allowed_updates"])


@once
@pytest.mark.parametrize("bounds", [Bounds(look=0.05)])
def test_a_webhook_that_somebody_took_away_is_set_again(
    post: Post, gateway: Gateway, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.server.telegram.updates.delete_webhook()
    gateway.wait(lambda: gateway.server.telegram.updates.webhook.url == post.url, "not set again")
    assert "webhook.lost" in actions(caplog)
    assert len(gateway.requests("setWebhook")) == 2


@once
def test_a_stop_leaves_the_webhook_to_the_other_replicas(post: Post, gateway: Gateway) -> None:
    post.close()
    assert gateway.server.telegram.updates.webhook.url == post.url
    assert gateway.requests("deleteWebhook") == []


def test_a_stop_finishes_what_is_in_hand(post: Post, staffed: Town, sari: int, weather: Weather) -> None:
    weather.holds()
    with ThreadPoolExecutor(2) as people:
        posting = people.submit(post, says("/mulai dinas-pk", update=5, who=sari))
        assert weather.waiting.wait(5)
        stopping = post.gateway.loop.start(post.web.stop())
        weather.goes_on()
        assert posting.result(10).status_code == 200
        stopping.result(10)
    assert len(staffed.rows(CaseRow)) == 1
