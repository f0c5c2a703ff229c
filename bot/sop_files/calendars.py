"""Builds an office's calendar: national holidays, cuti bersama, Ramadan and the office's own dates.

National data come from the ``holidays`` package and, for Ramadan, an astronomical estimate;
``kalender/<tahun>.yaml`` adds to them and corrects them. A broken file is listed and left out.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

import holidays
from hijridate import Gregorian, Hijri

from bot.domain.worktime import PERPRES_21_2023_RAMADAN, Calendar, DayException, DayKind, Season
from bot.sop_files.calendar_file import CalendarProblem, Ramadan, YearFile, read_year
from bot.sop_files.wording import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from bot.domain.sop import Office, OfficeId, Zone

HORIZON = range(2025, 2041)
"""The years with holidays; beyond them only the weekly pattern is known."""

_RAMADAN = 9
_MID_MONTH = 14
_ESTIMATED = "(perkiraan)"  # how the holidays package marks a date that is not decreed yet
_CATEGORIES = (("government", DayKind.JOINT_LEAVE), ("public", DayKind.NATIONAL_HOLIDAY))  # the later outranks


class Calendars:
    """The calendars of all offices, and what is wrong or still uncertain about them.

    ``offices`` are the office ids that the files name, for checking that they exist; ``years`` are those
    that have a sound file.
    """

    def __init__(self, years: Iterable[YearFile], problems: Iterable[CalendarProblem]) -> None:
        self.problems: tuple[CalendarProblem, ...] = tuple(problems)
        years = tuple(years)
        self.years: tuple[int, ...] = tuple(year.year for year in years)
        self._entries = [entry for year in years for entry in year.entries]
        self._seasons = _seasons(ramadan for year in years for ramadan in year.ramadans)
        self.offices: frozenset[OfficeId] = frozenset(office for entry in self._entries for office in entry.offices)
        self._built: dict[tuple[Zone, OfficeId | None], Calendar] = {}

    def for_office(self, office: Office) -> Calendar:
        """Return the office's calendar; offices of a zone share one unless a file names them."""
        named = office.id if office.id in self.offices else None
        key = (office.zone, named)
        if key not in self._built:
            self._built[key] = Calendar(
                zone=office.zone, exceptions=self._exceptions(named), seasons=tuple(self._seasons.values())
            )
        return self._built[key]

    def notes(self, years: Iterable[int]) -> tuple[str, ...]:
        """Return what is still uncertain about these years, in Indonesian, one sentence or two each."""
        return tuple(note for year in years for note in self._notes_on(year))

    def _exceptions(self, office: OfficeId | None) -> dict[date, DayException]:
        """Return the dated exceptions: the office's own outrank the files', those the national ones."""
        general = {entry.day: entry.exception for entry in self._entries if not entry.offices}
        own = {entry.day: entry.exception for entry in self._entries if office in entry.offices}
        return {**_national(), **general, **own}

    def _notes_on(self, year: int) -> list[str]:
        if year not in HORIZON:
            return [f"Tahun {year}: hari libur hanya diketahui untuk {HORIZON[0]} s.d. {HORIZON[-1]}."]
        notes = [
            f"{season.name} ({season.first} s.d. {season.last}) masih perkiraan astronomis; "
            f"tulis tanggal resminya di kalender/{year}.yaml."
            for season in self._seasons.values()
            if season.estimated and season.first.year == year
        ]
        exceptions = self._exceptions(None)
        if not any(day.year == year and e.kind is DayKind.JOINT_LEAVE for day, e in exceptions.items()):
            notes.append(f"Cuti bersama {year} belum ditetapkan atau belum tercatat di kalender/{year}.yaml.")
        estimated = sorted(day for day, e in exceptions.items() if day.year == year and _ESTIMATED in e.name)
        if estimated:
            notes.append(f"Tanggal libur {year} yang masih perkiraan: {', '.join(map(str, estimated))}.")
        return notes


def load_calendars(folder: Path) -> Calendars:
    """Read every calendar file of a folder; a missing folder leaves the national data alone.

    Never raises for what a file holds: see ``Calendars.problems``.
    """
    years: list[YearFile] = []
    problems: list[CalendarProblem] = []
    files = [path for pattern in ("*.yaml", "*.yml") for path in folder.glob(pattern) if path.name[0] != "."]
    for path in sorted(files):
        year, found = read_year(path)
        found = found or _contradictions(year)
        problems += found
        if year is not None and not found:
            years.append(year)
    return Calendars(years, problems)


def _contradictions(year: YearFile | None) -> list[CalendarProblem]:
    """Return what a well-formed file says against the national data."""
    if year is None:
        return []
    file = file_name(year.path)
    if year.year not in HORIZON:
        message = f"Tahun {year.year} di luar jangkauan kalender ({HORIZON[0]} s.d. {HORIZON[-1]})."
        return [CalendarProblem(file, 1, message)]
    holidays_off = {e.day for e in year.entries if e.exception.kind is not DayKind.CANCELLED} | set(_national())
    pointless = [
        CalendarProblem(file, e.line, f"{e.day} bukan hari libur; untuk hari kerja tambahan pakai jam_khusus.")
        for e in year.entries
        if e.exception.kind is DayKind.CANCELLED and e.day not in holidays_off
    ]
    misplaced = [
        CalendarProblem(file, r.line, f"{r.first} s.d. {r.last} bukan bulan Ramadan.")
        for r in year.ramadans
        if _middle(r).month != _RAMADAN
    ]
    return sorted(pointless + misplaced, key=lambda problem: problem.line)


@cache
def _national() -> Mapping[date, DayException]:
    """Return the holidays and cuti bersama of the HORIZON (about 0.2 s, once per process)."""
    exceptions: dict[date, DayException] = {}
    for category, kind in _CATEGORIES:
        listed = holidays.country_holidays("ID", years=HORIZON, categories=category, language="id")
        exceptions |= {day: DayException(kind, name) for day, name in listed.items()}
    return exceptions


def _seasons(decreed: Iterable[Ramadan]) -> dict[int, Season]:
    """Return the fasting months by Hijri year: decreed where a file says so, else estimated."""
    first_year = Gregorian(HORIZON[0], 1, 1).to_hijri().year
    last_year = Gregorian(HORIZON[-1], 12, 31).to_hijri().year
    seasons = {year: _estimate(year) for year in range(first_year, last_year + 1)}
    for ramadan in decreed:
        year = _middle(ramadan).year
        seasons[year] = Season(_name(year), ramadan.first, ramadan.last, PERPRES_21_2023_RAMADAN)
    return seasons


def _estimate(year: int) -> Season:
    start = Hijri(year, _RAMADAN, 1)
    first = date(*start.to_gregorian().datetuple())
    last = first + timedelta(days=start.month_length() - 1)
    return Season(_name(year), first, last, PERPRES_21_2023_RAMADAN, estimated=True)


def _middle(ramadan: Ramadan) -> Hijri:
    """Return the Hijri date in the middle of the month, safe from a day's disagreement at its ends."""
    return Gregorian.fromdate(ramadan.first + timedelta(days=_MID_MONTH)).to_hijri()


def _name(year: int) -> str:
    return f"Ramadan {year} H"
