"""Days that people write: "27-11-2026", "27/11", and a letter's number with its day."""

from __future__ import annotations

import re
from datetime import date, timedelta

_DAY = re.compile(r"([0-9]{1,2})\s*[-/. ]\s*([0-9]{1,2})(?:\s*[-/. ]\s*([0-9]{4}))?")
_LONGEST_LETTER = 120


def read_day(text: str, today: date) -> date | None:
    """Return the day a text names, None where it names none; without a year it is the next such day."""
    match = _DAY.fullmatch(text.strip())
    if match is None:
        return None
    day, month, year = int(match[1]), int(match[2]), match[3]
    if year:
        return _date(int(year), month, day)
    this_year = _date(today.year, month, day)
    return this_year if this_year is None or this_year >= today else _date(today.year + 1, month, day)


def read_letter(text: str, today: date) -> tuple[str, date | None]:
    """Return the number of a letter and its day: what follows the last comma, where that is a day."""
    whole = " ".join(text.split())[:_LONGEST_LETTER]
    number, comma, rest = whole.rpartition(",")
    day = read_day(rest, today - timedelta(days=365)) if comma and number.strip() else None
    return (number.strip(), day) if day is not None else (whole, None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
