"""What every command shares: exit codes, refusals, and the database opened for one command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from bot.app import open_runner
from bot.console import console
from bot.logs import hide_secrets
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.services.work import Runner

FINE, REFUSED, NOT_SET_UP = 0, 1, 2

Action: TypeAlias = Callable[[Settings, argparse.Namespace], int]
Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"  # noqa: SLF001 - argparse has no public name for it


class Refused(Exception):  # noqa: N818 - an answer to the operator
    """A command cannot be carried out; the text says what to do."""


def command(commands: Commands, name: str, action: Action, about: str) -> argparse.ArgumentParser:
    """Add a command; ``about`` is the key of its description in the console's texts."""
    parser = commands.add_parser(name, help=console(about), description=console(about))
    parser.set_defaults(action=action)
    return parser


def group(commands: Commands, name: str, about: str) -> Commands:
    """Add a command that has commands of its own (``roster import``)."""
    parser = commands.add_parser(name, help=console(about), description=console(about))
    return parser.add_subparsers(required=True, metavar="perintah")


@contextmanager
def opened(settings: Settings) -> Iterator[Runner]:
    """Open the database for one command."""
    runner = open_runner(settings)
    try:
        yield runner
    finally:
        runner.store.close()


def complain(*lines: str, code: int) -> int:
    """Print to standard error, without secrets, and return the exit code."""
    for line in lines:
        print(hide_secrets(line), file=sys.stderr)
    return code


def read_bytes(file: Path) -> bytes:
    """Return a file's content; raises Refused with the system's reason."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(console("cli.no_file", file=file, why=error.strerror)) from None
