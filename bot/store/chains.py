"""Which cases have a log whose hash chain does not hold: one pass over the events, whatever opened the database."""

from __future__ import annotations

import json
from datetime import UTC
from itertools import groupby
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from bot.domain import chain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection, RowMapping

_AT_ONCE = 500
_CASE = sa.table(
    "case", *(sa.column(name) for name in ("id", "office_id", "code", "title", "sop_version_id", "events", "head"))
)
_VERSION = sa.table("sop_version", sa.column("id"), sa.column("content_hash"))
_EVENT = sa.table(
    "event",
    *(sa.column(name) for name in ("case_id", "number", "kind", "by", "hash")),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("data", sa.JSON()),
)
# As text: what somebody wrote over the data may be no JSON at all.
_LOG = sa.select(*(sa.cast(c, sa.Text) if c.name == "data" else c for c in _EVENT.c))


def broken_chains(connection: Connection) -> list[int]:
    """Return the ids of the cases whose events are altered, missing or slipped in, in order.

    None before the revision that brought the chain.
    """
    if not any(column["name"] == "hash" for column in sa.inspect(connection).get_columns("event")):
        return []
    cases = sa.select(_CASE, _VERSION.c.content_hash).join(_VERSION, _VERSION.c.id == _CASE.c.sop_version_id)
    streamed = {"yield_per": _AT_ONCE}
    events = connection.execute(_LOG.order_by(_EVENT.c.case_id, _EVENT.c.number), execution_options=streamed)
    logs = groupby(events.mappings(), key=lambda event: event["case_id"])
    waiting = next(logs, None)
    broken = []
    for case in connection.execute(cases.order_by(_CASE.c.id), execution_options=streamed).mappings():
        log: Iterable[RowMapping] = ()
        if waiting is not None and waiting[0] == case["id"]:
            log = waiting[1]
        if not _holds(case, log):
            broken.append(int(case["id"]))
        if waiting is not None and waiting[0] == case["id"]:
            waiting = next(logs, None)
    return broken


def _holds(case: RowMapping, log: Iterable[RowMapping]) -> bool:
    head = chain.genesis(
        office_id=case["office_id"], code=case["code"], title=case["title"], sop_hash=case["content_hash"]
    )
    count = 0
    try:
        for count, event in enumerate(log, 1):
            head = chain.link(head, **_content(event))
            if event["hash"] != head or event["number"] != count:
                return False
    except ValueError:
        return False
    # A case without an event has no head.
    return (count, head if count else "") == (case["events"], case["head"])


def _content(event: RowMapping) -> dict[str, Any]:
    at = event["at"]
    moment = at.replace(tzinfo=UTC) if at.tzinfo is None else at
    kept = {name: event[name] for name in ("number", "kind", "by")}
    return {**kept, "data": json.loads(event["data"]), "at": moment}
