"""``sop-bot roster import|export`` and ``sop-bot invite``: people on posts."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from telegram.error import InvalidToken, TelegramError

from bot.cli.common import FINE, REFUSED, Commands, Refused, command, complain, group, opened, read_bytes
from bot.console import console
from bot.gateway.telegram_api import make_bot
from bot.messages.dates import Clock as Dates
from bot.services.invitations import bot_username, new_invitation
from bot.services.office_posts import posts_of_office
from bot.services.roster import Entry, RosterProblem, export_roster, import_roster
from bot.services.updates import register_bot
from bot.store import queries

if TYPE_CHECKING:
    from bot.services.work import Runner, Work
    from bot.settings import Settings


def add(commands: Commands) -> None:
    """Add the commands."""
    roster = group(commands, "roster", "cli.roster")
    command(roster, "import", _roster_import, "cli.roster_import").add_argument(
        "file", type=Path, metavar="FILE.csv", help=console("cli.roster_file")
    )
    command(roster, "export", _roster_export, "cli.roster_export")
    invite = command(commands, "invite", _invite, "cli.invite")
    invite.add_argument("instansi", metavar="INSTANSI", help=console("cli.invite_office"))
    invite.add_argument("jabatan", metavar="JABATAN", help=console("cli.invite_post"))


def _roster_import(settings: Settings, chosen: argparse.Namespace) -> int:
    content = read_bytes(chosen.file)
    try:
        with opened(settings, make=True) as runner:
            username = _username(settings, runner)
            done = runner.run_now(import_roster, content, may_invite=username is not None)
    except RosterProblem as problem:
        return complain(console("roster.refused", file=chosen.file), *problem.lines, code=REFUSED)
    counts = {"added": done.added, "renamed": done.renamed, "unchanged": done.unchanged}
    print(console("roster.done", **counts, invited=len(done.links)))
    for entry, code in done.links:
        print(_invited(entry, username or "", code))
    return FINE


def _invited(entry: Entry, username: str, code: str) -> str:
    link = deep_link(username, code)
    return console("roster.link", name=entry.name, post=entry.post, office=entry.office, link=link)


def _roster_export(settings: Settings, _: argparse.Namespace) -> int:
    with opened(settings) as runner:
        sys.stdout.write(runner.run_now(export_roster))
    return FINE


def _invite(settings: Settings, chosen: argparse.Namespace) -> int:
    with opened(settings, make=True) as runner:
        lines = runner.run_now(new_link, chosen.instansi, chosen.jabatan, _username(settings, runner))
    print("\n".join(lines))
    return FINE


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
    until = Dates(work.calendar_for(office), work.at).moment(row.expires_at)
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
