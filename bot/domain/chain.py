"""The hash chain of a case's event log: what shows that an event was altered, cut or slipped in.

Each event's hash covers the hash before it and the event's own content; the first one stands on the
identity of the case. Events hold person ids only: names stay outside, so that they can be forgotten.
``docs/verifikasi.md`` tells a third party how to compute the same with nothing but this page.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

GROUPS, GROUP = 4, 4


def genesis(*, office_id: str, code: str, title: str, sop_hash: str) -> str:
    """Return the hash (SHA-256, hexadecimal) that a case's first event stands on."""
    return _digest({"office": office_id, "code": code, "title": title, "sop": sop_hash})


def link(previous: str, *, number: int, at: datetime, kind: str, by: int | None, data: Mapping[str, object]) -> str:
    """Return the hash of the ``number``-th event (1-based) after the hash ``previous``.

    ``at`` is an aware moment; ``data`` holds JSON values.
    """
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    event = {"previous": previous, "number": number, "at": moment, "kind": kind, "by": by, "data": dict(data)}
    return _digest(event)


def fingerprint(head: str) -> str:
    """Return a hash in the short form that people compare: ``9F3A-02C1-77DE-4B10``."""
    short = head[: GROUPS * GROUP].upper()
    return "-".join(short[place : place + GROUP] for place in range(0, len(short), GROUP))


def _digest(content: Mapping[str, object]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
