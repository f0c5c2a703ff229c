"""The process under test: forks the real ``sop-bot run`` from an interpreter that has read all its code.

The imports are what makes hundreds of starts slow, so they are done once; everything after them (settings, migration,
definitions, Telegram) happens in each child as it does in ``sop-bot run``. It differs in three things only: its clock
may run ahead of the machine's, it may be told where to die (``dying``), and where a test has nothing to do with
Telegram's limits it need not wait for them (``hurry``).

Reads one JSON object a line and answers each start with the child's pid and, at its end, its wait status. When the
one who asks goes away, so does the child.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import tempfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn
from unittest.mock import patch

import bot.app
from bot.app import open_runner
from bot.cli import main
from bot.clock import SystemClock
from bot.services.pacing import UNLIMITED
from bot.settings import Settings
from bot.store.database import database_time
from tests.chaos import dying
from tests.chaos.process import SMALL_SOPS

if TYPE_CHECKING:
    from datetime import datetime


class AheadClock(SystemClock):
    """The machine's clock, ahead by a fixed time."""

    def __init__(self, ahead: timedelta) -> None:
        """Run ``ahead`` of the machine."""
        self._ahead = ahead

    def now(self) -> datetime:
        """Return the office's moment."""
        return super().now() + self._ahead

    def machine_time(self, moment: datetime) -> datetime:
        """Return when the machine's clock will show the office's ``moment``."""
        return moment - self._ahead


def _set_clock(ahead: timedelta) -> None:
    patch.object(bot.app, "SystemClock", lambda: AheadClock(ahead)).start()
    patch.object(bot.app, "database_time", lambda session: database_time(session) + ahead).start()


def _child(order: dict[str, Any]) -> NoReturn:
    null, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    _set_clock(timedelta(seconds=order["ahead"]))
    if order["hurry"]:
        patch.object(bot.app, "Limits", lambda: UNLIMITED).start()
    if order["dying"]:
        dying.arm(**order["dying"])
    main(["run"])
    raise SystemExit


def _start(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            _child(order)
        except SystemExit as end:
            os._exit(end.code if isinstance(end.code, int) else 0)
        except BaseException:  # noqa: BLE001 - the end of the process: whatever it was goes to its log
            sys.excepthook(*sys.exc_info())
            os._exit(70)
    return pid


def _watch(pid: int) -> int | None:
    """Wait for the child's end and return its wait status; None when our own master has gone first."""
    watched = os.pidfd_open(pid)
    try:
        ready, _, _ = select.select([watched, sys.stdin], [], [])
        if watched not in ready:
            os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        return status if watched in ready else None
    finally:
        os.close(watched)


def _say(word: object) -> None:
    os.write(1, f"{word}\n".encode())


def _warm() -> None:
    """Do once what every start does, for the code that is only read on the way."""
    with tempfile.TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/warm.db"
        open_runner(Settings(_env_file=None, database_url=address, sop_dir=SMALL_SOPS)).store.close()


def serve() -> None:
    """Start children, one after the other, until the orders end."""
    _warm()
    _say("ready")
    while line := os.read(0, 65536):
        pid = _start(json.loads(line))
        _say(pid)
        status = _watch(pid)
        if status is None:
            return
        _say(status)


if __name__ == "__main__":
    serve()
