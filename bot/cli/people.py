"""``sop-bot people list|forget``: whom the bot knows, and forgetting somebody."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from bot.cli.common import FINE, REFUSED, Commands, Refused, command, complain, group, opened
from bot.console import console
from bot.services.forget import Forgotten, Known, StillAdminError, UnknownPersonError, forget, list_people

if TYPE_CHECKING:
    from bot.services.work import Work
    from bot.settings import Settings


def add(commands: Commands) -> None:
    """Add the commands."""
    people = group(commands, "people", "people.about")
    command(people, "list", _list, "people.list")
    forgetting = command(people, "forget", _forget, "people.forget")
    forgetting.add_argument("person", type=int, metavar="ID", help=console("people.id"))
    forgetting.add_argument("--ya", action="store_true", help=console("people.yes"))


def _list(settings: Settings, _: argparse.Namespace) -> int:
    with opened(settings) as runner:
        known = runner.run_now(list_people)
    print(console("people.columns"))
    for person in known:
        print(person.id, person.telegram_id or "-", person.name, _posts(person), sep="\t")
    return FINE


def _posts(person: Known) -> str:
    return ", ".join(f"{office}/{post}" for office, post in person.posts) or "-"


def _forget(settings: Settings, chosen: argparse.Namespace) -> int:
    use_case = forget if chosen.ya else _tried
    try:
        with opened(settings) as runner:
            done = runner.run_now(use_case, chosen.person)
    except UnknownPersonError:
        raise Refused(console("people.unknown", id=chosen.person)) from None
    except StillAdminError:
        raise Refused(console("people.admin", id=chosen.person)) from None
    except _OnlyTriedError as tried:
        return complain(*_told(tried.done, "people.would"), console("people.confirm", id=chosen.person), code=REFUSED)
    print("\n".join(_told(done, "people.done")))
    return FINE


class _OnlyTriedError(Exception):
    """Everything worked and is taken back."""

    def __init__(self, done: Forgotten) -> None:
        """Carry what would have been done."""
        super().__init__()
        self.done = done


def _tried(work: Work, person_id: int) -> Forgotten:
    """Forget, and take it back: what it would mean is known exactly then."""
    raise _OnlyTriedError(forget(work, person_id))


def _told(done: Forgotten, heading: str) -> list[str]:
    person = done.person
    parts = [console(f"people.part.{name}", count=count) for name, count in done.removed.items() if count]
    lines = [
        console(heading, id=person.id, name=person.name, posts=_posts(person)),
        console("people.removed", parts=parts),
    ]
    return [*lines, *(console("people.unwatched", office=office) for office in done.unwatched), console("people.stays")]
