"""Use case: once a week, tell an office's sekretariat what runs, and the fingerprints of the cases' logs.

What was told is kept: it lets ``sop-bot audit verify`` see a log that was computed anew, and each digest
stands on the hash of the one before it, so that the newest message vouches for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain import chain
from bot.domain.case import Status
from bot.domain.notices import WeeklyDigest
from bot.services.monitor_digests import send
from bot.store.chains import moment, parsed
from bot.store.tables import CaseRow, DigestRow, TaskRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.sop import OfficeId
    from bot.services.work import Work

WEEKLY = "weekly"
_FIRST_LOOK_BACK = timedelta(days=7)
_COMMITTED_BY_NOW = timedelta(days=1)


def fire_digests(work: Work) -> int:
    """Make the digests whose week has opened; return how many messages were queued.

    Due from the first opening of an office's week on: an outage makes a digest late, a week without
    work leaves it out. Any number of replicas may try; one of them makes it.
    """
    latest = select(DigestRow.office_id, func.max(DigestRow.day)).where(DigestRow.kind == WEEKLY)
    made = dict(work.session.execute(latest.group_by(DigestRow.office_id)).all())
    messages = 0
    for office in work.offices().values():
        calendar = work.calendar_for(office)
        week = _week_of(calendar.local(work.at))
        if made.get(office.id, date.min) < week and calendar.is_working(work.at):
            messages += _make(work, office.id, week)
    return messages


def _week_of(local: datetime) -> date:
    """Return the Monday of a week, which stays the same when holidays are announced in the midst of it."""
    return local.date() - timedelta(days=local.weekday())


def _make(work: Work, office_id: OfficeId, week: date) -> int:
    content = _content(work, office_id, week)
    row = {"office_id": office_id, "kind": WEEKLY, "day": week}
    data = {**content, "hash": chain.digest(content)}
    insert = (sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql).insert
    statement = insert(DigestRow).values(**row, data=data, created_at=work.at)
    # One statement, so that of several replicas exactly one goes on.
    statement = statement.on_conflict_do_nothing(index_elements=list(row))
    digest_id = work.session.scalar(statement.returning(DigestRow.id))
    if digest_id is None or not content["cases"]:
        return 0
    # To be kept, not to be acted upon: the morning's digest rings beside it.
    return send(work, office_id, WeeklyDigest(digest_id), silent=True)


def _content(work: Work, office_id: OfficeId, week: date) -> dict[str, Any]:
    """Return the digest in the form that is hashed; the cases are those that run or ended since the last one."""
    before = _latest(work, office_id)
    since = before.at or work.at - _FIRST_LOOK_BACK
    # An end that was committed late carries an earlier moment: what was told is known by its code, not by time.
    ended_after = since - _COMMITTED_BY_NOW if before.at else since
    cases = [case for case in _cases(work, office_id, ended_after) if case.code not in before.ended]
    return {
        "office": office_id,
        "kind": WEEKLY,
        "day": week.isoformat(),
        "previous": before.hash,
        "since": since.isoformat(),
        "at": work.at.isoformat(),
        "late": _late(work, office_id),
        "cases": [{"code": c.code, "events": c.events, "head": c.head, "status": c.status} for c in cases],
    }


@dataclass(frozen=True, slots=True)
class _Before:
    """What the digest before says, in its hashed content; nothing where there is none or it says nothing."""

    at: datetime | None = None
    hash: str = ""
    ended: frozenset[str] = frozenset()


def _latest(work: Work, office_id: OfficeId) -> _Before:
    own = select(cast(DigestRow.data, Text)).where(DigestRow.office_id == office_id, DigestRow.kind == WEEKLY)
    stored = work.session.scalar(own.order_by(DigestRow.id.desc()).limit(1))
    data: Any = parsed(stored)
    try:
        ended = frozenset(case["code"] for case in data["cases"] if case["status"] != Status.RUNNING)
        return _Before(moment(data["at"]), str(data["hash"]), ended)
    except (LookupError, TypeError):
        # Altered past the program: `audit verify` says so, and the next digest comes all the same.
        return _Before()


def _cases(work: Work, office_id: OfficeId, ended_after: datetime) -> list[CaseRow]:
    # By when its last task's end was recorded: what is entered late ended earlier, and was told by no digest yet.
    recorded = exists().where(TaskRow.case_id == CaseRow.id, TaskRow.ended_at > ended_after)
    current = (CaseRow.status == Status.RUNNING) | recorded
    wanted = select(CaseRow).where(CaseRow.office_id == office_id, current)
    return list(work.session.scalars(wanted.order_by(CaseRow.id)))


def _late(work: Work, office_id: OfficeId) -> int:
    running = select(func.count()).select_from(TaskRow).join(CaseRow, CaseRow.id == TaskRow.case_id)
    late = running.where(CaseRow.office_id == office_id, TaskRow.ended_at.is_(None), TaskRow.due_at < work.at)
    return work.session.scalar(late) or 0
