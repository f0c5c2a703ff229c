"""Replicas on one PostgreSQL behind one address, killed in turn: one is always down or coming back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Self

import httpx
from sqlalchemy import text

from bot.store.database import open_engine
from tests.chaos.oracle import Result
from tests.chaos.plan import seeded
from tests.chaos.process import Forked
from tests.end_to_end.replicas import LOCALHOST, SECRET, Balancer, free_port

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from tests.chaos.office import Scene
    from tests.chaos.process import Process

_DOWN, _BETWEEN = 1.5, 2.0
_PATIENCE = 60.0
_LEASED = "AND lease_owner IS NOT NULL"
_READY = "AND not_before <= created_at"


class Replicas:
    """So many processes and the balancer before them; a context manager that leaves nothing running."""

    def __init__(self, folder: Path, told: Mapping[str, str], number: int, *, ahead: float) -> None:
        """Read the code; nothing runs yet."""
        self.ports = [free_port() for _ in range(number)]
        self._balancer = Balancer(self.ports)
        webhook = {"WEBHOOK_URL": self._balancer.url, "WEBHOOK_SECRET": SECRET}
        self.all = [
            Forked(folder, {**told, **webhook, "LISTEN": f"{LOCALHOST}:{port}"}, ahead=ahead, name=f"replica-{place}")
            for place, port in enumerate(self.ports, start=1)
        ]

    def __enter__(self) -> Self:
        """Begin to pass updates on."""
        self._balancer.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave nothing running."""
        for replica in self.all:
            replica.close()
        self._balancer.__exit__()

    def well(self, place: int) -> bool:
        """Whether a replica serves."""
        try:
            return httpx.get(f"http://{LOCALHOST}:{self.ports[place]}/healthz", trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    def log(self) -> str:
        """Return what all of them have logged."""
        return "\n".join(replica.log() for replica in self.all)


@dataclass
class _Left:
    """What waited at the moment of a death, and since when it is looked for."""

    ids: set[int]
    leased: bool
    since: float = field(default_factory=time.monotonic)


class Relay:
    """Kills one replica after the other; each comes back before the next one dies."""

    wants_all = True

    def __init__(self, scene: Scene, replicas: Replicas, *, deaths: int) -> None:
        """Take the replicas; ``deaths`` is how often one dies."""
        self._scene = scene
        self._replicas = replicas
        self._random = seeded(scene.random.random())
        self._deaths = deaths
        self._place = 0
        self._steps = self._story()
        self._left: list[_Left] = []
        self._engine: Engine = open_engine(scene.database_url)
        self.result = Result()
        self.over = False

    @property
    def processes(self) -> list[Process]:
        """Return what runs."""
        return list(self._replicas.all)

    def start(self) -> None:
        """Start all of them at the same moment."""
        for replica in self._replicas.all:
            replica.start()

    def look(self) -> None:
        """Go on with the story as far as it is ready to."""
        self._watch()
        if not self.over:
            self.over = next(self._steps, None) is None

    def finish(self) -> None:
        """Wait for whoever is down."""
        deadline = time.monotonic() + _PATIENCE
        try:
            while not self.over or self._left:
                self.look()
                assert time.monotonic() < deadline, f"never sent: {[left.ids for left in self._left]}"
                time.sleep(0.05)  # the outbox is other processes'
        finally:
            # A connection that is left open would be blamed on whichever test the collector runs in.
            self._engine.dispose()

    def _story(self) -> Iterator[bool]:
        for place in range(len(self._replicas.all)):
            yield from self._until(partial(self._replicas.well, place))
        for number in range(self._deaths):
            yield from self._rest(self._random.uniform(0.0, _BETWEEN))
            place = number % len(self._replicas.all)
            self._replicas.all[place].kill()
            self.result.kills += 1
            with self._engine.connect() as connection:
                leased = _waiting(connection, _LEASED)
                others = _waiting(connection, _READY) - leased
            self._left += [_Left(ids, leased=ids is leased) for ids in (leased, others) if ids]
            yield from self._rest(self._random.uniform(0.0, _DOWN))
            self._replicas.all[place].start()
            yield from self._until(partial(self._replicas.well, place))

    def _rest(self, seconds: float) -> Iterator[bool]:
        until = time.monotonic() + seconds
        yield from self._until(lambda: time.monotonic() >= until)

    def _until(self, ready: Callable[[], bool]) -> Iterator[bool]:
        deadline = time.monotonic() + _PATIENCE
        while not ready():
            assert time.monotonic() < deadline, self._replicas.log()
            yield True

    def _watch(self) -> None:
        """See whether what waited at a death has gone out."""
        if not self._left:
            return
        with self._engine.connect() as connection:
            waiting = _waiting(connection, "")
        for left in list(self._left):
            left.ids &= waiting
            if not left.ids:
                seconds = self.result.leases_over if left.leased else self.result.picked_up
                seconds.append(time.monotonic() - left.since)
                self._left.remove(left)


def _waiting(connection: Connection, which: str) -> set[int]:
    """List what is owed at this moment: a row due only later, such as the edit that ends *Urungkan*, is not."""
    rows = "SELECT outbox.id FROM outbox LEFT JOIN chat ON chat.id = chat_id WHERE state IN ('pending', 'sending')"
    return set(connection.scalars(text(f"{rows} AND not_before <= now() {which}")))
