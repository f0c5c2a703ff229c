"""What happened during an outage is recorded with its real moment: who could have acted, and when."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from bot.domain.notices import MomentRefused, MomentUnread
from bot.domain.posts import HoldingKind
from bot.services.day_text import months_in_figures
from bot.services.work import Refusal
from bot.store.tables import HoldingRow

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.worktime import Calendar
    from bot.services.work import Work
    from bot.store.tables import CaseRow, TaskRow

_MINUTE = timedelta(minutes=1)
_MOMENT = re.compile(
    r"(?:(?P<day>[0-9]{1,2})[-/.](?P<month>[0-9]{1,2})(?:[-/.](?P<year>[0-9]{4}))?\s+)?"
    r"(?:(?P<word>kemarin|hari ini)\s+)?"
    r"(?:(?:pukul|jam)\s+)?(?P<hour>[0-9]{1,2})[.:](?P<minute>[0-9]{2})(?:\s*(?:WIB|WITA|WIT))?",
    re.IGNORECASE,
)


def holders_since(work: Work, case: CaseRow, task: TaskRow, posts: Collection[str]) -> list[int]:
    """Return who has held any of ``posts`` at any time since the task was given (person ids)."""
    since = or_(HoldingRow.until.is_(None), HoldingRow.until > task.given_at)
    held = select(HoldingRow.person_id).where(
        HoldingRow.office_id == case.office_id, HoldingRow.post_id.in_(posts), HoldingRow.since <= work.at, since
    )
    if task.strategic:
        held = held.where(HoldingRow.kind == HoldingKind.DEFINITIVE)
    return sorted(set(work.session.scalars(held)))


def moment_of(text: str, calendar: Calendar, task: TaskRow, at: datetime) -> datetime:
    """Return the moment that somebody wrote, on the office's clock, in UTC; raises Refusal.

    ``20-11-2026 14.30`` or ``20 November 2026 14.30``; the year may be left out, the whole date for today, and
    ``kemarin`` is yesterday.
    """
    moment = read_moment(text, calendar.local(at))
    if moment is None:
        raise Refusal(MomentUnread())
    # People write no seconds: within the minute in which it was given is not before that.
    moment = max(moment, task.given_at) if moment > task.given_at - _MINUTE else moment
    if not task.given_at <= moment <= at:
        raise Refusal(MomentRefused(task.id, task.given_at.isoformat(), at.isoformat()))
    return moment


def read_moment(text: str, now: datetime) -> datetime | None:
    """Return the moment that a text names, in UTC; ``now`` is the office's own time. None for what names none."""
    found = _MOMENT.fullmatch(months_in_figures(" ".join(text.split())))
    if found is None or (found["day"] and found["word"]):
        return None
    try:
        day = now.date() - timedelta(days=(found["word"] or "").lower() == "kemarin")
        if found["day"]:
            day = day.replace(int(found["year"] or day.year), int(found["month"]), int(found["day"]))
        local = datetime(day.year, day.month, day.day, int(found["hour"]), int(found["minute"]), tzinfo=now.tzinfo)
    except ValueError:
        return None
    return local.astimezone(UTC)
