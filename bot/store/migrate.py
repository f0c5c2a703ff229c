"""Bringing a database to the schema of this program, by the scripts in ``migrations/``."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import stamina
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bot.store.database import is_transient
from bot.store.races import Turn, wait_for_turn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session

SCRIPTS = Path(__file__).resolve().parents[2] / "migrations"

_TRIES = 6
_VERSIONS = "alembic_version"


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


def build(
    engine: Engine,
    revision: str,
    *,
    clear: Callable[[Connection], None],
    fill: Callable[[Connection], None],
    finish: Callable[[Connection], None],
) -> None:
    """Make the schema of ``revision``, filled by ``fill``, then bring it to the newest and ``finish``; all or nothing.

    ``clear`` comes first, within the same transaction. Raises as migrate, NewerSchema also for ``revision``.
    """
    _refuse_newer(revision)

    def work(config: Config) -> None:
        connection: Connection = config.attributes["connection"]
        clear(connection)
        command.upgrade(config, revision)
        fill(connection)
        command.upgrade(config, "head")
        finish(connection)

    _exclusively(engine, work)


def current(engine: Engine) -> str | None:
    """Return the revision the database is at, or None before the first migration."""
    with engine.connect() as connection:
        return _revision(connection)


def revision_of(session: Session) -> str | None:
    """Return what ``current`` returns, within a transaction."""
    return _revision(session.connection())


def known_revision(connection: Connection) -> str | None:
    """Return the revision that a connection sees, None before the first migration; raises NewerSchema."""
    revision = _revision(connection)
    _refuse_newer(revision)
    return revision


def refuse_newer(session: Session) -> None:
    """Raise NewerSchema where a newer program has migrated the database since this one started."""
    _refuse_newer(revision_of(session))


@cache
def head() -> str:
    """Return the newest revision this program knows."""
    revision = ScriptDirectory(str(SCRIPTS)).get_current_head()
    if revision is None:
        raise FileNotFoundError(SCRIPTS)
    return revision


def _revision(connection: Connection) -> str | None:
    # Not by Alembic's MigrationContext: each makes a table object of its own, and SQLAlchemy keeps a compiled
    # statement for every one of them, hundreds in a program that is asked for its health or fed unreadable updates.
    if not inspect(connection).has_table(_VERSIONS):
        return None
    revision: str | None = connection.scalar(text(f"SELECT version_num FROM {_VERSIONS}"))  # noqa: S608 - our own name
    return revision


def _exclusively(engine: Engine, work: Callable[[Config], None]) -> None:
    """Run an Alembic command in one transaction that no other migration shares."""
    for attempt in stamina.retry_context(on=is_transient, attempts=_TRIES, timeout=60):
        with attempt, _unreferenced(engine) as connection, connection.begin():
            # SQLite needs no lock of its own: its transactions begin as the only writer.
            if engine.dialect.name == "postgresql":
                wait_for_turn(connection, Turn.MIGRATE)
                # A table that the old version works with is waited for, and large ones are read for long.
                connection.execute(text("SET LOCAL lock_timeout = 0"))
                connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5min'"))
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
    if revision not in _revisions(SCRIPTS):
        raise NewerSchema(revision)


@cache
def _revisions(scripts: Path) -> frozenset[str]:
    """Return what this program knew when it first looked: newer files may be put in their place while it runs."""
    return frozenset(script.revision for script in ScriptDirectory(str(scripts)).walk_revisions())


def _config(connection: Connection) -> Config:
    config = Config()
    # ConfigParser would take a per cent sign in a folder's name for an interpolation.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
