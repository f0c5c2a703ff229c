"""Use cases: what an office's sekretariat is told on a working day's morning, and before the week ends.

Each is a row, unique by office, kind and day, so that of any number of replicas one tells it. What it says is read when
it is sent; a day that has passed is told of no more.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import MorningDigest, WeekSummary
from bot.messages.monitor_digests import has_morning, has_week
from bot.services.alerts import to_group
from bot.services.outbox import Priority, put
from bot.store import queries
from bot.store.races import insert_new
from bot.store.tables import DigestRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.notices import Notice
    from bot.domain.sop import OfficeId
    from bot.domain.worktime import Calendar
    from bot.services.work import Work

MORNING, WEEK_END = "morning", "week_end"

BEFORE_CLOSING = timedelta(hours=1)
"""How long before the last closing of the week its summary comes, if the office has opened by then."""


def fire_morning(work: Work) -> int:
    """Make the morning digests of the offices that have opened; return how many messages were queued."""
    return sum(_morning(work, office.id, work.calendar_for(office)) for office in work.offices().values())


def _morning(work: Work, office_id: OfficeId, calendar: Calendar) -> int:
    if not calendar.is_working(work.at):
        return 0
    digest_id = _made(work, office_id, MORNING, calendar.local(work.at).date())
    if digest_id is None or not has_morning(work, office_id):
        return 0
    return send(work, office_id, MorningDigest(digest_id))


def fire_week_end(work: Work) -> int:
    """Make the summaries of the offices whose week is about to close; return how many messages were queued."""
    return sum(_week_end(work, office.id, work.calendar_for(office)) for office in work.offices().values())


def _week_end(work: Work, office_id: OfficeId, calendar: Calendar) -> int:
    moment = closing_hour(calendar, calendar.local(work.at).date())
    if moment is None or work.at < moment or not calendar.is_working(work.at):
        return 0
    digest_id = _made(work, office_id, WEEK_END, calendar.local(work.at).date())
    if digest_id is None or not has_week(work, office_id):
        return 0
    return send(work, office_id, WeekSummary(digest_id))


def closing_hour(calendar: Calendar, day: date) -> datetime | None:
    """Return when the summary is due on ``day``; None unless it is the last working day of its week."""
    rest = (day + timedelta(days=after) for after in range(1, 7 - day.weekday()))
    periods = calendar.periods_on(day)
    if not periods or any(calendar.is_working_day(later) for later in rest):
        return None
    opening, closing = periods[-1]
    return max(opening, closing - BEFORE_CLOSING)


def send(work: Work, office_id: OfficeId, notice: Notice, *, silent: bool = False) -> int:
    """Queue a digest for the office's group, else for each of its monitors; return how many messages that is."""
    if to_group(work, office_id, notice, priority=Priority.DIGEST, silent=silent):
        return 1
    people = [person for person in queries.secretariat_of(work.session, office_id, work.at) if person.telegram_id]
    for person in people:
        put(work, person.account, notice, person_id=person.id, priority=Priority.DIGEST, silent=silent)
    return len(people)


def _made(work: Work, office_id: OfficeId, kind: str, day: date) -> int | None:
    """Return the id of the digest made now; None where it was made before, or another replica was first."""
    mine = select(DigestRow.id).where(DigestRow.office_id == office_id, DigestRow.kind == kind, DigestRow.day == day)
    if work.session.scalar(mine) is not None:
        return None
    made = insert_new(work.session, DigestRow, office_id=office_id, kind=kind, day=day, data={}, created_at=work.at)
    return work.session.scalar(mine) if made else None
