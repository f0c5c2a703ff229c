"""Where the process under test kills itself: placed by wrapping the program's own seams, none of which know of it.

Each passage of a place has a name that a later process gives it again (the update, the outbox rows it is about). A
process dies at the first passage that no process before it died at; what it died at stands in a file. So one
dialogue, played on and on through its deaths, has died at each of its passages exactly once.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from unittest.mock import patch

from sqlalchemy import event

import bot.app
from bot.gateway import delivery, telegram_api
from bot.gateway.delivery import Courier
from bot.store import migrate as migrating
from bot.store.database import Store
from bot.store.tables import ReminderRow

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.orm import ORMExecuteState, Session


class Place(StrEnum):
    """A kind of instant."""

    AROUND_COMMIT = "around_commit"  # before that of any transaction that writes, then after it
    AFTER_SEND = "after_send"  # Telegram has the message, the outbox does not know
    IN_MIGRATION = "in_migration"  # before any statement of it


class Deaths:
    """The passages at which processes of this dialogue have died, one a line."""

    def __init__(self, file: Path) -> None:
        """Read what earlier processes left."""
        self._file = file
        self._known = set(file.read_text(encoding="utf-8").split("\n")) if file.exists() else set[str]()

    def pass_by(self, name: str, *same: str) -> None:
        """Die, unless some process has died here before; ``same`` are other names of the same instant."""
        if name not in self._known:
            with self._file.open("a", encoding="utf-8") as file:
                file.write("".join(f"{each}\n" for each in sorted({name, *same})))
            with self._file.with_suffix(".count").open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")
            _die()


def _die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError  # nobody comes back from that


def arm(*, place: str, file: str, only: str = "", stride: str = "1") -> None:
    """Place the kill points of one kind.

    ``only`` are the use cases meant, comma between them, all where empty; of a migration's statements each
    ``stride``-th is meant.
    """
    deaths = Deaths(Path(file))
    match Place(place):
        case Place.AFTER_SEND:
            _after_send(deaths)
        case Place.IN_MIGRATION:
            _in_migration(deaths, int(stride))
        case Place.AROUND_COMMIT:
            _around_commit(deaths, tuple(only.split(",")))


# --- transactions ---------------------------------------------------------------------------


def _around_commit(deaths: Deaths, only: tuple[str, ...]) -> None:
    """Die before the commit of every use case that writes something, and in the next life after it."""
    real = Store._transact  # noqa: SLF001 - see the module's text

    def transact(store: Store, use_case: Callable[[Session], Any], **how: Any) -> Any:
        passages: list[str] = []

        def watched(session: Session) -> Any:
            passages.clear()  # another try after a lost race
            notes = _Notes(session)
            result = use_case(session)
            session.flush()
            if notes.wrote:
                name = _name(use_case)
                about = sorted({*_ids(_captured(use_case)), *_ids(result), *notes.reminders}) or [""]
                passages.extend(f"{name} {key}".strip() for key in about)
            for passage in passages:
                if passage.startswith(only):
                    deaths.pass_by(f"before commit: {passage}", *(f"before commit: {other}" for other in passages))
            return result

        result = real(store, watched, **how)
        for passage in passages:
            if passage.startswith(only):
                deaths.pass_by(f"after commit: {passage}", *(f"after commit: {other}" for other in passages))
        return result

    patch.object(Store, "_transact", transact).start()


class _Notes:
    """Whether a transaction writes, and which reminders it settles."""

    def __init__(self, session: Session) -> None:
        """Watch from now on."""
        self.wrote = False
        self.reminders: set[str] = set()
        event.listen(session, "before_flush", self._flush)
        event.listen(session, "do_orm_execute", self._execute)

    def _flush(self, session: Session, *_: object) -> None:
        changed = [row for row in session.dirty if session.is_modified(row)]
        self.wrote = self.wrote or bool(session.new or session.deleted or changed)
        self.reminders |= {f"reminder-{row.id}" for row in changed if isinstance(row, ReminderRow)}

    def _execute(self, state: ORMExecuteState) -> None:
        self.wrote = self.wrote or not state.is_select


def _captured(function: Callable[..., Any], depth: int = 6) -> list[object]:
    """Return what a use case and those it wraps were made with."""
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    inner = [cell for cell in cells if inspect.isfunction(cell)] if depth else []
    return [*cells, *(value for other in inner for value in _captured(other, depth - 1))]


def _name(function: Callable[..., Any]) -> str:
    """Return the name of the use case proper: the innermost that stands in a module by itself."""
    names = [
        value.__name__ for value in _captured(function) if inspect.isfunction(value) and "<" not in value.__qualname__
    ]
    return names[-1] if names else function.__name__


def _ids(value: object) -> Iterator[str]:
    """Yield the numbers that say what a transaction was about: of updates and of outbox rows."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _ids(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for name in ("update_id", "outbox_id", "parcels"):
            found = getattr(value, name, None)
            if isinstance(found, int):
                yield f"{name} {found}"
            else:
                yield from _ids(found)


# --- delivery -------------------------------------------------------------------------------


def _after_send(deaths: Deaths) -> None:
    """Die when Telegram has taken a message, before the next statement; one at a time, to see which it is."""
    real_send, real_deliver = telegram_api.send, Courier._deliver  # noqa: SLF001 - see the module's text
    alone = asyncio.Lock()

    async def deliver(courier: Courier, *args: Any, **kwargs: Any) -> None:
        async with alone:
            await real_deliver(courier, *args, **kwargs)

    async def send(bot: Any, parcel: Any) -> Any:
        result = await real_send(bot, parcel)
        deaths.pass_by(f"{'edited' if parcel.edits else 'sent'} {parcel.outbox_id}")
        return result

    patch.object(delivery, "send", send).start()
    patch.object(Courier, "_deliver", deliver).start()


# --- migration ------------------------------------------------------------------------------


def _in_migration(deaths: Deaths, stride: int) -> None:
    """Die before each ``stride``-th statement of the migration, and after its commit."""
    real = migrating.migrate

    def migrate(engine: Engine) -> None:
        statements = count()

        def before(*_: object) -> None:
            number = next(statements)
            if number % stride == 0:
                deaths.pass_by(f"statement {number}")

        event.listen(engine, "before_cursor_execute", before)
        real(engine)
        event.remove(engine, "before_cursor_execute", before)
        deaths.pass_by("migrated")

    patch.object(bot.app, "migrate", migrate).start()
