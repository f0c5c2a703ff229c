"""The one place that asks the machine for the time. Everything else takes a moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time of the office, and when on the machine's own clock a moment comes."""

    def now(self) -> datetime:
        """Return the present moment (aware, UTC)."""

    def machine_time(self, moment: datetime) -> datetime:
        """Return when, on the machine's clock, ``now()`` will be ``moment``."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present moment (aware, UTC)."""
        return datetime.now(UTC)

    def machine_time(self, moment: datetime) -> datetime:
        """Return ``moment`` itself: the clocks are the same."""
        return moment
