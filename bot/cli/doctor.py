"""``sop-bot doctor``."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from bot.app import read_library
from bot.cli.common import FINE, REFUSED, Commands, command
from bot.clock import SystemClock
from bot.console import console
from bot.gateway.checkup import check_telegram
from bot.logs import hide_secrets
from bot.services.doctor import Level, Line, check_database, check_disk, check_files
from bot.sop_files.loader import load_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings

_MARKS = {Level.FINE: "doctor.fine_mark", Level.NOTE: "doctor.note_mark", Level.BAD: "doctor.bad_mark"}


def add(commands: Commands) -> None:
    """Add the command."""
    doctor = command(commands, "doctor", _doctor, "doctor.about")
    doctor.add_argument("--json", action="store_true", help=console("doctor.json"))


def _doctor(settings: Settings, chosen: argparse.Namespace) -> int:
    lines = list(_examine(settings))
    count = sum(line.level is Level.BAD for line in lines)
    if chosen.json:
        listed = [_listed(line) for line in lines]
        print(json.dumps({"baik": not count, "pemeriksaan": listed}, ensure_ascii=False, indent=2))
        return REFUSED if count else FINE
    for line in lines:
        print(console(_MARKS[line.level]), _text(line))
    print(console("doctor.sum_bad", count=count) if count else console("doctor.sum_fine"))
    return REFUSED if count else FINE


def _listed(line: Line) -> dict[str, str]:
    check, _, outcome = line.key.partition(".")
    return {"tingkat": line.level, "perihal": check, "hasil": outcome, "pesan": _text(line)}


def _text(line: Line) -> str:
    return hide_secrets(console(f"doctor.{line.key}", **line.values))


def _examine(settings: Settings) -> Iterator[Line]:
    """Look at everything; what cannot be reached is a line of its own and keeps nothing else from being seen."""
    clock = SystemClock()
    yield from check_telegram(settings, clock.now)
    yield from check_database(settings.database_url, clock.now(), read_library(settings))
    yield from check_disk(settings.database_url)
    yield from check_files(load_folder(settings.sop_dir), clock.now(), settings.sop_dir)
