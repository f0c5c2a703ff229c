"""Warnings that anybody on the network can provoke: the first of a kind is logged, the others are counted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

INTERVAL_SECONDS = 60.0


class Seldom:
    """Logs one warning per action and interval, and how many were left out since the one before."""

    def __init__(
        self, log: logging.Logger, *, interval: float = INTERVAL_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take the log; ``clock`` returns seconds that only grow."""
        self._log = log
        self._interval = interval
        self._clock = clock
        self._last: dict[str, tuple[float, int]] = {}

    def warn(self, action: str, message: str, *values: object) -> None:
        """Log, unless the same action was logged within the interval. Actions are few: each is remembered."""
        now = self._clock()
        logged_at, left_out = self._last.get(action, (now - self._interval, 0))
        if now - logged_at < self._interval:
            self._last[action] = logged_at, left_out + 1
            return
        self._last[action] = now, 0
        self._log.warning(message, *values, extra={"action": action, "left_out": left_out})
