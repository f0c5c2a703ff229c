"""getUpdates, its offsets and its one reader; the webhook instead of it."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING

import pytest
from telegram.error import Conflict

from bot.demo.telegram.updates import TERMINATED, TERMINATED_BY_WEBHOOK, WEBHOOK_ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    import telegram

    from bot.demo.telegram import Person, RunningServer
    from tests.demo.conftest import Api

WORD = "rahasia_1"

pytestmark = pytest.mark.asyncio


def texts(updates: tuple[telegram.Update, ...]) -> list[str]:
    return [update.message.text or "" for update in updates if update.message]


async def reading(server: RunningServer, calls: int = 1) -> None:
    """Return once the server is holding that many unanswered getUpdates calls."""

    def held() -> bool:
        unanswered = [request for request in server.requests("getUpdates") if not request["outcome"]]
        return len(unanswered) >= calls

    await asyncio.to_thread(server.wait, held, 5, "nobody reads")


async def test_an_offset_confirms_all_lower_ids_and_nothing_else(bot: telegram.Bot, budi: Person) -> None:
    for text in ("satu", "dua", "tiga"):
        budi.says(text)
    first = await bot.get_updates()
    assert texts(first) == ["satu", "dua", "tiga"]
    assert texts(await bot.get_updates()) == ["satu", "dua", "tiga"]
    assert texts(await bot.get_updates(offset=first[0].update_id + 1)) == ["dua", "tiga"]
    assert texts(await bot.get_updates(offset=first[0].update_id)) == ["dua", "tiga"]
    assert await bot.get_updates(offset=first[-1].update_id + 1) == ()


async def test_a_negative_offset_keeps_only_the_last_few(bot: telegram.Bot, budi: Person) -> None:
    for text in ("satu", "dua", "tiga"):
        budi.says(text)
    assert texts(await bot.get_updates(offset=-2)) == ["dua", "tiga"]
    assert texts(await bot.get_updates()) == ["dua", "tiga"]


async def test_limit_is_kept_between_one_and_a_hundred(bot: telegram.Bot, budi: Person) -> None:
    for number in range(101):
        budi.says(str(number))
    assert len(await bot.get_updates(limit=1)) == 1
    assert len(await bot.get_updates(limit=0)) == 1
    assert len(await bot.get_updates(limit=1000)) == 100


async def test_a_long_poll_answers_as_soon_as_something_is_said(
    bot: telegram.Bot, budi: Person, server: RunningServer
) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await reading(server)
    budi.says("halo")
    assert texts(await asyncio.wait_for(poll, 5)) == ["halo"]


async def test_only_the_kinds_asked_for_are_kept(bot: telegram.Bot, budi: Person) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    budi.says("tidak terdengar")
    assert await bot.get_updates() == ()
    await bot.get_updates(allowed_updates=[])
    budi.says("terdengar")
    assert texts(await bot.get_updates()) == ["terdengar"]


async def test_a_second_reader_ends_the_first(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await reading(server)
    second = asyncio.create_task(bot.get_updates(timeout=20))
    with pytest.raises(Conflict):
        await asyncio.wait_for(first, 5)
    assert server.requests("getUpdates")[-2]["description"] == f"Conflict: {TERMINATED}"
    budi.says("halo")
    assert texts(await asyncio.wait_for(second, 5)) == ["halo"]


async def test_nobody_reads_while_a_webhook_is_set(bot: telegram.Bot, api: Api, server: RunningServer) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await reading(server)
    await bot.set_webhook("http://127.0.0.1:9/")
    with pytest.raises(Conflict):
        await asyncio.wait_for(poll, 5)
    assert server.requests("getUpdates")[-1]["description"] == f"Conflict: {TERMINATED_BY_WEBHOOK}"
    refused = api("getUpdates")
    assert (refused.status, refused.description) == (409, f"Conflict: {WEBHOOK_ACTIVE}")
    await bot.delete_webhook()
    assert await bot.get_updates() == ()


async def test_removing_the_webhook_keeps_or_drops_what_waits(bot: telegram.Bot, budi: Person) -> None:
    budi.says("tunggu")
    await bot.delete_webhook()
    assert texts(await bot.get_updates()) == ["tunggu"]
    await bot.delete_webhook(drop_pending_updates=True)
    assert await bot.get_updates() == ()


async def test_the_server_knows_when_the_bot_has_taken_everything(
    bot: telegram.Bot, budi: Person, server: RunningServer
) -> None:
    budi.says("halo")
    assert server.state()["pending_updates"] == 1
    [update] = await bot.get_updates()
    await bot.get_updates(offset=update.update_id + 1)
    server.wait_until_all_taken(timeout=0)


class Hook(HTTPServer):
    """A webhook that fails as often as it is told to and remembers what came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), HookHandler)
        self.failures = 0
        self.attempts = 0
        self.taken: list[tuple[str, str]] = []
        self.enough = threading.Event()

    @property
    def url(self) -> str:
        """Where updates are to be pushed."""
        return f"http://127.0.0.1:{self.server_port}/telegram"


class HookHandler(BaseHTTPRequestHandler):
    """What the webhook does with one update."""

    server: Hook

    def do_POST(self) -> None:
        """Fail if told to, else remember."""
        update = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.attempts += 1
        failed = self.server.failures > 0
        self.server.failures -= failed
        self.send_response(500 if failed else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if not failed:
            secret = self.headers.get("X-Telegram-Bot-Api-Secret-Token", "")
            self.server.taken.append((update["message"]["text"], secret))
            if update["message"]["text"] == "selesai":
                self.server.enough.set()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def hook() -> Iterator[Hook]:
    with Hook() as hook:
        thread = threading.Thread(target=hook.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield hook
        hook.shutdown()
        thread.join()


async def test_a_webhook_gets_everything_in_order_and_again_until_it_says_yes(
    bot: telegram.Bot, budi: Person, server: RunningServer, hook: Hook
) -> None:
    hook.failures = 2
    await bot.set_webhook(hook.url, secret_token=WORD, max_connections=1)
    for text in ("satu", "dua", "selesai"):
        budi.says(text)
    assert await asyncio.to_thread(hook.enough.wait, 5)
    assert hook.taken == [(text, WORD) for text in ("satu", "dua", "selesai")]
    assert hook.attempts == 5
    await asyncio.to_thread(server.wait_until_all_taken)
    info = await bot.get_webhook_info()
    assert (info.url, info.pending_update_count, info.max_connections) == (hook.url, 0, 1)
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
