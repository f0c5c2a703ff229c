"""A time budget (waktu): how long a step may take, in working time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

# Perpres 21/2023 Pasal 4: 37 jam 30 menit a week over five days. Only used to *compare* budgets
# of different units; the length of a real working day comes from the calendar.
NOMINAL_DAY_MINUTES = 450


class Unit(StrEnum):
    """The three units that SOP documents use."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


_NOMINAL = {Unit.MINUTE: 1, Unit.HOUR: 60, Unit.DAY: NOMINAL_DAY_MINUTES}


@dataclass(frozen=True, slots=True)
class Budget:
    """``amount`` working minutes, working hours or working days (``amount`` is at least 1)."""

    amount: int
    unit: Unit

    @property
    def nominal_minutes(self) -> int:
        """The size in nominal working minutes, for comparing budgets only."""
        return self.amount * _NOMINAL[self.unit]

    def at_least(self, other: Budget) -> bool:
        """Whether this budget is nominally as long as ``other`` or longer."""
        return self.nominal_minutes >= other.nominal_minutes
