"""``sop-bot sop pdf|kendali``: a SOP on paper, from its file alone: no database, no token."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.common import FINE, Action, Commands, Refused, command, group
from bot.console import console
from bot.drawing.draw import draw
from bot.messages.papers.control_sheet import blank_sheet
from bot.messages.papers.sop_document import sop_document
from bot.sop_files.loader import load_folder

if TYPE_CHECKING:
    from bot.domain.sop import Sop
    from bot.drawing.paper import Paper
    from bot.settings import Settings

STDOUT = "-"


def add(commands: Commands) -> None:
    """Add the commands."""
    family = group(commands, "sop", "sop.sop")
    for name, make in (("pdf", sop_document), ("kendali", blank_sheet)):
        parser = command(family, name, _writing(make), f"sop.{name}")
        parser.add_argument("id", metavar="ID", help=console("sop.id"))
        parser.add_argument("-o", "--out", metavar="FILE", help=console("sop.out"))
        parser.add_argument("--timpa", action="store_true", help=console("sop.overwrite"))


def _writing(make: Callable[[Sop], Paper]) -> Action:
    def action(settings: Settings, chosen: argparse.Namespace) -> int:
        paper = make(_the_sop(settings, chosen.id))
        if chosen.out == STDOUT:
            _print(draw(paper)[0])
            return FINE
        target = Path(chosen.out or ".")
        target = target / paper.file_name if target.is_dir() else target
        _refuse_existing(target, overwrite=chosen.timpa)
        _write(target, draw(paper)[0])
        print(console("sop.written", file=target))
        return FINE

    return action


def _the_sop(settings: Settings, sop_id: str) -> Sop:
    sops = {sop.id: sop for sop in load_folder(settings.sop_dir).sops}
    if not sops:
        raise Refused(console("cli.no_sop", folder=settings.sop_dir))
    if sop_id not in sops:
        raise Refused(console("sop.unknown", value=sop_id, known=", ".join(sorted(sops))))
    return sops[sop_id]


def _print(content: bytes) -> None:
    if sys.stdout.isatty():
        raise Refused(console("sop.terminal"))
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def _refuse_existing(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not overwrite:
        raise Refused(console("sop.exists", file=target))


def _write(target: Path, content: bytes) -> None:
    """Write the whole file or none of it; raises Refused."""
    unfinished = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with unfinished.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise Refused(console("sop.no_write", file=target, why=error.strerror)) from None
