"""Clocks for the demo: one that only moves when told, and one that can be put forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.clock import SystemClock

_NEVER_BY_ITSELF = timedelta(days=1)


class SteppedClock:
    """Stands still until ``move_to``; nothing on it becomes due by itself."""

    def __init__(self, start: datetime) -> None:
        """Stand at ``start`` (aware)."""
        self._start = self._now = start.astimezone(UTC)

    def reset(self) -> None:
        """Stand where it stood at first."""
        self._now = self._start

    def now(self) -> datetime:
        """Return where the clock stands."""
        return self._now

    def move_to(self, moment: datetime) -> None:
        """Put the clock forward; it never goes back."""
        self._now = max(self._now, moment.astimezone(UTC))

    def machine_time(self, moment: datetime) -> datetime:
        """Return a machine moment far enough away: whoever steps the clock fires what is due."""
        return SystemClock().now() + _NEVER_BY_ITSELF + (moment - self._now)


class ShiftedClock:
    """The machine's clock, put forward by as much as the person at the demo wants."""

    def __init__(self) -> None:
        """Start at the machine's time."""
        self._machine = SystemClock()
        self._shift = timedelta(0)

    def reset(self) -> None:
        """Show the machine's time again."""
        self._shift = timedelta(0)

    def now(self) -> datetime:
        """Return the shifted moment."""
        return self._machine.now() + self._shift

    def move_to(self, moment: datetime) -> None:
        """Put the clock forward to a moment; it never goes back."""
        self._shift = max(self._shift, moment - self._machine.now())

    def machine_time(self, moment: datetime) -> datetime:
        """Return when the machine's clock will show that moment."""
        return moment - self._shift
