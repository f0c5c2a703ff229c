"""The SOP definitions of a folder or of given files: what can be served, and every problem."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sop_files.disputes import Disputes
from bot.sop_files.document import Document, read_document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bot.domain.sop import Sop

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class FileProblem:
    """What is wrong at a line (1-based) of a file, in Indonesian."""

    file: str
    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was read: the sound SOPs, every problem, and the files looked at; all in order of file name."""

    sops: tuple[Sop, ...]
    problems: tuple[FileProblem, ...]
    files: tuple[str, ...] = ()


def load_folder(folder: Path) -> Loaded:
    """Read every SOP file directly in a folder. A broken file is listed and left out."""
    try:
        paths = [path for path in folder.iterdir() if path.suffix in SUFFIXES and not path.name.startswith(".")]
    except OSError:
        return _nothing(folder, "folder SOP tidak ditemukan atau tidak dapat dibaca")
    return load_files(paths) if paths else _nothing(folder, "folder ini tidak memuat berkas SOP (*.yaml)")


def load_files(paths: Iterable[Path]) -> Loaded:
    """Read the given files, each once; the rules between files hold among these."""
    once = {path.absolute(): path for path in paths}
    documents = [read_document(path) for path in sorted(once.values(), key=str)]
    disputes = Disputes()
    # Only sound files can overrule another, so they come first; a broken one overrules nobody.
    sound = [document for document in documents if not document.problems]
    served = [document.sop for document in sound if document.sop and disputes.accept(document)]
    for document in documents:
        if document.problems:
            disputes.compare(document)
    problems = [problem for document in documents for problem in _problems(document, disputes)]
    return Loaded(tuple(served), tuple(problems), tuple(str(document.path) for document in documents))


def _problems(document: Document, disputes: Disputes) -> list[FileProblem]:
    found = [*document.problems, *disputes.of(document)]
    found.sort(key=lambda problem: problem.line)
    return [FileProblem(str(document.path), problem.line, problem.message) for problem in found]


def _nothing(folder: Path, message: str) -> Loaded:
    return Loaded((), (FileProblem(str(folder), 1, message),))
