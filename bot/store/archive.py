"""The file that a backup is: a zip of one JSON-lines file per table, closed by a manifest.

The same for SQLite and PostgreSQL. The manifest comes last and has each table's length and SHA-256, so a file
that was cut off, damaged or altered is found before anything is read out of it. Tables stream through: no
more than a line is in memory at a time.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

FORMAT = 1
_KIND = "sop-bot-backup"
_MANIFEST = "manifest.json"
_LONGEST_MANIFEST = 1 << 20
_LONGEST_LINE = 64 << 20
_BLOCK = 1 << 20
_OWNER_ONLY = 0o600

Row = Sequence[Any]


class Fault(StrEnum):
    """What is wrong with a file; the console has words for each."""

    NOT_A_BACKUP = "not_a_backup"
    DAMAGED = "damaged"
    NEWER_FORMAT = "newer_format"


class BadArchive(Exception):  # noqa: N818 - named for what is the case
    """The file cannot be restored from: ``fault`` says why, ``place`` where it was found."""

    def __init__(self, fault: Fault, place: str = "") -> None:
        """Carry both."""
        super().__init__(fault, place)
        self.fault = fault
        self.place = place


@dataclass(frozen=True, slots=True)
class TableEntry:
    """What the manifest says of one table; ``sha256`` covers its lines as they stand in the zip."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is of. ``at`` is the moment (UTC) that its content was true.

    ``broken`` are the ids of the cases whose hash chain did not hold even then.
    """

    revision: str
    program: str
    database: str
    at: datetime
    broken: tuple[int, ...]
    tables: tuple[TableEntry, ...]

    @property
    def rows(self) -> int:
        """The number of rows in all tables."""
        return sum(table.rows for table in self.tables)


class Writer:
    """Writes the tables of a backup one after the other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Take the open zip."""
        self._archive = archive
        self.tables: list[TableEntry] = []

    def table(self, name: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Write a table; the rows are JSON values in the order of ``columns``."""
        digest, count = hashlib.sha256(), 0
        with self._archive.open(_entry(f"{name}.jsonl"), "w", force_zip64=True) as file:
            for row in rows:
                line = json.dumps(list(row), ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
                file.write(line)
                digest.update(line)
                count += 1
        self.tables.append(TableEntry(name, tuple(columns), count, digest.hexdigest()))

    def finish(self, *, revision: str, program: str, database: str, at: datetime, broken: Sequence[int]) -> Manifest:
        """Write the manifest, which makes the file whole, and return it."""
        manifest = Manifest(revision, program, database, at, tuple(broken), tuple(self.tables))
        content = {"kind": _KIND, "format": FORMAT, **asdict(manifest), "at": at.isoformat()}
        self._archive.writestr(_entry(_MANIFEST), json.dumps(content, ensure_ascii=False, indent=1))
        return manifest


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # without a date: the manifest has the moment
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = _OWNER_ONLY << 16
    return entry


@contextmanager
def writing(target: Path, *, overwrite: bool) -> Iterator[Writer]:
    """Write a backup that appears at ``target`` whole or not at all, readable by its owner only.

    Raises FileExistsError unless ``overwrite``, and OSError where the folder or the disk refuses.
    """
    if not overwrite and target.exists():
        raise FileExistsError(target)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)  # made with mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            temporary.replace(target)
        else:
            os.link(temporary, target)  # unlike a rename it refuses what came to stand there meanwhile
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Reader:
    """An opened backup. Nothing of a table is to be believed before ``verify`` has returned."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        """Read the manifest; raises BadArchive."""
        self._archive = archive
        self.manifest = self._read_manifest()

    def verify(self) -> None:
        """Compare every table with the manifest; raises BadArchive for the first that differs."""
        expected = {_MANIFEST, *(f"{table.name}.jsonl" for table in self.manifest.tables)}
        if set(self._archive.namelist()) != expected or len(self._archive.namelist()) != len(expected):
            raise BadArchive(Fault.DAMAGED, _MANIFEST)
        for table in self.manifest.tables:
            digest, count = hashlib.sha256(), 0
            with self._opened(table) as file:
                while block := file.read(_BLOCK):
                    digest.update(block)
                    count += block.count(b"\n")
            if (digest.hexdigest(), count) != (table.sha256, table.rows):
                raise BadArchive(Fault.DAMAGED, table.name)

    def rows(self, table: TableEntry) -> Iterator[list[Any]]:
        """Yield the rows of a table; raises BadArchive for a line that is none."""
        with self._opened(table) as file:
            while line := file.readline(_LONGEST_LINE):
                yield _row(line, table)

    @contextmanager
    def _opened(self, table: TableEntry) -> Iterator[IO[bytes]]:
        try:
            with self._archive.open(f"{table.name}.jsonl") as file:
                yield file
        except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
            raise BadArchive(Fault.DAMAGED, table.name) from error

    def _read_manifest(self) -> Manifest:
        try:
            with self._archive.open(_MANIFEST) as file:
                content = json.loads(file.read(_LONGEST_MANIFEST))
            if content["kind"] != _KIND:
                raise BadArchive(Fault.NOT_A_BACKUP)
            if content["format"] != FORMAT:
                raise BadArchive(Fault.NEWER_FORMAT)
            return _manifest(content)
        except (
            KeyError,
            TypeError,
            ValueError,
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            NotImplementedError,
        ) as error:
            raise BadArchive(Fault.NOT_A_BACKUP) from error


def _manifest(content: dict[str, Any]) -> Manifest:
    tables = tuple(
        TableEntry(str(entry["name"]), tuple(map(str, entry["columns"])), int(entry["rows"]), str(entry["sha256"]))
        for entry in content["tables"]
    )
    at = datetime.fromisoformat(content["at"])
    if at.tzinfo is None:
        raise ValueError(content["at"])
    broken = tuple(int(case) for case in content["broken"])
    return Manifest(str(content["revision"]), str(content["program"]), str(content["database"]), at, broken, tables)


def _row(line: bytes, table: TableEntry) -> list[Any]:
    try:
        row: Any = json.loads(line)
    except ValueError as error:
        raise BadArchive(Fault.DAMAGED, table.name) from error
    if not isinstance(row, list) or len(row) != len(table.columns):
        raise BadArchive(Fault.DAMAGED, table.name)
    return row


@contextmanager
def reading(file: Path) -> Iterator[Reader]:
    """Open a backup; raises BadArchive for any other file, and OSError."""
    with file.open("rb") as content:
        try:
            archive = zipfile.ZipFile(content)
        except zipfile.BadZipFile as error:
            raise BadArchive(Fault.NOT_A_BACKUP) from error
        with archive:
            yield Reader(archive)
