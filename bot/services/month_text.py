"""Months that people write: "november", "11", "11 2026", "November 2026", "2026-11"."""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.services.day_text import months_in_figures

_MONTH = re.compile(r"([0-9]{1,2})(?:\s*[-/. ]\s*([0-9]{4}))?")
_YEAR_FIRST = re.compile(r"([0-9]{4})\s*[-/. ]\s*([0-9]{1,2})")
_EARLIEST = 2000
_FIRST = "1 "  # a month in words is read as that of a day
_LONGEST = 40


def read_month(text: str, today: date) -> date | None:
    """Return the first day of the month a text names, of the last finished one for no text, None where it names none.

    Without a year it is the latest such month that has begun. Months still to come are none.
    """
    words = text.strip()
    if not words:
        return (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    month, year = _read(words[:_LONGEST])
    if month is None:
        return None
    if year is None:
        year = today.year if month <= today.month else today.year - 1
    try:
        first = date(year, month, 1)
    except ValueError:
        return None
    return first if year >= _EARLIEST and first <= today else None


def _read(words: str) -> tuple[int | None, int | None]:
    figures = months_in_figures(_FIRST + words).removeprefix("1-")
    figures = figures.removeprefix(_FIRST)
    if match := _YEAR_FIRST.fullmatch(figures):
        return int(match[2]), int(match[1])
    if match := _MONTH.fullmatch(figures):
        return int(match[1]), int(match[2]) if match[2] else None
    return None, None
