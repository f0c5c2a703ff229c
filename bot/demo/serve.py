"""``sop-bot demo``: the local Bot API server, the bot and the page, until it is told to stop."""

from __future__ import annotations

import errno
import signal
import sys
import threading
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.console import console
from bot.demo.board import board_routes, open_board
from bot.demo.clock import ShiftedClock
from bot.demo.page import Page
from bot.demo.page.words import word
from bot.demo.stage import PortUnusableError, Stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from starlette.routing import BaseRoute

    from bot.settings import Settings

    Beside = Callable[[Callable[[], Stage]], Sequence[BaseRoute]]

_WHY = {errno.EADDRINUSE: "serve.port_used", errno.EACCES: "serve.port_denied"}
_LOOK_SECONDS = 0.5
_SWEEP = timedelta(minutes=30)  # of the office's time: where its clock is put forward, digests come as they would

BESIDE: tuple[Beside, ...] = (board_routes,)
"""What else the demo serves beside its page. Each entry is given what gives out the running stage, whose ``runner``
is another one after a reset, and which raises PageProblem before there is one."""


class DemoRefusedError(Exception):
    """The demo cannot start; the text says why, for the terminal."""


def serve(settings: Settings, *, port: int, sop_id: str | None) -> None:
    """Serve the demo's page on ``port`` (0 for any free one) until SIGINT or SIGTERM; the main thread only.

    Raises DemoRefusedError where it cannot start, UnknownSopError where there is no SOP ``sop_id``.
    """
    page = Page(open_app=open_board)
    routes = [*page.routes(), *(route for beside in BESIDE for route in beside(page.stage))]
    with _told_to_stop() as stop:
        try:
            with Stage(settings, ShiftedClock(), port=port, routes=routes, sweep_every=_SWEEP, board=True) as stage:
                if not stage.runner.library.sops:
                    raise DemoRefusedError(word("serve.no_sop"))
                page.open(stage, sop_id)
                _say(word("serve.local"), console("demo.page", url=stage.office.base_url))
                # Looked at again and again: a signal that the system hands to another thread does not wake this one.
                while not stop.wait(_LOOK_SECONDS):
                    pass
        except PortUnusableError as error:
            raise DemoRefusedError(console("demo.port_taken", port=port, why=_why(error.why))) from None


def _say(*lines: str) -> None:
    """Print at once: whoever reads a pipe waits for the address."""
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """Give out an event that the signals set, from the first moment of starting on."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _why(error: OSError | OverflowError) -> str:
    if isinstance(error, OverflowError):
        return word("serve.port_range")
    key = _WHY.get(error.errno or 0)
    return word(key) if key else str(error.strerror)
