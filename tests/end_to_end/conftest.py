"""The real command as a subprocess, the strict server here, and an office that follows the paper.

What a case should do is read from the YAML files by this module alone: the bot's own reading of them,
its engine and its words for a step are what is on trial.
"""

from __future__ import annotations

import itertools
import os
import re
import signal
import subprocess
import sys
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from bot.demo.telegram import TelegramServer
from bot.demo.telegram.client import NotSeenError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.demo.telegram import Person, RunningServer
    from bot.demo.telegram.seen import SeenMessage

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
TOKEN = "123456789:" + "end-to-end-token-of-the-tests-00001"
PATIENCE = 60.0
_STEP = re.compile(r"Langkah (\d+)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder talk to their server on the loopback."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)


# --- the program ----------------------------------------------------------------------------


class Program:
    """``sop-bot`` as an operator runs it: in a folder of its own, told everything by its environment."""

    def __init__(self, folder: Path, server: RunningServer, database_url: str) -> None:
        """Prepare the environment; nothing runs yet."""
        self._folder = folder
        self._server = server
        self._running: subprocess.Popen[bytes] | None = None
        self._environment = {
            "PATH": os.environ.get("PATH", ""),
            "PYTHONPATH": str(ROOT),
            "BOT_TOKEN": TOKEN,
            "BOT_API_URL": server.base_url,
            "DATABASE_URL": database_url,
        }

    def start(self) -> None:
        """Start the bot and wait until it asks for updates."""
        before = int(self._server.state()["requests"])
        with (self._folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"], cwd=self._folder, env=self._environment, stdout=log, stderr=log
            )
        self._server.wait(lambda: self._asks(before), PATIENCE, "the bot did not start")

    def _asks(self, before: int) -> bool:
        assert self._running is not None
        assert self._running.poll() is None, self.log()
        return bool(self._server.requests("getUpdates", after=before))

    def end(self, by: signal.Signals) -> int:
        """Send the bot a signal and return its exit code."""
        assert self._running is not None
        self._running.send_signal(by)
        return self._running.wait(PATIENCE)

    def close(self) -> None:
        """Make sure that nothing is left running."""
        if self._running is not None and self._running.poll() is None:
            self._running.kill()
            self._running.wait(PATIENCE)

    def run(self, *arguments: str) -> str:
        """Run another command beside the bot and return what it printed; it must succeed."""
        done = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-m", "bot", *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def log(self) -> str:
        """Return what the bot has logged."""
        return (self._folder / "log").read_text(encoding="utf-8")


def link_codes(printed: str) -> list[str]:
    """Return the codes of the invitation links in a text."""
    return re.findall(r"https://t\.me/sop_demo_bot\?start=([\w-]+)", printed)


# --- the paper ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """One row of the SOP's table."""

    number: int
    posts: tuple[str, ...]
    any_suffices: bool
    decision: bool
    reject_to: int


@dataclass(frozen=True)
class Paper:
    """A SOP as its file has it."""

    id: str
    office: str
    abbreviation: str
    posts: tuple[str, ...]
    rows: tuple[Row, ...]

    @classmethod
    def read(cls, file: Path) -> Paper:
        """Read a definition, without the bot."""
        content = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
        rows: list[Row] = []
        for step in content["langkah"]:
            before = rows[-1].number if rows else 0
            any_suffices = step.get("penyelesaian") == "salah_satu"
            target = int(step.get("tolak_ke", before))
            rows.append(Row(step["nomor"], tuple(step["pelaksana"]), any_suffices, bool(step.get("keputusan")), target))
        office, posts = content["instansi"]["id"], tuple(content["pelaksana"])
        return cls(content["id"], office, content["singkatan"], posts, tuple(rows))

    def route(self) -> list[tuple[Row, bool]]:
        """Return the rows a case visits when each decision rejects once, with whether it rejects."""
        visited: list[tuple[Row, bool]] = []
        rejected: set[int] = set()
        place = 0
        while place < len(self.rows):
            row = self.rows[place]
            rejects = row.decision and row.number not in rejected
            visited.append((row, rejects))
            rejected |= {row.number} if rejects else set()
            numbers = [other.number for other in self.rows]
            place = numbers.index(row.reject_to) if rejects else place + 1
        return visited


# --- the people -----------------------------------------------------------------------------


@dataclass
class House:
    """An office: one person per post, the sekretariat among them."""

    id: str
    people: dict[str, Person]
    several: bool
    """Whether it has several SOPs, so that one is chosen by button."""

    @property
    def secretary(self) -> Person:
        """Whoever starts the cases."""
        return self.people["sekretariat"]


@dataclass
class Progress:
    """How many tasks have been dealt with, over all cases."""

    done: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def one_more(self) -> None:
        """Count a task."""
        with self._lock:
            self.done += 1


def wait_for(server: RunningServer, person: Person, wanted: Callable[[SeenMessage], bool], what: str) -> SeenMessage:
    """Return the first message of the bot that is wanted."""
    found: list[SeenMessage] = []

    def appeared() -> bool:
        found.extend(message for message in person.chat() if message.from_bot and wanted(message))
        return bool(found)

    try:
        server.wait(appeared, PATIENCE, "")
    except NotSeenError:
        raise NotSeenError(f"{person.name} did not see {what}. The chat:\n{person.transcript()}") from None
    return found[0]


class CaseRun:
    """One case, played from /mulai to its end by the people of an office who read their cards."""

    def __init__(self, server: RunningServer, house: House, paper: Paper, progress: Progress) -> None:
        """Take the office and the paper to follow."""
        self._server = server
        self.house = house
        self.paper = paper
        self.progress = progress
        self._turn = itertools.count()
        self._handled: set[tuple[int, int]] = set()
        self._visits: Counter[int] = Counter()
        self.code = ""
        self.title = f"Uji {paper.id} <&>"

    def play(self) -> None:
        """Play the whole case."""
        self._start()
        for row, rejects in self.paper.route():
            # Of several who have to report, the first alone can reject.
            acting = row.posts[:1] if rejects or row.any_suffices else row.posts
            self._visits[row.number] += 1
            for person in self._each_once(acting):
                self._deal_with(person, row, rejects=rejects)
            self.progress.one_more()
        for person in self.involved():
            wait_for(self._server, person, self._is_the_end, f"the end of {self.code}")

    def involved(self) -> list[Person]:
        """Return who held a task of the case, and the sekretariat who started it."""
        posts = {post for row in self.paper.rows for post in row.posts}
        return [self.house.secretary, *(self.house.people[post] for post in sorted(posts))]

    def _is_the_end(self, message: SeenMessage) -> bool:
        return self.code in message.text and "sudah selesai. Terima kasih" in message.text

    def _start(self) -> None:
        secretary = self.house.secretary
        if self.house.several:
            secretary.says(f"/mulai {self.title}")
            asked = wait_for(self._server, secretary, self._offers_my_sop, "the choice of SOPs")
            [label] = [label for label in asked.labels if label.startswith(f"{self.paper.abbreviation} –")]
            secretary.presses(label, in_message=asked)
        else:
            secretary.says(f"/mulai {self.paper.id} {self.title}")
        started = wait_for(self._server, secretary, self._says_started, "that the case has started")
        self.code = started.text.split()[0]

    def _offers_my_sop(self, message: SeenMessage) -> bool:
        return f"Judul berkas: {self.title}" in message.text and bool(message.buttons)

    def _says_started(self, message: SeenMessage) -> bool:
        return self.title in message.text and "sudah dimulai" in message.text

    def _each_once(self, posts: tuple[str, ...]) -> list[Person]:
        return list({self.house.people[post].id: self.house.people[post] for post in posts}.values())

    def _deal_with(self, person: Person, row: Row, *, rejects: bool) -> None:
        card = wait_for(self._server, person, lambda message: self._is_card_of(message, row), f"step {row.number}")
        self._handled.add((person.id, card.id))
        by_button = next(self._turn) % 2 == 0
        if rejects:
            self._rejects(person, card, row, by_button=by_button)
        elif by_button:
            person.presses("Selesai", in_message=card)
        else:
            person.says(f"/selesai {self.code.lower()} sudah <b>diperiksa</b> & lengkap")

    def _is_card_of(self, message: SeenMessage, row: Row) -> bool:
        mine = self.code in message.text and "Selesai" in message.labels
        new = (message.chat_id, message.id) not in self._handled
        # The crash may have repeated a card: what is left of an earlier round is nobody's to press.
        this_round = (f"(putaran {self._visits[row.number]})" in message.text) is (self._visits[row.number] > 1)
        return mine and new and this_round and _STEP.findall(message.text)[:1] == [str(row.number)]

    def _rejects(self, person: Person, card: SeenMessage, row: Row, *, by_button: bool) -> None:
        reason = f"belum lengkap pada langkah {row.number}"
        if not by_button:
            person.says(f"/tolak {self.code} {reason}")
            return
        person.presses("Tolak", in_message=card)
        wait_for(self._server, person, lambda message: self._asks_why(message, row), "the question for a reason")
        person.says(reason)

    def _asks_why(self, message: SeenMessage, row: Row) -> bool:
        return f"Mohon tuliskan alasan menolak Langkah {row.number} berkas {self.code}" in message.text


# --- what Telegram was asked ----------------------------------------------------------------


def breaches(requests: list[dict[str, Any]]) -> list[str]:
    """Return which requests broke the Bot API's rules, judged without the server."""
    found = []
    for request in requests:
        parameters = request["parameters"]
        if len(str(parameters.get("text", "")).encode("utf-16-le")) > 2 * 4096:
            found.append(f"too long: {parameters['text']}")
        markup = parameters.get("reply_markup")
        rows = markup.get("inline_keyboard", []) if isinstance(markup, dict) else []
        data = [button["callback_data"] for row in rows for button in row if "callback_data" in button]
        found += [f"too much in a button: {value}" for value in data if not 1 <= len(value.encode()) <= 64]
        found += ["more than 100 buttons"] if len(data) > 100 else []
    return found


def refusals(requests: list[dict[str, Any]], *, expected: tuple[str, ...] = ()) -> list[str]:
    """Return the refused requests, but for those with expected words."""
    return [
        f"{request['method']} {request['status']} {request['description']} {request['parameters']}"
        for request in requests
        if request["outcome"] == "refused"
        # An edit is rendered when it is sent: two may come to the same, and Telegram says so.
        and not any(words in request["description"] for words in (*expected, "message is not modified"))
    ]


@pytest.fixture
def server() -> Iterator[RunningServer]:
    """Run a server of our own that enforces Telegram's pace."""
    with TelegramServer.start(TOKEN) as running:
        running.pace()
        yield running


@pytest.fixture
def papers() -> dict[str, Paper]:
    """Return the five SOPs, as their files have them."""
    files = sorted((ROOT / "sop_data").glob("*.yaml"))
    return {paper.id: paper for paper in map(Paper.read, files)}
