"""The page's backend over real HTTP: a site to play on, ears for its stream, time in the test's hand."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from bot.demo.clock import SteppedClock
from bot.demo.page import Page
from bot.demo.play import OPENING
from bot.demo.stage import Stage
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOP = """
id: {id}
nama: {name}
singkatan: {short}
instansi: {{id: {office}, nama: {office_name}, zona: WIB}}
pelaksana:
  kepala_dinas: {{nama: Kepala Dinas}}
  kasubag: {{nama: Kasubag Program, atasan: kepala_dinas}}
langkah:
  - {{nomor: 1, kegiatan: Menyusun konsep, pelaksana: [kasubag], waktu: 1 Hari}}
  - {{nomor: 2, kegiatan: Memeriksa, pelaksana: [kepala_dinas], waktu: 1 Jam, keputusan: true, tolak_ke: 1}}
  - {{nomor: 3, kegiatan: Menetapkan, pelaksana: [kepala_dinas, kasubag], waktu: 1 Jam}}
"""
PLAN = {"name": "Penyusunan Perjanjian Kinerja", "short": "PK"}
DINAS = {"office": "dinas", "office_name": "Dinas Arsip"}
SOPS = [
    PLAN | DINAS | {"id": "dinas-pk"},
    DINAS | {"id": "dinas-lkj", "name": "Laporan Kinerja", "short": "LKJ"},
    DINAS | {"id": "dinas-iku", "name": "Indikator Kinerja", "short": "IKU"},
    DINAS | {"id": "dinas-rka", "name": "Rencana Kerja", "short": "RKA"},
    PLAN | {"id": "badan-pk", "office": "badan", "office_name": "Badan Riset"},
    PLAN | {"id": "unit-pk", "office": "unit", "office_name": "Unit Baru"},
]
PATIENCE = 15.0

Json = dict[str, Any]


@dataclass
class Event:
    """One server-sent event."""

    name: str
    id: str
    data: Json


@dataclass
class Ears:
    """Listens to the stream and keeps what the page would know; a message that comes twice is noticed."""

    lines: Iterator[str]
    heard: list[Event] = field(default_factory=list)
    messages: dict[int, dict[int, Json]] = field(default_factory=dict)
    toasts: list[str] = field(default_factory=list)
    known: Json = field(default_factory=dict)

    def hears(self) -> Event:
        """Return the next event."""
        fields: dict[str, str] = {}
        for line in self.lines:
            name, _, value = line.partition(": ")
            if line and not line.startswith(":"):
                fields[name] = value
            if not line and fields:
                event = Event(fields["event"], fields.get("id", ""), json.loads(fields["data"]))
                self._takes(event)
                return event
        raise EOFError

    def until(self, ready: Callable[[Ears], bool]) -> Ears:
        """Listen until something is known."""
        while not ready(self):
            self.hears()
        return self

    def sees(self, person: int, part: str) -> Json:
        """Listen until somebody's chat has a text of the bot in it, and return the newest message with it."""
        self.until(lambda ears: ears.found(person, part) is not None)
        found = self.found(person, part)
        assert found is not None
        return found

    def found(self, person: int, part: str) -> Json | None:
        """Return the newest message of the bot with a text in it."""
        messages = reversed(self.messages.get(person, {}).values())
        return next((message for message in messages if message["from_bot"] and part in message["text"]), None)

    def _takes(self, event: Event) -> None:
        self.heard.append(event)
        if event.name != "change":
            return
        if event.data.get("reset"):
            self.messages.clear()
        for person, chat in event.data["chats"].items():
            assert chat["person"] == int(person)
            self.messages.setdefault(int(person), {}).update({each["id"]: each for each in chat["messages"]})
            if chat["toast"]:
                self.toasts.append(chat["toast"]["text"])
        self.known |= {name: event.data[name] for name in ("clock", "tour", "officials", "epoch") if name in event.data}


class Metronome:
    """Real time in the test's hand: whoever rests waits for the next beat."""

    def __init__(self) -> None:
        self.is_free = False
        self._resting: SimpleQueue[tuple[asyncio.AbstractEventLoop, asyncio.Future[float]]] = SimpleQueue()

    async def __call__(self, _seconds: float) -> float:
        """Rest until ``beat``, not at all where nobody needs to watch."""
        if self.is_free:
            return 0.0
        loop = asyncio.get_running_loop()
        future: asyncio.Future[float] = loop.create_future()
        self._resting.put((loop, future))
        return await future

    def beat(self, passed: float = 0.0) -> None:
        """Let whoever rests now, or next, find that so many seconds have passed."""
        while True:
            loop, future = self._resting.get(timeout=PATIENCE)
            if not future.done():
                loop.call_soon_threadsafe(future.set_result, passed)
                return

    def release(self) -> None:
        """Let go of whoever has been left resting."""
        while not self._resting.empty():
            loop, future = self._resting.get()
            loop.call_soon_threadsafe(future.cancel)


@dataclass
class Site:
    """A visitor of the page without a browser."""

    http: httpx.Client
    stage: Stage
    page: Page
    ticks: Metronome
    pauses: Metronome
    sop: str = "dinas-pk"

    def scene(self, sop: str = "") -> Json:
        """Return the scene."""
        answer = self.http.get("/page/scene", params={"sop": sop or self.sop})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def at_rest(self) -> Json:
        """Return the scene once the bot has said all it has to say."""
        self.stage.settle()
        return self.scene()

    def official(self, post: str, scene: Json | None = None) -> Json:
        """Return an official of the scene."""
        officials = (scene or self.scene())["officials"]
        return next(official for official in officials if official["post"] == post)

    def person(self, post: str) -> int:
        """Return an official's Telegram id."""
        return int(self.official(post)["person"])

    def does(self, what: str, **asked: object) -> httpx.Response:
        """Post something, about the SOP that is open."""
        return self.http.post(f"/page/{what}", json={"sop": self.sop} | asked)

    def done(self, what: str, **asked: object) -> None:
        """Post something that succeeds."""
        answer = self.does(what, **asked)
        assert answer.json() == {"ok": True}, answer.text

    def says(self, post: str, text: str, **more: object) -> None:
        """Write as an official."""
        self.done("say", person=self.person(post), text=text, **more)

    def presses(self, post: str, message: Json, label: str) -> None:
        """Press a button of a message."""
        self.done("press", person=self.person(post), message=message["id"], button=button(message, label))

    def alone(self) -> None:
        """Look again and again until every reader's going has been noticed; the server notices in between."""
        for _ in range(2000):
            if not self.page.listeners:
                return
            self.http.get("/demo/api/state")
        pytest.fail(f"{self.page.listeners} readers are left")

    @contextmanager
    def listens(self, sop: str = "", last: str = "") -> Iterator[Ears]:
        """Open the stream."""
        headers = {"last-event-id": last} if last else {}
        with httpx.stream(
            "GET",
            f"{self.http.base_url}/page/events",
            params={"sop": sop or self.sop},
            headers=headers,
            trust_env=False,
            timeout=PATIENCE,
        ) as answer:
            assert answer.status_code == 200, answer.read()
            yield Ears(answer.iter_lines())


def button(message: Json, label: str) -> str:
    """Return the callback data of a button."""
    return next(str(each["callback_data"]) for row in message["buttons"] for each in row if each["text"] == label)


@pytest.fixture(scope="session")
def page_settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder: Path = tmp_path_factory.mktemp("sop")
    for values in SOPS:
        (folder / f"{values['id']}.yaml").write_text(SOP.format(**values), encoding="utf-8")
    (folder / "kalender").mkdir()
    return Settings(_env_file=None, bot_token=None, sop_dir=folder)


@pytest.fixture(scope="session")
def one_site(page_settings: Settings) -> Iterator[Site]:
    ticks, pauses = Metronome(), Metronome()
    page = Page(ticks=ticks, pauses=pauses)
    with Stage(page_settings, SteppedClock(OPENING), routes=page.routes()) as stage:
        page.open(stage, "dinas-pk")
        with httpx.Client(base_url=stage.office.base_url, trust_env=False, timeout=30) as http:
            yield Site(http, stage, page, ticks, pauses)


@pytest.fixture
def site(one_site: Site) -> Iterator[Site]:
    """Give out the session's site with its first SOP open."""
    yield one_site
    one_site.sop = "dinas-pk"
    one_site.pauses.is_free = False
    one_site.ticks.release()
    one_site.pauses.release()


@pytest.fixture
def fresh_site(site: Site) -> Site:
    """Give out the site right after a reset."""
    site.done("reset")
    return site
