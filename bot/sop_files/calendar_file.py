"""One ``kalender/<tahun>.yaml``: its Indonesian keys read into dated exceptions, errors with lines.

Every value is taken as text, so that a date that does not exist is an error of its line and not of
the whole file.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bot.domain.worktime import DayException, DayKind, Period
from bot.sop_files.wording import advice, file_name, shown
from bot.sop_files.yaml_lines import Mapping, Refused, Scalar, Sequence, is_empty, read_yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bot.domain.sop import OfficeId
    from bot.sop_files.yaml_lines import Node

_PERIOD = re.compile(r"(\d{1,2})[:.](\d{2})\s*[-–]\s*(\d{1,2})[:.](\d{2})")
_FASTING_DAYS = (29, 30)
_T = TypeVar("_T")
_TOP_KEYS = ("tahun", "sumber", "ramadan", "libur", "cuti_bersama", "hari_kerja", "jam_khusus")


class CalendarProblem(NamedTuple):
    """An error of a calendar file: which file, its line (1-based) and what is wrong, in Indonesian."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Ramadan:
    """The decreed first and last day of fasting."""

    first: date
    last: date
    line: int


@dataclass(frozen=True, slots=True)
class DatedEntry:
    """One date of the file; without ``offices`` it holds for every office."""

    day: date
    exception: DayException
    offices: tuple[OfficeId, ...]
    line: int


@dataclass(frozen=True, slots=True)
class YearFile:
    """What one calendar file says about its year."""

    path: Path
    year: int
    ramadans: tuple[Ramadan, ...]
    entries: tuple[DatedEntry, ...]


@dataclass(frozen=True, slots=True)
class _Section:
    """A list of dates: what its entries are and which keys they take."""

    kind: DayKind
    name_key: str = "nama"
    per_office: bool = True
    with_hours: bool = False

    @property
    def required(self) -> tuple[str, ...]:
        return ("tanggal", self.name_key, *(("jam",) if self.with_hours else ()))

    @property
    def known(self) -> tuple[str, ...]:
        return (*self.required, *(("instansi",) if self.per_office else ()))


_SECTIONS = {
    "libur": _Section(DayKind.LOCAL_HOLIDAY),
    "cuti_bersama": _Section(DayKind.JOINT_LEAVE, per_office=False),
    "hari_kerja": _Section(DayKind.CANCELLED, name_key="alasan"),
    "jam_khusus": _Section(DayKind.SPECIAL_HOURS, with_hours=True),
}


def read_year(path: Path) -> tuple[YearFile | None, list[CalendarProblem]]:
    """Read one file. With any problem the year is None: half a calendar would mislead."""
    reader = _Reader(path)
    year = reader.read()
    return (None if reader.problems else year), reader.problems


class _Reader:
    """Reads one file and collects every problem on the way; failed parts come back as None."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.year = 0
        self.problems: list[CalendarProblem] = []

    def report(self, line: int, message: str) -> None:
        self.problems.append(CalendarProblem(file_name(self.path), line, message))

    def read(self) -> YearFile | None:
        if not re.fullmatch(r"\d{4}\.yaml", self.path.name):
            self.report(1, "Nama berkas kalender harus <tahun>.yaml, misalnya 2026.yaml.")
            return None
        self.year = int(self.path.stem)
        root, problems = read_yaml(self.path)
        for problem in problems:
            self.report(problem.line, problem.message)
        return None if root is None else self.year_file(root)

    def year_file(self, root: Mapping) -> YearFile:
        fields = self.fields(root, _TOP_KEYS, required=("tahun",))
        self.check_year(fields.get("tahun"))
        self.text(fields.get("sumber"))
        ramadans = tuple(self.ramadans(fields.get("ramadan")))
        entries = [entry for key, section in _SECTIONS.items() for entry in self.section(fields.get(key), section)]
        self.check_repeated(entries)
        self.problems.sort(key=lambda problem: problem.line)
        return YearFile(self.path, self.year, ramadans, tuple(entries))

    def fields(self, node: Node, known: tuple[str, ...], required: tuple[str, ...]) -> dict[str, Node]:
        """Return the block's values by key; unknown and missing keys are problems."""
        if isinstance(node, Refused):
            return {}
        if not isinstance(node, Mapping):
            self.report(node.line, f"Isi ini harus berupa pasangan 'kunci: nilai' ({', '.join(known)}).")
            return {}
        for entry in node.entries:
            if entry.key not in known:
                self.report(entry.line, f"Kunci {shown(entry.key)} tidak dikenal; {advice(entry.key, known)}.")
        found = {entry.key: entry.value for entry in node.entries}
        for key in required:
            if key not in found:
                self.report(node.line, f"Kunci '{key}' belum ada; tambahkan.")
        return found

    def items(self, node: Node | None) -> list[Node]:
        """Return the entries of a list; an absent or empty value is an empty list."""
        if node is None or is_empty(node):
            return []
        if isinstance(node, Refused):
            return []
        if not isinstance(node, Sequence):
            self.report(node.line, "Isi ini harus berupa daftar (setiap isi diawali '- ').")
            return []
        return list(node.items)

    def text(self, node: Node | None) -> str | None:
        if node is None or isinstance(node, Refused):
            return None
        if not isinstance(node, Scalar) or node.empty:
            self.report(node.line, "Isi ini harus berupa teks yang tidak kosong.")
            return None
        return " ".join(node.text.split())

    def day(self, node: Node | None) -> date | None:
        text = self.text(node)
        if node is None or text is None:
            return None
        # fromisoformat alone would also take 20260217 and 2026-W08-2.
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            with suppress(ValueError):
                return date.fromisoformat(text)
        self.report(node.line, f"Tanggal tidak terbaca: {shown(text)}; tulis tahun-bulan-tanggal, misalnya 2026-08-17.")
        return None

    def day_of_year(self, node: Node | None) -> date | None:
        day = self.day(node)
        if node is not None and day is not None and day.year != self.year:
            self.report(node.line, f"Tanggal {day} tidak termasuk tahun {self.year}.")
            return None
        return day

    def check_year(self, node: Node | None) -> None:
        text = self.text(node)
        if node is not None and text is not None and text != str(self.year):
            self.report(node.line, f"Tahun {shown(text)} tidak sama dengan nama berkas {self.path.name}.")

    def ramadans(self, node: Node | None) -> Iterator[Ramadan]:
        """Yield the year's fasting months: usually one block, a list in a year with two."""
        if node is None or is_empty(node):
            return
        for block in node.items if isinstance(node, Sequence) else [node]:
            fields = self.fields(block, ("mulai", "selesai", "sumber"), required=("mulai", "selesai"))
            first, last = self.day_of_year(fields.get("mulai")), self.day(fields.get("selesai"))
            self.text(fields.get("sumber"))
            if first is None or last is None:
                continue
            length = (last - first).days + 1
            if length in _FASTING_DAYS:
                yield Ramadan(first, last, block.line)
            else:
                self.report(block.line, f"Ramadan {first} s.d. {last} lamanya {length} hari, seharusnya 29 atau 30.")

    def section(self, node: Node | None, section: _Section) -> Iterator[DatedEntry]:
        for block in self.items(node):
            entry = self.entry(block, section)
            if entry is not None:
                yield entry

    def entry(self, block: Node, section: _Section) -> DatedEntry | None:
        fields = self.fields(block, section.known, required=section.required)
        day = self.day_of_year(fields.get("tanggal"))
        name = self.text(fields.get(section.name_key))
        offices = self.offices(fields.get("instansi"))
        periods = self.hours(fields.get("jam"))
        if day is None or name is None or offices is None or periods is None:
            return None
        return DatedEntry(day, DayException(section.kind, name, periods), offices, block.line)

    def offices(self, node: Node | None) -> tuple[OfficeId, ...] | None:
        """Return the offices meant; none stands for all of them."""
        return _all_of(self.some(node, "Daftar instansi kosong; hapus kuncinya bila berlaku untuk semua."), self.text)

    def hours(self, node: Node | None) -> tuple[Period, ...] | None:
        periods = _all_of(self.some(node, "Jam belum diisi; tulis misalnya ['08:00-12:00']."), self.period)
        if node is None or periods is None:
            return periods
        try:
            DayException(DayKind.SPECIAL_HOURS, "", periods)
        except ValueError:
            self.report(node.line, "Jam kerja harus berurutan dan tidak tumpang tindih.")
            return None
        return periods

    def some(self, node: Node | None, complaint: str) -> list[Node]:
        """Return the entries of a list that, once written, must not be empty; one may stand alone."""
        if node is None:
            return []
        if isinstance(node, Refused) or (isinstance(node, Scalar) and not node.empty):
            return [node]
        before = len(self.problems)
        nodes = self.items(node)
        if not nodes and len(self.problems) == before:
            self.report(node.line, complaint)
        return nodes

    def period(self, node: Node) -> Period | None:
        text = self.text(node)
        if text is None:
            return None
        match = _PERIOD.fullmatch(text)
        if match:
            hour, minute, end_hour, end_minute = map(int, match.groups())
            with suppress(ValueError):
                return Period(time(hour, minute), time(end_hour, end_minute))
        self.report(node.line, f"Jam tidak terbaca: {shown(text)}; tulis misalnya 08:00-12:00.")
        return None

    def check_repeated(self, entries: list[DatedEntry]) -> None:
        """Report a date that is ruled twice for the same office."""
        seen: dict[tuple[date, OfficeId | None], int] = {}
        for entry in sorted(entries, key=lambda entry: entry.line):
            for office in entry.offices or (None,):
                first = seen.setdefault((entry.day, office), entry.line)
                if first != entry.line:
                    self.report(entry.line, f"Tanggal {entry.day} sudah diatur di baris {first}; hapus salah satu.")


def _all_of(nodes: list[Node], read: Callable[[Node], _T | None]) -> tuple[_T, ...] | None:
    """Read every node, so that all problems are reported; None when one failed."""
    values = [read(node) for node in nodes]
    whole = [value for value in values if value is not None]
    return tuple(whole) if len(whole) == len(values) else None
