"""Findings as rows: one per thing, open until it holds no longer, open again when it comes back."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy.dialects import postgresql, sqlite

from bot.metrics import FINDINGS
from bot.store.database import after_commit
from bot.store.tables import FindingRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Select

    from bot.services.auditor.found import Found
    from bot.services.work import Work

log = logging.getLogger(__name__)


def keep(work: Work, before: Select[FindingRow], found: Sequence[Found]) -> int:
    """Bring the rows of ``before`` up to what was found now; return how many are new or back again."""
    rows = {(row.kind, row.subject): row for row in work.session.scalars(before)}
    news = 0
    for item in found:
        row = rows.pop((item.kind, item.subject), None)
        if row is None:
            is_news = _add(work, item)
        else:
            is_news = row.resolved_at is not None
            if is_news:
                row.found_at, row.told_at, row.resolved_at = work.at, None, None
                row.detail = dict(item.detail)
        if is_news:
            news += 1
            after_commit(work.session, _announcing(item))
    for row in rows.values():
        if row.resolved_at is None:
            row.resolved_at = work.at
            log.info("finding resolved", extra={"action": "audit.resolved", "kind": row.kind, "subject": row.subject})
    return news


def _add(work: Work, item: Found) -> bool:
    """Insert a finding; False where another replica has just done so."""
    insert = (sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql).insert
    values = {
        "office_id": item.office_id,
        "case_id": item.case_id,
        "kind": item.kind.value,
        "subject": item.subject,
        "detail": dict(item.detail),
        "found_at": work.at,
    }
    statement = insert(FindingRow).values(**values).on_conflict_do_nothing().returning(FindingRow.id)
    return work.session.scalar(statement) is not None


def _announcing(item: Found) -> Callable[[], None]:
    def announce() -> None:
        FINDINGS.labels(item.kind.value).inc()
        extra = {"action": "audit.finding", "kind": item.kind.value, "subject": item.subject, "case_id": item.case_id}
        log.error("not as the event log says: %s %s", item.kind.value, item.subject, extra=extra)

    return announce
