"""Waiting for a PostgreSQL that is not there yet: after a power cut both come up at the same time."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from bot.store.database import is_trouble, reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

log = logging.getLogger(__name__)

START_SECONDS = 60.0
"""How long the program waits for its database before it gives up."""

_PAUSES = (1.0, 2.0, 4.0, 5.0)


def wait_for_server(
    engine: Engine,
    seconds: float = START_SECONDS,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Return once the database takes a connection; raises what it said last after so many seconds.

    A wrong password or name is waited for as well, because the line says so at once and it may be mended
    meanwhile. A SQLite file is there or is not: it gets no time.
    """
    if engine.dialect.name == "sqlite":
        return
    end = clock() + seconds
    failures = 0
    while True:
        try:
            with engine.connect():
                return
        except Exception as error:
            left = end - clock()
            if not is_trouble(error) or left <= 0:
                raise
            pause = min(_PAUSES[min(failures, len(_PAUSES) - 1)], left)
            failures += 1
            text = "database not reached, trying for another %.0f s: %s"
            log.warning(text, left, reason(error), extra={"action": "database.unreached"})
        # Nothing runs yet that could be woken by its coming.
        sleep(pause)
