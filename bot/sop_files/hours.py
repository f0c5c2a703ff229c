"""Clock times in words of an office: ``07.30-12.00``, a day of such periods, a night that passes midnight."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import time
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.domain.worktime import Period

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain.worktime import Pattern

_RANGE = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})\s*(?:-|–|s\.?d\.?|sampai)\s*([0-9]{1,2})[:.]([0-9]{2})")
_MIDNIGHT = (24, 0)
Range = tuple[time, time]
_DAYS = 7


def parse_range(text: str) -> Range | None:
    """Return the two clock times of ``07.30-12.00``; 24.00 is the midnight 00:00. None for anything else."""
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute, end_hour, end_minute = map(int, match.groups())
    if (end_hour, end_minute) == _MIDNIGHT:
        end_hour = 0
    with suppress(ValueError):
        return time(hour, minute), time(end_hour, end_minute)
    return None


def format_range(start: time, end: time, *, closes_day: bool = False) -> str:
    """Return the one way a range is written; with ``closes_day`` a midnight at its end is 24:00."""
    shown = "24:00" if closes_day and end == time() else f"{end:%H:%M}"
    return f"{start:%H:%M}-{shown}"


def week_of(days: Sequence[Sequence[Range]]) -> Pattern | None:
    """Return the pattern of seven days of ranges, Monday first; one that passes midnight goes on the day after.

    None where periods overlap, or a range is empty.
    """
    found: list[list[Period]] = [[] for _ in range(_DAYS)]
    for place, ranges in enumerate(days):
        for start, end in ranges:
            if start == end and end != time():
                return None
            if start < end or end == time():
                found[place].append(Period(start, end))
            else:
                found[place].append(Period(start, time()))
                found[(place + 1) % _DAYS].append(Period(time(), end))
    week = tuple(tuple(sorted(periods, key=lambda period: period.start)) for periods in found)
    return None if any(_overlaps(periods) for periods in week) else week


def _overlaps(periods: tuple[Period, ...]) -> bool:
    return any(later.start < earlier.end or earlier.to_midnight for earlier, later in pairwise(periods))
