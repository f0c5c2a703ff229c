"""``sop-bot check``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.common import FINE, REFUSED, Commands, command
from bot.console import console
from bot.sop_files.as_json import check_json
from bot.sop_files.loader import load_files, load_folder
from bot.sop_files.report import report_lines

if TYPE_CHECKING:
    from bot.settings import Settings


def add(commands: Commands) -> None:
    """Add the command."""
    check = command(commands, "check", _check, "cli.check")
    check.add_argument("files", nargs="*", type=Path, metavar="FILE", help=console("cli.check_file"))
    check.add_argument("--json", action="store_true", help=console("cli.check_json"))


def _check(settings: Settings, chosen: argparse.Namespace) -> int:
    loaded = load_files(chosen.files) if chosen.files else load_folder(settings.sop_dir)
    if chosen.json:
        print(json.dumps(check_json(loaded), ensure_ascii=False, indent=2))
    else:
        print("\n".join(report_lines(loaded)))
    return REFUSED if loaded.problems else FINE
