"""Telling the sekretariat what was found: once, one message per person, in working time."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import AuditFinding
from bot.services.alerts import to_group
from bot.services.outbox import tell
from bot.store import queries
from bot.store.tables import FindingRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.services.work import Work

_MOST = 100
"""Findings in one message; more come with the next round."""


def tell_findings(work: Work) -> int:
    """Queue one message for each group or monitor of an office with something new; return how many.

    What nobody can be told of (an office without sekretariat) waits until somebody can.
    """
    told: dict[int, list[FindingRow]] = defaultdict(list)
    groups = 0
    for office_id, rows in _untold(work).items():
        in_group = to_group(work, office_id, _finding(rows), not_before=_opening(work, {office_id}))
        groups += in_group
        monitors = () if in_group else queries.secretariat_of(work.session, office_id, work.at)
        for person in monitors:
            told[person.id] += rows
        for row in rows if in_group or monitors else ():
            row.told_at = work.at
    for person_id, rows in sorted(told.items()):
        person = work.session.get_one(PersonRow, person_id)
        opening = _opening(work, {row.office_id for row in rows if row.office_id})
        tell(work, person, _finding(rows), not_before=opening)
    return len(told) + groups


def _finding(rows: Iterable[FindingRow]) -> AuditFinding:
    return AuditFinding(tuple(row.id for row in rows))


def _untold(work: Work) -> dict[str, list[FindingRow]]:
    new = FindingRow.told_at.is_(None), FindingRow.resolved_at.is_(None), FindingRow.office_id.is_not(None)
    # Another replica tells what it has locked.
    query = select(FindingRow).where(*new).order_by(FindingRow.id).with_for_update(skip_locked=True)
    found: dict[str, list[FindingRow]] = defaultdict(list)
    for row in work.session.scalars(query):
        if row.office_id is not None and len(found[row.office_id]) < _MOST:
            found[row.office_id].append(row)
    return found


def _opening(work: Work, office_ids: Iterable[str]) -> datetime:
    offices = work.offices()
    return min(work.calendar_for(offices[office_id]).next_opening(work.at) for office_id in office_ids)
