"""How fast a burst leaves under Telegram's limits: ``python -m benchmarks.burst [--url …] [--couriers 3]``.

The local server enforces the limits and counts what breaks them. Server and couriers are processes of
their own, as in an office. One run, nothing asserted; without ``--url`` the database is a new SQLite file.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing as mp
import random
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from bot.clock import SharedClock, SystemClock
from bot.demo.telegram import TelegramServer
from bot.demo.telegram.server import DEMO_TOKEN
from bot.domain.notices import Help, PrivateOnly
from bot.gateway.delivery import Courier
from bot.gateway.telegram_api import make_bot
from bot.services import outbox
from bot.services.library import Library
from bot.services.outbox import Delivery
from bot.services.pacing import Limits
from bot.services.updates import register_bot
from bot.services.work import Runner
from bot.sop_files.calendars import load_calendars
from bot.store.database import Store, database_time, open_engine
from bot.store.migrate import migrate
from bot.store.tables import ChatRow, OutboxRow, SendSlotRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.connection import Connection

    from bot.services.work import Work

BOT_ID = int(DEMO_TOKEN.partition(":")[0])
OVERALL, PRIVATE_SECONDS, GROUP_SECONDS = 30, 1.0, 3.0
_LOOK_SECONDS = 0.2
_MOST_SECONDS = 300.0


@dataclass(frozen=True)
class Scenario:
    """So many messages to each private chat, and to each group."""

    name: str
    private: tuple[int, ...]
    groups: tuple[int, ...] = ()

    @property
    def messages(self) -> int:
        """How many there are."""
        return sum(self.private) + sum(self.groups)

    @property
    def best(self) -> float:
        """The seconds between the first and the last send where nothing is lost."""
        overall = (self.messages - 1) // OVERALL
        alone = max((count - 1) * PRIVATE_SECONDS for count in (*self.private, 1))
        group = max((count - 1) * GROUP_SECONDS for count in (*self.groups, 1))
        return max(overall, alone, group)


SCENARIOS = (
    Scenario("short", (8,) * 75),
    Scenario("30/s over all binds", (24,) * 80, (20,) * 4),
    Scenario("1/s of one private chat binds", (30, *(5,) * 20)),
    Scenario("20/min of a group binds", (5,) * 20, (11,)),
)


def _open(url: str) -> Runner:
    engine = open_engine(url)
    clock = SharedClock(database_time) if engine.dialect.name == "postgresql" else SystemClock()
    calendars = load_calendars(Path(__file__).resolve().parents[1] / "sop_data" / "kalender")
    return Runner(Store(engine), clock, Library({}, calendars))


def _serve(pipe: Connection) -> None:
    with TelegramServer.start() as server:
        pipe.send(server.base_url)
        while (scenario := pipe.recv()) is not None:
            people = [server.person(1000 + number, f"Pegawai {number}") for number in range(len(scenario.private))]
            for person in people:
                server.telegram.chats[person.id].started = True
            groups = [server.group(people[0], f"Grup {number}") for number in range(len(scenario.groups))]
            server.pace()
            pipe.send(([person.id for person in people], groups))
            first = server.telegram.request_count
            pipe.recv()
            answers = [r for r in server.telegram.requests if r.number > first and r.method == "sendMessage"]
            sent = [request.at for request in answers if request.outcome == "ok"]
            refused = sum(request.status == 429 for request in answers)  # noqa: PLR2004 - Too Many Requests
            pipe.send(((max(sent) - min(sent)).total_seconds(), len(sent), refused))


def _deliver(url: str, api_url: str, stop: mp.synchronize.Event) -> None:
    async def run() -> None:
        runner = _open(url)
        async with make_bot(DEMO_TOKEN, api_url) as bot:
            courier = Courier(bot, runner, Limits())
            running = asyncio.create_task(courier.run())
            await asyncio.to_thread(stop.wait)
            courier.stop()
            await running
        runner.store.close()

    asyncio.run(run())


def _fill(work: Work, scenario: Scenario, people: Sequence[int], groups: Sequence[int]) -> None:
    for table in (OutboxRow, ChatRow, SendSlotRow):
        work.session.execute(delete(table))
    chats = [chat for chat, count in zip(people, scenario.private, strict=True) for _ in range(count)]
    chats += [chat for chat, count in zip(groups, scenario.groups, strict=True) for _ in range(count)]
    random.Random(7).shuffle(chats)  # noqa: S311 - the same order in every run
    for chat in chats:
        outbox.put(work, chat, PrivateOnly() if chat < 0 else Help(), not_before=work.at - timedelta(seconds=1))


def _left(work: Work) -> int:
    waiting = OutboxRow.state.in_([Delivery.PENDING, Delivery.SENDING])
    return work.session.scalar(select(func.count()).select_from(OutboxRow).where(waiting)) or 0


def _out_of_order(work: Work) -> int:
    """Return how often two messages of a chat arrived the other way round."""
    rows = work.session.execute(select(OutboxRow.chat_id, OutboxRow.message_id).order_by(OutboxRow.id)).all()
    chats: dict[int, list[int]] = {}
    for chat, message in rows:
        chats.setdefault(chat, []).append(message or 0)
    return sum(a >= b for messages in chats.values() for a, b in pairwise(messages))


def measure(url: str, scenario: Scenario, couriers: int, pipe: Connection, api_url: str) -> None:
    """Print the figures of one run."""
    runner = _open(url)
    pipe.send(scenario)
    runner.run_now(_fill, scenario, *pipe.recv())
    context = mp.get_context("spawn")
    stop = context.Event()
    replicas = [context.Process(target=_deliver, args=(url, api_url, stop)) for _ in range(couriers)]
    for replica in replicas:
        replica.start()
    deadline = time.monotonic() + _MOST_SECONDS
    while runner.run_now(_left) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)  # a benchmark may wait
    stop.set()
    for replica in replicas:
        replica.join()
    pipe.send(None)
    seconds, sent, refused = pipe.recv()
    wrong = runner.run_now(_out_of_order)
    print(
        f"{runner.store.engine.dialect.name}, {couriers} courier(s), {scenario.name}: {sent} of {scenario.messages} in "
        f"{seconds:.1f} s, best {scenario.best:.1f} s, ratio {seconds / scenario.best:.3f}, "
        f"{refused} times 429, {wrong} out of order",
        flush=True,
    )
    runner.store.close()


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="a database that may be emptied; a new SQLite file where left out")
    parser.add_argument("--couriers", type=int, default=1)
    parser.add_argument("--scenario", type=int, choices=range(len(SCENARIOS)))
    chosen = parser.parse_args()
    scenarios = SCENARIOS if chosen.scenario is None else (SCENARIOS[chosen.scenario],)
    context = mp.get_context("spawn")
    pipe, theirs = context.Pipe()
    server = context.Process(target=_serve, args=(theirs,), daemon=True)
    server.start()
    api_url = pipe.recv()
    with tempfile.TemporaryDirectory() as folder:
        url = chosen.url or f"sqlite:///{Path(folder) / 'burst.db'}"
        migrate(open_engine(url))
        runner = _open(url)
        runner.run_now(register_bot, BOT_ID, "sop_demo_bot")
        runner.store.close()
        for scenario in scenarios:
            measure(url, scenario, chosen.couriers, pipe, api_url)
    pipe.send(None)
    server.join(10)


if __name__ == "__main__":
    main()
