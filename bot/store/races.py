"""What keeps two processes on one database apart where a unique key alone would raise an error."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from bot.store.tables import Base


class Turn(IntEnum):
    """What is done by one transaction at a time: keys of PostgreSQL's advisory locks, any numbers of our own."""

    MIGRATE = 7_260_113
    PUBLISH = 7_260_114
    REMIND = 7_260_115


def take_turns(session: Session, turn: Turn) -> None:
    """Wait until no other transaction has this turn, and hold it to the end of this one.

    SQLite needs no turns: its transactions begin as the only writer.
    """
    if session.get_bind().dialect.name == "postgresql":
        wait_for_turn(session.connection(), turn)


def wait_for_turn(connection: Connection, turn: Turn) -> None:
    """Do the same on a connection to PostgreSQL, however long it takes: a turn is no lock on a row.

    Whoever stands still while holding it loses it (``IDLE_SECONDS``).
    """
    limit = connection.scalar(text("SELECT current_setting('lock_timeout')"))
    _limit_waiting(connection, "0")
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int(turn)})
    _limit_waiting(connection, limit)


def _limit_waiting(connection: Connection, limit: str) -> None:
    connection.execute(text("SELECT set_config('lock_timeout', :limit, true)"), {"limit": limit})


def try_turn(session: Session, turn: Turn) -> bool:
    """Take the turn to the end of this transaction unless another one has it; never waits. True on SQLite."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    taken = session.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": int(turn)})
    return bool(taken)


def insert_new(session: Session, table: type[Base], **values: Any) -> bool:
    """Insert a row unless its key is there already; return whether it was inserted.

    Waits for another transaction that is inserting the same key, and goes by how that ended. Unlike a
    refused flush it leaves the transaction usable.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    key = next(iter(table.__table__.primary_key))
    statement = insert(table).values(**values).on_conflict_do_nothing().returning(key)
    return session.execute(statement).first() is not None
