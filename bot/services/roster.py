"""Use cases: bring people onto posts from a table, all rows or none, and write the table out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.console import console
from bot.domain.posts import HoldingKind
from bot.services.holdings import appoint, current
from bot.services.invitations import new_invitation
from bot.services.office_posts import posts_of_office
from bot.services.people import ensure_person
from bot.store import queries
from bot.store.tables import HoldingRow, InvitationRow, PersonRow

if TYPE_CHECKING:
    from bot.services.work import Work

COLUMNS = ("instansi", "jabatan", "telegram_id", "nama")
_LONGEST_NAME = 80
_LARGEST_ID = 2**52  # Telegram's own bound on user ids
_LARGEST_FILE = 1024 * 1024
_LISTED = 8
# A spreadsheet that saves such a file again fills its first line up with empty cells, or quotes it.
_STATED = re.compile(r'"?sep=(?P<delimiter>[,;\t|])"?[,;\t| ]*(?=[\r\n]|\Z)', re.IGNORECASE)


class RosterProblem(Exception):  # noqa: N818 - it lists problems, for a person to read
    """Nothing was imported; one line per bad row."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Carry the lines."""
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: a person (or, without ``telegram_id``, somebody still to be invited) on a post."""

    line: int
    office: str
    post: str
    telegram_id: int | None
    name: str


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. ``links`` are (entry, code) of the invitations that were made."""

    added: int
    renamed: int
    unchanged: int
    links: tuple[tuple[Entry, str], ...]


def import_roster(work: Work, content: bytes, *, may_invite: bool = True) -> Imported:
    """Add or rename everybody in the table; never removes. Raises RosterProblem, naming every bad row.

    Without ``may_invite`` (no link can be made) a row that would need an invitation is a bad row.
    """
    rows = list(_rows(content))
    entries, problems = _entries(work, rows)
    problems += _contradictions(entries)
    if not may_invite:
        problems += _uninvitable(work, entries)
    if problems:
        raise RosterProblem([line for _, line in sorted(problems)])
    if not entries:
        raise RosterProblem([console("roster.empty")])
    return _apply(work, entries)


def _rows(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line, cells by column); a BOM and the semicolons of a spreadsheet simply work.

    A cell without a column stands under the empty name.
    """
    text = _text(content)
    columns: list[str] | None = None
    for line, cells in _numbered(text):
        stripped = _stripped(cells)
        if not stripped:
            continue
        if columns is None:
            columns = _header([cell.lower() for cell in stripped])
            continue
        yield line, dict(zip_longest(columns, stripped, fillvalue=""))
    if columns is None:
        raise RosterProblem([console("roster.empty")])


def _numbered(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row with the line that it begins on."""
    text, delimiter = _delimited(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error:
        raise RosterProblem([console("roster.unreadable", line=line)]) from None


def _delimited(text: str) -> tuple[str, str]:
    """Return the table and its delimiter: the one that a first line ``sep=;`` states, else the header's."""
    stated = _STATED.match(text)
    if stated:
        # The line stays as an empty one, so that the others keep their numbers.
        return text[stated.end() :], stated["delimiter"]
    header = text.lstrip("\r\n").partition("\n")[0]
    return text, max(",;\t", key=header.count)


def _stripped(cells: list[str]) -> list[str]:
    """Return the cells without the space around them and the empty ones that spreadsheets add at the end."""
    stripped = [cell.strip() for cell in cells]
    while stripped and not stripped[-1]:
        stripped.pop()
    return stripped


def _text(content: bytes) -> str:
    if len(content) > _LARGEST_FILE:
        raise RosterProblem([console("roster.too_large")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RosterProblem([console("roster.encoding")]) from None
    if "\x00" in text:
        raise RosterProblem([console("roster.encoding")])
    return text


def _header(columns: list[str]) -> list[str]:
    missing = [column for column in COLUMNS if column not in columns]
    if missing:
        raise RosterProblem([console("roster.columns", missing=", ".join(missing), columns=",".join(COLUMNS))])
    if len(set(columns)) < len(columns):
        raise RosterProblem([console("roster.repeated_column")])
    return columns


def _entries(work: Work, rows: list[tuple[int, dict[str, str]]]) -> tuple[list[Entry], list[tuple[int, str]]]:
    entries: list[Entry] = []
    problems: list[tuple[int, str]] = []
    known = {office: posts_of_office(work, office) for office in sorted(work.offices())}
    for line, cells in rows:
        faults = [*_bad_post(known, cells), *_bad_person(cells)]
        if cells.get(""):
            faults = [console("roster.too_many_cells")]
        problems += [(line, console("roster.row", line=line, fault=fault)) for fault in faults]
        if not faults:
            number = int(cells["telegram_id"]) if cells["telegram_id"] else None
            entries.append(Entry(line, cells["instansi"], cells["jabatan"], number, cells["nama"]))
    return entries, problems


def _bad_post(known: dict[str, list[str]], cells: dict[str, str]) -> Iterator[str]:
    posts = known.get(cells["instansi"])
    if posts is None:
        yield console("roster.office", value=cells["instansi"], known=", ".join(known))
    elif cells["jabatan"] not in posts:
        yield console("roster.post", value=cells["jabatan"], known=", ".join(posts[:_LISTED]))


def _bad_person(cells: dict[str, str]) -> Iterator[str]:
    number, name = cells["telegram_id"], cells["nama"]
    if number and not (number.isascii() and number.isdigit() and 0 < int(number[:20]) < _LARGEST_ID):
        yield console("roster.telegram_id", value=number[:30])
    if not name:
        yield console("roster.name_missing")
    elif len(name) > _LONGEST_NAME or not name.isprintable():
        yield console("roster.name", longest=_LONGEST_NAME)


def _contradictions(entries: list[Entry]) -> list[tuple[int, str]]:
    problems: list[tuple[int, str]] = []
    seen: dict[tuple[str, str, int | str], int] = {}
    names: dict[int, Entry] = {}
    for entry in entries:
        key = (entry.office, entry.post, entry.telegram_id or entry.name)
        first = seen.setdefault(key, entry.line)
        if first != entry.line:
            fault = console("roster.duplicate", first=first)
            problems.append((entry.line, console("roster.row", line=entry.line, fault=fault)))
        if entry.telegram_id is None:
            continue
        other = names.setdefault(entry.telegram_id, entry)
        if other.name != entry.name:
            fault = console("roster.two_names", first=other.line, number=entry.telegram_id)
            problems.append((entry.line, console("roster.row", line=entry.line, fault=fault)))
    return problems


def _uninvitable(work: Work, entries: list[Entry]) -> list[tuple[int, str]]:
    needing = [entry for entry in entries if entry.telegram_id is None and not _holds_by_name(work, entry)]
    fault = console("roster.no_link")
    return [(entry.line, console("roster.row", line=entry.line, fault=fault)) for entry in needing]


def _apply(work: Work, entries: list[Entry]) -> Imported:
    added = renamed = unchanged = 0
    links: list[tuple[Entry, str]] = []
    for entry in entries:
        if entry.telegram_id is None:
            if not _holds_by_name(work, entry):
                links.append((entry, _invite_anew(work, entry)))
            continue
        person = ensure_person(work, entry.telegram_id, entry.name)
        had = current(work, person, entry.office, entry.post) is not None
        renames = person.name != entry.name
        person.name = entry.name
        appoint(work, person, entry.office, entry.post)
        added += not had
        renamed += renames
        unchanged += had and not renames
    return Imported(added, renamed, unchanged, tuple(links))


def _invite_anew(work: Work, entry: Entry) -> str:
    """Return the code of a new invitation; one that the same import made before ends with it."""
    unused = (InvitationRow.used_at.is_(None), InvitationRow.expires_at > work.at)
    same = (InvitationRow.office_id == entry.office, InvitationRow.post_id == entry.post)
    earlier = update(InvitationRow).where(*unused, *same, InvitationRow.name == entry.name)
    work.session.execute(earlier.values(expires_at=work.at))
    return new_invitation(work, entry.office, entry.post, name=entry.name)[1]


def _holds_by_name(work: Work, entry: Entry) -> bool:
    people = queries.holders_of(work.session, entry.office, [entry.post], work.at, strategic=True)
    return any(person.name == entry.name for person in people)


def export_roster(work: Work) -> str:
    """Return the definitive holders of posts now, as a table that ``import_roster`` takes."""
    query = (
        select(HoldingRow, PersonRow)
        .join(PersonRow, PersonRow.id == HoldingRow.person_id)
        .where(queries.covers(work.at), HoldingRow.kind == HoldingKind.DEFINITIVE)
        .order_by(HoldingRow.office_id, HoldingRow.id)
    )
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for holding, person in work.session.execute(query):
        writer.writerow([holding.office_id, holding.post_id, person.telegram_id, person.name])
    return out.getvalue()
