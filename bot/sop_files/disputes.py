"""What may not differ between files: a SOP's id is one file's, and an office's files agree on it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.sop_files.wording import file_name, shown
from bot.sop_files.yaml_lines import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.sop_files.document import Document
    from bot.sop_files.rules import PostEntry


@dataclass(frozen=True, slots=True)
class _Fact:
    """Something that a file says and that no other file may say otherwise.

    ``about`` identifies the fact, ``title`` names it in messages.
    """

    about: tuple[str, ...]
    title: str
    value: str
    line: int


class Disputes:
    """Collects what accepted files say and finds where another file differs."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, ...], tuple[str, Path]] = {}
        self._found: dict[Path, list[Problem]] = defaultdict(list)

    def accept(self, document: Document) -> bool:
        """Take over what a file says, unless it differs from a file before it; returns whether."""
        self.compare(document)
        if self._found[document.path]:
            return False
        for fact in _facts(document):
            self._said.setdefault(fact.about, (fact.value, document.path))
        return True

    def compare(self, document: Document) -> None:
        """Note where a file differs from the accepted ones."""
        for fact in _facts(document):
            value, path = self._said.get(fact.about, (fact.value, document.path))
            if path != document.path and fact.about[0] == "sop":
                message = f"Id SOP {shown(fact.value)} sudah dipakai di {file_name(path)}; beri id lain."
                self._found[document.path].append(Problem(fact.line, message))
            elif value != fact.value:
                message = (
                    f"{fact.title} berbeda: di sini {_said(fact.value)}, di {file_name(path)} {_said(value)}; samakan."
                )
                self._found[document.path].append(Problem(fact.line, message))

    def of(self, document: Document) -> list[Problem]:
        """Return what was found in a file."""
        return self._found[document.path]


def _said(value: str) -> str:
    return shown(value) if value else "tidak ada"


def _facts(document: Document) -> Iterator[_Fact]:
    sop = document.sop
    if sop is None:
        return
    if sop.id:
        yield _Fact(("sop", sop.id), "Id SOP", sop.id, document.id_line)
    office, block = sop.office, document.office_block
    if block is None or not office.id:
        return
    if office.name:
        yield _Fact(("office", office.id, "nama"), f"Nama instansi '{office.id}'", office.name, block.line_of("nama"))
    if document.zone_known:
        yield _Fact(("office", office.id, "zona"), f"Zona instansi '{office.id}'", office.zone, block.line_of("zona"))
    for entry in document.posts:
        yield from _post_facts(office.id, entry)


def _post_facts(office: str, entry: PostEntry) -> Iterator[_Fact]:
    post, block = entry.post, entry.block
    if not entry.readable:
        return
    if post.name:
        yield _Fact(("post", office, post.id, "nama"), f"Nama jabatan '{post.id}'", post.name, block.line_of("nama"))
    written = block.entry("atasan")
    if post.superior or not written:
        line = written.line if written else entry.line
        yield _Fact(("post", office, post.id, "atasan"), f"Atasan jabatan '{post.id}'", post.superior or "", line)
