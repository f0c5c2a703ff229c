"""Alembic's entry: runs the migrations on the connection it is given, without touching logging."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Literal

from alembic import context

from bot.store.database import open_engine
from bot.store.tables import Base, UtcDateTime

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext
    from sqlalchemy import Connection


def _render(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write a type of our own as the plain one it stands for: a migration must outlive it."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_item=_render,
        # SQLite cannot alter a table in place: Alembic copies it into a new one.
        render_as_batch=True,
        # Also true of SQLite, once the driver leaves BEGIN to us (see bot.store.database).
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _main() -> None:
    given: Connection | None = context.config.attributes.get("connection")
    with ExitStack() as stack:
        if given is None:
            url = context.get_x_argument(as_dictionary=True)["url"]
            given = stack.enter_context(open_engine(str(url)).begin())
        _run(given)


_main()
