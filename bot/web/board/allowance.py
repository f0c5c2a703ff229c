"""How often one person may look: a bucket for each, in this process's memory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_PEOPLE = 5000


class Allowance:
    """A burst of looks, then one per second. Only people whom Telegram vouched for are remembered."""

    def __init__(self, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Take how many looks may come at once; ``clock`` returns seconds that only grow."""
        self._burst = burst
        self._clock = clock
        self._levels: dict[int, tuple[float, float]] = {}

    def takes(self, person: int) -> bool:
        """Count one look; False where it is too much."""
        now = self._clock()
        if len(self._levels) >= _MOST_PEOPLE:
            self._levels = {who: (level, at) for who, (level, at) in self._levels.items() if level > now - at}
        level, at = self._levels.get(person, (0.0, now))
        level = max(level - (now - at), 0.0)
        if level + 1 > self._burst:
            return False
        self._levels[person] = level + 1, now
        return True
