"""Checking the logs against what was told: the weekly digests, and the fingerprint on somebody's paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, select, tuple_

from bot.domain import chain
from bot.services.digest import WEEKLY
from bot.services.evidence.log import Problem, Scope, Wrong
from bot.store.chains import Found, parsed
from bot.store.tables import CaseRow, DigestRow, EventRow

if TYPE_CHECKING:
    from bot.services.work import Work

_AT_ONCE = 200
SHORTEST = chain.GROUPS * chain.GROUP
"""A shorter piece of a fingerprint proves too little."""


@dataclass(slots=True)
class Told:
    """What the digests checked so far have vouched for: per office a hash, per case a number of events."""

    hashes: dict[str, str | None] = field(default_factory=dict)
    good: dict[tuple[str, str], int] = field(default_factory=dict)
    reported: set[tuple[str, str]] = field(default_factory=set)


def check_digest(work: Work, scope: Scope, after: int, told: Told) -> tuple[int | None, list[Problem]]:
    """Check the next digest after the id ``after``; returns its id (None at the end) and what is wrong.

    ``told`` is carried on from digest to digest.
    """
    columns = DigestRow.id, DigestRow.office_id, DigestRow.kind, cast(DigestRow.day, Text).label("day")
    following = DigestRow.id > after, DigestRow.kind == WEEKLY  # the others vouch for nothing
    query = select(*columns, cast(DigestRow.data, Text).label("data")).where(*following)
    if scope.office is not None:
        query = query.where(DigestRow.office_id == scope.office)
    row = work.session.execute(query.order_by(DigestRow.id).limit(1)).one_or_none()
    if row is None:
        return None, []
    try:
        return row.id, _problems_of(work, scope, told, row)
    except (KeyError, TypeError, AttributeError):
        # What it says of the cases is worth nothing now; the next one has nothing to stand on.
        told.hashes[row.office_id] = None
        return row.id, [Problem(Wrong.DIGEST_ALTERED, row.office_id, day=row.day)]


def _problems_of(work: Work, scope: Scope, told: Told, row: Found) -> list[Problem]:
    data: Any = parsed(row.data)
    content = {key: value for key, value in data.items() if key != "hash"}
    named = content["office"], content["kind"], content["day"]
    if named != (row.office_id, row.kind, row.day) or chain.digest(content) != data["hash"]:
        raise KeyError(row.id)
    return _against_the_one_before(told, row.office_id, row.day, data) + _against_the_logs(work, scope, told, data)


def _against_the_one_before(told: Told, office: str, day: str, data: Mapping[str, Any]) -> list[Problem]:
    before = told.hashes.get(office, "")
    told.hashes[office] = data["hash"]
    if before is None or data["previous"] == before:
        return []
    return [Problem(Wrong.DIGEST_MISSING, office, day=day)]


def _against_the_logs(work: Work, scope: Scope, told: Told, data: Mapping[str, Any]) -> list[Problem]:
    office: str = data["office"]
    cases = [case for case in data["cases"] if not scope.codes or case["code"] in scope.codes]
    problems: list[Problem] = []
    for start in range(0, len(cases), _AT_ONCE):
        problems += _some(work, told, office, cases[start : start + _AT_ONCE], data["day"])
    return problems


def _some(work: Work, told: Told, office: str, cases: Sequence[Mapping[str, Any]], day: str) -> list[Problem]:
    places = [(case["code"], case["events"]) for case in cases]
    query = (
        select(CaseRow.code, EventRow.number, EventRow.hash)
        .join(CaseRow, CaseRow.id == EventRow.case_id)
        .where(CaseRow.office_id == office, tuple_(CaseRow.code, EventRow.number).in_(places))
    )
    found = {(code, number): digest for code, number, digest in work.session.execute(query)}
    problems: list[Problem] = []
    for case in cases:
        key, number = (office, case["code"]), case["events"]
        if found.get((case["code"], number)) == case["head"]:
            told.good[key] = number
        elif key not in told.reported:
            told.reported.add(key)
            problems.append(Problem(Wrong.TOLD, *key, told.good.get(key, 0) + 1, number, day))
    return problems


# --- a fingerprint on paper -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Match:
    """That a fingerprint is that of a case's log after ``number`` of its ``events``, or of a digest (``day``)."""

    office: str
    code: str = ""
    number: int = 0
    events: int = 0
    day: str = ""


def bare(fingerprint: str) -> str:
    """Return a fingerprint as somebody copied it, without what is there for the eye."""
    return "".join(sign for sign in fingerprint.lower() if sign.isalnum())


def cases_with(work: Work, scope: Scope, code: str) -> Sequence[tuple[int, str]]:
    """Return (id, office) of the cases with a code; of several offices where they have equal codes."""
    query = select(CaseRow.id, CaseRow.office_id).where(CaseRow.code == code, *Scope(scope.office).conditions())
    return [(case_id, office) for case_id, office in work.session.execute(query.order_by(CaseRow.id))]


def compare_case(work: Work, case_id: int, fingerprint: str) -> Match | Problem:
    """Return after which event the case's log had this fingerprint; the latest, where several do."""
    case = work.session.execute(select(CaseRow.office_id, CaseRow.code).where(CaseRow.id == case_id)).one()
    hashes = select(EventRow.number, EventRow.hash).where(EventRow.case_id == case_id).order_by(EventRow.number)
    rows = work.session.execute(hashes).all()
    places = [number for number, digest in rows if digest.startswith(bare(fingerprint))]
    if not places:
        return Problem(Wrong.FINGERPRINT, case.office_id, case.code)
    return Match(case.office_id, case.code, places[-1], len(rows))


def compare_office(work: Work, office: str, fingerprint: str) -> Match | Problem:
    """Return which digest of an office had this fingerprint."""
    for row in work.session.scalars(select(DigestRow).where(DigestRow.office_id == office).order_by(DigestRow.id)):
        if str(row.data.get("hash")).startswith(bare(fingerprint)):
            return Match(office, day=row.day.isoformat())
    return Problem(Wrong.OFFICE_FINGERPRINT, office)
