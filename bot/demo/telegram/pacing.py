"""Telegram's pace, enforced when a test asks for it."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Pace:
    """How much may be sent; edits count like messages. ``burst`` is what one private chat may get at once."""

    overall_per_second: int = 30
    private_per_second: float = 1.0
    burst: int = 3
    group_per_minute: int = 20


@dataclass
class Pacing:
    """Keeps the moments of what was sent; off until ``pace`` is set."""

    pace: Pace | None = None
    violations: int = 0
    _overall: deque[datetime] = field(default_factory=deque)
    _chats: dict[int, deque[datetime]] = field(default_factory=dict)

    def switch(self, pace: Pace | None) -> None:
        """Set the pace (None switches it off) and forget what was sent before."""
        self.pace = pace
        self.violations = 0
        self._overall.clear()
        self._chats.clear()

    def wait_for(self, chat: int, at: datetime) -> int:
        """Return 0 where one more message may go to ``chat``, else the whole seconds to wait; counts violations."""
        if self.pace is None:
            return 0
        waits = [_until_free(self._overall, self.pace.overall_per_second, 1.0, at)]
        sent = self._chats.setdefault(chat, deque())
        if chat < 0:
            waits.append(_until_free(sent, self.pace.group_per_minute, 60.0, at))
        else:
            waits.append(_until_free(sent, self.pace.burst, self.pace.burst / self.pace.private_per_second, at))
        wait = math.ceil(max(waits))
        self.violations += wait > 0
        return wait

    def count(self, chat: int, at: datetime) -> None:
        """Remember that a message went to ``chat``."""
        if self.pace is not None:
            self._overall.append(at)
            self._chats.setdefault(chat, deque()).append(at)


def _until_free(sent: deque[datetime], limit: int, window: float, at: datetime) -> float:
    """Return the seconds until a sliding window has room again."""
    span = timedelta(seconds=window)
    while sent and sent[0] + span <= at:
        sent.popleft()
    return 0.0 if len(sent) < limit else (sent[-limit] + span - at).total_seconds()
