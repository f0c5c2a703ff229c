"""Event logs as they are found: somebody may have written anything into them, past the program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, cast, type_coerce
from sqlalchemy.orm import InstrumentedAttribute

from bot.domain import chain
from bot.store.mapping import event_of
from bot.store.tables import CaseRow, EventRow, SopVersionRow

if TYPE_CHECKING:
    from bot.domain.events import Event

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


class Wrong(StrEnum):
    """What is wrong; each has its words in ``bot/console/audit.toml``."""

    MISSING = "missing"
    INSERTED = "inserted"
    ALTERED = "altered"
    IDENTITY = "identity"
    MISFIT = "misfit"  # the chain holds, but this could not have happened
    SURPLUS = "surplus"
    HEAD = "head"
    STATE = "state"
    DEFINITION = "definition"
    CASE_MISSING = "case_missing"
    CASE_UNNUMBERED = "case_unnumbered"
    ORPHANS = "orphans"
    TOLD = "told"
    DIGEST_ALTERED = "digest_altered"
    DIGEST_MISSING = "digest_missing"
    FINGERPRINT = "fingerprint"
    OFFICE_FINGERPRINT = "office_fingerprint"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. ``number`` is the first wrong event, ``last`` where the doubt ends."""

    what: Wrong
    office: str
    code: str = ""
    number: int | None = None
    last: int | None = None
    day: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """What is checked: one office or all, the cases with these codes or all."""

    office: str | None = None
    codes: frozenset[str] = frozenset()

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on a case."""
        found: list[ColumnElement[bool]] = []
        if self.office is not None:
            found.append(CaseRow.office_id == self.office)
        if self.codes:
            found.append(CaseRow.code.in_(self.codes))
        return found


def identity_of(row: Found) -> dict[str, object]:
    """Return the identity of the case in a row of ``CASE_COLUMNS``, in the form that is hashed."""
    return chain.identity(office_id=row.office_id, code=row.code, title=row.title, sop_hash=row.content_hash)


def entry_of(row: Found) -> chain.Entry:
    """Return the event in a row of ``EVENT_COLUMNS``."""
    return chain.Entry(row.number, moment(row.at), row.kind, row.by, parsed(row.data), row.hash)


def fact_of(entry: chain.Entry) -> Event | None:
    """Return what an event says, or None where it says nothing that this program knows."""
    values = {"number": entry.number, "at": entry.at, "kind": entry.kind, "by": entry.by, "data": entry.data}
    try:
        return event_of(EventRow(**values))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def moment(stored: object) -> datetime | None:
    """Return a stored moment as aware UTC, or None for what is none."""
    if isinstance(stored, str):
        try:
            stored = datetime.fromisoformat(stored)
        except ValueError:
            return None
    if not isinstance(stored, datetime):
        return None
    return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


def parsed(stored: object) -> object:
    """Return stored JSON as values, or None for what is none."""
    try:
        return json.loads(str(stored))
    except (ValueError, RecursionError):
        return None
