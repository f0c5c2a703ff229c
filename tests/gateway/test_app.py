"""The whole program in one piece: a database that goes and comes back, a newer version, news, and what it logs."""

from __future__ import annotations

import io
import json
import logging
import tempfile
import time
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select, text

from bot.app import App
from bot.clock import SystemClock
from bot.domain.notices import Stranger
from bot.gateway import delivery
from bot.gateway.pacing import UNLIMITED
from bot.gateway.telegram_api import make_bot
from bot.gateway.webhook import Address
from bot.logs import OURS, set_up
from bot.services import outbox
from bot.services.library import Library
from bot.services.work import Runner
from bot.settings import Settings
from bot.sop_files.calendars import load_calendars
from bot.store.database import Store, open_engine
from bot.store.migrate import NewerSchema
from bot.store.tables import UpdateRow
from tests.end_to_end.replicas import free_port
from tests.gateway.conftest import QUICK, Loop
from tests.gateway.test_intake import actions
from tests.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from bot.demo.telegram import Person, RunningServer

LOCALHOST = "127.0.0.1"
PATH = "/telegram"
SECRET = "the-" + "secret_of-the-program"
PASSWORD = "kunci" + "-database"
CALENDARS = load_calendars(Path("no such folder"))
_numbers = count(1)
_people = count(91_001)


def a_runner(url: str) -> Runner:
    """Return a process' access to a migrated database, without any SOP: strangers are answered as well."""
    return Runner(Store(open_engine(url)), SystemClock(), Library({}, CALENDARS, frozenset()))


class Program:
    """The program in this process, over a database at ``url``."""

    def __init__(self, loop: Loop, server: RunningServer, url: str, *, webhook: bool) -> None:
        self.loop, self.server, self.port = loop, server, free_port()
        self.runner = a_runner(url)
        address = Address(f"http://{LOCALHOST}:{self.port}{PATH}", PATH, SECRET) if webhook else None

        async def make() -> App:
            bot = make_bot(server.token, server.base_url)
            return App(self.runner, bot, limits=UNLIMITED, timing=QUICK, address=address, listen=(LOCALHOST, self.port))

        self.app = loop.run(make())
        self.ended: Future[None] = loop.start(self.app.run())
        self.wait(lambda: self.health()[0] == 200, "not serving")

    def stop(self) -> None:
        """Stop as a SIGTERM does; fails where the program ended in an error."""
        self.loop.loop.call_soon_threadsafe(self.app.stop)
        self.ended.result(30)

    def close(self) -> None:
        """Leave nothing running."""
        if not self.ended.done():
            self.stop()
        self.runner.store.close()

    def wait(self, ready: Callable[[], bool], complaint: str) -> None:
        """Wait until something is so, looking again whenever the server sees a request."""
        deadline = time.monotonic() + 20
        while not ready():
            assert time.monotonic() < deadline, complaint
            since = self.server.state()["version"]
            self.server.get("/changes", {"since": since, "timeout": 0.05})

    def health(self) -> tuple[int, dict[str, Any]]:
        """Return status and content of ``/healthz``, status 0 where nobody answers."""
        try:
            answer = httpx.get(f"http://{LOCALHOST}:{self.port}/healthz", trust_env=False, timeout=10)
        except httpx.TransportError:
            return 0, {}
        return answer.status_code, answer.json()

    def phone(self) -> Person:
        """Return the phone of somebody whom nobody knows; their Start is answered."""
        person = self.server.person(next(_people), "Orang")
        person.says("/start")
        self.wait(lambda: self.answers(person) == 1, "not answered")
        return person

    def answers(self, person: Person) -> int:
        """Return how many messages of the bot a person sees."""
        return sum(message.from_bot for message in person.chat())


@contextmanager
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Make a migrated PostgreSQL database of our own; its address has a password."""
    postgres = request.getfixturevalue("postgres")
    name = f"app_{next(_numbers)}"
    postgres.run(f"CREATE DATABASE {name} TEMPLATE migrated")
    yield postgres.url(name).replace("postgres@", f"postgres:{PASSWORD}@")
    postgres.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def postgres_url(request: pytest.FixtureRequest) -> Iterator[str]:
    with database(request) as url:
        yield url


@pytest.fixture
def wire(postgres_url: str) -> Iterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="sop-wire-") as folder, Wire(postgres_url, Path(folder)) as wire:
        yield wire


@pytest.fixture
def starts(loop: Loop, server: RunningServer) -> Iterator[Callable[..., Program]]:
    """Return what starts programs, all of which are stopped in the end."""
    with ExitStack() as stack:

        def start(url: str, *, webhook: bool) -> Program:
            program = Program(loop, server, url, webhook=webhook)
            stack.callback(program.close)
            return program

        yield start


# --- a database that goes and comes back ----------------------------------------------------


@pytest.mark.parametrize("webhook", [False, True], ids=["polling", "webhook"])
def test_while_the_database_is_away_nothing_is_acknowledged_and_then_all_goes_on(
    wire: Wire, starts: Callable[..., Program], caplog: pytest.LogCaptureFixture, webhook: bool
) -> None:
    caplog.set_level(logging.INFO, "bot")
    program = starts(wire.url, webhook=webhook)
    phone = program.phone()
    wire.cut()
    phone.says("/bantuan")
    program.wait(lambda: "intake.database" in actions(caplog), "not noticed")
    status, health = program.health()
    assert (status, "database" in health["trouble"]) == (503, True)
    assert program.server.state()["pending_updates"] == 1
    assert program.answers(phone) == 1
    wire.mend()
    program.wait(lambda: program.answers(phone) == 2, "not answered after it came back")
    program.wait(lambda: program.health()[0] == 200, "not well after it came back")
    program.server.wait_until_all_taken()
    program.stop()
    assert {"intake.resumed", "notify.lost", "notify.listening"} <= actions(caplog)
    said = [record for record in caplog.records if getattr(record, "action", "") == "intake.database"]
    assert len(said) == 1


# --- a newer version on the same database ---------------------------------------------------


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_program_whose_database_a_newer_one_has_taken_over_acknowledges_nothing_and_ends(
    url: str, starts: Callable[..., Program], caplog: pytest.LogCaptureFixture
) -> None:
    program = starts(url, webhook=False)
    phone = program.phone()
    newer = Store(open_engine(url))
    newer.run_now(
        lambda session: session.execute(text("ALTER TABLE telegram_update RENAME COLUMN received_at TO came_at"))
    )
    newer.run_now(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    phone.says("/bantuan")
    program.wait(lambda: "intake.database" in actions(caplog), "not noticed")
    program.loop.run(program.app.wakener.sweep())
    with pytest.raises(NewerSchema):
        program.ended.result(20)
    assert program.server.state()["pending_updates"] == 1, "it waits for the newer program"
    assert newer.run_now(lambda session: len(session.scalars(select(UpdateRow.update_id)).all())) == 1
    newer.close()


# --- news -----------------------------------------------------------------------------------


def test_what_another_process_writes_goes_out_at_once(
    postgres_url: str, starts: Callable[..., Program], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "SHARED_IDLE_SECONDS", 600.0)
    program = starts(postgres_url, webhook=True)
    phone = program.phone()
    jobs = program.app.wakener._scheduler  # noqa: SLF001 - every job of its own wakes the courier as well
    program.loop.loop.call_soon_threadsafe(jobs.pause)
    other = a_runner(postgres_url)
    other.run_now(outbox.put, phone.id, Stranger())
    program.wait(lambda: program.answers(phone) == 2, "not woken")
    other.store.close()


# --- what it logs ---------------------------------------------------------------------------


@pytest.fixture
def written(server: RunningServer, wire: Wire) -> Iterator[io.StringIO]:
    """Return what our own handler writes when every library says all it can."""
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict]
    levels = {logger: logger.level for logger in (logging.root, *loggers)}
    handlers = logging.root.handlers[:]
    settings = Settings.model_construct(
        bot_token=server.token, webhook_secret=SECRET, database_url=wire.url, log_level="DEBUG", log_format="json"
    )
    set_up(settings)
    stream = io.StringIO()
    for handler in logging.root.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(stream)
    for logger in (logging.root, *loggers):
        logger.setLevel(logging.DEBUG)
    yield stream
    logging.captureWarnings(capture=False)
    logging.root.handlers[:] = handlers
    for logger, level in levels.items():
        logger.setLevel(level)
    for name in OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


def test_no_secret_is_logged_by_anybody_at_any_level_whatever_goes_wrong(
    wire: Wire, starts: Callable[..., Program], server: RunningServer, written: io.StringIO
) -> None:
    for method in ("setWebhook", "setMyCommands"):
        for fault in ({"kind": "status", "status": 500}, {"kind": "drop"}, {"kind": "lose"}):
            server.fault(method=method, **fault)
    program = starts(wire.url, webhook=True)
    phone = program.phone()
    hook, header = f"http://{LOCALHOST}:{program.port}{PATH}", "X-Telegram-Bot-Api-Secret-Token"
    httpx.post(hook, headers={header: SECRET + "x"})
    httpx.post(
        f"http://{LOCALHOST}:{program.port}{PATH}", content=b"{", headers={"X-Telegram-Bot-Api-Secret-Token": SECRET}
    )
    wire.cut()
    phone.says("/start")
    program.wait(lambda: "intake.database" in written.getvalue(), "not noticed")
    wire.mend()
    program.wait(lambda: program.answers(phone) >= 2, "not answered")
    program.stop()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert all(line["action"] and line["ts"] and line["level"] for line in lines)
    talkative = {line["logger"].partition(".")[0] for line in lines}
    assert {"httpcore", "httpx", "telegram", "sqlalchemy", "bot"} <= talkative, "otherwise this shows little"
    secrets = (server.token, server.token.partition(":")[2], SECRET, PASSWORD)
    assert not [secret for secret in secrets if secret in written.getvalue()]
