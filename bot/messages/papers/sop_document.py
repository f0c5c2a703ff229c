"""The complete SOP document (Permenpan RB 35/2012): cover block and flowchart, ready for signature."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from bot.domain.sop import Field
from bot.drawing.paper import Form, Paper, Sheet
from bot.messages.labels import label
from bot.messages.papers.flow import sop_flow
from bot.messages.papers.reading import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from bot.domain.sop import Reading, Sop
    from bot.drawing.flow import Flow

Json = dict[str, object]


def sop_document(sop: Sop) -> Paper:
    """Return the document of a definition; what it leaves open is left to be filled in by hand.

    What the office has yet to confirm follows on a sheet that is no part of the document.
    """
    data = {**_cover(sop), "flow": asdict(_signed(sop_flow(sop))), "unconfirmed": _unconfirmed(sop)}
    name = label("paper.sop_document", id=sop.id)
    return Paper(Sheet.SOP_DOCUMENT, Form.PDF, json.dumps(data, ensure_ascii=False), name)


def _cover(sop: Sop) -> Json:
    dates = {"made": sop.dates.made, "revised": sop.dates.revised}
    dates |= {"approved": sop.dates.approved, "effective": sop.dates.effective}
    lists = {
        "legal_basis": sop.legal_basis,
        "qualifications": sop.qualifications,
        "related": sop.related,
        "equipment": sop.equipment,
        "warnings": sop.warnings,
        "records": sop.records,
        "remedies": sop.remedies,
    }
    return {
        "office": clean(sop.office.name),
        "name": clean(sop.name),
        "number": clean(sop.number),
        "approved_by": clean(sop.approved_by),
        **{key: _date(day) for key, day in dates.items()},
        **{key: _items(items) for key, items in lists.items()},
    }


def _date(day: date | None) -> list[int] | None:
    return None if day is None else [day.year, day.month, day.day]


def _items(items: Iterable[str]) -> list[str]:
    return [clean(item) for item in items]


def _signed(flow: Flow) -> Flow:
    """Return the flow without its doubts: they stand on the sheet behind the document."""
    return replace(flow, steps=tuple(replace(step, unconfirmed=()) for step in flow.steps))


def _unconfirmed(sop: Sop) -> list[Json]:
    """Return every doubt: where, which fields, why, and what the document's text was before it was repaired."""
    blocks: list[tuple[str, str, Reading]] = [
        ("office", sop.office.name, sop.office.reading),
        ("document", sop.name, sop.reading),
        *(("post", post.name, post.reading) for post in sop.posts),
        *(("step", str(step.number), step.reading) for step in sop.steps),
    ]
    return [
        {
            "kind": kind,
            "what": clean(what),
            "fields": [_field(name) for name in reading.unconfirmed],
            "note": clean(reading.note),
            "original": [[_field(name), clean(text)] for name, text in reading.original.items()],
        }
        for kind, what, reading in blocks
        if reading.unconfirmed
    ]


def _field(name: Field) -> str:
    return label(f"field.{name}")
