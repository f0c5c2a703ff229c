"""A chaos run: people act, the process dies at random instants, and everything has to come out as planned."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import text

from bot.clock import SystemClock
from bot.store.database import open_engine
from tests.chaos.oracle import Result, Verdict, judge, taken_but_unmarked
from tests.chaos.plan import seeded
from tests.chaos.process import KILLED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.chaos.office import Scene
    from tests.chaos.process import Forked, Process
    from tests.chaos.relay import Relay

_TICK = 0.02
_EARLY, _EARLY_WITHIN, _LATE_WITHIN = 0.15, 0.5, 1.2
_JUMP, _OUTAGE, _FAR, _MOST_JUMPED, _LONGEST_OUTAGE = 0.35, 0.5, 0.3, 3 * 86400.0, 90.0
_STANDSTILL = 150.0
_MOST_DAYS = 6


class Killer:
    """Kills and restarts one process at instants that a seed decides; counts what each death left in the window."""

    def __init__(self, scene: Scene, process: Process, *, kills: int) -> None:
        """Take the process; ``kills`` is how often it dies at most."""
        self._scene = scene
        self._process = process
        self._random = seeded(scene.random.random())
        self._left = kills
        self._dies_at: float | None = 0.0
        self._reader = 0
        self._began = 0.0
        self._known = 0
        self.result = Result()

    wants_all = False
    """Whether the run goes on until the last death, although the cases have ended."""

    @property
    def over(self) -> bool:
        """Whether the last death has been died."""
        return self._left == 0

    @property
    def processes(self) -> list[Process]:
        """Return what runs."""
        return [self._process]

    def finish(self) -> None:
        """Leave it running."""
        self._left = 0

    def start(self) -> None:
        """Start the process and draw when it dies: sometimes while it starts, mostly soon after it began to serve."""
        self._process.start()
        self._began = time.monotonic()
        if self._random.random() < _EARLY:
            self._dies_at = time.monotonic() + self._random.uniform(0.0, _EARLY_WITHIN)
        else:
            self._dies_at, self._reader = None, self._scene.server.telegram.updates.reader

    def look(self) -> None:
        """Kill it if its moment has come, and start the next."""
        if self.over:
            return
        if self._dies_at is None:
            if self._scene.server.telegram.updates.reader == self._reader:
                return
            # On a busy machine it gets longer to live as well: a process that never comes to anything shows nothing.
            within = max(_LATE_WITHIN, 1.5 * (time.monotonic() - self._began))
            self._dies_at = time.monotonic() + self._random.uniform(0.0, within)
        if time.monotonic() < self._dies_at:
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
        elif self._random.random() < _OUTAGE:
            self._process.ahead += self._random.uniform(0, _LONGEST_OUTAGE)
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
    return None if found is None else _seconds(found)


def run(
    scene: Scene,
    killer: Killer | Relay,
    *,
    weather: Callable[[], None] | None = None,
) -> Result:
    """Play all cases while the killer does its work; then judge. ``weather`` is called at every look."""
    began = time.monotonic()
    killer.start()
    _play(scene, killer, weather)
    scene.server.clear_faults()
    killer.finish()
    _settle(scene, killer.processes)
    for process in killer.processes:
        assert process.end() == 0
    _end_of_days(scene, killer.processes)
    killer.result.verdict = judge(scene, may_refuse=weather is not None)
    killer.result.seconds = time.monotonic() - began
    return killer.result


def _play(scene: Scene, killer: Killer | Relay, weather: Callable[[], None] | None) -> None:
    crowd, progress, since = scene.crowd, -1, time.monotonic()
    while not crowd.finished or (killer.wants_all and not killer.over):
        crowd.step()
        killer.look()
        if weather is not None:
            weather()
        acts = sum(player.acts for player in crowd.players)
        if acts != progress:
            progress, since = acts, time.monotonic()
        moving = time.monotonic() - since < _STANDSTILL or crowd.finished
        assert moving, f"standing still: {sorted(crowd.waits_for.values())}"
        time.sleep(_TICK)  # people look at their phones now and then; nothing here can be waited for


def unsaid(database_url: str, ahead: float) -> int:
    """Return how many rows of the outbox are still to go out now, by a clock that runs so many seconds ahead."""
    now = SystemClock().now().timestamp() + ahead
    return sum(state == "sending" or hour <= now for state, hour in _waiting(database_url))


def _waiting(database_url: str) -> list[tuple[str, float]]:
    """Return what has not gone out, in whatever way it waits: its state and its hour in seconds since 1970."""
    engine = open_engine(database_url)
    query = text("SELECT state, not_before FROM outbox WHERE state IN ('pending', 'sending', 'folded')")
    try:
        with engine.connect() as connection:
            return [(row.state, _seconds(row.not_before)) for row in connection.execute(query)]
    finally:
        engine.dispose()


def _seconds(moment: datetime | str) -> float:
    if isinstance(moment, str):  # SQLite's
        return datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    return moment.timestamp()


def _end_of_days(scene: Scene, processes: Sequence[Process]) -> None:
    """After the stop let the days pass until nothing waits for its hour: Urungkan is over, a morning came."""
    for _ in range(_MOST_DAYS):
        waiting = _waiting(scene.database_url)
        if not waiting:
            return
        ahead = max(hour for _, hour in waiting) - SystemClock().now().timestamp()
        for process in processes:
            process.ahead = max(process.ahead, ahead)
            process.start()
        _settle(scene, processes)
        for process in processes:
            assert process.end() == 0
    raise AssertionError(f"it waits for ever: {_waiting(scene.database_url)}")


def _settle(scene: Scene, processes: Sequence[Process]) -> None:
    """Wait until everything said is dealt with and everything to say by now is out."""
    deadline = time.monotonic() + _STANDSTILL
    while (left := unsaid(scene.database_url, processes[0].ahead)) or scene.server.state()["pending_updates"]:
        assert all(process.alive for process in processes), "the bot has ended"
        assert time.monotonic() < deadline, f"{left} rows of the outbox are left"
        time.sleep(0.1)  # the outbox is another process's


@dataclass
class Deaths:
    """What a dialogue through exact kill points came to."""

    names: list[str]
    verdict: Verdict


def die_everywhere(scene: Scene, process: Forked, *, place: str, only: str = "", outage: float = 0.0) -> Deaths:
    """Play calmly, one act at a time, while the process dies at every passage of a place once.

    ``outage`` is how many seconds the office's clock goes on while it is down.
    """
    file = scene.folder / f"{place}.txt"
    dying = {"place": place, "file": str(file), "only": only}
    process.start()
    _settle(scene, [process])  # everybody's first word: from here on one thing happens at a time
    process.kill()
    began = scene.server.telegram.updates.reader
    process.start(**dying)
    deadline = time.monotonic() + _STANDSTILL
    while True:
        if not process.alive:
            assert process.status == KILLED, process.log()
            process.ahead += outage
            began = scene.server.telegram.updates.reader
            process.start(**dying)
            deadline = time.monotonic() + _STANDSTILL
        elif not unsaid(scene.database_url, process.ahead) and not scene.server.state()["pending_updates"]:
            # The last transactions are those of a stop, and it may die of them as well.
            if scene.crowd.finished and scene.server.telegram.updates.reader != began and process.end() == 0:
                break
            if process.alive:
                scene.crowd.step()
        assert time.monotonic() < deadline, f"standing still: {sorted(scene.crowd.waits_for.values())}"
        time.sleep(_TICK)  # see ``_play``
    _end_of_days(scene, [process])
    return Deaths(file.with_suffix(".count").read_text(encoding="utf-8").splitlines(), judge(scene))
