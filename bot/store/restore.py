"""Putting a backup into the place of a database: whole and checked, or not at all.

SQLite gets a new file beside the old one, which is kept under another name; PostgreSQL one transaction.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import URL, inspect, make_url, text

from bot.store import backup
from bot.store.archive import sync_folder
from bot.store.database import open_engine
from bot.store.migrate import build

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from sqlalchemy import Connection, Engine

    from bot.store.archive import Reader

_LOCK_SECONDS = 10

Serials: TypeAlias = dict[tuple[str, str, int], int]
"""The last case number drawn by office, abbreviation and year."""

Finish: TypeAlias = "Callable[[Connection, Serials], None]"


class InUse(Exception):  # noqa: N818 - named for what is the case
    """Another process, most likely the bot, has the database open."""


class Occupied(Exception):  # noqa: N818 - named for what is the case
    """The database is not empty, and nobody said that it may be replaced."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backup goes: the database at ``url``; ``replace`` allows it to have content, which is kept.

    ``stamp`` names what is kept; ``rescue`` writes the present content of a PostgreSQL to a file; ``at`` is now.
    """

    url: str
    replace: bool
    stamp: str
    rescue: Callable[[], Path]
    at: datetime


def restore(target: Target, reader: Reader, finish: Finish) -> Path | None:
    """Put a verified backup in place; ``finish`` works in the same transaction. Returns where the old content is.

    ``finish`` also gets the last case numbers of the replaced database, none where they cannot be read.

    Raises InUse, Occupied, BadArchive, NewerSchema, BrokenReferences, and SQLAlchemyError.
    """
    address = make_url(target.url)
    if address.get_backend_name() == "sqlite":
        return _restore_file(Path(address.database or ""), target, reader, finish)
    return _restore_server(target, reader, finish)


def _build(
    engine: Engine,
    reader: Reader,
    age: timedelta,
    finish: Callable[[Connection], None],
    clear: Callable[[Connection], None],
) -> None:
    manifest = reader.manifest

    def fill(connection: Connection) -> None:
        backup.load(connection, reader)
        backup.check_counts(connection, manifest)

    def last(connection: Connection) -> None:
        backup.check_chains(connection, manifest)
        backup.skip_ids(connection, age)
        finish(connection)

    build(engine, manifest.revision, clear=clear, fill=fill, finish=last)


# --- SQLite ---------------------------------------------------------------------------------


def _restore_file(file: Path, target: Target, reader: Reader, finish: Finish) -> Path | None:
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".{file.name}.{target.stamp}")
    serials: Serials = {}
    with ExitStack() as stack:
        stack.callback(_remove, fresh)
        if file.exists():
            occupied, serials = _seize(file, stack)
            if occupied and not target.replace:
                raise Occupied
        engine = open_engine(URL.create("sqlite", database=str(fresh)).render_as_string())
        age = target.at - reader.manifest.at
        try:
            _build(engine, reader, age, lambda connection: finish(connection, serials), lambda _: None)
        finally:
            engine.dispose()  # the last connection to close brings the whole WAL into the file
        return _swap(fresh, file, target.stamp)


def _seize(file: Path, stack: ExitStack) -> tuple[bool, Serials]:
    """Keep everybody else out of a database until the stack ends; return whether it has content, and its serials.

    What is no sound database any more counts as content: that is what backups are for.
    """
    connection = sqlite3.connect(file, timeout=0, isolation_level=None)
    stack.callback(connection.close)
    try:
        # Refused while any other connection is open; what waits in the WAL comes into the file.
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        ours = [table for table in tables if table != "alembic_version" and not table.startswith("sqlite_")]
        occupied = any(connection.execute(f'SELECT 1 FROM "{table}" LIMIT 1').fetchone() for table in ours)  # noqa: S608 - names of the database's own
        return occupied, _serials(connection)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise InUse from error
    except sqlite3.DatabaseError:
        pass  # what cannot be read cannot be locked either
    # Closed now: later SQLite would take away the WAL of whatever stands under this name by then.
    connection.close()
    return True, {}


def _serials(connection: sqlite3.Connection) -> Serials:
    try:
        rows = connection.execute("SELECT office_id, abbreviation, year, last FROM serial").fetchall()
        return {(str(office), str(name), int(year)): int(last) for office, name, year, last in rows}
    except (sqlite3.DatabaseError, TypeError, ValueError):
        return {}  # none of ours, or damaged just there


def _swap(fresh: Path, file: Path, stamp: str) -> Path | None:
    """Put the new file in the old one's place; the old one keeps its content under another name."""
    kept: Path | None = None
    if file.exists():
        kept = file.with_name(f"{file.name}.sebelum-{stamp}")
        _like(file, fresh)
        # What a dead process left in a WAL belongs to the old file; beside the new one it would spoil it.
        for tail in ("-wal", "-shm", "-journal"):
            with suppress(FileNotFoundError):
                file.with_name(file.name + tail).rename(kept.with_name(kept.name + tail))
        try:
            os.link(file, kept)  # so that there is a database under the name at every moment
        except OSError:
            file.rename(kept)
    with fresh.open("rb") as content:
        os.fsync(content.fileno())
    fresh.replace(file)
    sync_folder(file.parent)
    return kept


def _like(old: Path, new: Path) -> None:
    """Give a new file the owner and rights of the old one: whoever restores may be root, the bot is not."""
    shutil.copymode(old, new)
    with suppress(PermissionError):
        shutil.chown(new, old.stat().st_uid, old.stat().st_gid)


def _remove(file: Path) -> None:
    for tail in ("", "-wal", "-shm", "-journal"):
        file.with_name(file.name + tail).unlink(missing_ok=True)


# --- PostgreSQL -----------------------------------------------------------------------------


def _restore_server(target: Target, reader: Reader, finish: Finish) -> Path | None:
    engine = open_engine(target.url, idle_seconds=0)
    kept: Path | None = None
    serials: Serials = {}
    try:
        with engine.connect() as connection:
            _refuse_company(connection)
            if backup.occupied(connection):
                if not target.replace:
                    raise Occupied
                kept = target.rescue()
                if inspect(connection).has_table("serial"):
                    serials = backup.serials(connection)

        def clear(connection: Connection) -> None:
            connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_SECONDS}s'"))
            _refuse_company(connection)
            if backup.occupied(connection) and kept is None:
                raise Occupied
            backup.drop_everything(connection)

        age = target.at - reader.manifest.at
        _build(engine, reader, age, lambda connection: finish(connection, serials), clear)
    finally:
        engine.dispose()
    return kept


def _refuse_company(connection: Connection) -> None:
    """Raise InUse where another process of this program is connected to the database."""
    query = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'sop-bot%'
    """
    if connection.scalar(text(query)):
        raise InUse
