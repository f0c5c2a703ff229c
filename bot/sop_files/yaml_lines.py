"""A safe YAML 1.2 reader that knows every line and lists every problem of a file.

It builds its own small tree from ruamel.yaml's events. Values stay text: what is a number or a date
is for the reader of the field to say, and nothing in a file can build objects, multiply itself by
aliases or nest without end.
"""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from bot.sop_files.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ruamel.yaml.events import Event

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# Escapes in double quotes can spell these; databases and UTF-8 cannot hold them.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

# What ruamel.yaml says (a part of it) and what to tell the author of the file.
_SYNTAX = (
    ("mapping values are not allowed", "tanda ':' tidak pada tempatnya; apit teks yang memuat ': ' dengan tanda kutip"),
    (r"'\t' that cannot start", "tab tidak boleh dipakai di awal; gunakan spasi"),
    ("but found '\\t'", "tab tidak boleh dipakai di awal; gunakan spasi"),
    ("cannot start any token", "ada tanda yang tidak boleh mengawali teks; apit teks itu dengan tanda kutip"),
    ("could not find expected ':'", "sebuah kunci belum diikuti titik dua dan spasi (': ')"),
    ("expected <block end>", "indentasi tidak sejajar dengan baris sebelumnya"),
    ("expected ',' or", "kurung '[' atau '{' belum ditutup atau koma kurang"),
    ("unexpected end of stream", "tanda kutip belum ditutup"),
    ("sequence entries are not allowed", "tanda '-' tidak pada tempatnya"),
    ("mapping keys are not allowed", "tanda '?' tidak pada tempatnya; apit teks itu dengan tanda kutip"),
    (
        "expected alphabetic or numeric",
        "tanda '&' atau '*' tidak boleh mengawali teks; gunakan tanda kutip",
    ),
    ("comment or a line break", "sesudah tanda '|' atau '>' teks harus mulai di baris berikutnya"),
    ("expected the node content", "sebuah nilai belum ditulis atau tandanya salah"),
    ("unknown escape character", r"tanda '\' di dalam kutip ganda tidak dikenal; gunakan kutip tunggal"),
    ("expected escape sequence", r"tanda '\' di dalam kutip ganda tidak lengkap; gunakan kutip tunggal"),
    ("undefined tag handle", "tag (tanda '!') tidak diizinkan; hapus tanda itu"),
    ("incompatible YAML document", "hapus baris '%YAML'"),
    ("'<document start>'", "isi berkas sudah berakhir sebelum baris ini; periksa indentasinya"),
)
_UNREADABLE = {errno.ELOOP: "tautannya berputar", errno.ENAMETOOLONG: "namanya terlalu panjang"}
_OWN_TAGS = "tag:yaml.org,2002:"  # what '!!' stands for


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a line (1-based) of a file, in Indonesian."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written; ``plain`` when it stands without quotes."""

    line: int
    text: str
    plain: bool = True

    @property
    def empty(self) -> bool:
        """Whether it says nothing: YAML's null, or an empty or blank text."""
        return not self.text.strip() or (self.plain and self.text in _NULLS)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; ``line`` is where its first item stands."""

    line: int
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a mapping with the line the key stands on."""

    key: str
    line: int
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys and values in file order, each key once; ``line`` is where the first key stands."""

    line: int
    entries: tuple[Entry, ...]

    def get(self, key: str) -> Entry | None:
        """Return the entry of ``key``, or None where it is absent."""
        return next((entry for entry in self.entries if entry.key == key), None)


@dataclass(frozen=True, slots=True)
class Refused:
    """Stands where the reader has already reported a problem; readers of fields stay silent about it."""

    line: int


Node: TypeAlias = Scalar | Sequence | Mapping | Refused


def is_empty(node: Node) -> bool:
    """Whether nothing stands there (``kunci:`` without a value)."""
    return isinstance(node, Scalar) and node.empty


def read_yaml(path: Path) -> tuple[Mapping | None, list[Problem]]:
    """Read a file whose content is a mapping; never raises for anything a file holds.

    The mapping is None where reading stopped. Repeated keys, aliases and tags are problems that
    leave the rest readable, so that the caller can list its own problems along with them.
    """
    text, problem = _read_text(path)
    return (None, [problem]) if problem else parse_yaml(text)


def parse_yaml(text: str) -> tuple[Mapping | None, list[Problem]]:
    """Read a text as ``read_yaml`` reads a file's."""
    builder = _Builder()
    stopped = _feed(builder, text)
    problems = builder.problems
    if stopped:
        return None, [*problems, stopped]
    if builder.root is None or is_empty(builder.root):
        return None, [*problems, Problem(1, "Berkas kosong; isi menurut contoh di sop_data/.")]
    if isinstance(builder.root, Mapping):
        return builder.root, problems
    if not isinstance(builder.root, Refused):
        problems.append(Problem(builder.root.line, "Isi berkas harus berupa pasangan 'kunci: nilai'."))
    return None, problems


def _read_text(path: Path) -> tuple[str, Problem | None]:
    try:
        if path.exists() and not path.is_file():
            return "", Problem(1, "Ini bukan berkas biasa; berikan berkas teks.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return "", Problem(1, "Berkas tidak ditemukan; periksa nama dan foldernya.")
    except PermissionError:
        return "", Problem(1, "Berkas tidak boleh dibaca; periksa izin aksesnya.")
    except (OSError, ValueError) as error:
        return "", Problem(1, f"Berkas tidak dapat dibaca: {_why_unreadable(error)}.")
    return _decode(raw)


def _why_unreadable(error: OSError | ValueError) -> str:
    if not isinstance(error, OSError) or error.errno is None:
        return "namanya tidak sah"
    return _UNREADABLE.get(error.errno) or f"kesalahan sistem {errno.errorcode.get(error.errno, error.errno)}"


def _decode(raw: bytes) -> tuple[str, Problem | None]:
    if len(raw) > MAX_BYTES:
        line = raw.count(b"\n", 0, MAX_BYTES) + 1
        return "", Problem(line, f"Berkas terlalu besar; paling banyak {MAX_BYTES // 1024} KiB.")
    if raw.startswith(_UTF16_MARKS):
        return "", Problem(1, "Pengodean berkas UTF-16 atau UTF-32; simpan ulang sebagai UTF-8.")
    if b"\0" in raw:
        line = _line_of(raw, raw.index(b"\0"))
        return "", Problem(line, "Berkas biner atau pengodeannya bukan UTF-8; simpan ulang sebagai teks UTF-8.")
    try:
        return raw.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        return "", Problem(_line_of(raw, error.start), "Pengodean berkas bukan UTF-8; simpan ulang sebagai UTF-8.")


def _line_of(raw: bytes, position: int) -> int:
    return raw.count(b"\n", 0, position) + 1


def _feed(builder: _Builder, text: str) -> Problem | None:
    """Give the builder every event; return the problem that stopped the reading, if any."""
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            stopped = builder.take(event)
            if stopped:
                return stopped
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return Problem(line, f"Karakter U+{error.character:04X} tidak boleh ada di berkas teks; hapus karakter itu.")
    except MarkedYAMLError as error:
        return _stopped_at(error, builder.line, text)
    except (YAMLError, ArithmeticError, LookupError, ValueError, TypeError, AttributeError, AssertionError):
        # The scanner is not written for hostile input, e.g. it lets int() and chr() raise on odd escapes.
        return Problem(builder.line, _syntax_message(""))
    except RecursionError:
        return Problem(builder.line, _too_deep())
    return None


def _stopped_at(error: MarkedYAMLError, line: int, text: str) -> Problem:
    mark, begun = error.problem_mark or error.context_mark, error.context_mark
    # What is never closed is noticed after the last line; no editor shows that one.
    stopped = min(mark.line + 1, len(text.splitlines())) if mark else line
    since = f" (dimulai di baris {begun.line + 1})" if begun and begun.line + 1 < stopped else ""
    return Problem(stopped, _syntax_message(error.problem or error.context or "", since))


def _syntax_message(problem: str, since: str = "") -> str:
    hint = next((hint for part, hint in _SYNTAX if part in problem), "susunannya tidak dipahami")
    return f"Bukan YAML yang benar: {hint}{since}."


def _too_deep() -> str:
    return f"Isi berkas bersarang terlalu dalam; paling banyak {MAX_DEPTH} tingkat."


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is still open, with its content so far."""

    line: int
    mapping: bool
    content: list[Node] = field(default_factory=list)


class _Builder:
    """Builds the tree event by event, without recursion, and notes what it refuses."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.line = 1
        self._open: list[_Frame] = []
        self._documents = 0
        self._refused: set[int] = set()

    def take(self, event: Event) -> Problem | None:
        """Take the next event; returns a problem where reading has to stop."""
        self.line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                return Problem(self.line, "Berkas memuat lebih dari satu dokumen; hapus pemisah '---'.")
        elif isinstance(event, AliasEvent):
            self._refuse(f"Alias {shown(f'*{event.anchor}')} tidak diizinkan; tulis nilainya di sini.")
            self._add(Refused(self.line))
        elif isinstance(event, ScalarEvent):
            self._check_marks(event)
            self._add(self._scalar(event))
        elif isinstance(event, MappingStartEvent | SequenceStartEvent):
            self._check_marks(event)
            self._open.append(_Frame(self.line, isinstance(event, MappingStartEvent)))
            if len(self._open) > MAX_DEPTH:
                return Problem(self.line, _too_deep())
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._add(self._close(self._open.pop()))
        return None

    def _scalar(self, event: ScalarEvent) -> Node:
        odd = _UNSTORABLE.search(event.value)
        if odd:
            self._refuse(f"Karakter U+{ord(odd.group()):04X} tidak boleh ada di dalam teks; hapus karakter itu.")
            return Refused(self.line)
        return Scalar(self.line, event.value, plain=event.style is None)

    def _check_marks(self, event: ScalarEvent | MappingStartEvent | SequenceStartEvent) -> None:
        if event.anchor is not None:
            self._refuse(f"Jangkar {shown(f'&{event.anchor}')} tidak diizinkan; hapus tanda itu.")
        if event.ctag is not None:
            self._refuse(f"Tag {shown(str(event.ctag).replace(_OWN_TAGS, '!!'))} tidak diizinkan; hapus tanda itu.")

    def _refuse(self, message: str) -> None:
        # One refusal per line is enough: an alias bomb repeats itself hundreds of times.
        if self.line not in self._refused:
            self._refused.add(self.line)
            self.problems.append(Problem(self.line, message))

    def _add(self, node: Node) -> None:
        if self._open:
            self._open[-1].content.append(node)
        else:
            self.root = node

    def _close(self, frame: _Frame) -> Node:
        if not frame.mapping:
            return Sequence(frame.line, tuple(frame.content))
        pairs = zip(frame.content[::2], frame.content[1::2], strict=True)
        return Mapping(frame.line, tuple(self._entries(pairs)))

    def _entries(self, pairs: Iterator[tuple[Node, Node]]) -> Iterator[Entry]:
        first: dict[str, int] = {}
        for key, value in pairs:
            if isinstance(key, Refused):
                continue
            if not isinstance(key, Scalar) or key.empty:
                self.problems.append(Problem(key.line, "Kunci harus berupa satu kata."))
            elif key.text in first:
                earlier = first[key.text]
                self.problems.append(
                    Problem(
                        key.line, f"Kunci {shown(key.text)} ditulis dua kali (pertama di baris {earlier}); hapus satu."
                    )
                )
            else:
                first[key.text] = key.line
                yield Entry(key.text, key.line, value)
