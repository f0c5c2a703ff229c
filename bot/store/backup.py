"""Between a database and a backup: every row out of one moment, and every row back into empty tables.

Tables are read as the database has them, not as this program declares them, so a backup can be taken before
an upgrade and read back after it. Values keep their meaning on either kind of database: moments are UTC in ISO
form, JSON stays the text it was stored as.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.store.archive import BadArchive, Fault
from bot.store.chains import broken_chains
from bot.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Column, Connection, Table

    from bot.store.archive import Manifest, Reader, TableEntry, Writer

ID_GAP = 1_000_000
"""How far ids jump after a restore: messages sent since the backup have buttons with ids that it does not know."""

_AT_ONCE = 500


class DamagedDatabase(Exception):  # noqa: N818 - named for what is the case
    """The database itself is damaged; ``what`` is the first complaint of its own check."""

    def __init__(self, what: str) -> None:
        """Carry the complaint."""
        super().__init__(what)
        self.what = what


def tables_of(connection: Connection) -> list[Table]:
    """Return the program's tables as the database has them, those that others refer to first."""
    metadata = sa.MetaData()
    metadata.reflect(connection, only=lambda name, _: name in Base.metadata.tables)
    return metadata.sorted_tables


def dump(connection: Connection, writer: Writer, *, revision: str, program: str, at: datetime) -> Manifest:
    """Write everything that the connection's transaction sees, and return what was written.

    Raises DamagedDatabase rather than keep a copy of damage as if it were a backup.
    """
    _check_health(connection)
    for table in tables_of(connection):
        writer.table(table.name, [column.name for column in table.columns], _rows_of(connection, table))
    return writer.finish(
        revision=revision,
        program=program,
        database=connection.dialect.name,
        at=at,
        broken=broken_chains(connection),
    )


def _check_health(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    for check in ("PRAGMA integrity_check(1)", "PRAGMA foreign_key_check"):
        complaint = connection.exec_driver_sql(check).first()
        if complaint is not None and complaint[0] != "ok":
            raise DamagedDatabase(f"{check}: {' '.join(map(str, complaint))}")


def _rows_of(connection: Connection, table: Table) -> Iterator[list[Any]]:
    # As text, JSON keeps the difference between no value and the value null.
    columns = [sa.cast(c, sa.Text) if isinstance(c.type, sa.JSON) else c for c in table.columns]
    query = sa.select(*columns).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield [_written(value) for value in row]


def _written(value: Any) -> Any:
    if isinstance(value, datetime):
        # SQLite keeps UTC without saying so.
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def load(connection: Connection, reader: Reader) -> None:
    """Put every row of a verified backup into the empty tables of its own revision; raises BadArchive."""
    entries = {entry.name: entry for entry in reader.manifest.tables}
    tables = {table.name: table for table in tables_of(connection)}
    if set(entries) != set(tables):
        raise BadArchive(Fault.DAMAGED, ", ".join(sorted(set(entries) ^ set(tables))))
    for name, table in tables.items():
        if set(entries[name].columns) != set(table.columns.keys()):
            raise BadArchive(Fault.DAMAGED, name)
        _fill(connection, table, entries[name], reader)


def _fill(connection: Connection, table: Table, entry: TableEntry, reader: Reader) -> None:
    for column in table.columns:
        if isinstance(column.type, sa.JSON):
            column.type = sa.JSON(none_as_null=True)
    columns = [table.columns[name] for name in entry.columns]
    rows = iter(reader.rows(entry))
    while batch := list(islice(rows, _AT_ONCE)):
        connection.execute(sa.insert(table), [_values(connection, columns, row, entry) for row in batch])


def _values(connection: Connection, columns: list[Column[Any]], row: list[Any], entry: TableEntry) -> dict[str, Any]:
    try:
        return {column.name: _read(connection, column, value) for column, value in zip(columns, row, strict=True)}
    except (TypeError, ValueError) as error:
        raise BadArchive(Fault.DAMAGED, entry.name) from error


def _read(connection: Connection, column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, sa.JSON):
        content = json.loads(value)
        return sa.JSON.NULL if content is None else content
    if isinstance(column.type, sa.DateTime):
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC).replace(tzinfo=None) if connection.dialect.name == "sqlite" else moment
    return date.fromisoformat(value) if isinstance(column.type, sa.Date) else value


def check_counts(connection: Connection, manifest: Manifest) -> None:
    """Compare how many rows each table has with the manifest; raises BadArchive."""
    for entry in manifest.tables:
        count = connection.scalar(sa.select(sa.func.count()).select_from(sa.table(entry.name)))
        if count != entry.rows:
            raise BadArchive(Fault.DAMAGED, entry.name)


def check_chains(connection: Connection, manifest: Manifest) -> None:
    """Compare the cases whose hash chain does not hold with those of the manifest; raises BadArchive."""
    found = set(broken_chains(connection)) - set(manifest.broken)
    if found:
        raise BadArchive(Fault.DAMAGED, f"case {min(found)}")


def skip_ids(connection: Connection) -> None:
    """Let new rows have ids that no message sent since the backup can name."""
    for table in tables_of(connection):
        key = table.autoincrement_column
        if key is None:
            continue
        last = (connection.scalar(sa.select(sa.func.max(key))) or 0) + ID_GAP
        if connection.dialect.name == "sqlite":
            _skip_on_sqlite(connection, table.name, last)
        else:
            _skip_on_postgresql(connection, table.name, key.name, last)


def _skip_on_sqlite(connection: Connection, table: str, last: int) -> None:
    # Only the tables whose ids stand in buttons count on; the others take the next free id.
    lasting = "SELECT 1 FROM sqlite_master WHERE name = :table AND sql LIKE '%AUTOINCREMENT%'"
    if connection.scalar(sa.text(lasting), {"table": table}) is None:
        return
    connection.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table})
    values = {"table": table, "last": last}
    connection.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)"), values)


def _skip_on_postgresql(connection: Connection, table: str, column: str, last: int) -> None:
    statement = "SELECT setval(CAST(pg_get_serial_sequence(quote_ident(:table), :column) AS regclass), :last)"
    connection.execute(sa.text(statement), {"table": table, "column": column, "last": last})


def occupied(connection: Connection) -> bool:
    """Whether any table of the program has a row."""
    return any(connection.scalar(sa.select(sa.exists().select_from(table))) for table in tables_of(connection))


def drop_everything(connection: Connection, also: Iterable[str] = ("alembic_version",)) -> None:
    """Drop the program's tables, whatever their revision (PostgreSQL)."""
    for name in (*Base.metadata.tables, *also):
        quoted = connection.dialect.identifier_preparer.quote(name)
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quoted} CASCADE")
