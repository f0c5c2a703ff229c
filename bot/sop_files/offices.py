"""The offices' own files of a folder: what each office has set, and every problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sop_files.office_file import read_office
from bot.sop_files.wording import advice, file_name, shown
from bot.sop_files.yaml_lines import Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from bot.domain.office_rules import OfficeRules
    from bot.domain.sop import OfficeId, Sop
    from bot.sop_files.calendars import Calendars
    from bot.sop_files.office_file import OfficeFile

OFFICES = "kantor"
_SUFFIX = ".yaml"


@dataclass(frozen=True, slots=True)
class OfficeFiles:
    """The rules by office, those of sound files only; ``problems`` are (file, line, message)."""

    rules: Mapping[OfficeId, OfficeRules]
    problems: tuple[tuple[str, int, str], ...]


def load_offices(folder: Path, sops: Collection[Sop], calendars: Calendars) -> OfficeFiles:
    """Read every office's file of a folder; a missing folder says nothing. A broken file is listed and left out."""
    rules: dict[OfficeId, OfficeRules] = {}
    problems: list[tuple[str, int, str]] = []
    for path in sorted(path for path in folder.glob("*") if path.name[0] != "."):
        file = read_office(path)
        found = problems_of(file, sops, calendars)
        problems += [(file_name(path), problem.line, problem.message) for problem in found]
        if not found:
            rules[file.office_id] = file.rules
    return OfficeFiles(rules, tuple(problems))


def problems_of(file: OfficeFile, sops: Collection[Sop], calendars: Calendars) -> list[Problem]:
    """Return everything that is wrong with a file, in order of line."""
    if file.path.suffix != _SUFFIX:
        return [Problem(1, "Nama berkas kantor harus <instansi>.yaml, misalnya dinas-contoh.yaml.")]
    own = [sop for sop in sops if sop.office.id == file.office_id]
    found = list(file.problems)
    if not own:
        known = sorted({sop.office.id for sop in sops})
        found.append(
            Problem(1, f"Instansi {shown(file.office_id)} tidak punya SOP di sini; {advice(file.office_id, known)}.")
        )
    elif not found:
        # What was not readable stands at its default, and would be disputed wrongly.
        found += file.disputed(own, calendars.for_office(own[0].office))
    return sorted(found, key=lambda problem: problem.line)
