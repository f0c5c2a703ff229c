"""Several replicas that start at the same moment, on a database that none of them has seen before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from bot.app import open_runner
from bot.services.publish import publish
from bot.services.updates import is_new, register_bot
from bot.settings import Settings
from bot.store.tables import BotRow, OfficeRow, SopVersionRow, UpdateRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.services.work import Runner, Work

REPLICAS = 4


@pytest.fixture
def runners(empty_url: str) -> Iterator[list[Runner]]:
    """Start the replicas' databases at once."""
    together = Barrier(REPLICAS)

    def start(_: int) -> Runner:
        together.wait(30)
        return open_runner(Settings.model_construct(database_url=empty_url))

    with ThreadPoolExecutor(REPLICAS) as starting:
        started = list(starting.map(start, range(REPLICAS)))
    yield started
    for runner in started:
        runner.store.close()


def test_replicas_that_start_together_on_nothing_all_serve_the_same(runners: list[Runner]) -> None:
    def count(work: Work, table: type) -> int:
        return work.session.scalars(select(func.count()).select_from(table)).one()

    sops = len(runners[0].library.sops)
    assert [runner.run_now(count, SopVersionRow) for runner in runners] == [sops] * REPLICAS
    assert runners[0].run_now(count, OfficeRow) == len(runners[0].library.offices)
    together = Barrier(REPLICAS)

    def goes_on(runner: Runner) -> bool:
        together.wait(30)
        runner.run_now(publish)
        runner.run_now(register_bot, 7, "sop_demo_bot")
        return runner.run_now(is_new, 7, 99)

    with ThreadPoolExecutor(REPLICAS) as going:
        news = list(going.map(goes_on, runners))
    assert sorted(news) == [False, False, False, True], "one of them deals with an update that comes to all"
    assert (runners[0].run_now(count, BotRow), runners[0].run_now(count, UpdateRow)) == (1, 1)
    runners[0].run_now(register_bot, 7, "renamed_bot")
    assert runners[1].run_now(lambda work: work.session.get_one(BotRow, 7).username) == "renamed_bot"
