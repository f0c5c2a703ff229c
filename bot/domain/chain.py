"""The hash chain of a case's event log: what shows that an event was altered, cut or slipped in.

Each event's hash covers the hash before it and the event's own content; the first one stands on the
identity of the case. Events hold person ids only: names stay outside, so that they can be forgotten.
``docs/verifikasi.md`` tells a third party how to compute the same with nothing but that page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

GROUPS, GROUP = 5, 4
"""A fingerprint is 80 bits: short enough to be compared by eye, too long to be met by trying."""


def genesis(*, office_id: str, code: str, title: str, sop_hash: str) -> str:
    """Return the hash (SHA-256, hexadecimal) that a case's first event stands on."""
    return digest(identity(office_id=office_id, code=code, title=title, sop_hash=sop_hash))


def identity(*, office_id: str, code: str, title: str, sop_hash: str) -> dict[str, object]:
    """Return what makes a case the one it is, in the form that is hashed."""
    return {"office": office_id, "code": code, "title": title, "sop": sop_hash}


def link(previous: str, *, number: int, at: datetime, kind: str, by: int | None, data: Mapping[str, object]) -> str:
    """Return the hash of the ``number``-th event (1-based) after the hash ``previous``.

    ``at`` is an aware moment; ``data`` holds JSON values.
    """
    return digest(hashed_form(previous, Entry(number, at, kind, by, dict(data), "")))


def fingerprint(head: str) -> str:
    """Return a hash in the short form that people compare: ``9F3A-02C1-77DE-4B10-8E2D``."""
    short = head[: GROUPS * GROUP].upper()
    return "-".join(short[place : place + GROUP] for place in range(0, len(short), GROUP))


def digest(content: Mapping[str, object]) -> str:
    """Return the hash of JSON values in their one canonical form: keys in order, nothing between, UTF-8."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    # What somebody wrote past the program may be no text at all: it gets a hash, not an error.
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


# --- checking -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it is found, whatever it is: a log to be checked may hold anything."""

    number: object
    at: datetime | None
    kind: object
    by: object
    data: object
    hash: str


class Fault(StrEnum):
    """What is wrong at one place of a chain."""

    MISSING = "missing"
    INSERTED = "inserted"
    ALTERED = "altered"
    IDENTITY = "identity"  # the first event, or the case that it stands on


@dataclass(frozen=True, slots=True)
class Break:
    """The first event (1-based) at which a chain does not hold."""

    number: int
    fault: Fault


def hashed_form(previous: str, entry: Entry) -> dict[str, object]:
    """Return an event in exactly the form whose canonical JSON is hashed."""
    moment = entry.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if entry.at else None
    content = {"number": entry.number, "at": moment, "kind": entry.kind, "by": entry.by, "data": entry.data}
    return {"previous": previous, **content}


class Walk:
    """Follows one chain from its start; ``hashes`` are those passed so far, the genesis first."""

    def __init__(self, start: str) -> None:
        """Begin at the genesis."""
        self.hashes = [start]

    @property
    def head(self) -> str:
        """The hash reached."""
        return self.hashes[-1]

    @property
    def count(self) -> int:
        """How many events have been passed."""
        return len(self.hashes) - 1

    def step(self, entry: Entry) -> Break | None:
        """Pass the next event in order of numbers, or return why the chain breaks there."""
        number = self.count + 1
        if isinstance(entry.number, int) and entry.number > number:
            return Break(number, Fault.MISSING)
        if entry.number == number and digest(hashed_form(self.head, entry)) == entry.hash:
            self.hashes.append(entry.hash)
            return None
        if entry.hash in self.hashes:
            return Break(number, Fault.INSERTED)  # an earlier event once more
        earlier = self._fits_after(entry)
        if earlier is not None:
            return Break(earlier + 1, Fault.INSERTED)
        return Break(number, Fault.IDENTITY if number == 1 else Fault.ALTERED)

    def _fits_after(self, entry: Entry) -> int | None:
        """Return after which earlier event this one was written: what stands between was slipped in."""
        for place in range(self.count - 1, -1, -1):
            moved = Entry(place + 1, entry.at, entry.kind, entry.by, entry.data, entry.hash)
            if digest(hashed_form(self.hashes[place], moved)) == entry.hash:
                return place
        return None
