"""Telegram's pace, enforced when a test asks for it."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

SECOND = 1.0
MINUTE = 60.0


@dataclass(frozen=True)
class Pace:
    """How much may be sent; edits count like messages. ``burst`` is what one private chat may get at once."""

    overall_per_second: int = 30
    private_per_second: float = 1.0
    burst: int = 3
    group_per_minute: int = 20


@dataclass
class Pacing:
    """Keeps what was sent; off until ``pace`` is set.

    ``_private`` holds, per private chat, the moment until which its allowance is used up.
    """

    pace: Pace | None = None
    violations: int = 0
    _overall: deque[float] = field(default_factory=deque)
    _groups: dict[int, deque[float]] = field(default_factory=dict)
    _private: dict[int, float] = field(default_factory=dict)

    def switch(self, pace: Pace | None) -> None:
        """Set the pace (None switches it off) and forget what was sent before."""
        self.pace = pace
        self.violations = 0
        self._overall.clear()
        self._groups.clear()
        self._private.clear()

    def wait_for(self, chat: int, at: datetime) -> int:
        """Return 0 where one more message may go to ``chat``, else the whole seconds to wait; counts violations."""
        if self.pace is None:
            return 0
        now = at.timestamp()
        overall = _until_free(self._overall, self.pace.overall_per_second, SECOND, now)
        wait = math.ceil(max(0.0, overall, self._chat_wait(self.pace, chat, now)))
        self.violations += wait > 0
        return wait

    def count(self, chat: int, at: datetime) -> None:
        """Remember that a message went to ``chat``."""
        if self.pace is None:
            return
        now = at.timestamp()
        self._overall.append(now)
        if chat < 0:
            self._groups.setdefault(chat, deque()).append(now)
        else:
            self._private[chat] = max(now, self._private.get(chat, now)) + 1 / self.pace.private_per_second

    def _chat_wait(self, pace: Pace, chat: int, now: float) -> float:
        if chat < 0:
            return _until_free(self._groups.setdefault(chat, deque()), pace.group_per_minute, MINUTE, now)
        allowed_ahead = (pace.burst - 1) / pace.private_per_second
        return self._private.get(chat, now) - now - allowed_ahead


def _until_free(sent: deque[float], limit: int, window: float, now: float) -> float:
    """Return the seconds until a sliding window has room again."""
    while sent and sent[0] + window <= now:
        sent.popleft()
    return 0.0 if len(sent) < limit else sent[-limit] + window - now
