"""A round of the auditor: which cases it looks at, in portions of one short transaction each.

Every running case is looked at in every round, up to a number; of the ended ones those of the last
day and a rolling part of the others. Replicas may audit at the same time: findings are unique rows.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.case import Status
from bot.domain.errors import DomainError
from bot.services.auditor import calendars
from bot.services.auditor.delivering import judge_cards, stuck
from bot.services.auditor.evidence import Evidence, gather
from bot.services.auditor.judging import Inquiry, judge_state, read
from bot.services.auditor.keeping import keep
from bot.services.auditor.reminding import judge_reminders
from bot.store.tables import CaseRow, FindingRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Select

    from bot.services.auditor.found import Found
    from bot.services.work import Work

log = logging.getLogger(__name__)

PORTION = 20
"""Cases per transaction: a few hundredths of a second of the one writer that SQLite has."""

_RUNNING, _ENDED = 500, 200
_RECENTLY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rounds:
    """How far this process has come: the last running and the last ended case of the round before."""

    running: int = 0
    ended: int = 0


def next_round(work: Work, before: Rounds) -> tuple[list[tuple[int, ...]], Rounds]:
    """Return the portions of case ids that a round looks at, and how far it comes."""
    is_running = CaseRow.status == Status.RUNNING
    running = _rolling(work, select(CaseRow.id).where(is_running), before.running, _RUNNING)
    ended = _rolling(work, select(CaseRow.id).where(~is_running), before.ended, _ENDED)
    lately = select(CaseRow.id).where(~is_running, CaseRow.ended_at > work.at - _RECENTLY).limit(_RUNNING)
    open_ = select(FindingRow.case_id).where(FindingRow.resolved_at.is_(None), FindingRow.case_id.is_not(None))
    found = {case_id for case_id in work.session.scalars(open_.limit(_RUNNING)) if case_id is not None}
    ids = sorted({*running, *ended, *work.session.scalars(lately), *found})
    portions = [tuple(ids[start : start + PORTION]) for start in range(0, len(ids), PORTION)]
    return portions, Rounds(_last(running, _RUNNING), _last(ended, _ENDED))


def _rolling(work: Work, query: Select[int], after: int, limit: int) -> Sequence[int]:
    return work.session.scalars(query.where(CaseRow.id > after).order_by(CaseRow.id).limit(limit)).all()


def _last(ids: Sequence[int], limit: int) -> int:
    """Return where the next round goes on: at the beginning, once the end was reached."""
    return ids[-1] if len(ids) == limit else 0


def audit_cases(work: Work, case_ids: Collection[int]) -> int:
    """Audit some cases and keep what was found; return how many differences are new."""
    evidence = gather(work, case_ids)
    known = _known_since(work, evidence)
    audited: set[int] = set()
    found: list[Found] = []
    for case in evidence.cases:
        by = work.calendar_of(case), work.rules_of(case.office_id)
        inquiry = Inquiry(case, work.sop_of(case), *by, evidence, work.at, known[case.office_id])
        try:
            _audit(inquiry)
        except DomainError:
            # A calendar without working time: the other cases are audited all the same.
            log.exception("case not audited", extra={"action": "audit.failed", "case_id": case.id})
            continue
        audited.add(case.id)
        found += inquiry.found
    before = select(FindingRow).where(FindingRow.case_id.in_(audited))
    return keep(work, before, found)


def _audit(inquiry: Inquiry) -> None:
    told = read(inquiry)
    if told is None:
        return
    for task, row in judge_state(inquiry, told):
        judge_reminders(inquiry, task, row)
        judge_cards(inquiry, task, row)


def _known_since(work: Work, evidence: Evidence) -> dict[str, datetime | None]:
    found: dict[str, datetime | None] = {}
    for case in evidence.cases:
        if case.office_id not in found:
            found[case.office_id] = calendars.known_since(work, case.office_id, work.calendar_of(case))
    return found


def audit_outbox(work: Work, up_since: datetime) -> int:
    """Look for messages that have neither gone out nor been given up; return how many are new."""
    before = select(FindingRow).where(FindingRow.case_id.is_(None))
    return keep(work, before, stuck(work, up_since))
