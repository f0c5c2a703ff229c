"""One ``kantor/<instansi>.yaml``: an office's own settings, with every problem and its line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.office_rules import (
    DEFAULT_RULES,
    SIX_DAYS,
    SIX_DAYS_RAMADAN,
    FastingMonth,
    Ladders,
    OfficeRules,
    QuietHours,
    check_rules,
)
from bot.domain.worktime import DayException, DayKind, Period
from bot.sop_files.block import NAME_LIMIT, Block
from bot.sop_files.hours import parse_range, week_of
from bot.sop_files.ladder import read_ladder
from bot.sop_files.office_keys import (
    AUDIENCES,
    DATED,
    DAYS,
    FAULTS,
    FIVE_DAYS,
    KEY_OF,
    KINDS,
    LADDER_PLACES,
    NO_WORK,
    SIX_DAYS_WORD,
    STEPS,
    TOP_KEYS,
)
from bot.sop_files.wording import advice, shown
from bot.sop_files.yaml_lines import Mapping, Problem, Refused, Scalar, Sequence, read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import date
    from pathlib import Path

    from bot.domain.office_rules import RuleProblem
    from bot.domain.reminders import Audience, Ladder, ReminderKind
    from bot.domain.sop import OfficeId, Sop, SopId
    from bot.domain.worktime import Calendar, Pattern
    from bot.sop_files.hours import Range
    from bot.sop_files.yaml_lines import Entry, Node

_LARGEST = 9999
_HOURS_FORM = "tulis misalnya '07:30-12:00, 13:00-16:00', atau 'libur'"


@dataclass(frozen=True, slots=True)
class OfficeFile:
    """What one file says; ``rules`` are to be trusted only where it has no problem."""

    path: Path
    office_id: OfficeId
    rules: OfficeRules
    problems: tuple[Problem, ...]
    lines: dict[tuple[str, str], int] = field(default_factory=dict)

    def disputed(self, sops: Collection[Sop], base: Calendar) -> tuple[Problem, ...]:
        """Return what the office's SOPs and calendar (without these rules) say against the file."""
        return tuple(Problem(self._line(p), told(p)) for p in check_rules(self.rules, sops, base))

    def _line(self, problem: RuleProblem) -> int:
        exactly = self.lines.get((problem.field, problem.detail))
        return exactly or self.lines.get((problem.field, "")) or 1


def told(problem: RuleProblem) -> str:
    """Return in words what cannot be set."""
    return FAULTS[problem.fault].format(detail=problem.detail)


def read_office(path: Path) -> OfficeFile:
    """Read one file; whatever it holds, the answer is an office's file."""
    root, problems = read_yaml(path)
    if root is None:
        return OfficeFile(path, path.stem, DEFAULT_RULES, tuple(problems))
    return _Reader(Block(root, "berkas ini", problems), path).read()


class _Reader:
    """Reads the blocks of one file; failed parts come back as what they are by default."""

    def __init__(self, top: Block, path: Path) -> None:
        self.top = top
        self.path = path
        self.lines: dict[tuple[str, str], int] = {}

    def read(self) -> OfficeFile:
        top = self.top
        top.check_keys(TOP_KEYS)
        office_id = top.name("instansi")
        if office_id and office_id != self.path.stem:
            top.note(top.line_of("instansi"), f"'instansi' {shown(office_id)} tidak sama dengan nama berkasnya.")
        for name, key in KEY_OF.items():
            self.lines[name, ""] = top.line_of(key)
        rules = self._rules()
        problems = tuple(sorted(top.problems, key=lambda problem: problem.line))
        return OfficeFile(self.path, office_id or self.path.stem, rules, problems, self.lines)

    def _rules(self) -> OfficeRules:
        hours, fasting = self._hours("jam_kerja"), self._hours("jam_ramadan", SIX_DAYS_RAMADAN)
        if fasting is None and hours == SIX_DAYS:
            fasting = SIX_DAYS_RAMADAN
        return OfficeRules(
            hours=hours,
            ramadan_hours=fasting,
            ramadan=tuple(self._ramadan()),
            holidays=self._holidays(),
            ladders=self._ladders(),
            audiences=self._audiences(),
            quiet=self._quiet(),
            via_secretary=self.top.optional_text("lewat_jabatan", NAME_LIMIT),
            chief_cap=self._number("chief_cap", DEFAULT_RULES.chief_cap),
            hold_reminder_days=self._number("hold_reminder_days", DEFAULT_RULES.hold_reminder_days),
            objection=self.top.optional_budget("waktu_keberatan", DEFAULT_RULES.objection),
            recorders=self._recorders(),
            extension_max=self.top.budget("perpanjangan_terlama") if self.top.entry("perpanjangan_terlama") else None,
        )

    def _number(self, name: str, default: int) -> int:
        return self.top.whole_number(self.top.entry(KEY_OF[name]), _LARGEST) or default

    def _recorders(self) -> frozenset[str]:
        found = self.top.scalars(self.top.entry("pencatat"), NAME_LIMIT)
        self.lines |= {("recorders", scalar.text): scalar.line for scalar in found}
        return frozenset(scalar.text for scalar in found)

    # --- hours ------------------------------------------------------------------------------

    def _hours(self, key: str, six: Pattern = SIX_DAYS) -> Pattern | None:
        entry = self.top.entry(key)
        if entry is not None and isinstance(entry.value, Scalar):
            if entry.value.text not in {FIVE_DAYS, SIX_DAYS_WORD}:
                self.top.note(entry.line, f"'{key}' harus {FIVE_DAYS}, {SIX_DAYS_WORD}, atau jam setiap hari.")
            return six if entry.value.text == SIX_DAYS_WORD else None
        block = self.top.block(entry, key)
        if entry is None or block is None:
            return None
        block.check_keys(DAYS)
        before = len(self.top.problems)
        pattern = week_of([self._day(block.entry(day)) for day in DAYS])
        if pattern is None and len(self.top.problems) == before:
            self.top.note(entry.line, f"Jam di '{key}' tumpang tindih atau kosong; perbaiki.")
        return pattern

    def _day(self, entry: Entry | None) -> list[Range]:
        if entry is None or isinstance(entry.value, Refused) or _says(entry.value, NO_WORK):
            return []
        ranges = []
        for node, text in self._pieces(entry.value):
            found = parse_range(text)
            if found is None:
                self.top.note(node.line, f"Jam {shown(entry.key)} tidak terbaca: {shown(text)}; {_HOURS_FORM}.")
            else:
                ranges.append(found)
        return ranges

    def _pieces(self, value: Node) -> Iterator[tuple[Node, str]]:
        """Yield the texts of one value or of a list of them, parted at commas."""
        for node in value.items if isinstance(value, Sequence) else (value,):
            if isinstance(node, Scalar):
                yield from ((node, piece.strip()) for piece in node.text.split(","))
            elif not isinstance(node, Refused):
                self.top.note(node.line, f"Jam tidak terbaca; {_HOURS_FORM}.")

    def _quiet(self) -> QuietHours | None:
        text = self.top.optional_text("jam_tenang", NAME_LIMIT)
        if text is None:
            return None
        found = parse_range(text)
        if found is None:
            line = self.top.line_of("jam_tenang")
            self.top.note(line, f"'jam_tenang' tidak terbaca: {shown(text)}; tulis misalnya '20:00-06:00'.")
            return None
        return QuietHours(*found)

    # --- dates ------------------------------------------------------------------------------

    def _blocks(self, key: str) -> Iterator[Block]:
        for node in self.top.items(self.top.entry(key)):
            if isinstance(node, Mapping):
                yield Block(node, key, self.top.problems)
            elif not isinstance(node, Refused):
                self.top.note(node.line, f"Isi '{key}' harus berupa pasangan 'kunci: nilai'.")

    def _ramadan(self) -> Iterator[FastingMonth]:
        for block in self._blocks("ramadan"):
            block.check_keys(("mulai", "selesai"))
            first, last = _required_day(block, "mulai"), _required_day(block, "selesai")
            if first and last:
                month = FastingMonth(first, last)
                self.lines["ramadan", str((last - first).days + 1)] = block.line
                self.lines["ramadan", first.isoformat()] = block.line
                yield month

    def _holidays(self) -> dict[date, DayException]:
        found: dict[date, DayException] = {}
        seen: dict[date, int] = {}
        for key, kind in DATED.items():
            for block in self._blocks(key):
                day, exception = self._dated(block, kind)
                if day is None:
                    continue
                if day in seen:
                    block.note(block.line, f"Tanggal {day} sudah diatur di baris {seen[day]}; hapus salah satu.")
                seen[day] = self.lines["holidays", day.isoformat()] = block.line
                found[day] = exception
        return found

    def _dated(self, block: Block, kind: DayKind) -> tuple[date | None, DayException]:
        name_key = "alasan" if kind is DayKind.CANCELLED else "nama"
        with_hours = kind is DayKind.SPECIAL_HOURS
        block.check_keys(("tanggal", name_key, *(("jam",) if with_hours else ())))
        name = block.name(name_key)
        periods = self._special(block) if with_hours else ()
        return _required_day(block, "tanggal"), DayException(kind, name, periods)

    def _special(self, block: Block) -> tuple[Period, ...]:
        entry = block.required("jam")
        ranges = self._day(entry)
        week = week_of([ranges, *[[]] * 6])
        if entry is not None and (week is None or week[1]):
            block.note(entry.line, "Jam tumpang tindih atau melewati tengah malam; perbaiki.")
            return ()
        return week[0] if week else ()

    # --- reminders --------------------------------------------------------------------------

    def _ladders(self) -> Ladders:
        block = self.top.block(self.top.entry("pengingat"), "pengingat")
        if block is None:
            return Ladders()
        block.check_keys(LADDER_PLACES)
        whole = block.block(block.entry("semua"), "pengingat semua")
        sops: dict[SopId, Ladder] = {}
        steps: dict[tuple[SopId, int], Ladder] = {}
        for sop, own in self._named(block, "sop"):
            self.lines["ladders", sop] = own.line
            inner = own.entry(STEPS)
            if len(own.entries) > (inner is not None):
                sops[sop] = read_ladder(own, (STEPS,))
            for number, ladder in self._steps(own, sop):
                steps[sop, number] = ladder
        return Ladders(read_ladder(whole) if whole else None, sops, steps)

    def _steps(self, own: Block, sop: SopId) -> Iterator[tuple[int, Ladder]]:
        for number, block in self._named(own, STEPS):
            if number.isascii() and number.isdigit():
                self.lines["ladders", f"{sop}/{int(number)}"] = block.line
                yield int(number), read_ladder(block)
            else:
                own.note(block.line, f"Nomor langkah tidak terbaca: {shown(number)}; tulis bilangan.")

    def _named(self, parent: Block, key: str) -> Iterator[tuple[str, Block]]:
        """Yield the blocks of a block by name, each at the line of its name."""
        whole = parent.block(parent.entry(key), key)
        for entry in whole.entries if whole else ():
            mapping = parent.mapping(entry)
            if mapping is not None:
                yield entry.key, Block(Mapping(entry.line, mapping.entries), f"{key} {entry.key}", parent.problems)

    def _audiences(self) -> dict[ReminderKind, frozenset[Audience]]:
        block = self.top.block(self.top.entry("diberi_tahu"), "diberi_tahu")
        if block is None:
            return {}
        block.check_keys(tuple(KINDS))
        return {KINDS[entry.key]: self._heard(block, entry) for entry in block.entries if entry.key in KINDS}

    def _heard(self, block: Block, entry: Entry) -> frozenset[Audience]:
        if KINDS[entry.key] is KINDS["waktu_habis"]:
            self.lines["audiences", ""] = entry.line
        found = set()
        for scalar in block.scalars(entry, NAME_LIMIT):
            if scalar.text in AUDIENCES:
                found.add(AUDIENCES[scalar.text])
            else:
                hint = advice(scalar.text, AUDIENCES)
                block.note(scalar.line, f"Penerima {shown(scalar.text)} tidak dikenal; {hint}.")
        return frozenset(found)


def _says(node: Node, word: str) -> bool:
    return isinstance(node, Scalar) and node.text.strip() == word


def _required_day(block: Block, key: str) -> date | None:
    return block.day(key) if block.required(key) else None
