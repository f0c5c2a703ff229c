"""Signs of life of the program's parts: each says for how long it vouches for itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial


@dataclass(frozen=True, slots=True)
class Sign:
    """A part's last sign: its age in seconds (None before the first), and whether it still vouches for the part."""

    age: float | None
    alive: bool


class Pulse:
    """Remembers when each part last gave a sign of life."""

    def __init__(self, *parts: str, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the parts that are expected, and a clock of seconds that only grow."""
        self._clock = clock
        self._signs: dict[str, tuple[float, float] | None] = dict.fromkeys(parts)

    def beat(self, part: str, seconds: float) -> None:
        """Note that a part lives, and will give another sign within so many seconds."""
        now = self._clock()
        self._signs[part] = now, now + seconds

    def of(self, part: str) -> Callable[[float], None]:
        """Return ``beat`` for one part."""
        return partial(self.beat, part)

    def signs(self) -> dict[str, Sign]:
        """Return the last sign of every part."""
        now = self._clock()
        return {
            part: Sign(None, alive=False) if sign is None else Sign(now - sign[0], alive=now <= sign[1])
            for part, sign in self._signs.items()
        }
