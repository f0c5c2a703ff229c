"""One SOP file read into the domain, with every problem of the file and the line of every fact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.codes import ABBREVIATION
from bot.domain.sop import Completion, Dates, Office, Post, Sop, Step, Zone
from bot.sop_files import keys
from bot.sop_files.block import NAME_LIMIT, Block
from bot.sop_files.ladder import read_ladder
from bot.sop_files.rules import PostEntry, StepEntry, check_posts, check_steps
from bot.sop_files.wording import shown
from bot.sop_files.yaml_lines import Mapping, Refused, Sequence, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.reminders import Ladder
    from bot.sop_files.yaml_lines import Entry, Problem

SOP_ID = re.compile(r"(?=.{1,40}$)[a-z0-9]+(-[a-z0-9]+)*")
POST_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SOP_ID_FORM = "huruf kecil, angka dan '-', paling banyak 40 huruf"
_POST_ID_FORM = "huruf kecil, angka dan '_', diawali huruf, paling banyak 40 huruf"
_LARGEST_NUMBER = 9999
_NO_OFFICE = Office("", "", Zone.WIB)


@dataclass(frozen=True, slots=True)
class Document:
    """What one file holds. ``sop`` is to be trusted only where the file has no problem.

    ``id_line``, ``office_block`` and ``posts`` say where the facts stand that other files may dispute;
    ``zone_known`` is false where the file's zone is unreadable.
    """

    path: Path
    sop: Sop | None
    problems: tuple[Problem, ...]
    id_line: int = 1
    office_block: Block | None = None
    zone_known: bool = False
    posts: tuple[PostEntry, ...] = ()


def read_document(path: Path) -> Document:
    """Read one file; whatever it holds, the answer is a document."""
    root, problems = read_yaml(path)
    if root is None:
        return Document(path, None, tuple(problems))
    return _DocumentReader(Block(root, "berkas ini", problems)).read(path)


class _DocumentReader:
    """Reads the blocks of one file into domain objects."""

    def __init__(self, top: Block) -> None:
        self.top = top
        self.problems = top.problems
        self.office_block: Block | None = None
        self.zone_known = False

    def read(self, path: Path) -> Document:
        self.top.check_keys(keys.SOP_KEYS)
        office = self._office()
        posts = self._posts()
        steps = self._steps()
        sop = self._sop(office, posts, steps)
        if posts:
            check_posts(self.top, posts)
        check_steps(self.top, steps, dict.fromkeys(post.post.id for post in posts))
        problems = tuple(sorted(self.problems, key=lambda problem: problem.line))
        return Document(path, sop, problems, self.top.line_of("id"), self.office_block, self.zone_known, posts)

    def _sop(self, office: Office, posts: tuple[PostEntry, ...], steps: tuple[StepEntry, ...]) -> Sop:
        top = self.top
        return Sop(
            id=top.identifier("id", SOP_ID, _SOP_ID_FORM),
            name=top.name("nama"),
            abbreviation=top.identifier("singkatan", ABBREVIATION, "huruf besar dan angka, misalnya 'PK'"),
            office=office,
            posts=tuple(entry.post for entry in posts),
            steps=tuple(entry.step for entry in steps),
            number=top.optional_text("nomor", NAME_LIMIT),
            dates=self._dates(),
            approved_by=top.optional_text("disahkan_oleh", NAME_LIMIT),
            legal_basis=top.texts("dasar_hukum"),
            qualifications=top.texts("kualifikasi"),
            related=top.texts("keterkaitan"),
            equipment=top.texts("peralatan"),
            warnings=top.texts("peringatan"),
            records=top.texts("pencatatan"),
            remedies=top.texts("cara_mengatasi"),
            ladder=self._ladder(),
            source=top.optional_text("sumber", NAME_LIMIT),
            secret=top.flag("rahasia"),
            reading=top.reading(keys.SOP_FIELDS, "nama"),
        )

    def _office(self) -> Office:
        block = self.top.block(self.top.required("instansi"), "instansi")
        if block is None:
            return _NO_OFFICE
        self.office_block = block
        block.check_keys(keys.OFFICE_KEYS)
        zone = block.choice("zona", [zone.value for zone in Zone]) if block.required("zona") else None
        self.zone_known = zone is not None
        return Office(
            id=block.identifier("id", SOP_ID, _SOP_ID_FORM),
            name=block.name("nama"),
            zone=Zone(zone) if zone else Zone.WIB,
            reading=block.reading(keys.OFFICE_FIELDS, "nama"),
        )

    def _dates(self) -> Dates:
        block = self.top.block(self.top.entry("tanggal"), "tanggal")
        if block is None:
            return Dates()
        block.check_keys(keys.DATE_KEYS)
        return Dates(
            made=block.day("pembuatan"),
            revised=block.day("revisi"),
            approved=block.day("pengesahan"),
            effective=block.day("efektif"),
        )

    def _posts(self) -> tuple[PostEntry, ...]:
        entry = self.top.required("pelaksana")
        block = self.top.block(entry, "pelaksana")
        if entry is None or block is None:
            return ()
        if not block.entries:
            self.top.note(entry.line, "Daftar 'pelaksana' masih kosong; tulis sedikitnya satu jabatan.")
        return tuple(self._post(block, post) for post in block.entries)

    def _post(self, posts: Block, entry: Entry) -> PostEntry:
        where = f"pelaksana {shown(entry.key)}"
        if not POST_ID.fullmatch(entry.key):
            posts.note(entry.line, f"Id {where} tidak sah; gunakan {_POST_ID_FORM}.")
        mapping = posts.mapping(entry)
        block = Block(mapping or Mapping(entry.line, ()), where, self.problems)
        if mapping is None:
            return PostEntry(Post(entry.key, ""), entry.line, block, readable=False)
        block.check_keys(keys.POST_KEYS)
        post = Post(
            id=entry.key,
            name=block.name("nama"),
            superior=block.optional_text("atasan", NAME_LIMIT),
            reading=block.reading(keys.POST_FIELDS, "nama"),
        )
        return PostEntry(post, entry.line, block)

    def _steps(self) -> tuple[StepEntry, ...]:
        entry = self.top.required("langkah")
        if entry and isinstance(entry.value, Sequence) and not entry.value.items:
            self.top.note(entry.line, "Daftar 'langkah' masih kosong; tulis sedikitnya satu langkah.")
        steps = []
        for place, node in enumerate(self.top.items(entry), start=1):
            if isinstance(node, Mapping):
                steps.append(self._step(node, place))
            elif not isinstance(node, Refused):
                self.top.note(node.line, f"Langkah ke-{place} harus berupa pasangan 'kunci: nilai'.")
        return tuple(steps)

    def _step(self, mapping: Mapping, place: int) -> StepEntry:
        block = Block(mapping, f"langkah ke-{place}", self.problems)
        number = block.whole_number(block.required("nomor"), _LARGEST_NUMBER)
        if number:
            block.where = f"langkah {number}"
        block.check_keys(keys.STEP_KEYS)
        listed = block.required("pelaksana")
        posts = block.scalars(listed, NAME_LIMIT)
        if listed and isinstance(listed.value, Sequence) and not listed.value.items:
            block.note(listed.line, f"Daftar 'pelaksana' di {block.where} masih kosong; tulis sedikitnya satu jabatan.")
        completion = block.choice("penyelesaian", keys.COMPLETIONS)
        step = Step(
            number=number or 0,
            activity=block.text("kegiatan"),
            posts=tuple(scalar.text for scalar in posts),
            budget=block.budget("waktu"),
            completion=keys.COMPLETIONS[completion] if completion else Completion.ALL,
            requirements=block.texts("kelengkapan"),
            outputs=block.texts("output"),
            decision=block.flag("keputusan"),
            reject_to=block.whole_number(block.entry("tolak_ke"), _LARGEST_NUMBER),
            related=block.optional_text("keterkaitan"),
            strategic=block.flag("strategis"),
            reading=block.reading(keys.STEP_FIELDS, "kegiatan"),
        )
        return StepEntry(step, block, posts)

    def _ladder(self) -> Ladder | None:
        block = self.top.block(self.top.entry("pengingat"), "pengingat")
        return None if block is None else read_ladder(block)
