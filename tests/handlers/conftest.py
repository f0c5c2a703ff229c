"""The whole bot against the strict server, a small office with phones, and dialogues as tables."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete

from bot.app import App
from bot.demo.clock import SteppedClock
from bot.demo.stage import Stage, undelivered
from bot.demo.telegram import DEMO_TOKEN
from bot.demo.telegram.client import PATIENCE
from bot.gateway.pacing import UNLIMITED
from bot.gateway.telegram_api import make_bot
from bot.services.digest import fire_digests
from bot.services.holdings import appoint
from bot.services.invitations import new_invitation
from bot.services.monitor_digests import MORNING, WEEK_END
from bot.services.people import ensure_person
from bot.services.work import Runner
from bot.settings import Settings
from bot.store.tables import Base, BotRow, DigestRow, OfficeRow, PostRow, SopVersionRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.telegram import Person
    from bot.demo.telegram.seen import SeenMessage
    from bot.services.work import Work

HERE = Path(__file__).parent
MONDAY = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)  # 08.00 WIB, 10.00 WIT; no holiday in the four weeks after it
LASTING = (BotRow, OfficeRow, PostRow, SopVersionRow)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder talk to their server on the loopback."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)


OVER_THE_CHAT = "~"
"""How an answer begins that a button shows over the chat instead of in it."""

Beat = tuple["Person", str, *tuple[str, ...]]


class TestClock(SteppedClock):
    """A stepped clock that each test starts again."""

    __test__ = False

    def rewind(self) -> None:
        """Stand at Monday morning again."""
        self._now = MONDAY


class Bench(Stage):
    """A stage whose bot can be started again, and which looks quickly whether everything is said."""

    def restart(self) -> None:
        """Stop the bot and start it again on the same database, as an operator does."""
        run, runner = self._run, self.runner
        run._stop()  # noqa: SLF001 - a run has no second life of its own: its database ends with it
        run._loop, run._ended, run._gone = asyncio.new_event_loop(), Future(), False  # noqa: SLF001 - as above
        run.runner = Runner(runner.store, runner.clock, runner.library)
        run.app = App(run.runner, make_bot(DEMO_TOKEN, self.office.base_url), limits=UNLIMITED)
        before = len(self.office.requests("getUpdates"))
        threading.Thread(target=run._serve, daemon=True).start()  # noqa: SLF001 - as above
        self.office.wait(lambda: len(self.office.requests("getUpdates")) > before, 10, "the bot did not come back")

    def settle(self, within: float = PATIENCE) -> None:
        """Wait as a stage does, but without waking the bot and more often: it is done hundreds of times."""
        deadline = time.monotonic() + within
        self.office.wait_until_all_taken(within)
        while self._run.do(self.runner.look(undelivered)):
            assert time.monotonic() < deadline, "the bot has not sent everything"
            since = self.office.state()["version"]
            self.office.get("/changes", {"since": since, "timeout": 0.01})

    def refresh_menus(self) -> None:
        """Let the bot look who has which menu, as every sweep does."""
        self._run.do(self.app.menus.refresh())


class Desk:
    """One test's view of the bot: who is in which office, and what is said."""

    _ids = itertools.count(5001)

    def __init__(self, stage: Bench) -> None:
        """Begin with empty offices at Monday morning."""
        self.stage = stage
        self.office = stage.office
        self._expected: list[str] = []
        self._first_request = int(self.office.state()["requests"])

    # --- people -------------------------------------------------------------------------------

    def stranger(self, name: str) -> Person:
        """Return somebody with an account and without any post."""
        return self.office.person(next(self._ids), name)

    def joins(self, name: str, *posts: str, office: str = "dinas", started: bool = True) -> Person:
        """Return the phone of somebody who holds posts of an office; ``started`` opens the chat with the bot."""
        person = self.stranger(name)
        self.appoint(person, *posts, office=office)
        if started:
            self.office.telegram.chats[person.id].started = True
        return person

    def appoint(self, person: Person, *posts: str, office: str = "dinas") -> None:
        """Put somebody on (more) posts, as an accepted invitation does."""

        def take(work: Work) -> None:
            row = ensure_person(work, person.id, person.name)
            for post in posts:
                appoint(work, row, office, post)

        self.stage.ask(take)

    def invitation(self, post: str, office: str = "dinas") -> str:
        """Return the code of a fresh invitation."""
        return self.stage.ask(lambda work: new_invitation(work, office, post)[1])

    def administers(self, person: Person) -> None:
        """Make somebody an administrator, as ADMIN_IDS does."""
        runner = self.stage.runner
        runner.library = replace(runner.library, admin_ids=runner.library.admin_ids | {person.id})

    # --- time ---------------------------------------------------------------------------------

    def later(self, **span: float) -> None:
        """Let time pass (timedelta's arguments), with everything that falls due on the way."""
        self.stage.move_to(self.stage.clock.now() + timedelta(**span))

    # --- dialogue -----------------------------------------------------------------------------

    def talk(self, *beats: Beat) -> list[SeenMessage]:
        """Play ``(who, what, answer…)``: a text, or the ``[label]`` or ``{data}`` of a button.

        Each answer is a part of one new message in that chat, in order; with ``~`` in front, of what a
        button shows over the chat. ``""`` alone is silence. An answer too many or too few fails; an album is one.
        Returns the messages of the last beat.
        """
        said: list[SeenMessage] = []
        for who, what, *answers in beats:
            assert answers, f"{who.name}: {what!r} needs an answer, or silence"
            said = self._beat(who, what, [answer for answer in answers if answer])
        return said

    def _beat(self, who: Person, what: str, answers: list[str]) -> list[SeenMessage]:
        before = self.messages(who)
        toast = self._does(who, what)
        self.stage.settle()
        new = _pages_apart([message for key, message in self.messages(who).items() if key not in before])
        expected = [answer for answer in answers if not answer.startswith(OVER_THE_CHAT)]
        toasts = [answer.removeprefix(OVER_THE_CHAT) for answer in answers if answer.startswith(OVER_THE_CHAT)]
        heard = "\n".join(map(str, new)) or "(nothing)"
        context = f"{who.name}: {what}\nexpected {expected}, heard:\n{heard}\ntoast: {toast!r}"
        assert len(new) == len(expected), context
        for message, part in zip(new, expected, strict=True):
            assert part in message.text, f"{part!r} not found\n{context}"
        assert bool(toast) == bool(toasts), context
        assert all(part in toast for part in toasts), context
        return new

    def _does(self, who: Person, what: str) -> str:
        if what[:1] + what[-1:] in {"[]", "{}"}:
            return who.presses(what[1:-1]).answer()
        who.says(what)
        return ""

    def messages(self, who: Person) -> dict[int, SeenMessage]:
        """Return the bot's messages in somebody's chat by id."""
        return {message.id: message for message in who.chat() if message.from_bot}

    def last(self, who: Person) -> SeenMessage:
        """Return the bot's latest message to somebody."""
        return list(self.messages(who).values())[-1]

    def card(self, who: Person, part: str = "Langkah") -> SeenMessage:
        """Return somebody's latest message with task buttons, ended or not, that contains ``part``."""
        return next(m for m in reversed(self.messages(who).values()) if part in m.text)

    def starts(self, who: Person, title: str = "Surat tugas", sop: str = "dinas-surat") -> str:
        """Start a case and return its code."""
        who.says(f"/mulai {sop} {title}")
        self.stage.settle()
        answer = next(m for m in reversed(self.messages(who).values()) if "sudah dimulai" in m.text)
        return answer.text.split()[0]

    def completes(self, *people: Person) -> None:
        """Let people press Selesai one after the other."""
        for person in people:
            person.presses("Selesai")
            self.stage.settle()

    # --- what the bot asked of Telegram ---------------------------------------------------------

    def requests(self) -> list[dict[str, object]]:
        """Return what the bot has asked of Telegram in this test."""
        return self.office.requests(after=self._first_request)

    def expects_refusal(self, words: str) -> None:
        """Allow Telegram to refuse requests with these words in this test."""
        self._expected.append(words)

    def refused(self) -> list[str]:
        """Return the requests that Telegram refused although the test expected no such refusal."""
        return [
            f"{request['method']}: {request['status']} {request['description']} {request['parameters']}"
            for request in self.requests()
            if request["outcome"] == "refused" and not self._is_expected(str(request["description"]))
        ]

    def _is_expected(self, description: str) -> bool:
        # An edit is rendered when it is sent: two may come to the same, and Telegram says so.
        return "message is not modified" in description or any(words in description for words in self._expected)


def _pages_apart(messages: list[SeenMessage]) -> list[SeenMessage]:
    """Leave out the further pages of albums, which say nothing."""
    first: dict[str, int] = {}
    for message in messages:
        if message.album is not None:
            first.setdefault(message.album, message.id)
    return [m for m in messages if m.album is None or m.id == first[m.album] or m.text]


@dataclass(frozen=True)
class Cast:
    """The people of Dinas Contoh."""

    sekretariat: Person
    staf: Person
    kasubag: Person
    sekretaris: Person
    kepala: Person


@pytest.fixture(scope="session")
def one_stage() -> Iterator[Bench]:
    """Start the bot once for all tests of this process."""
    settings = Settings(_env_file=None, sop_dir=HERE / "sop", log_level="ERROR")
    with Bench(settings, TestClock(MONDAY)) as stage:
        yield stage


@pytest.fixture
def desk(one_stage: Bench) -> Iterator[Desk]:
    """Give out the session's bot with empty offices; in the end nothing may have been refused by Telegram."""
    clock, runner = one_stage.clock, one_stage.runner
    assert isinstance(clock, TestClock)
    clock.rewind()
    runner.library = replace(runner.library, admin_ids=frozenset())
    one_stage.ask(_wipe)
    desk = Desk(one_stage)
    yield desk
    one_stage.settle()
    one_stage.office.clear_faults()
    assert desk.refused() == []


def _wipe(work: Work) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        if table not in [row.__table__ for row in LASTING]:
            work.session.execute(delete(table))
    # The clock stands in the first working hour of a week: a sweep in the midst of a dialogue would tell of it.
    fire_digests(work)
    work.session.add_all(
        DigestRow(office_id=office, kind=kind, day=MONDAY.date() + timedelta(days=day), data={}, created_at=work.at)
        for office, kind, day in itertools.product(work.offices(), (MORNING, WEEK_END), range(28))
    )


@pytest.fixture
def cast(desk: Desk) -> Cast:
    """Fill every post of Dinas Contoh with one person who has started the bot."""
    return Cast(
        sekretariat=desk.joins("Sari Dewi", "sekretariat"),
        staf=desk.joins("Budi Santoso", "staf"),
        kasubag=desk.joins("Rina Wati", "kasubag"),
        sekretaris=desk.joins("Tono Hadi", "sekretaris"),
        kepala=desk.joins("Kartika Putri", "kepala"),
    )
