"""A chaos run: people act, the process dies at random instants, and everything has to come out as planned."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.clock import SystemClock
from bot.store.database import open_engine
from tests.chaos.oracle import Verdict, judge, taken_but_unmarked

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.office import Scene
    from tests.chaos.process import Process

_TICK = 0.015
_EARLY, _EARLY_WITHIN, _LATE_WITHIN = 0.15, 0.35, 1.6
_JUMP, _FAR, _MOST_JUMPED = 0.35, 0.3, 3 * 86400.0
_STANDSTILL = 30.0


@dataclass
class Result:
    """What a run did and came to."""

    kills: int = 0
    in_window: int = 0
    jumps: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)


class Killer:
    """Kills and restarts one process at instants that a seed decides; counts what each death left in the window."""

    def __init__(self, scene: Scene, process: Process, random: Random, *, kills: int) -> None:
        """Take the process; ``kills`` is how often it dies at most."""
        self._scene = scene
        self._process = process
        self._random = random
        self._left = kills
        self._dies_at = 0.0
        self._known = 0
        self.result = Result()

    @property
    def over(self) -> bool:
        """Whether the last death has been died."""
        return self._left == 0

    def start(self) -> None:
        """Start the process and draw when it dies: often while it starts."""
        self._process.start()
        within = _EARLY_WITHIN if self._random.random() < _EARLY else _LATE_WITHIN
        self._dies_at = time.monotonic() + self._random.uniform(0.0, within)

    def look(self) -> None:
        """Kill it if its moment has come, and start the next."""
        if self.over or time.monotonic() < self._dies_at:
            return
        self._process.kill()
        self._left -= 1
        self.result.kills += 1
        unmarked = taken_but_unmarked(self._scene)
        # What the window of an earlier death held is still unmarked: its repetition has a message of its own.
        self.result.in_window += max(0, unmarked - self._known)
        self._known = max(self._known, unmarked)
        if self._random.random() < _JUMP:
            self._jump()
        self.start()

    def _jump(self) -> None:
        """Let time pass while it is down: to just before or behind the next thing due, seldom far on."""
        due = next_due(self._scene.database_url)
        if due is None:
            return
        wait = due - SystemClock().now().timestamp() - self._process.ahead
        wait += self._random.uniform(-1.5, 1.0) if self._random.random() > _FAR else self._random.uniform(0, 7200)
        if 0 < wait < _MOST_JUMPED:
            self._process.ahead += wait
            self.result.jumps += 1


def next_due(database_url: str) -> float | None:
    """Return when the next reminder is due, in seconds since 1970."""
    engine = open_engine(database_url)
    query = text(
        "SELECT min(reminder.due_at) FROM reminder JOIN task ON task.id = task_id "
        "WHERE settled_at IS NULL AND task.ended_at IS NULL"
    )
    try:
        with engine.connect() as connection:
            found = connection.scalar(query)
    finally:
        engine.dispose()
    if isinstance(found, str):
        from datetime import UTC, datetime  # noqa: PLC0415

        return datetime.fromisoformat(found).replace(tzinfo=UTC).timestamp()
    return None if found is None else float(found.timestamp())


def run(
    scene: Scene, process: Process, *, kills: int, weather: Callable[[], None] | None = None, may_refuse: bool = False
) -> Result:
    """Play all cases while the process is killed ``kills`` times; then judge. ``weather`` is called every tick."""
    began = time.monotonic()
    killer = Killer(scene, process, Random(scene.random.random()), kills=kills)
    killer.start()
    _play(scene, killer, weather)
    scene.server.clear_faults()
    _settle(scene, process)
    assert process.end() == 0
    killer.result.verdict = judge(scene, may_refuse=may_refuse)
    killer.result.seconds = time.monotonic() - began
    return killer.result


def _play(scene: Scene, killer: Killer, weather: Callable[[], None] | None) -> None:
    crowd, progress, since = scene.crowd, -1, time.monotonic()
    while not crowd.finished:
        crowd.step()
        killer.look()
        if weather is not None:
            weather()
        acts = sum(player.acts for player in crowd.players)
        if acts != progress:
            progress, since = acts, time.monotonic()
        assert time.monotonic() - since < _STANDSTILL, f"standing still: {sorted(crowd.waits_for.values())}"
        time.sleep(_TICK)  # people look at their phones now and then; nothing here can be waited for


def _settle(scene: Scene, process: Process) -> None:
    """Wait until everything said is dealt with and everything to say is out."""
    deadline = time.monotonic() + _STANDSTILL
    engine = open_engine(scene.database_url)
    waiting = text("SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending')")
    try:
        while True:
            with engine.connect() as connection:
                left = connection.scalar(waiting)
            if not left and not scene.server.state()["pending_updates"]:
                return
            assert process.alive, "the bot has ended"
            assert time.monotonic() < deadline, f"{left} rows of the outbox are left"
            time.sleep(0.1)  # the outbox is another process's
    finally:
        engine.dispose()
