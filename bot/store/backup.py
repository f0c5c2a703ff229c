"""Between a database and a backup: every row out of one moment, and every row back into empty tables.

Tables are read as the database has them, not as this program declares them, so a backup can be taken before
an upgrade and read back after it. Values keep their meaning on either kind of database: moments are UTC in ISO
form, JSON stays the text it was stored as, whatever it is: a case whose log is no JSON any more is in the
manifest's ``broken``, and no reason to lose the rest.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.store.archive import BadArchive, Fault
from bot.store.chains import broken_chains, moment
from bot.store.tables import Base

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Column, ColumnElement, Connection, Table
    from sqlalchemy.types import TypeEngine

    from bot.store.archive import Manifest, Reader, TableEntry, Writer

ID_GAP = 1_000_000
"""How far ids jump after a restore: messages sent since the backup have buttons with ids that it does not know."""

_AT_ONCE = 500


class DamagedDatabase(Exception):  # noqa: N818 - named for what is the case
    """The database itself is damaged; ``what`` is the first complaint of its own check, or the row that is no row."""

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
    columns = list(table.columns)
    query = sa.select(*(_as_stored(connection, column) for column in columns)).order_by(*table.primary_key.columns)
    for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
        try:
            yield [_written(column, value) for column, value in zip(columns, row, strict=True)]
        except ValueError as error:
            named = dict(zip(table.columns.keys(), row, strict=True))
            key = ", ".join(f"{column.name} {named[column.name]!r}" for column in table.primary_key.columns)
            raise DamagedDatabase(f"{table.name} ({key}): {error}") from error


def _as_stored(connection: Connection, column: Column[Any]) -> ColumnElement[Any]:
    # As text, JSON keeps the difference between no value and the value null.
    if isinstance(column.type, sa.JSON):
        return sa.cast(column, sa.Text)
    # SQLite lets anything stand in any column: what the driver would stumble over, `_written` names.
    return sa.type_coerce(column, sa.types.NullType()) if connection.dialect.name == "sqlite" else column


_PYTHON: tuple[tuple[type[TypeEngine[Any]], tuple[type, ...]], ...] = (
    (sa.DateTime, (datetime,)),
    (sa.Date, (date,)),
    (sa.Boolean, (bool,)),
    (sa.Integer, (int,)),
    (sa.Numeric, (int, float)),
    (sa.Float, (int, float)),
    (sa.JSON, (str,)),
    (sa.String, (str,)),
)


def _written(column: Column[Any], value: Any) -> Any:
    """Return a value as it stands in a backup; raises ValueError with the column for one that could not come back."""
    if value is None:
        return None
    kind = next((known for type_, known in _PYTHON if isinstance(column.type, type_)), (object,))
    with suppress(TypeError, ValueError):
        value = _understood(column, value)
        if isinstance(value, kind):
            return value.isoformat() if isinstance(value, date) else value
    raise ValueError(column.name)


def _understood(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, sa.DateTime):
        return moment(value)  # SQLite keeps UTC without saying so
    if isinstance(column.type, sa.Date) and isinstance(value, str):
        return date.fromisoformat(value)
    return bool(value) if isinstance(column.type, sa.Boolean) and value in (0, 1) else value


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
    columns = [table.columns[name] for name in entry.columns]
    insert = sa.insert(table)
    if connection.dialect.name == "sqlite":
        for column in columns:
            # Back to the letter: there it is text, and may be none that JSON knows.
            column.type = sa.Text() if isinstance(column.type, sa.JSON) else column.type
    else:
        texts = {
            c: sa.cast(sa.bindparam(c.name, type_=sa.Text), sa.JSON) for c in columns if isinstance(c.type, sa.JSON)
        }
        insert = insert.values({c: texts.get(c, sa.bindparam(c.name, type_=c.type)) for c in columns})
    rows = iter(reader.rows(entry))
    while batch := list(islice(rows, _AT_ONCE)):
        connection.execute(insert, [_values(connection, columns, row, entry) for row in batch])


def _values(connection: Connection, columns: list[Column[Any]], row: list[Any], entry: TableEntry) -> dict[str, Any]:
    try:
        return {column.name: _read(connection, column, value) for column, value in zip(columns, row, strict=True)}
    except (TypeError, ValueError) as error:
        raise BadArchive(Fault.DAMAGED, entry.name) from error


def _read(connection: Connection, column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, sa.JSON):
        return value if _is_json(value) else json.dumps(value)
    if isinstance(column.type, sa.DateTime):
        at = datetime.fromisoformat(value)
        return at.astimezone(UTC).replace(tzinfo=None) if connection.dialect.name == "sqlite" else at
    return date.fromisoformat(value) if isinstance(column.type, sa.Date) else value


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _is_json(value: str) -> bool:
    """Whether PostgreSQL takes a text for JSON, which has no NaN."""
    try:
        json.loads(value, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return False
    return True


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


def skip_ids(connection: Connection, age: timedelta) -> None:
    """Let new rows have ids that no message sent since the backup can name; ``age`` is the backup's.

    The older the backup, the further: whoever restores the same one twice gets other ids the second time.
    """
    gap = ID_GAP + max(0, int(age.total_seconds()))
    for table in tables_of(connection):
        key = table.autoincrement_column
        if key is None:
            continue
        last = (connection.scalar(sa.select(sa.func.max(key))) or 0) + gap
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


def serials(connection: Connection) -> dict[tuple[str, str, int], int]:
    """Return the last case number drawn by office, abbreviation and year."""
    table = sa.table("serial", *map(sa.column, ("office_id", "abbreviation", "year", "last")))
    return {(office, name, year): last for office, name, year, last in connection.execute(sa.select(*table.c))}


def occupied(connection: Connection) -> bool:
    """Whether any table of the program has a row."""
    return any(connection.scalar(sa.select(sa.exists().select_from(table))) for table in tables_of(connection))


def drop_everything(connection: Connection, also: Iterable[str] = ("alembic_version",)) -> None:
    """Drop the program's tables, whatever their revision (PostgreSQL)."""
    for name in (*Base.metadata.tables, *also):
        quoted = connection.dialect.identifier_preparer.quote(name)
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {quoted} CASCADE")
