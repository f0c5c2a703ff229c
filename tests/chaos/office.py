"""The offices of a run: their people on their posts, a strict server before them, a database behind."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bot.app import open_runner
from bot.clock import SystemClock
from bot.demo.telegram import TelegramServer
from bot.services.roster import import_roster
from bot.settings import Settings
from tests.chaos.people import Crowd, House, Phones, Player
from tests.chaos.plan import CasePlan, draw, seeded
from tests.chaos.process import ROOT, Forked, environment
from tests.chaos.relay import Replicas
from tests.end_to_end.conftest import Paper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.demo.telegram import RunningServer

TOKEN = "123456789:" + "chaos-token-of-the-tests-0000000001"
SOPS = ROOT / "sop_data"
_WIB = timezone(timedelta(hours=7))
_TWO_HOLDERS = 2
"""How many posts of each office have a second holder."""


def opening() -> datetime:
    """Return 08:00 WIB on the Monday after next: working time, whatever the machine's clock says."""
    today = SystemClock().now().astimezone(_WIB)
    monday = today + timedelta(days=14 - today.weekday())
    return monday.replace(hour=8, minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class _Fixed:
    """A clock that stands: what is prepared was done when the doors opened."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def machine_time(self, moment: datetime) -> datetime:
        return moment


class Scene:
    """A server, a database with everybody on their posts, and the plan of what they will do; a context manager."""

    def __init__(
        self,
        folder: Path,
        database_url: str,
        seed: int,
        *,
        cases: int,
        sops: Path = SOPS,
        only: tuple[str, ...] = (),
        calm: bool = False,
        hurry: bool = False,
        today: bool = False,
    ) -> None:
        """Draw the plan of so many cases of the SOPs in a folder (all unless named) in turn. Nothing runs yet.

        Where it is ``calm``, people do what they have to and nothing else, one thing at a time; where there is
        ``hurry``, Telegram's limits are off. The office opens next week, or ``today``, by the machine's own clock.
        """
        self.folder = folder
        self.database_url = database_url
        self.random = seeded(seed)
        self.opened = SystemClock().now() if today else opening()
        self._calm = calm
        self._hurry = hurry
        self._sops = sops
        every = [Paper.read(file) for file in sorted(sops.glob("*.yaml"))]
        self.papers = {paper.id: paper for paper in every}
        papers = [paper for paper in every if not only or paper.id in only]
        self.plans = [
            draw(papers[number % len(papers)], f"Uji {number} <&>", seeded(seed, number)) for number in range(cases)
        ]

    def __enter__(self) -> Self:
        """Start the server and put everybody on their posts; each has pressed Start."""
        with ExitStack() as stack:
            self.server: RunningServer = stack.enter_context(TelegramServer.start(TOKEN))
            if not self._hurry:
                self.server.pace()
            self.houses = self._houses()
            self._employ()
            for house in self.houses.values():
                for person in house.people:
                    person.says("/start")
            self.phones = Phones(self.server)
            self.crowd = Crowd(self.phones, [self._player(plan) for plan in self.plans])
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server."""
        self._stack.close()

    @property
    def ahead(self) -> float:
        """By how many seconds the office's clock runs ahead of the machine's when the doors open."""
        return (self.opened - SystemClock().now()).total_seconds()

    def bot(self) -> Forked:
        """Return the process that is to be killed."""
        return Forked(self.folder, self.environment(), ahead=self.ahead, hurry=self._hurry)

    def replicas(self, number: int) -> Replicas:
        """Return so many processes behind one address, to be killed in turn."""
        return Replicas(self.folder, self.environment(), number, ahead=self.ahead)

    def environment(self, **more: str) -> dict[str, str]:
        """Return what the bot is told."""
        return environment(TOKEN, self.server.base_url, self.database_url, SOP_DIR=str(self._sops), **more)

    def _player(self, plan: CasePlan) -> Player:
        return Player(self.phones, self.houses[plan.paper.office], plan, seeded(self.random.random()), calm=self._calm)

    def _houses(self) -> dict[str, House]:
        houses: dict[str, House] = {}
        ids = count(7001)
        for office in sorted({plan.paper.office for plan in self.plans}):
            papers = [paper for paper in self.papers.values() if paper.office == office]
            posts = ["sekretariat", *dict.fromkeys(post for paper in papers for post in paper.posts)]
            holders = {post: [self.server.person(next(ids), f"{_words(post)} {office[:5]}")] for post in posts}
            for post in [] if self._calm else posts[1 : 1 + _TWO_HOLDERS]:
                holders[post].append(self.server.person(next(ids), f"{_words(post)} Dua {office[:5]}"))
            houses[office] = House(office, holders)
        return houses

    def _employ(self) -> None:
        """Make the database and fill the posts: a minute before anybody acts."""
        settings = Settings(_env_file=None, database_url=self.database_url, sop_dir=self._sops)
        runner = open_runner(settings, _Fixed((self.opened - timedelta(minutes=1)).astimezone(UTC)))
        try:
            runner.run_now(import_roster, _roster(list(self.houses.values())))
        finally:
            runner.store.close()


def _roster(houses: Sequence[House]) -> bytes:
    rows = [
        f"{house.id};{post};{person.id};{person.name}"
        for house in houses
        for post, holders in house.holders.items()
        for person in holders
    ]
    return "\n".join(["instansi;jabatan;telegram_id;nama", *rows]).encode()


def _words(post: str) -> str:
    return post.replace("_", " ").title()
