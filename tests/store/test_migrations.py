"""Migrations: up, down and up again on both databases, equal to what is declared."""

from __future__ import annotations

import logging
import subprocess
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from bot.store.database import open_engine
from bot.store.migrate import SCRIPTS, BrokenReferences, NewerSchema, current, downgrade, head, migrate
from bot.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def empty(empty_url: str) -> Iterator[Engine]:
    engine = open_engine(empty_url)
    yield engine
    engine.dispose()


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def _dump(engine: Engine) -> dict[str, Any]:
    """Return everything the database says about its tables; Alembic compares no index conditions."""
    seen = inspect(engine)
    return {
        table: {
            # In any order: a column that came later stands last in a migrated table.
            "columns": sorted((c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(table)),
            "key": seen.get_pk_constraint(table),
            "unique": sorted(map(str, seen.get_unique_constraints(table))),
            "foreign": sorted(map(str, seen.get_foreign_keys(table))),
            "indexes": _indexes(engine, table),
        }
        for table in _tables(engine)
    }


def _indexes(engine: Engine, table: str) -> list[str]:
    source = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = :table",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE tablename = :table",
    }
    with engine.connect() as connection:
        return sorted(connection.scalars(text(source[engine.dialect.name]), {"table": table}))


def test_an_empty_database_becomes_the_newest_and_goes_back_and_comes_again(empty: Engine) -> None:
    assert current(empty) is None
    migrate(empty)
    first = _dump(empty)
    assert current(empty) == head()
    assert set(first) == set(Base.metadata.tables)
    downgrade(empty)
    assert current(empty) is None
    assert _tables(empty) == set()
    migrate(empty)
    assert _dump(empty) == first


def test_migrating_twice_changes_nothing(engine: Engine) -> None:
    before = _dump(engine)
    migrate(engine)
    assert (current(engine), _dump(engine)) == (head(), before)


def test_the_migrated_schema_is_the_declared_one(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_every_condition_and_constraint_is_migrated_as_declared(empty: Engine) -> None:
    migrate(empty)
    migrated = _dump(empty)
    downgrade(empty)
    Base.metadata.create_all(empty)
    assert migrated == _dump(empty)


def test_a_database_of_a_newer_program_is_refused_and_left_alone(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = _dump(engine)
    with pytest.raises(NewerSchema) as refusal:
        migrate(engine)
    assert refusal.value.revision == "9999"
    assert (current(engine), _dump(engine)) == ("9999", before)


def test_migrating_leaves_logging_alone(empty: Engine) -> None:
    before = (logging.root.level, list(logging.root.handlers), logging.getLogger("bot").disabled)
    migrate(empty)
    assert (logging.root.level, list(logging.root.handlers), logging.getLogger("bot").disabled) == before


def test_foreign_keys_hold_again_after_migrating(empty: Engine) -> None:
    migrate(empty)
    if empty.dialect.name == "sqlite":
        with empty.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_rows_that_would_point_nowhere_stop_a_migration_of_sqlite(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'sop.db'}")
    migrate(engine)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO office VALUES ('dinas', 'Dinas', 'WIB')"))
        connection.execute(text("CREATE TABLE note (office_id TEXT REFERENCES office (id))"))
        connection.execute(text("INSERT INTO note VALUES ('dinas')"))
    before = _dump(engine)
    with pytest.raises(BrokenReferences) as refusal:
        downgrade(engine)
    assert refusal.value.tables == ("note",)
    assert (current(engine), _dump(engine)) == (head(), before)
    engine.dispose()


_PROGRAM = """
import sys
from bot.store.database import open_engine
from bot.store.migrate import migrate
migrate(open_engine(sys.argv[1]))
"""


def test_processes_that_migrate_at_once_take_turns(empty: Engine, empty_url: str) -> None:
    command = [sys.executable, "-c", _PROGRAM, empty_url]
    with ExitStack() as stack:
        started = [stack.enter_context(subprocess.Popen(command, cwd=SCRIPTS.parent)) for _ in range(3)]  # noqa: S603 - our own program
    assert [process.returncode for process in started] == [0, 0, 0]
    assert current(empty) == head()
