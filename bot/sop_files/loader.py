"""The SOP definitions of a folder or of given files: what can be served, and every problem."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.sop_files.calendars import load_calendars
from bot.sop_files.disputes import Disputes
from bot.sop_files.document import Document, read_document
from bot.sop_files.offices import OFFICES, load_offices
from bot.sop_files.wording import file_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bot.domain.office_rules import OfficeRules
    from bot.domain.sop import OfficeId, Sop
    from bot.sop_files.calendars import Calendars

SUFFIXES = (".yaml", ".yml")
CALENDARS = "kalender"


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong at a line (1-based) of a file, in Indonesian."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: the sound SOPs, every problem, and the SOP files looked at; all in order of file name.

    ``calendars`` are those of the folder, None where single files were read; ``rules`` are the offices' own settings.
    """

    sops: tuple[Sop, ...]
    problems: tuple[FileProblem, ...]
    files: tuple[str, ...] = ()
    calendars: Calendars | None = None
    rules: Mapping[OfficeId, OfficeRules] = field(default_factory=dict)


def load_folder(folder: Path) -> Loaded:
    """Read every SOP file directly in a folder, its calendars and its offices' settings.

    A broken file is listed and left out.
    """
    loaded = _load_sops(folder)
    calendars = load_calendars(folder / CALENDARS)
    offices = load_offices(folder / OFFICES, loaded.sops, calendars)
    problems = tuple(FileProblem(*problem) for problem in (*calendars.problems, *offices.problems))
    return replace(loaded, problems=loaded.problems + problems, calendars=calendars, rules=offices.rules)


def _load_sops(folder: Path) -> Loaded:
    try:
        paths = [path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.name[0] != "."]
    except OSError:
        return _nothing(folder, "Folder SOP tidak ditemukan atau tidak dapat dibaca.")
    return load_files(paths) if paths else _nothing(folder, "Folder ini tidak memuat berkas SOP (*.yaml).")


def load_files(paths: Iterable[Path]) -> Loaded:
    """Read the given files, each once; the rules between files hold among these."""
    once: dict[str, Path] = {}
    for path in sorted(paths, key=str):
        once.setdefault(os.path.realpath(path), path)
    documents = [read_document(path) for path in once.values()]
    disputes = Disputes()
    # Only sound files can overrule another, so they come first; a broken one overrules nobody.
    sound = [document for document in documents if not document.problems]
    served = [document.sop for document in sound if document.sop and disputes.accept(document)]
    for document in documents:
        if document.problems:
            disputes.compare(document)
    problems = [problem for document in documents for problem in _problems(document, disputes)]
    return Loaded(tuple(served), tuple(problems), tuple(file_name(document.path) for document in documents))


def _problems(document: Document, disputes: Disputes) -> list[FileProblem]:
    found = [*document.problems, *disputes.of(document)]
    found.sort(key=lambda problem: problem.line)
    return [FileProblem(file_name(document.path), problem.line, problem.message) for problem in found]


def _nothing(folder: Path, message: str) -> Loaded:
    return Loaded((), (FileProblem(file_name(folder), 1, message),))
