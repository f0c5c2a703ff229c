"""What ``sop-bot doctor`` finds: one line for each thing looked at, and nothing changed anywhere.

A line is a level, what was looked at, and a text of the console with its values; the words are not here.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.domain.posts import SECRETARIAT
from bot.messages.labels import label
from bot.services.auditor.found import Kind
from bot.services.figures import figures
from bot.services.work import Work
from bot.sop_files.report import unconfirmed
from bot.store import queries
from bot.store.migrate import NewerSchema, head, known_revision
from bot.store.snapshot import snapshot
from bot.store.tables import CaseRow, FindingRow, HoldingRow, OfficeRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sqlalchemy import Connection

    from bot.services.library import Library
    from bot.sop_files.loader import Loaded

_MUCH_SKEW, _SOME_SKEW = timedelta(seconds=60), timedelta(seconds=5)
_LITTLE_DISK, _SOME_DISK = 200 * 2**20, 2**30
_LATE = timedelta(minutes=10)
_NAMED = 5


class Level(StrEnum):
    """How a line is to be taken; BAD alone makes the command fail."""

    FINE = "baik"
    NOTE = "perhatian"
    BAD = "gagal"


@dataclass(frozen=True, slots=True)
class Line:
    """One finding: ``key`` names its text in the section ``doctor``, filled with ``values``.

    It is ``check.outcome``: what was looked at, which stays, and how that was found.
    """

    level: Level
    key: str
    values: dict[str, Any] = field(default_factory=dict)


def fine(key: str, **values: Any) -> Line:
    """Return a line about something that is as it should be."""
    return Line(Level.FINE, key, values)


def note(key: str, **values: Any) -> Line:
    """Return a line about something worth a look."""
    return Line(Level.NOTE, key, values)


def bad(key: str, **values: Any) -> Line:
    """Return a line about something that must be put right."""
    return Line(Level.BAD, key, values)


def clock(check: str, theirs: datetime, ours: datetime) -> Line:
    """Return how far a clock is from ours; ``check`` says whose it is."""
    skew = abs(theirs - ours)
    level = Level.BAD if skew > _MUCH_SKEW else Level.NOTE if skew > _SOME_SKEW else Level.FINE
    return Line(
        level, f"{check}.fine" if level is Level.FINE else f"{check}.off", {"seconds": round(skew.total_seconds())}
    )


# --- files ----------------------------------------------------------------------------------


def check_files(loaded: Loaded, at: datetime, folder: Path) -> Iterator[Line]:
    """Look at the SOP files and the calendars."""
    if loaded.problems:
        first = loaded.problems[0]
        yield bad("sop.problems", count=len(loaded.problems), file=first.file, line=first.line)
    if not loaded.sops:
        yield bad("sop.none", folder=folder)
    elif not loaded.problems:
        yield fine("sop.fine", count=len(loaded.sops))
    open_points = sum(len(words) for sop in loaded.sops for _, words in unconfirmed(sop))
    if open_points:
        yield note("sop.unconfirmed", count=open_points)
    if loaded.calendars is not None:
        notes = loaded.calendars.notes([at.year, at.year + 1])
        yield from (note("calendar.gap", note=found) for found in notes)
        if not notes:
            yield fine("calendar.fine", first=at.year, second=at.year + 1)


def check_disk(url: str) -> Iterator[Line]:
    """Look at the disk that a SQLite file lies on."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return
    folder = Path(address.database or "").absolute().parent
    while not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        yield bad("disk.not_writable", folder=folder)
        return
    free = shutil.disk_usage(folder).free
    level = Level.BAD if free < _LITTLE_DISK else Level.NOTE if free < _SOME_DISK else Level.FINE
    yield Line(level, "disk.fine" if level is Level.FINE else "disk.full", {"folder": folder, "megabytes": free >> 20})


# --- the database ---------------------------------------------------------------------------


def check_database(url: str, at: datetime, library: Library) -> Iterator[Line]:
    """Look at the database and what is in it, within one read-only transaction."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        yield note("database.missing", file=address.database)
        return
    try:
        with snapshot(url) as connection:
            yield from _database(connection, at)
            if known_revision(connection) == head():
                with Session(connection) as session:
                    yield from _content(Work(session, at, library))
    except NewerSchema as newer:
        yield bad("schema.newer", found=newer.revision, head=head())
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        yield bad("database.away", why=why)


def _database(connection: Connection, at: datetime) -> Iterator[Line]:
    version = ".".join(map(str, connection.dialect.server_version_info or ()))
    yield fine("database.fine", kind=connection.dialect.name, version=version)
    if connection.dialect.name == "sqlite":
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
        if mode != "wal":
            yield note("journal.other", mode=mode)
    else:
        theirs = connection.scalar(text("SELECT clock_timestamp()"))
        yield clock("database_clock", theirs.astimezone(UTC), at)
    revision = known_revision(connection)
    if revision == head():
        yield fine("schema.fine", revision=revision)
    else:
        yield note("schema.old", found=revision or "–", head=head())


def _content(work: Work) -> Iterator[Line]:
    yield from _people(work)
    yield from _delivery(work)


def _people(work: Work) -> Iterator[Line]:
    idle = []
    for office in work.session.scalars(select(OfficeRow).order_by(OfficeRow.id)):
        held = {row.post_id for row in queries.office_holdings(work.session, office.id, work.at)}
        running = queries.running_cases(work.session, [office.id])
        if not held and not running:
            idle.append(office.id)
            continue
        yield from _office(work, office.id, held, {task.id for _, task in running})
    if idle:
        yield note("office.idle", offices=_some(idle))
    yield from _unreachable(work)


def _office(work: Work, office_id: str, held: Collection[str], open_tasks: Collection[int]) -> Iterator[Line]:
    if SECRETARIAT not in held:
        yield bad("office.no_secretariat", office=office_id)
    rows = [row for task_id in open_tasks for row in queries.task_posts(work.session, task_id)]
    waiting = sorted({row.post_id for row in rows if row.reported_at is None} - set(held))
    if waiting:
        yield bad("office.post_waiting", office=office_id, posts=_some(waiting))
    needed = {post for sop in work.library.of_office(office_id) for step in sop.steps for post in step.posts}
    empty = sorted(needed - set(held) - set(waiting))
    if empty:
        yield note("office.post_empty", office=office_id, posts=_some(empty))
    if SECRETARIAT in held and not waiting and not empty:
        yield fine("office.fine", office=office_id)


def _unreachable(work: Work) -> Iterator[Line]:
    holds = select(HoldingRow.person_id).where(HoldingRow.until.is_(None))
    gone = select(PersonRow.name).where(PersonRow.unreachable_since.is_not(None), PersonRow.id.in_(holds))
    names = work.session.scalars(gone.order_by(PersonRow.name)).all()
    if names:
        yield note("people.unreachable", count=len(names), names=_some(names))
    elif work.session.scalar(select(func.count()).select_from(PersonRow)):
        yield fine("people.fine")


def _delivery(work: Work) -> Iterator[Line]:
    found = figures(work)
    if held := found.outbox.get("held", 0):
        yield bad("outbox.held", count=held)
    if dead := found.outbox.get("dead", 0):
        yield note("outbox.dead", count=dead)
    for key, seconds in (("outbox.late", found.oldest_message), ("reminders.late", found.reminder_lag)):
        if seconds > _LATE.total_seconds():
            yield bad(key, minutes=round(seconds / 60))
    if found.open_findings:
        yield bad("findings.open", count=found.open_findings, items=_first_findings(work))
    if not held and not dead and found.oldest_message <= _LATE.total_seconds():
        yield fine("outbox.fine", waiting=found.outbox.get("pending", 0) + found.outbox.get("sending", 0))


def _first_findings(work: Work) -> list[dict[str, str]]:
    """Return the first open findings in words, each with its case's code (empty where it is about none)."""
    query = select(FindingRow, CaseRow.code).outerjoin(CaseRow, CaseRow.id == FindingRow.case_id)
    open_ones = query.where(FindingRow.resolved_at.is_(None)).order_by(FindingRow.found_at, FindingRow.id)
    rows = work.session.execute(open_ones.limit(_NAMED)).all()
    return [{"code": code or "", "what": _words(work, row)} for row, code in rows]


def _words(work: Work, row: FindingRow) -> str:
    if row.kind not in set(Kind):
        return row.kind
    person = work.session.get(PersonRow, row.detail.get("person") or 0)
    name = person.name if person else label("person.nameless")
    return label(f"finding.{row.kind}", person=name, event=row.detail.get("event"))


def _some(names: Collection[str]) -> str:
    """Return names with commas; from the sixth on they are counted."""
    shown = ", ".join(list(names)[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown}, +{len(names) - _NAMED}"
