"""When a message may reach the phone of an office's head: in working time, and only so many a day.

Nothing is dropped here. What may not go out now waits for a moment, and is then told together with whatever
else waits: in the start-of-day message, or in one message after a meeting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from bot.domain.office_rules import is_quiet, next_speaking

if TYPE_CHECKING:
    from bot.domain.office_rules import OfficeRules
    from bot.domain.worktime import Calendar

_INSTANT = timedelta(microseconds=1)
_SHIFTS_IN_A_ROW = 10


@dataclass(frozen=True, slots=True)
class Placement:
    """When a message may go out (UTC); ``folded``: not by itself then, but within one message that says it all."""

    not_before: datetime
    folded: bool = False


def place(
    rules: OfficeRules,
    calendar: Calendar,
    at: datetime,
    *,
    used: int,
    earliest: datetime | None = None,
    foldable: bool = True,
    told: bool = False,
    needed_by: datetime | None = None,
) -> Placement:
    """Return when a message that is ready at ``at`` may reach a chief.

    ``used`` are the messages of the local day of ``at`` that count against the cap; ``earliest`` is the end of a
    meeting, or what the message itself waits for. One that is not ``foldable`` has to arrive as it is. What is
    ``told`` follows from a colleague's act: it waits for no opening (it comes without a sound then), only for the
    office's quiet hours to end. What is ``needed_by`` a moment before the next morning is not kept by the cap.
    Raises NoWorkingTime.
    """
    moment = max(at, earliest or at)
    if not told or is_quiet(rules, calendar, moment):
        moment = next_speaking(rules, calendar, moment)
    if used >= rules.chief_cap and _same_day(calendar, at, moment):
        after = calendar.next_day_opening(_midnight_after(calendar, moment) - _INSTANT)
        morning = next_speaking(rules, calendar, after)
        if needed_by is None or needed_by >= morning:
            moment = morning
    return Placement(moment, folded=foldable and moment > at)


def is_last(rules: OfficeRules, used: int) -> bool:
    """Whether the next message is the last one of the day that may wait no longer than others."""
    return used + 1 == rules.chief_cap


def day_began(calendar: Calendar, at: datetime) -> datetime:
    """Return the local midnight that the day of ``at`` began with."""
    local = calendar.local(at)
    return datetime.combine(local.date(), time(), local.tzinfo).astimezone(at.tzinfo)


def next_slot(rules: OfficeRules, calendar: Calendar, at: datetime) -> datetime:
    """Return the beginning of the next working slot: after the break, else at the next opening.

    What goes on without a break (a shift past midnight) is one slot. Raises NoWorkingTime.
    """
    moment = at
    for _ in range(_SHIFTS_IN_A_ROW):
        end = _end_of_slot(calendar, moment)
        if end is None:
            break
        moment = end + _INSTANT
        if calendar.next_opening(moment) > moment:
            break
    return next_speaking(rules, calendar, moment)


def _end_of_slot(calendar: Calendar, at: datetime) -> datetime | None:
    periods = calendar.periods_on(calendar.local(at).date())
    return next((end for start, end in reversed(periods) if start <= at <= end), None)


def _same_day(calendar: Calendar, first: datetime, second: datetime) -> bool:
    return calendar.local(first).date() == calendar.local(second).date()


def _midnight_after(calendar: Calendar, at: datetime) -> datetime:
    local = calendar.local(at)
    return datetime.combine(local.date() + timedelta(days=1), time(), local.tzinfo).astimezone(at.tzinfo)
