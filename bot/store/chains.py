"""Cases and their logs as they are found: somebody may have written anything into them, past the program.

The one way in which whatever checks a log (backups, ``audit verify``, the auditor) reads its rows. What an
event means is left to each of them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, cast, inspect, select, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from bot.domain import chain
from bot.store.tables import CaseRow, EventRow, SopVersionRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_AT_ONCE = 500

Column = ColumnElement[Any] | InstrumentedAttribute[Any]
Found = Any  # a row of these columns: what they hold is not to be relied on

# As they are stored: a moment or a JSON value that cannot be read must become a finding, not an error.
CASE_COLUMNS: tuple[Column, ...] = (
    CaseRow.id.label("case_id"),
    CaseRow.office_id,
    CaseRow.code,
    CaseRow.title,
    CaseRow.status,
    CaseRow.started_by,
    type_coerce(CaseRow.started_at, Text).label("started_at"),
    type_coerce(CaseRow.ended_at, Text).label("ended_at"),
    CaseRow.events,
    CaseRow.head,
    CaseRow.sop_version_id,
    SopVersionRow.content_hash,
)
EVENT_COLUMNS: tuple[Column, ...] = (
    EventRow.number,
    type_coerce(EventRow.at, Text).label("at"),
    EventRow.kind,
    EventRow.by,
    cast(EventRow.data, Text).label("data"),
    EventRow.hash,
)


def identity_of(row: Found) -> dict[str, object]:
    """Return the identity of the case in a row of ``CASE_COLUMNS``, in the form that is hashed."""
    return chain.identity(office_id=row.office_id, code=row.code, title=row.title, sop_hash=row.content_hash)


def entry_of(row: Found) -> chain.Entry:
    """Return the event in a row of ``EVENT_COLUMNS``."""
    return chain.Entry(row.number, moment(row.at), row.kind, row.by, parsed(row.data), row.hash)


def walk_of(row: Found) -> chain.Walk:
    """Return a walk that begins at the case in a row of ``CASE_COLUMNS``."""
    try:
        return chain.Walk(chain.digest(identity_of(row)))
    except TypeError:  # bytes in the place of text: nothing stands on them
        return chain.Walk("")


def passed(walk: chain.Walk, entry: chain.Entry) -> chain.Break | None:
    """Return what ``walk.step`` returns, also for what has no canonical form at all."""
    try:
        return walk.step(entry)
    except (TypeError, ValueError, RecursionError):
        return chain.Break(walk.count + 1, chain.Fault.ALTERED)


def moment(stored: object) -> datetime | None:
    """Return a stored moment as aware UTC, or None for what is none."""
    try:
        if isinstance(stored, str):
            stored = datetime.fromisoformat(stored)
        if not isinstance(stored, datetime):
            return None
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parsed(stored: object) -> object:
    """Return stored JSON as values, or None for what is none."""
    try:
        return json.loads(str(stored))
    except (ValueError, RecursionError):
        return None


def broken_chains(connection: Connection) -> list[int]:
    """Return the ids of the cases whose events are altered, missing or slipped in, in order.

    One pass over the events. None before the revision that brought the chain.
    """
    if not any(column["name"] == "hash" for column in inspect(connection).get_columns("event")):
        return []
    query = (
        select(*CASE_COLUMNS, *EVENT_COLUMNS)
        .select_from(CaseRow)
        .outerjoin(SopVersionRow, SopVersionRow.id == CaseRow.sop_version_id)
        .outerjoin(EventRow, EventRow.case_id == CaseRow.id)
        .order_by(CaseRow.id, EventRow.number)
    )
    rows = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
    return [int(case_id) for case_id, log in groupby(rows, key=lambda row: row.case_id) if not _holds(log)]


def _holds(log: Iterable[Found]) -> bool:
    walk: chain.Walk | None = None
    case: Found = None
    for row in log:
        case, walk = row, walk or walk_of(row)
        if row.number is not None and passed(walk, entry_of(row)) is not None:
            return False
    # A case without an event has no head.
    return walk is not None and (walk.count, walk.head if walk.count else "") == (case.events, case.head)
