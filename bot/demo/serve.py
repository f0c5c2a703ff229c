"""``sop-bot demo``: the local Bot API server, the bot and the page, until it is told to stop."""

from __future__ import annotations

import errno
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.console import console
from bot.demo.clock import ShiftedClock
from bot.demo.page import Page
from bot.demo.page.words import word
from bot.demo.stage import PortUnusableError, Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.settings import Settings

_WHY = {errno.EADDRINUSE: "serve.port_used", errno.EACCES: "serve.port_denied"}


class DemoRefusedError(Exception):
    """The demo cannot start; the text says why, for the terminal."""


def serve(settings: Settings, *, port: int, sop_id: str | None) -> None:
    """Serve the demo's page on ``port`` (0 for any free one) until SIGINT or SIGTERM; the main thread only.

    Raises DemoRefusedError where it cannot start, UnknownSopError where there is no SOP ``sop_id``.
    """
    page = Page()
    with _told_to_stop() as stop:
        try:
            with Stage(settings, ShiftedClock(), port=port, routes=page.routes()) as stage:
                if not stage.runner.library.sops:
                    raise DemoRefusedError(word("serve.no_sop"))
                page.open(stage, sop_id)
                _say(word("serve.local"), console("demo.page", url=stage.office.base_url))
                stop.wait()
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
