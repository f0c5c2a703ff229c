"""Since when an office's calendar has been what it is: only deadlines given since then can be computed again."""

from __future__ import annotations

import hashlib
from itertools import takewhile
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.office_rules import DEFAULT_RULES, rules_to_dict
from bot.store.tables import CalendarRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.office_rules import OfficeRules
    from bot.domain.sop import Office
    from bot.domain.worktime import Calendar
    from bot.services.work import Work


def note_calendars(work: Work) -> None:
    """Write down every office's calendar that differs from the one before."""
    for office in work.library.offices.values():
        note_calendar(work, office)


def note_calendar(work: Work, office: Office) -> None:
    """Write down an office's calendar, with what else its deadlines and reminders go by, where that differs."""
    digest = _digest(work.calendar_for(office), work.rules_of(office.id))
    latest = select(CalendarRow.content_hash).where(CalendarRow.office_id == office.id)
    if work.session.scalar(latest.order_by(CalendarRow.id.desc()).limit(1)) != digest:
        work.session.add(CalendarRow(office_id=office.id, content_hash=digest, since=work.at))


def known_since(work: Work, office_id: str, calendar: Calendar) -> datetime | None:
    """Return since when the office has had this very calendar; None where it has another one by now."""
    query = select(CalendarRow).where(CalendarRow.office_id == office_id).order_by(CalendarRow.id.desc())
    digest = _digest(calendar, work.rules_of(office_id))
    same = takewhile(lambda row: row.content_hash == digest, work.session.scalars(query))
    return min((row.since for row in same), default=None)


def _digest(calendar: Calendar, rules: OfficeRules) -> str:
    content: tuple[object, ...]
    content = (calendar.zone.value, calendar.pattern, sorted(calendar.exceptions.items()), calendar.seasons)
    if rules != DEFAULT_RULES:
        content = (*content, rules_to_dict(rules))  # ladders, and who hears of what
    return hashlib.sha256(repr(content).encode()).hexdigest()
