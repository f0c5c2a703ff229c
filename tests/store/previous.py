"""A database as the previous release left it, on either kind of server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command

from bot.store import migrate
from bot.store.database import open_engine

if TYPE_CHECKING:
    from sqlalchemy import Engine

REVISION = "0001"
ROWS = Path(__file__).parent.parent / "data" / "previous_release" / f"{REVISION}.sql"

Content = dict[str, list[dict[str, Any]]]
"""The rows of every table by column, in the order of their keys; moments are aware."""


def fill(url: str, scratch: Path) -> Engine:
    """Bring an empty database to where the previous release left it and return its engine."""
    engine = open_engine(url)
    _make_schema(engine)
    if engine.dialect.name == "sqlite":
        _run_script(engine)
        return engine
    made = open_engine(f"sqlite:///{scratch / 'previous.db'}")
    _make_schema(made)
    _run_script(made)
    rows = content(made)
    made.dispose()
    with engine.begin() as connection:
        for table in _tables(connection):
            if rows[table.name]:
                connection.execute(sa.insert(table), rows[table.name])
            key = table.autoincrement_column
            if key is not None:
                sequence = sa.text("SELECT setval(pg_get_serial_sequence(quote_ident(:t), 'id'), :last)")
                connection.execute(sequence, {"t": table.name, "last": max(row["id"] for row in rows[table.name])})
    return engine


def content(engine: Engine) -> Content:
    """Return everything the database holds, read as it has it."""
    with engine.connect() as connection:
        return {
            table.name: [
                {name: _aware(value) for name, value in row.items()}
                for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in _tables(connection)
        }


def _tables(connection: sa.Connection) -> list[sa.Table]:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.JSON):
                column.type = sa.JSON(none_as_null=True)
    return [table for table in metadata.sorted_tables if table.name != "alembic_version"]


def _aware(value: Any) -> Any:
    if not isinstance(value, datetime):
        return value
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _make_schema(engine: Engine) -> None:
    migrate._exclusively(engine, lambda config: command.upgrade(config, REVISION))  # noqa: SLF001 - the program itself only ever goes to the newest


def _run_script(engine: Engine) -> None:
    driver: Any = engine.raw_connection()
    try:
        driver.executescript("PRAGMA foreign_keys=OFF; BEGIN;" + ROWS.read_text(encoding="utf-8") + "COMMIT;")
        assert not driver.execute("PRAGMA foreign_key_check").fetchall()
        driver.execute("PRAGMA foreign_keys=ON")
    finally:
        driver.close()
