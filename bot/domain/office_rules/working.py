"""An office's calendar with its own rules in it, and when nobody is to be disturbed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain.errors import NoWorkingTime
from bot.domain.office_rules.rules import FastingMonth, OfficeRules, QuietHours
from bot.domain.reminders import sendable
from bot.domain.worktime import LOOKAHEAD_DAYS, PERPRES_21_2023_RAMADAN, Calendar, Season

if TYPE_CHECKING:
    from datetime import time

    from bot.domain.worktime import Pattern

_NAME = "Ramadan"


def calendar_with(base: Calendar, rules: OfficeRules) -> Calendar:
    """Return the calendar of an office: ``base`` with what the office has set. The same object where that is nothing.

    With hours of its own and none for Ramadan, an office works the nationwide Ramadan hours on the days that it
    works, and its own on a day that those leave free (a Saturday).
    """
    seasons = _seasons(base, rules)
    if rules.hours is None and not rules.holidays and seasons == base.seasons:
        return base
    return replace(
        base,
        pattern=rules.hours or base.pattern,
        exceptions={**base.exceptions, **rules.holidays},
        seasons=seasons,
    )


def _seasons(base: Calendar, rules: OfficeRules) -> tuple[Season, ...]:
    ruled = [_season(base, month) for month in rules.ramadan]
    kept = [season for season in base.seasons if not any(_overlap(season, month) for month in rules.ramadan)]
    return tuple(replace(season, pattern=_fasting(season.pattern, rules)) for season in [*ruled, *kept])


def _season(base: Calendar, month: FastingMonth) -> Season:
    replaced = next((season for season in base.seasons if _overlap(season, month)), None)
    pattern = replaced.pattern if replaced else PERPRES_21_2023_RAMADAN
    return Season(replaced.name if replaced else _NAME, month.first, month.last, pattern)


def _overlap(season: Season, month: FastingMonth) -> bool:
    return season.first <= month.last and month.first <= season.last


def _fasting(nationwide: Pattern, rules: OfficeRules) -> Pattern:
    if rules.ramadan_hours is not None:
        return rules.ramadan_hours
    if rules.hours is None:
        return nationwide
    return tuple((fasting or usual) if usual else () for usual, fasting in zip(rules.hours, nationwide, strict=True))


def is_quiet(rules: OfficeRules, calendar: Calendar, at: datetime) -> bool:
    """Whether ``at`` lies in the office's quiet hours, their beginning included and their end not."""
    return rules.quiet is not None and within(rules.quiet, calendar.local(at).time())


def within(quiet: QuietHours, clock: time) -> bool:
    """Whether a clock time lies in quiet hours, their beginning included and their end not."""
    if quiet.start < quiet.end:
        return quiet.start <= clock < quiet.end
    return clock >= quiet.start or clock < quiet.end


def may_remind(rules: OfficeRules, calendar: Calendar, moment: datetime, at: datetime) -> bool:
    """Whether a reminder planned for ``moment`` may go out at ``at``: in working time, and not in quiet hours."""
    return sendable(calendar, moment, at) and not is_quiet(rules, calendar, at)


def next_speaking(rules: OfficeRules, calendar: Calendar, at: datetime) -> datetime:
    """Return the first moment from ``at`` on that is working time and not quiet.

    Where the quiet hours cover all the working time there is, that time counts: nothing is kept back for ever.
    Raises NoWorkingTime.
    """
    moment = calendar.next_opening(at)
    for _ in range(LOOKAHEAD_DAYS):
        if not is_quiet(rules, calendar, moment):
            return moment
        try:
            moment = calendar.next_opening(_end_of_quiet(rules, calendar, moment))
        except NoWorkingTime:
            break
    return calendar.next_opening(at)


def _end_of_quiet(rules: OfficeRules, calendar: Calendar, at: datetime) -> datetime:
    end = rules.quiet.end if rules.quiet else calendar.local(at).time()
    local = calendar.local(at)
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, local.tzinfo).astimezone(at.tzinfo)
