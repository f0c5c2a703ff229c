"""The long chaos runs: ``python -m benchmarks.chaos --seed 7 --kills 300``, or ``make chaos SEED=7 KILLS=300``.

Each part prints one row of docs/keandalan.md and stops at the first thing that is lost, doubled or out of place, with
the seed that leads there again. No part begins a new round after its share of the time.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.chaos.migrating import die_while_migrating
from tests.chaos.office import Scene
from tests.chaos.oracle import Result
from tests.chaos.plan import seeded
from tests.chaos.process import SMALL_SOPS, Plain
from tests.chaos.relay import Relay
from tests.chaos.run import Killer, die_everywhere, run
from tests.chaos.weather import Weather
from tests.conftest import Postgres, postgres_database, running_postgres

_CASES, _KILLS_A_ROUND = 5, 60
Database = Callable[[Path], AbstractContextManager[str]]


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    seed: int
    kills: int
    seconds: float
    """How long one part may go on beginning rounds."""


class Failed(Exception):  # noqa: N818 - what it says is what happened
    """Something was lost, doubled or out of place."""


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """Yield the address of a file."""
    yield f"sqlite:///{folder / 'sop.db'}"


def random_kills(plan: Plan, database: Database, *, storm: bool = False, plain: bool = False) -> str:
    """Kill one process at random instants until it has died often enough."""
    total, faults, began = Result(), 0, time.monotonic()
    for number in count():
        left = plan.kills - total.kills
        if left <= 0 or time.monotonic() - began > plan.seconds:
            break
        seed = plan.seed * 1000 + number
        with _place(database) as (folder, url), Scene(folder, url, seed, cases=_CASES, today=plain) as scene:
            bot = Plain(folder, scene.environment()) if plain else scene.bot()
            weather = Weather(scene, seeded(seed), chance=0.04) if storm else None
            try:
                killer = Killer(scene, bot, kills=min(left, _KILLS_A_ROUND))
                _add(total, _judged(run(scene, killer, weather=weather), seed, bot.log()))
            finally:
                bot.close()
            faults += weather.survived() if weather else 0
    _passes(total, storm=storm)
    figures = _figures(total)
    return (
        f"{figures} faults survived {faults}; answers lost on the way {total.verdict.lost_answers}"
        if storm
        else figures
    )


def replicas(plan: Plan, database: Database) -> str:
    """Kill three replicas in turn."""
    deaths = max(3, plan.kills // 25)
    with (
        _place(database) as (folder, url),
        Scene(folder, url, plan.seed, cases=_CASES) as scene,
        scene.replicas(3) as several,
    ):
        result = _judged(run(scene, Relay(scene, several, deaths=deaths)), plan.seed, several.log())
    _passes(result)
    return (
        f"{_figures(result)} taken over after {_spread(result.picked_up)}; "
        f"chats in the middle of a send after {_spread(result.leases_over)}"
    )


def _spread(seconds: list[float]) -> str:
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.1f} s (median), {ordered[-1]:.1f} s (longest)" if ordered else "no case"


def kill_points(plan: Plan, database: Database, place: str) -> str:
    """Die at every passage of a place once."""
    with (
        _place(database) as (folder, url),
        Scene(folder, url, plan.seed, cases=1, sops=SMALL_SOPS, calm=True, hurry=True) as scene,
        scene.bot() as bot,
    ):
        deaths = die_everywhere(scene, bot, place=place, outage=25)
        if deaths.verdict.problems:
            raise Failed(f"seed {plan.seed}: {deaths.verdict.problems}\n{bot.log()}")
    verdict = deaths.verdict
    return f"crash points {len(deaths.names)}; messages {verdict.sent}; repeats {verdict.repeats}; lost 0; doubled 0"


def migration(_plan: Plan, database: Database) -> str:
    """Die before every statement of the migration."""
    with _place(database) as (folder, url):
        return f"crash points {die_while_migrating(folder, url, stride=1)}; schema whole; lost 0"


@contextmanager
def _place(database: Database) -> Iterator[tuple[Path, str]]:
    with tempfile.TemporaryDirectory(prefix="sop-chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with database(folder) as url:
            yield folder, url


def _judged(result: Result, seed: int, log: str) -> Result:
    if result.verdict.problems:
        raise Failed(f"seed {seed}:\n" + "\n".join(result.verdict.problems) + f"\n{log[-4000:]}")
    return result


def _passes(result: Result, *, storm: bool = False) -> None:
    if not result.kills:
        raise Failed("nothing was killed: more time, please")
    if result.verdict.violations and not storm:
        raise Failed(f"Telegram's limits were broken {result.verdict.violations} times")


def _add(total: Result, result: Result) -> None:
    total.kills += result.kills
    total.jumps += result.jumps
    total.in_window += result.in_window
    total.seconds += result.seconds
    for name, value in vars(result.verdict).items():
        if isinstance(value, int):
            setattr(total.verdict, name, getattr(total.verdict, name) + value)


def _figures(total: Result) -> str:
    verdict = total.verdict
    return (
        f"kills survived {total.kills}; cases {verdict.cases}; events {verdict.events}; messages {verdict.sent}; "
        f"reminders {verdict.reminders}; lost 0; doubled 0; repeats {verdict.repeats} "
        f"({verdict.repeats / total.kills:.2f} a kill); pace broken {verdict.violations}; {total.seconds:.0f} s;"
    )


def _parts(postgres: Postgres) -> dict[str, Callable[[Plan], str]]:
    @contextmanager
    def postgresql(_folder: Path) -> Iterator[str]:
        with postgres_database(postgres) as url:
            yield url

    @contextmanager
    def empty(_folder: Path) -> Iterator[str]:
        with postgres_database(postgres, "template1") as url:
            yield url

    return {
        "sqlite": lambda plan: random_kills(plan, sqlite),
        "postgresql": lambda plan: random_kills(plan, postgresql),
        "plain": lambda plan: random_kills(Plan(plan.seed, plan.kills // 10, plan.seconds), sqlite, plain=True),
        "weather": lambda plan: random_kills(Plan(plan.seed, plan.kills // 5, plan.seconds), sqlite, storm=True),
        "replicas": lambda plan: replicas(plan, postgresql),
        "commit sqlite": lambda plan: kill_points(plan, sqlite, "around_commit"),
        "commit postgresql": lambda plan: kill_points(plan, postgresql, "around_commit"),
        "send sqlite": lambda plan: kill_points(plan, sqlite, "after_send"),
        "send postgresql": lambda plan: kill_points(plan, postgresql, "after_send"),
        "migration sqlite": lambda plan: migration(plan, sqlite),
        "migration postgresql": lambda plan: migration(plan, empty),
    }


def main() -> int:
    """Run the parts and print a row for each."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seed", type=int, default=7)
    arguments.add_argument("--kills", type=int, default=300, help="on SQLite, and as many on PostgreSQL")
    arguments.add_argument("--seconds", type=float, default=270.0, help="after which a part begins no new round")
    arguments.add_argument("--only", default="", help="parts, comma between them; all where empty")
    given = arguments.parse_args()
    plan = Plan(given.seed, given.kills, given.seconds)
    wanted = {part.strip() for part in given.only.split(",") if part.strip()}
    # Whoever ends this early gets everything ended: the bots, and PostgreSQL.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with running_postgres() as postgres:
        for name, part in _parts(postgres).items():
            if wanted and name not in wanted:
                continue
            began = time.monotonic()
            try:
                print(f"{name:20} {part(plan)} [{time.monotonic() - began:.0f} s]", flush=True)
            except (Failed, AssertionError) as failure:
                print(f"{name:20} FAILED with seed {plan.seed}: {failure}", flush=True)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
