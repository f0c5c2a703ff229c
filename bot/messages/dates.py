"""Moments, days and lengths of time in words, on the office's clock."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from bot.domain.errors import NoWorkingTime
from bot.messages.labels import label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime, timedelta

    from bot.domain.budget import Budget
    from bot.domain.worktime import Calendar, WorkingSpan

_MINUTES_IN_HOUR = 60
_SECONDS_IN_MINUTE = 60
_DAYS_SHOWN = 10
_HOLIDAYS_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Why a deadline is where it is, in words; ``skipped`` is None where no day off was passed."""

    counted: str
    skipped: str | None


@dataclass(frozen=True, slots=True)
class Clock:
    """An office's calendar read at one moment (``at``, UTC): years other than its own are named."""

    calendar: Calendar
    at: datetime

    def moment(self, when: datetime) -> str:
        """Return a moment in full, such as "Jumat, 27 Nov 14.30 WIB"."""
        local = self.calendar.local(when)
        weekday = label(f"date.weekday.{local.weekday()}")
        return label("date.moment", weekday=weekday, **self._parts(local), **self._time(local))

    def brief(self, when: datetime) -> str:
        """Return a moment as "Jum 27 Nov 14.30 WIB"."""
        local = self.calendar.local(when)
        return label("date.brief", day=self.day(local.date()), **self._time(local))

    def day(self, day: date) -> str:
        """Return a day as "Jum 27 Nov"."""
        return label("date.day", weekday=label(f"date.short.{day.weekday()}"), **self._parts(day))

    def days(self, days: Sequence[date]) -> str:
        """Return days as "Sel 24, Rab 25, Kam 26, Jum 27 Nov"; long lists lose their middle."""
        shown = [*map(self._day_in_list, days, _closes_month(days))]
        if len(shown) > _DAYS_SHOWN:
            half = _DAYS_SHOWN // 2
            shown = [*shown[: half - 1], self.day(days[half - 1]), label("list.gap"), *shown[-half:]]
        return label("list.comma", items=shown)

    def late(self, due: datetime) -> bool:
        """Whether a deadline has passed."""
        return due < self.at

    def left(self, due: datetime) -> str:
        """Return "sisa 1 jam 20 menit" or "terlambat 40 menit", in working time.

        Counted between the minutes that the reader sees: a card of 1 Hari does not open with 7 jam 29 menit.
        """
        at, end = _minute(self.at), _minute(due)
        if at == end:
            at, end = self.at, due
        try:
            span = self.calendar.left(at, end)
        except NoWorkingTime:  # the calendar has changed since; the deadline itself still stands
            return label("span.late" if self.late(due) else "span.open")
        return label("span.late_by" if span.late else "span.left", span=_span(span.days, span.minutes))

    def passed(self, since: datetime) -> str:
        """Return how much working time has passed since a moment: "3 hari kerja 2 jam"."""
        try:
            span = self.calendar.left(since, self.at)
        except NoWorkingTime:
            return worked(self.calendar.between(since, self.at))
        return _span(span.days, span.minutes)

    def reasoning(self, given: datetime, budget: Budget, due: datetime) -> Reasoning | None:
        """Return why ``due`` follows, or None where the calendar of today says otherwise."""
        try:
            found = self.calendar.explain(given, budget)
        except NoWorkingTime:
            return None
        if found.due != due:
            return None
        values = {"budget": waktu(budget), "start": self.brief(found.start), "due": self.brief(due)}
        days = self.days(found.days)
        counted = label("date.counted_days", days=days, **values) if days else label("date.counted", **values)
        names = [label("date.holiday", day=self.day(day), name=off.name) for day, off in found.skipped]
        return Reasoning(counted, _shown(names) if names else None)

    def _day_in_list(self, day: date, closes_month: bool) -> str:  # noqa: FBT001 - mapped over two lists
        if closes_month:
            return self.day(day)
        return label("date.day_number", weekday=label(f"date.short.{day.weekday()}"), day=day.day)

    def _parts(self, day: date) -> dict[str, object]:
        year = None if day.year == self.calendar.local(self.at).year else day.year
        return {"day": day.day, "month": label(f"date.month.{day.month}"), "year": year}

    def _time(self, local: datetime) -> dict[str, object]:
        return {"hour": local.hour, "minute": local.minute, "zone": self.calendar.zone.value}


def waktu(budget: Budget) -> str:
    """Return a budget as the SOP prints it, such as "4 Hari"."""
    return label(f"budget.{budget.unit}", amount=budget.amount)


def worked(time: timedelta) -> str:
    """Return a sum of working time in hours and minutes, to the nearest minute."""
    return _span(0, round(time.total_seconds() / _SECONDS_IN_MINUTE))


def length(span: WorkingSpan) -> str:
    """Return a length of working time, whichever way it lies."""
    return _span(span.days, span.minutes)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _span(days: int, minutes: int) -> str:
    hours, rest = divmod(minutes, _MINUTES_IN_HOUR)
    named = (("span.days", days), ("span.hours", hours), ("span.minutes", rest))
    # Two sizes are as precise as anybody reads.
    parts = [label(key, count=count) for key, count in named if count][:2]
    return label("span.parts", parts=parts) if parts else label("span.moment")


def _closes_month(days: Sequence[date]) -> list[bool]:
    return [(day.year, day.month) != (after.year, after.month) for day, after in pairwise(days)] + [True]


def _shown(names: list[str]) -> str:
    left = len(names) - _HOLIDAYS_SHOWN
    if left <= 0:
        return label("list.comma", items=names)
    return label("list.more", items=label("list.comma", items=names[:_HOLIDAYS_SHOWN]), count=left)
