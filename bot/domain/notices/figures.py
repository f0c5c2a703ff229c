"""Notices: statistics, the report of a month, deadlines for a calendar."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = ["CaseChart", "ChooseFigures", "Deadlines", "MonthReport", "MonthTable", "MonthUnread", "OfficeCharts"]


@dataclass(frozen=True, slots=True)
class OfficeCharts(Notice):
    """How an office keeps its time, as pictures."""

    office_id: str


@dataclass(frozen=True, slots=True)
class CaseChart(Notice):
    """One case in working time, as a picture."""

    case_id: int


@dataclass(frozen=True, slots=True)
class MonthTable(Notice):
    """All cases of an office's month with their raw times, as a workbook; ``month`` is its first day (ISO)."""

    office_id: str
    month: str


@dataclass(frozen=True, slots=True)
class MonthReport(Notice):
    """The same month in figures and charts, to be printed; ``month`` as in MonthTable."""

    office_id: str
    month: str


@dataclass(frozen=True, slots=True)
class MonthUnread(Notice):
    """Which month is meant cannot be told, or it is still to come."""


@dataclass(frozen=True, slots=True)
class ChooseFigures(Notice):
    """Of which office; one button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class Deadlines(Notice):
    """The deadlines of my open tasks, for a calendar."""
