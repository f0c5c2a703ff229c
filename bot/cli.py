"""The command line ``sop-bot``: parse, call, print. Exit codes: 0 fine, 1 refused, 2 not set up."""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import signal
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError

from bot.app import make_app, open_runner
from bot.console import console
from bot.gateway.telegram_api import make_bot
from bot.logs import hide_secrets, set_up
from bot.messages.dates import Clock as Dates
from bot.services.invitations import bot_username, new_invitation
from bot.services.roster import Entry, RosterProblem, export_roster, import_roster, posts_of_office
from bot.services.updates import register_bot
from bot.settings import Settings, SettingsProblem, read_settings
from bot.sop_files.as_json import check_json
from bot.sop_files.loader import load_files, load_folder
from bot.sop_files.report import report_lines
from bot.store import queries
from bot.store.database import open_engine
from bot.store.migrate import NewerSchema, head, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.services.work import Runner, Work

FINE, REFUSED, NOT_SET_UP = 0, 1, 2


class Refused(Exception):  # noqa: N818 - an answer to the operator
    """A command cannot be carried out; the text says what to do."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal without UTF-8 shows question marks rather than a traceback.
            stream.reconfigure(errors="replace")
    try:
        code = run_command(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read along has heard enough (`sop-bot check | head`).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = REFUSED
    sys.exit(code)


def run_command(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; every error is a text that says what to do."""
    chosen = _parser().parse_args(arguments)
    try:
        settings = read_settings(token_needed=chosen.action is _run)
        set_up(settings)
        code: int = chosen.action(settings, chosen)
    except SettingsProblem as problem:
        return _complain(console("setting.heading"), *problem.lines, code=NOT_SET_UP)
    except Refused as refusal:
        return _complain(str(refusal), code=REFUSED)
    except InvalidToken:
        return _complain(console("cli.bad_token"), code=NOT_SET_UP)
    except NewerSchema as newer:
        return _complain(console("cli.newer_schema", found=newer.revision), code=NOT_SET_UP)
    except SQLAlchemyError as error:
        return _complain(console("cli.no_database", why=_first_line(error)), code=REFUSED)
    return code


def _complain(*lines: str, code: int) -> int:
    for line in lines:
        print(hide_secrets(line), file=sys.stderr)
    return code


def _first_line(error: SQLAlchemyError) -> str:
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]


# --- commands -------------------------------------------------------------------------------


def _run(settings: Settings, _: argparse.Namespace) -> int:
    async def serve() -> None:
        app = make_app(settings)
        if not app.runner.library.sops:
            raise Refused(console("cli.no_sop", folder=settings.sop_dir))
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, app.stop)
        try:
            await app.run()
        finally:
            app.runner.store.close()

    asyncio.run(serve())
    return FINE


def _start(settings: Settings, chosen: argparse.Namespace) -> int:
    """Serve with a token; without one play the demo, and say so."""
    if settings.bot_token is not None:
        print(console("cli.with_token", server=settings.bot_api_url or "Telegram"))
        return _run(settings, chosen)
    print(console("demo.no_token"))
    return _demo(settings, _parser().parse_args(["demo"]))


def _demo(settings: Settings, chosen: argparse.Namespace) -> int:
    # A server and a page that the bot itself never needs: loaded only here.
    from bot.demo.play import UnknownSopError, auto  # noqa: PLC0415 - see above
    from bot.demo.serve import DemoRefusedError, serve  # noqa: PLC0415 - see above

    try:
        if chosen.auto:
            return FINE if auto(settings, sop_id=chosen.sop, speed=chosen.speed) else REFUSED
        serve(settings, port=chosen.port, sop_id=chosen.sop)
    except (UnknownSopError, DemoRefusedError) as refusal:
        raise Refused(str(refusal)) from None
    return FINE


def _check(settings: Settings, chosen: argparse.Namespace) -> int:
    loaded = load_files(chosen.files) if chosen.files else load_folder(settings.sop_dir)
    if chosen.json:
        print(json.dumps(check_json(loaded), ensure_ascii=False, indent=2))
    else:
        print("\n".join(report_lines(loaded)))
    return REFUSED if loaded.problems else FINE


def _migrate(settings: Settings, _: argparse.Namespace) -> int:
    engine = open_engine(settings.database_url)
    try:
        migrate(engine)
    finally:
        engine.dispose()
    print(console("cli.migrated", revision=head()))
    return FINE


def _roster_import(settings: Settings, chosen: argparse.Namespace) -> int:
    content = _read(chosen.file)
    try:
        with _opened(settings) as runner:
            username = _username(settings, runner)
            done = runner.run_now(import_roster, content, may_invite=username is not None)
    except RosterProblem as problem:
        return _complain(console("roster.refused", file=chosen.file), *problem.lines, code=REFUSED)
    counts = {"added": done.added, "renamed": done.renamed, "unchanged": done.unchanged}
    print(console("roster.done", **counts, invited=len(done.links)))
    for entry, code in done.links:
        print(_invited(entry, username or "", code))
    return FINE


def _invited(entry: Entry, username: str, code: str) -> str:
    link = deep_link(username, code)
    return console("roster.link", name=entry.name, post=entry.post, office=entry.office, link=link)


def _roster_export(settings: Settings, _: argparse.Namespace) -> int:
    with _opened(settings) as runner:
        sys.stdout.write(runner.run_now(export_roster))
    return FINE


def _invite(settings: Settings, chosen: argparse.Namespace) -> int:
    with _opened(settings) as runner:
        lines = runner.run_now(new_link, chosen.instansi, chosen.jabatan, _username(settings, runner))
    print("\n".join(lines))
    return FINE


@contextmanager
def _opened(settings: Settings) -> Iterator[Runner]:
    """Open the database for one command."""
    runner = open_runner(settings)
    try:
        yield runner
    finally:
        runner.store.close()


def new_link(work: Work, office_id: str, post_id: str, username: str | None) -> tuple[str, str]:
    """Return a new invitation in words, and its link; raises Refused."""
    offices = work.offices()
    office = offices.get(office_id)
    if office is None:
        known = ", ".join(sorted(offices))
        raise Refused(console("invite.office", value=office_id, known=known))
    posts = posts_of_office(work, office_id)
    if post_id not in posts:
        raise Refused(console("invite.post", value=post_id, office=office_id, known=", ".join(posts)))
    if username is None:
        raise Refused(console("invite.no_name"))
    row, code = new_invitation(work, office_id, post_id)
    until = Dates(work.library.calendar(office), work.at).moment(row.expires_at)
    post = queries.post_names(work.session, office_id)[post_id]
    return console("invite.made", post=post, office=office.name, until=until), deep_link(username, code)


def deep_link(username: str, code: str) -> str:
    """Return the link that opens the bot with an invitation."""
    return f"https://t.me/{username}?start={code}"


def _username(settings: Settings, runner: Runner) -> str | None:
    """Return the bot's username: the one that is known, else the one Telegram tells."""
    known = runner.run_now(bot_username)
    if known is not None or settings.bot_token is None:
        return known
    bot = make_bot(settings.bot_token, settings.bot_api_url, connections=1)

    async def ask() -> tuple[int, str]:
        async with bot:
            return bot.id, bot.username

    try:
        bot_id, username = asyncio.run(ask())
    except InvalidToken:
        raise
    except (TelegramError, httpx.HTTPError):
        return None
    runner.run_now(register_bot, bot_id, username)
    return username


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise Refused(console("cli.no_file", file=file, why=error.strerror)) from None


# --- parser ---------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sop-bot", description=console("cli.description"))
    commands = parser.add_subparsers(required=True, metavar="perintah")
    _command(commands, "run", _run)
    _command(commands, "start", _start)
    demo = _command(commands, "demo", _demo)
    demo.add_argument("--port", type=int, default=8080, help=console("cli.demo_port"))
    demo.add_argument("--sop", metavar="ID", help=console("cli.demo_sop"))
    demo.add_argument("--auto", action="store_true", help=console("cli.demo_auto"))
    demo.add_argument("--speed", type=float, default=0.0, metavar="KALI", help=console("cli.demo_speed"))
    check = _command(commands, "check", _check)
    check.add_argument("files", nargs="*", type=Path, metavar="FILE", help=console("cli.check_file"))
    check.add_argument("--json", action="store_true", help=console("cli.check_json"))
    roster = commands.add_parser("roster", help=console("cli.roster")).add_subparsers(required=True, metavar="perintah")
    _command(roster, "import", _roster_import, "roster_import").add_argument(
        "file", type=Path, metavar="FILE.csv", help=console("cli.roster_file")
    )
    _command(roster, "export", _roster_export, "roster_export")
    invite = _command(commands, "invite", _invite)
    invite.add_argument("instansi", metavar="INSTANSI", help=console("cli.invite_office"))
    invite.add_argument("jabatan", metavar="JABATAN", help=console("cli.invite_post"))
    _command(commands, "migrate", _migrate)
    return parser


def _command(
    parsers: argparse._SubParsersAction[argparse.ArgumentParser], name: str, action: object, about: str | None = None
) -> argparse.ArgumentParser:
    parser = parsers.add_parser(name, help=console(f"cli.{about or name}"), description=console(f"cli.{about or name}"))
    parser.set_defaults(action=action)
    return parser
