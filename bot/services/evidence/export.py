"""One case as a file of its own: everything that a third party needs to verify its log, and to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, select

from bot.domain import chain
from bot.services.evidence.cases import Reading
from bot.store import queries
from bot.store.chains import CASE_COLUMNS, EVENT_COLUMNS, entry_of, identity_of, moment, parsed
from bot.store.tables import AttachmentRow, CaseRow, EventRow, OfficeRow, PersonRow, SopVersionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.services.work import Work

FORMAT = "sop-bot berkas 1"
Json = dict[str, Any]  # any: the nesting of JSON has no useful static type


def case_file(work: Work, case_id: int) -> Json:
    """Return a case as JSON values: ``identity``, ``sop`` and ``events`` stand as they are hashed.

    People and posts stand beside the log, by id: a name is no part of any hash, so it can be forgotten.
    A log that does not hold is handed out as it is, with ``problem`` saying where it breaks.
    """
    version = SopVersionRow.id == CaseRow.sop_version_id
    query = select(*CASE_COLUMNS, *EVENT_COLUMNS).outerjoin(SopVersionRow, version)
    query = query.outerjoin(EventRow, EventRow.case_id == CaseRow.id).where(CaseRow.id == case_id)
    rows = work.session.execute(query.order_by(EventRow.number)).all()
    case = rows[0]
    problem = Reading(case).problem(case, rows[1:])
    events = _events(chain.digest(identity_of(case)), [entry_of(row) for row in rows if row.number is not None])
    office = work.session.get_one(OfficeRow, case.office_id)
    return {
        "format": FORMAT,
        "exported_at": work.at.isoformat(),
        "fingerprint": chain.fingerprint(case.head),
        "problem": None if problem is None else {"what": problem.what.value, "event": problem.number},
        "case": {
            "status": case.status,
            "started_at": _iso(moment(case.started_at)),
            "ended_at": _iso(moment(case.ended_at)),
            "events": case.events,
        },
        "office": {"name": office.name, "zone": office.zone},
        "posts": queries.post_names(work.session, case.office_id),
        "people": _people(work, {event["by"] for event in events} | {case.started_by} | _deciders(events)),
        "attachments": _attachments(work, case_id),
        "identity": identity_of(case),
        "sop": _definition(work, case.sop_version_id),
        "events": events,
        "head": case.head,
    }


def _events(start: str, entries: Sequence[chain.Entry]) -> list[Json]:
    before = [start, *(entry.hash for entry in entries)]
    pairs = zip(before, entries, strict=False)
    return [{**chain.hashed_form(previous, entry), "hash": entry.hash} for previous, entry in pairs]


def _people(work: Work, ids: Iterable[object]) -> dict[str, str]:
    known = {person_id for person_id in ids if isinstance(person_id, int)}
    people = work.session.scalars(select(PersonRow).where(PersonRow.id.in_(known)).order_by(PersonRow.id))
    return {str(person.id): person.name for person in people}


def _deciders(events: Iterable[Json]) -> set[object]:
    """Return on whose behalf somebody else recorded a decision."""
    named = (event["data"].get("on_behalf_of") for event in events if isinstance(event["data"], dict))
    return {person for person in named if isinstance(person, int)}


def _attachments(work: Work, case_id: int) -> Json:
    """Return what is known of the case's files, by id: their content stays at Telegram, told by its checksum."""
    own = select(AttachmentRow).where(AttachmentRow.case_id == case_id).order_by(AttachmentRow.id)
    return {
        str(row.id): {"name": row.name, "size": row.size, "sha256": row.sha256, "photo": row.photo}
        for row in work.session.scalars(own)
    }


def _definition(work: Work, version_id: int) -> object:
    stored = select(cast(SopVersionRow.definition, Text)).where(SopVersionRow.id == version_id)
    return parsed(work.session.scalar(stored))


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
