"""Bringing a database to the schema of this program, by the scripts in ``migrations/``."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stamina
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import text

from bot.store.database import is_transient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"

_LOCK = 7_260_113
"""The PostgreSQL advisory lock that only one migrating process holds; any number of our own."""

_TRIES = 6


@dataclass(eq=False)
class NewerSchema(Exception):  # noqa: N818 - named for what is the case, like the domain's refusals
    """The database is at a revision that this program does not know: a newer program made it."""

    revision: str


@dataclass(eq=False)
class BrokenReferences(Exception):  # noqa: N818 - named for what is the case
    """A migration would have left rows that point nowhere; it was rolled back."""

    tables: tuple[str, ...]


def migrate(engine: Engine) -> None:
    """Bring the database to the newest schema, in one transaction; two processes take turns.

    Raises NewerSchema, and sqlalchemy.exc.DBAPIError where the database cannot be used.
    """
    _exclusively(engine, lambda config: command.upgrade(config, "head"))


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the database back to an older revision; ``base`` drops every table. Raises as migrate."""
    _exclusively(engine, lambda config: command.downgrade(config, revision))


def current(engine: Engine) -> str | None:
    """Return the revision the database is at, or None before the first migration."""
    with engine.connect() as connection:
        return _revision(connection)


def head() -> str:
    """Return the newest revision this program knows."""
    revision = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if revision is None:
        raise FileNotFoundError(SCRIPTS)
    return revision


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _exclusively(engine: Engine, work: Callable[[Config], None]) -> None:
    """Run an Alembic command in one transaction that no other migration shares."""
    for attempt in stamina.retry_context(on=is_transient, attempts=_TRIES, timeout=60):
        with attempt, _unreferenced(engine) as connection, connection.begin():
            # SQLite needs no lock of its own: its transactions begin as the only writer.
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            before = _revision(connection)
            _refuse_newer(before)
            work(_config(connection))
            if _revision(connection) != before:
                _check_references(connection)


@contextmanager
def _unreferenced(engine: Engine) -> Iterator[Connection]:
    """Open a connection on which SQLite lets a table be replaced by its altered copy.

    That needs foreign keys to be off before the transaction begins; they are checked at its end.
    """
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            yield connection
            return
        driver: Any = connection.connection.dbapi_connection
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            yield connection
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if broken:
            raise BrokenReferences(tuple(sorted({row[0] for row in broken})))


def _refuse_newer(revision: str | None) -> None:
    if revision is None:
        return
    try:
        ScriptDirectory(str(SCRIPTS)).get_revision(revision)
    except CommandError as error:
        raise NewerSchema(revision) from error


def _config(connection: Connection) -> Config:
    config = Config()
    # ConfigParser would take a per cent sign in a folder's name for an interpolation.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
