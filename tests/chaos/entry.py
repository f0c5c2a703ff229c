"""The process under test: forks the real ``sop-bot run`` from an interpreter that has read all its code.

Half a second of imports a start is what makes hundreds of kills slow, so they are read once; everything after
them (settings, migration, definitions, Telegram) happens in each child as it does in ``sop-bot run``. The child
differs in two things only: its clock may run ahead of the machine's, and it may be told where to die (``dying``).

Reads one JSON object a line and answers each start with the child's pid and, at its end, its wait status. When the
one who asks goes away, so does the child.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NoReturn

import bot.app
import tests.chaos.dying as dying
from bot.cli import main
from bot.clock import SystemClock

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


def _child(order: dict[str, Any]) -> NoReturn:
    null, log = os.open(os.devnull, os.O_RDONLY), os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(null, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(order["folder"])
    os.environ.update(order["environment"])
    ahead = timedelta(seconds=order["ahead"])
    bot.app.SystemClock = lambda: AheadClock(ahead)  # type: ignore[assignment,misc] - the one thing that differs
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
        except BaseException:
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


def serve() -> None:
    """Start children, one after the other, until the orders end."""
    print("ready", flush=True)
    while line := os.read(0, 65536):
        pid = _start(json.loads(line))
        print(pid, flush=True)
        status = _watch(pid)
        if status is None:
            return
        print(status, flush=True)


if __name__ == "__main__":
    serve()
