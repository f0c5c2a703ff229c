"""Between domain facts and rows: the event log and the case state rebuilt from it."""

from __future__ import annotations

from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bot.domain import chain
from bot.domain import events as ev
from bot.store.tables import EventRow

if TYPE_CHECKING:
    from collections.abc import Mapping

_KINDS: Mapping[str, type[ev.Event]] = {
    name: cls for name, cls in vars(ev).items() if isinstance(cls, type) and issubclass(cls, ev.Event)
}
_COLUMNS = {"at", "by"}
_MOMENTS = {"due_at", "since", "real_at"}
_OPTIONAL = {
    (name, f.name)
    for name, cls in _KINDS.items()
    for f in fields(cls)
    if f.default is not MISSING and (name, f.name) != ("PartDone", "note")
}
"""What is left out of a row where there is nothing to say: logs stay short, and older ones are read as they are."""


def event_row(case_id: int, number: int, event: ev.Event, previous: str) -> EventRow:
    """Return the row of the ``number``-th event (1-based) of a case; ``previous`` is the hash before it."""
    kind, by = type(event).__name__, getattr(event, "by", None)
    named = {f.name: getattr(event, f.name) for f in fields(event) if f.name not in _COLUMNS}
    data = {
        name: _to_json(value)
        for name, value in named.items()
        if (kind, name) not in _OPTIONAL or value not in (None, ())
    }
    digest = chain.link(previous, number=number, at=event.at, kind=kind, by=by, data=data)
    return EventRow(case_id=case_id, number=number, at=event.at, kind=kind, by=by, data=data, hash=digest)


def event_of(row: EventRow) -> ev.Event:
    """Return the fact a row stands for; raises KeyError for a kind this version does not know."""
    cls = _KINDS[row.kind]
    values: dict[str, Any] = {key: _from_json(key, value) for key, value in row.data.items()}
    if any(f.name == "by" for f in fields(cls)):
        values["by"] = row.by
    return cls(at=row.at, **values)


def _to_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return list(value) if isinstance(value, tuple) else value


def _from_json(key: str, value: Any) -> Any:
    if key in _MOMENTS:
        return datetime.fromisoformat(value)
    return tuple(value) if isinstance(value, list) else value
