"""``sop-bot outbox list|retry|drop``: what has not gone out, and what becomes of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Protocol

from bot.cli.common import FINE, Commands, Refused, command, group, opened
from bot.console import console
from bot.logs import hide_secrets
from bot.services.outbox import Delivery
from bot.services.unsent import UnfitRowsError, drop, retry, unsent

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import timedelta

    from bot.services.unsent import Unsent
    from bot.services.work import Work
    from bot.settings import Settings


class _UseCase(Protocol):
    """``retry`` or ``drop``."""

    def __call__(self, work: Work, ids: Collection[int] = (), *, state: Delivery | None = None) -> int:
        """Do it to the rows."""


_LONGEST_ERROR = 100
_ERRORS = (
    ("blocked by the user", "blocked"),
    ("user is deactivated", "deactivated"),
    ("chat not found", "not_found"),
    ("can't initiate conversation", "never_started"),
    ("kicked from", "kicked"),
    ("bot is not a member", "kicked"),
    ("not enough rights", "no_rights"),
    ("message to edit not found", "edit_gone"),
    ("can't be edited", "edit_gone"),
    ("bad gateway", "telegram_ill"),
    ("internal server error", "telegram_ill"),
    ("timed out", "timed_out"),
    ("too many requests", "flood"),
    ("flood control exceeded", "flood"),
    ("networkerror", "network"),
    ("connecterror", "network"),
)
_HOUR, _DAY = 60, 24 * 60  # in minutes


def add(commands: Commands) -> None:
    """Add the commands."""
    outbox = group(commands, "outbox", "outbox.about")
    _filters(command(outbox, "list", _list, "outbox.list"), "dead", "held")
    _chosen(command(outbox, "retry", _retry, "outbox.retry"), "dead", "held")
    _chosen(command(outbox, "drop", _drop, "outbox.drop"), "held")


def _filters(parser: argparse.ArgumentParser, *states: str) -> None:
    exclusive = parser.add_mutually_exclusive_group()
    for state in states:
        about = console(f"outbox.only_{state}")
        exclusive.add_argument(f"--{state}", dest="state", action="store_const", const=Delivery(state), help=about)


def _chosen(parser: argparse.ArgumentParser, *states: str) -> None:
    parser.add_argument("ids", nargs="*", type=int, metavar="ID", help=console("outbox.ids"))
    _filters(parser, *states)


def _list(settings: Settings, chosen: argparse.Namespace) -> int:
    with opened(settings) as runner:
        rows = runner.run_now(unsent, (chosen.state,)) if chosen.state else runner.run_now(unsent)
    if rows:
        print(console("outbox.columns"))
    for row in rows:
        print(hide_secrets(_line(row)))
    print(console("outbox.count", count=len(rows)))
    return FINE


def _line(row: Unsent) -> str:
    return console(
        "outbox.line",
        id=row.outbox_id,
        age=_age(row.age),
        standing=console(f"outbox.{row.standing.value}"),
        who=" ".join(row.who.split()),
        until=row.until,
        kind=_kind(row.kind),
        edit=row.edit,
        attempts=row.attempts,
        error=_error(" ".join(row.error.split())[:_LONGEST_ERROR]),
    )


def _kind(notice: str) -> str:
    try:
        return console(f"outbox.kind.{notice}")
    except KeyError:  # of a newer program, or an older one
        return notice


def _error(said: str) -> str:
    """Return what Telegram said in words where it is a common thing, else as it is."""
    return next((console(f"outbox.error.{key}") for part, key in _ERRORS if part in said.lower()), said)


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    for unit, size in (("days", _DAY), ("hours", _HOUR)):
        if minutes >= size:
            return console(f"outbox.{unit}", count=minutes // size)
    return console("outbox.minutes", count=max(minutes, 0))


def _retry(settings: Settings, chosen: argparse.Namespace) -> int:
    return _do(settings, chosen, retry, "outbox.retried")


def _drop(settings: Settings, chosen: argparse.Namespace) -> int:
    return _do(settings, chosen, drop, "outbox.dropped")


def _do(settings: Settings, chosen: argparse.Namespace, use_case: _UseCase, done: str) -> int:
    if bool(chosen.ids) == (chosen.state is not None):
        raise Refused(console("outbox.which"))
    with opened(settings) as runner:
        try:
            count = runner.run_now(use_case, chosen.ids, state=chosen.state)
        except UnfitRowsError as unfit:
            raise Refused(console("outbox.unfit", ids=", ".join(map(str, unfit.ids)))) from None
    print(console(done if count else f"outbox.none_{chosen.state.value}", count=count))
    return FINE
