"""Days that people write: "27-11-2026", "27/11", "27 November 2026", and a letter's number with its day."""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS = (
    ("januari", 1),
    ("februari", 2),
    ("pebruari", 2),
    ("maret", 3),
    ("april", 4),
    ("mei", 5),
    ("juni", 6),
    ("juli", 7),
    ("agustus", 8),
    ("ags", 8),
    ("agt", 8),
    ("september", 9),
    ("oktober", 10),
    ("november", 11),
    ("nopember", 11),
    ("desember", 12),
)
_NAMED_MONTH = re.compile(r"([0-9]{1,2})[-/. ]+([a-z]{3,9})\b\.?(?:[-/. ]+([0-9]{4})(?![0-9]))?", re.IGNORECASE)
_DAY = re.compile(r"([0-9]{1,2})\s*[-/. ]\s*([0-9]{1,2})(?:\s*[-/. ]\s*([0-9]{4}))?")
_LONGEST_LETTER = 120


def read_day(text: str, today: date) -> date | None:
    """Return the day a text names, None where it names none; without a year it is the next such day."""
    match = _DAY.fullmatch(months_in_figures(text.strip()))
    if match is None:
        return None
    day, month, year = int(match[1]), int(match[2]), match[3]
    if year:
        return _date(int(year), month, day)
    this_year = _date(today.year, month, day)
    return this_year if this_year is None or this_year >= today else _date(today.year + 1, month, day)


def months_in_figures(text: str, count: int = 0) -> str:
    """Return a text in which "27 Nov 2026" and "27 November" are "27-11-2026" and "27-11".

    Of several such days the first ``count``, or all.
    """
    return _NAMED_MONTH.sub(_in_figures, text, count=count)


def _in_figures(found: re.Match[str]) -> str:
    word = found[2].lower()
    month = next((number for name, number in _MONTHS if name.startswith(word)), None)
    if month is None:
        return found[0]
    return "-".join(part for part in (found[1], str(month), found[3]) if part)


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
