"""Telegram's limits on sending: per bot, per private chat, per group. Edits count like sends."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sends per second over all, and the seconds between two sends to one chat."""

    per_second: float = 30.0
    private_gap: float = 1.0
    group_gap: float = 3.0  # 20 a minute


UNLIMITED = Limits(per_second=math.inf, private_gap=0.0, group_gap=0.0)
"""For the demo's fast clock, where a second of the office is not a second of the wall."""


class Pacer:
    """Counts sends in a window of one second; time (seconds, monotonic) is an argument."""

    def __init__(self, limits: Limits) -> None:
        """Start with nothing sent."""
        self.limits = limits
        self._sent: deque[float] = deque()

    def free(self, now: float) -> int:
        """Return how many sends may start at ``now``."""
        while self._sent and self._sent[0] <= now - 1.0:
            self._sent.popleft()
        if math.isinf(self.limits.per_second):
            return 1000
        return max(0, int(self.limits.per_second) - len(self._sent))

    def wait(self, now: float) -> float:
        """Return the seconds until the next send may start."""
        return 0.0 if self.free(now) else self._sent[0] + 1.0 - now

    def note(self, now: float) -> None:
        """Count a send that starts at ``now``."""
        self._sent.append(now)

    def gap(self, chat_id: int) -> float:
        """Return the seconds the chat rests after a send; groups have negative ids."""
        return self.limits.group_gap if chat_id < 0 else self.limits.private_gap
