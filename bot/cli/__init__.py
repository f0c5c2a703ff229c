"""The command line ``sop-bot``: parse, call, print. Exit codes: 0 fine, 1 refused, 2 not set up."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from typing import TYPE_CHECKING

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken

from bot.cli import audit, backup, database, definitions, doctor, office, outbox, people, roster, serving, sop
from bot.cli.common import FINE, NOT_SET_UP, REFUSED, Refused, complain
from bot.cli.indonesian import in_indonesian
from bot.console import console
from bot.logs import log_what_nobody_caught, set_up
from bot.settings import SettingsProblem, read_settings
from bot.store.database import reason
from bot.store.migrate import NewerSchema

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["FINE", "NOT_SET_UP", "REFUSED", "main", "run_command"]

_FAMILIES = (serving, definitions, sop, office, roster, outbox, people, database, audit, backup, doctor)
"""Every family of commands, in the order of the help text."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without UTF-8 shows question marks rather than a traceback.
            stream.reconfigure(errors="replace")
    log_what_nobody_caught()
    try:
        code = run_command(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read along has heard enough (`sop-bot check | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = REFUSED
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        # What is still unwritten would fail again when the interpreter ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = complain(console("cli.no_room"), code=REFUSED)
    sys.exit(code)


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is a text that says what to do."""
    with in_indonesian():
        chosen = _parser().parse_args(arguments)
    try:
        settings = read_settings(token_needed=chosen.action is serving.run)
        set_up(settings)
        code: int = chosen.action(settings, chosen)
    except SettingsProblem as problem:
        return complain(console("setting.heading"), *problem.lines, code=NOT_SET_UP)
    except Refused as refusal:
        return complain(str(refusal), code=REFUSED)
    except InvalidToken:
        return complain(console("cli.bad_token"), code=NOT_SET_UP)
    except NewerSchema as newer:
        return complain(console("cli.newer_schema", found=newer.revision), code=NOT_SET_UP)
    except SQLAlchemyError as error:
        return complain(console("cli.no_database", why=reason(error)), code=REFUSED)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sop-bot", description=console("cli.description"))
    commands = parser.add_subparsers(required=True, metavar="perintah")
    for family in _FAMILIES:
        family.add(commands)
    return parser
