"""Where the process under test kills itself: placed by wrapping the program's own seams, none of which know of it.

Each passage of a place has a name that a later process gives it again (the update, the outbox rows it is about). A
process dies at the first passage that no process before it died at; what it died at stands in a file. So one
dialogue, played on and on through its deaths, has died at each of its passages exactly once.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import event
from sqlalchemy.orm import Session

import bot.gateway.delivery as delivery
import bot.store.migrate as migrating
from bot.services.work import Runner
from bot.store.database import Store


class Place(StrEnum):
    """A kind of instant."""

    BEFORE_COMMIT = "before_commit"  # of any transaction that writes
    AFTER_COMMIT = "after_commit"  # of any transaction that writes: before Telegram or anybody hears of it
    AFTER_SEND = "after_send"  # Telegram has the message, the outbox does not know
    IN_MIGRATION = "in_migration"  # before any statement of it


class Deaths:
    """The passages at which processes of this dialogue have died, one a line."""

    def __init__(self, file: Path) -> None:
        """Read what earlier processes left."""
        self._file = file
        self._known = set(file.read_text(encoding="utf-8").split("\n")) if file.exists() else set[str]()

    def pass_by(self, name: str) -> None:
        """Die, unless some process has died here before."""
        if name not in self._known:
            self._write_down(name)
            _die()

    def _write_down(self, name: str) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")
            file.flush()
            os.fsync(file.fileno())


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError  # nobody comes back from that


def arm(*, place: str, file: str, only: str = "") -> None:
    """Place the kill points of one kind; ``only`` names the use cases meant, by the beginning of their names."""
    deaths = Deaths(Path(file))
    match Place(place):
        case Place.AFTER_SEND:
            _after_send(deaths)
        case Place.IN_MIGRATION:
            _in_migration(deaths)
        case chosen:
            _around_commit(deaths, chosen, only)


# --- transactions ---------------------------------------------------------------------------


def _around_commit(deaths: Deaths, place: Place, only: str) -> None:
    """Die before or after the commit of every use case that writes something."""
    real_run_now, real_run, real_look = Store.run_now, Runner.run, Runner.look

    def run_now(store: Store, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        passage: list[str] = []

        def watched(session: Session, *inner: Any, **named: Any) -> Any:
            passage.clear()
            event.listen(session, "after_flush", lambda *_: session.info.setdefault("wrote", True))
            event.listen(session, "do_orm_execute", lambda state: state.is_select or session.info.setdefault("wrote", True))
            result = use_case(session, *inner, **named)
            session.flush()
            if session.info.get("wrote"):
                label = session.info.get("label", getattr(use_case, "__name__", "?"))
                passage.append(f"{label} -> {' '.join(_ids(result))}")
            if passage and place is Place.BEFORE_COMMIT and passage[0].startswith(only):
                deaths.pass_by(passage[0])
            return result

        result = real_run_now(store, watched, *args, **kwargs)
        if passage and place is Place.AFTER_COMMIT and passage[0].startswith(only):
            deaths.pass_by(passage[0])
        return result

    def labelled(real: Callable[..., Any]) -> Callable[..., Any]:
        def run(runner: Runner, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
            def named(work: Any, *inner: Any, **more: Any) -> Any:
                label = f"{use_case.__name__} {' '.join(_ids((args, tuple(kwargs.values()))))}"
                work.session.info["label"] = label
                return use_case(work, *inner, **more)

            return real(runner, named, *args, **kwargs)

        return run

    Store.run_now = run_now  # type: ignore[method-assign] - see the module's text
    Runner.run = labelled(real_run)  # type: ignore[method-assign]
    Runner.look = labelled(real_look)  # type: ignore[method-assign]


def _ids(value: object) -> Iterable[str]:
    """Yield the numbers that say what a transaction was about: of updates and of outbox rows."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _ids(item)
    elif is_dataclass(value) and not isinstance(value, type):
        names = {field.name for field in fields(value)} & {"update_id", "outbox_id"}
        for name in sorted(names):
            yield str(getattr(value, name))
    elif isinstance(value, int) and not isinstance(value, bool):
        yield str(value)


# --- delivery -------------------------------------------------------------------------------


def _after_send(deaths: Deaths) -> None:
    """Die when Telegram has taken a message, before the next statement."""
    real = delivery.send

    async def send(bot: Any, parcel: Any) -> Any:
        result = await real(bot, parcel)
        deaths.pass_by(f"sent {parcel.outbox_id}")
        return result

    delivery.send = send


# --- migration ------------------------------------------------------------------------------


def _in_migration(deaths: Deaths) -> None:
    """Die before every statement of the migration, and after its commit."""
    real = migrating.migrate

    def migrate(engine: Any) -> None:
        seen = {"statements": 0}

        def before(*_: Any) -> None:
            seen["statements"] += 1
            deaths.pass_by(f"statement {seen['statements']}")

        event.listen(engine, "before_cursor_execute", before)
        real(engine)
        event.remove(engine, "before_cursor_execute", before)
        deaths.pass_by("migrated")

    import bot.app  # noqa: PLC0415 - the name it holds is the one to replace

    bot.app.migrate = migrate
