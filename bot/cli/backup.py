"""``sop-bot backup`` and ``sop-bot restore``."""

from __future__ import annotations

import argparse
import hashlib
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from bot.app import read_library
from bot.cli.common import FINE, Commands, Refused, command
from bot.clock import SystemClock
from bot.console import console
from bot.messages.dates import Clock as Dates
from bot.services.restoration import Settled, move, settle
from bot.services.work import Work
from bot.store.archive import BadArchive, Manifest, reading, writing
from bot.store.backup import DamagedDatabase, dump
from bot.store.migrate import BrokenReferences, known_revision
from bot.store.restore import InUse, Occupied, Target, restore
from bot.store.snapshot import snapshot

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.settings import Settings
    from bot.store.restore import Serials

_GAP = 100
_LARGEST_GAP = 100_000


def add(commands: Commands) -> None:
    """Add the commands."""
    backup = command(commands, "backup", _backup, "backup.backup")
    backup.add_argument("file", type=Path, metavar="FILE", help=console("backup.file"))
    backup.add_argument("--timpa", action="store_true", help=console("backup.overwrite"))
    back = command(commands, "restore", _restore, "backup.restore")
    back.add_argument("file", type=Path, metavar="FILE", help=console("backup.file"))
    back.add_argument("--periksa", action="store_true", help=console("backup.verify"))
    back.add_argument("--ganti", action="store_true", help=console("backup.replace"))
    back.add_argument("--pindah", action="store_true", help=console("backup.move"))
    back.add_argument("--lompat", type=int, default=_GAP, metavar="N", help=console("backup.gap"))


# --- backup ---------------------------------------------------------------------------------


def _backup(settings: Settings, chosen: argparse.Namespace) -> int:
    manifest = _write(settings, chosen.file, SystemClock().now(), overwrite=chosen.timpa)
    facts = {"rows": manifest.rows, "tables": len(manifest.tables), "at": _moment(settings, manifest.at)}
    size = chosen.file.stat().st_size
    print(console("backup.done", file=chosen.file, size=size, revision=manifest.revision, **facts))
    with chosen.file.open("rb") as content:
        print(console("backup.sha", sha=hashlib.file_digest(content, "sha256").hexdigest()))
    _warn_of_chains(manifest)
    print(console("backup.personal"))
    return FINE


def _write(settings: Settings, file: Path, at: datetime, *, overwrite: bool) -> Manifest:
    """Write a backup and read it back; raises Refused."""
    try:
        with snapshot(settings.database_url) as connection:
            revision = known_revision(connection)
            if revision is None:
                raise Refused(console("backup.empty"))
            with writing(file, overwrite=overwrite) as writer:
                manifest = dump(connection, writer, revision=revision, program=version("sop-bot"), at=at)
    except FileExistsError:
        raise Refused(console("backup.exists", file=file)) from None
    except DamagedDatabase as damage:
        raise Refused(console("backup.damaged_database", what=damage.what)) from None
    except OSError as error:
        raise Refused(console("backup.no_write", file=file, why=error.strerror)) from None
    _read_back(file)
    return manifest


def _read_back(file: Path) -> Manifest:
    """Verify a backup and return its manifest; raises Refused."""
    try:
        with reading(file) as reader:
            reader.verify()
            return reader.manifest
    except BadArchive as bad:
        raise _refused(bad, file) from None
    except OSError as error:
        raise Refused(console("cli.no_file", file=file, why=error.strerror)) from None


def _refused(bad: BadArchive, file: Path) -> Refused:
    return Refused(console(f"backup.{bad.fault}", file=file, place=bad.place))


def _warn_of_chains(manifest: Manifest) -> None:
    if manifest.broken:
        cases = ", ".join(map(str, manifest.broken))
        print(console("backup.broken", count=len(manifest.broken), cases=cases))


def _moment(settings: Settings, at: datetime) -> str:
    """Return a moment as the first office's clock shows it, or as UTC where no definition can be read."""
    library = read_library(settings)
    offices = sorted(library.offices.values(), key=lambda office: office.id)
    if not offices:
        return f"{at:%Y-%m-%d %H.%M} UTC"
    return Dates(library.calendar(offices[0]), SystemClock().now()).moment(at)


# --- restore --------------------------------------------------------------------------------


def _restore(settings: Settings, chosen: argparse.Namespace) -> int:
    if not 0 <= chosen.lompat <= _LARGEST_GAP:
        raise Refused(console("backup.negative"))
    manifest = _read_back(chosen.file)
    if chosen.periksa:
        facts = {"rows": manifest.rows, "tables": len(manifest.tables), "at": _moment(settings, manifest.at)}
        about = {"database": manifest.database, "revision": manifest.revision, "program": manifest.program}
        print(console("backup.sound", file=chosen.file, **facts, **about))
        _warn_of_chains(manifest)
        return FINE
    kept, settled = _put_back(settings, chosen)
    key = "backup.moved" if chosen.pindah else "backup.restored"
    print(console(key, at=_moment(settings, manifest.at), rows=manifest.rows))
    if kept is not None:
        print(console("backup.kept", kept=kept))
    if settled is not None:
        print(console("backup.held", held=settled.held))
        print(console("backup.cards", cards=settled.cards, told=settled.told, gap=chosen.lompat))
        if not settled.numbers_known:
            print(console("backup.numbers_unknown", gap=chosen.lompat))
    _warn_of_chains(manifest)
    return FINE


def _put_back(settings: Settings, chosen: argparse.Namespace) -> tuple[Path | None, Settled | None]:
    """Restore; returns where the old content is, and what was settled unless the database was moved."""
    at, library = SystemClock().now(), read_library(settings)
    settled: list[Settled] = []

    def finish(connection: Connection, replaced: Serials) -> None:
        with Session(connection, expire_on_commit=False) as session:
            work = Work(session, at, library)
            if chosen.pindah:
                move(work)
            else:
                settled[:] = [settle(work, reader.manifest.at, gap=chosen.lompat, replaced=replaced)]
            session.flush()

    stamp = f"{at:%Y%m%dT%H%M%SZ}"
    target = Target(settings.database_url, chosen.ganti, stamp, lambda: _rescue(settings, chosen.file, stamp, at), at)
    try:
        with reading(chosen.file) as reader:
            reader.verify()
            kept = restore(target, reader, finish)
    except BadArchive as bad:
        raise _refused(bad, chosen.file) from None
    except (IntegrityError, DataError, BrokenReferences) as error:
        # The file is as it was written, but what it says cannot be: the database would not have it.
        raise Refused(console("backup.damaged", file=chosen.file, place=type(error).__name__)) from None
    except InUse:
        raise Refused(console("backup.in_use")) from None
    except Occupied:
        raise Refused(console("backup.occupied")) from None
    except OSError as error:
        raise Refused(console("backup.no_write", file=error.filename or chosen.file, why=error.strerror)) from None
    return kept, settled[0] if settled else None


def _rescue(settings: Settings, beside: Path, stamp: str, at: datetime) -> Path:
    """Back the present content of a server's database up beside the file that replaces it."""
    file = beside.with_name(f"sebelum-pemulihan-{stamp}.zip")
    try:
        _write(settings, file, at, overwrite=False)
    except Refused as refusal:
        raise Refused(console("backup.no_rescue", why=refusal)) from None
    return file
