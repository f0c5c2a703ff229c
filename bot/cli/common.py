"""What every command shares: exit codes, refusals, and the database opened for one command."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import make_url

from bot.app import make_runner, open_runner
from bot.console import console
from bot.logs import hide_secrets
from bot.settings import Settings
from bot.store.database import open_engine
from bot.store.migrate import head, known_revision
from bot.store.snapshot import snapshot

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
def opened(settings: Settings, *, make: bool = False) -> Iterator[Runner]:
    """Open the database for one command.

    With ``make`` it is made, brought to this program's schema, and told what the files say. Else it is taken
    as it is, beside a bot that may be running: raises Refused where it is missing or older than the program.
    """
    if not make:
        refuse_missing(settings.database_url)
        with snapshot(settings.database_url) as connection:
            refuse_other_schema(known_revision(connection))
    runner = open_runner(settings) if make else make_runner(open_engine(settings.database_url), settings)
    try:
        yield runner
    finally:
        runner.store.close()


def refuse_missing(url: str) -> None:
    """Raise Refused where the address names a file that is not there: looking makes none."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not Path(address.database or "").exists():
        raise Refused(console("cli.missing_database", file=address.database))


def refuse_other_schema(found: str | None) -> None:
    """Raise Refused where the database is empty or at another schema than this program's."""
    if found is None:
        raise Refused(console("cli.empty_database"))
    if found != head():
        raise Refused(console("cli.older_schema", found=found, head=head()))


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
