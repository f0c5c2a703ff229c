"""Death in the middle of a migration, over and over, until it is through."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect

from bot.demo.telegram import TelegramServer
from bot.store.database import open_engine
from bot.store.migrate import current, head
from bot.store.tables import Base
from tests.chaos.office import SOPS, TOKEN
from tests.chaos.process import KILLED, Forked, environment

_MOST_STARTS = 2000


def die_while_migrating(folder: Path, database_url: str, *, stride: int) -> int:
    """Start the bot on an empty database until it serves; it dies before each ``stride``-th statement of the migration.

    Returns how often it died. After every death the database is as it was before or as it should be.
    """
    file = folder / "in_migration.txt"
    dying = {"place": "in_migration", "file": str(file), "stride": str(stride)}
    with TelegramServer.start(TOKEN) as server:
        told = environment(TOKEN, server.base_url, database_url, SOP_DIR=str(SOPS))
        with Forked(folder, told) as bot:
            deaths = 0
            while not server.requests("getUpdates"):
                assert deaths < _MOST_STARTS
                bot.start(**dying)
                while bot.wait(0.05) is None and not server.requests("getUpdates"):
                    continue
                if bot.alive:
                    break
                assert bot.status == KILLED, bot.log()
                assert _is_whole(database_url), f"half a schema after death {deaths + 1}"
                deaths += 1
            assert _is_whole(database_url, finished=True)
            assert bot.end() == 0
    return deaths


def _is_whole(database_url: str, *, finished: bool = False) -> bool:
    """Whether there is nothing, or everything at the newest revision."""
    engine = open_engine(database_url)
    try:
        tables = set(inspect(engine).get_table_names()) - {"alembic_version"}
        if not tables and not finished:
            return True
        return current(engine) == head() and tables == set(Base.metadata.tables)
    finally:
        engine.dispose()
