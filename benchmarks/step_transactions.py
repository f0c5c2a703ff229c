"""How many steps of cases a second one machine does: ``python -m benchmarks.step_transactions [url]``.

One run, nothing asserted. The figure to compare is the ratio to the smallest possible transaction
on the same database, because both depend on the disk.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT
from bot.services.complete_task import complete_task
from bot.services.holdings import appoint
from bot.services.library import Library
from bot.services.people import ensure_person, identify
from bot.services.publish import publish
from bot.services.start_case import start_case
from bot.services.work import Work
from bot.sop_files.calendars import load_calendars
from bot.sop_files.loader import load_folder
from bot.store import queries
from bot.store.database import Store, open_engine
from bot.store.migrate import migrate
from bot.store.tables import ChatRow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from bot.domain.sop import Sop

CASES = 20
OFFICIAL = 1
MORNING = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)


class Office:
    """The office of one real SOP, whose only official holds every post."""

    def __init__(self, store: Store, sop: Sop, library: Library) -> None:
        self.store, self.sop, self.library = store, sop, library
        self.at = MORNING
        store.run_now(lambda session: publish(self._work(session)))
        store.run_now(self._appoint)

    def _work(self, session: Session) -> Work:
        return Work(session, self.at, self.library)

    def _appoint(self, session: Session) -> None:
        work = self._work(session)
        person = ensure_person(work, OFFICIAL, "Ani")
        for post in (SECRETARIAT, *(post.id for post in self.sop.posts)):
            appoint(work, person, self.sop.office.id, post)

    def start(self, session: Session) -> None:
        """Start a case."""
        work = self._work(session)
        start_case(work, identify(work, OFFICIAL, "Ani"), self.sop, None)

    def step(self, session: Session) -> bool:
        """Complete the task that is due first; returns whether there was one."""
        self.at += timedelta(minutes=1)
        work = self._work(session)
        actor = identify(work, OFFICIAL, "Ani")
        if actor.person is None:
            raise LookupError(OFFICIAL)
        waiting = queries.open_tasks_of(session, actor.person.id, self.at)
        if not waiting:
            return False
        complete_task(work, actor, waiting[0][1].id)
        return True


def _per_second(action: Callable[[], bool], most: int) -> float:
    """Return how often a second ``action`` was done, until it says no or ``most`` times."""
    began = time.perf_counter()
    done = 0
    while done < most and action():
        done += 1
    return done / (time.perf_counter() - began)


def measure(url: str) -> None:
    """Print the figures of one run on a fresh database."""
    engine = open_engine(url)
    migrate(engine)
    store = Store(engine)
    folder = Path(__file__).resolve().parents[1] / "sop_data"
    sops = {sop.id: sop for sop in load_folder(folder).sops}
    office = Office(store, next(iter(sops.values())), Library(sops, load_calendars(folder / "kalender")))
    chats = iter(range(1_000_000))

    def add_chat(session: Session) -> None:
        session.add(ChatRow(id=next(chats)))

    least = _per_second(lambda: store.run_now(add_chat) is None, 300)
    for _ in range(CASES):
        store.run_now(office.start)
    steps = _per_second(lambda: store.run_now(office.step), 1000)
    print(f"{engine.dialect.name}: {steps:.0f} steps/s, {least:.0f} one-row transactions/s, ratio {steps / least:.2f}")
    store.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        measure(sys.argv[1] if len(sys.argv) > 1 else f"sqlite:///{Path(name) / 'benchmark.db'}")
