"""What can be wrong with the logs of cases, which of them are checked, and what an event in them says."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.store.mapping import event_of
from bot.store.tables import CaseRow, EventRow

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from bot.domain import chain
    from bot.domain.events import Event


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


def fact_of(entry: chain.Entry) -> Event | None:
    """Return what an event says, or None where it says nothing that this program knows."""
    values = {"number": entry.number, "at": entry.at, "kind": entry.kind, "by": entry.by, "data": entry.data}
    try:
        return event_of(EventRow(**values))
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
