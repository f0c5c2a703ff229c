"""The one place that asks the machine for the time. Everything else takes a moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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


class SharedClock:
    """The clock of a database that several machines share: their own need not agree.

    Every transaction reads it (``read``); between transactions it is the machine's, corrected by the
    difference seen last.
    """

    def __init__(self, ask: Callable[[Session], datetime]) -> None:
        """Take what asks the database for its time."""
        self._ask = ask
        self._ahead = timedelta(0)

    def read(self, session: Session) -> datetime:
        """Return the database's moment (aware, UTC)."""
        moment = self._ask(session)
        self._ahead = moment - datetime.now(UTC)
        return moment

    def now(self) -> datetime:
        """Return about the database's moment (aware, UTC)."""
        return datetime.now(UTC) + self._ahead

    def machine_time(self, moment: datetime) -> datetime:
        """Return when the machine's clock will show a moment of the database's."""
        return moment - self._ahead
