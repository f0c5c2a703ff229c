"""An office's own settings: what differs from the law's hours, the default ladder and the usual audiences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from bot.domain.budget import Budget, Unit
from bot.domain.reminders import Audience, Ladder, ReminderKind
from bot.domain.sop import PostId, SopId
from bot.domain.worktime import DayException, Pattern, Period

CHIEF_CAP = 20
"""Messages a day to a chief, where the office says nothing else."""

HOLD_REMINDER_DAYS = 3
"""Working days after which the sekretariat is reminded of a hold."""

OBJECTION = Budget(1, Unit.DAY)
"""How long a chief may object to a decision that was recorded on their behalf."""


@dataclass(frozen=True, slots=True)
class FastingMonth:
    """First and last day of Ramadan as the office has them, in place of the nationwide dates of that month."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Ladders:
    """Reminder ladders: the step's own outranks its SOP's, that one the SOP file's, and that one ``default``."""

    default: Ladder | None = None
    sops: Mapping[SopId, Ladder] = field(default_factory=dict)
    steps: Mapping[tuple[SopId, int], Ladder] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Hash as equal mappings do, whatever their order."""
        return hash((self.default, frozenset(self.sops.items()), frozenset(self.steps.items())))


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Daily, on the office's wall clock: from ``start`` until ``end`` nobody is disturbed; may pass midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeRules:
    """What one office has set; a field left alone leaves the bot's behaviour as it is everywhere.

    ``holidays`` outrank the nationwide list on their date: local holidays, a cuti bersama added, and
    (``CANCELLED``) a listed day that is worked after all. ``audiences`` names the rungs that differ.
    ``via_secretary`` is the post that hears of lateness before the head of the office does.
    """

    hours: Pattern | None = None
    ramadan_hours: Pattern | None = None
    ramadan: tuple[FastingMonth, ...] = ()
    holidays: Mapping[date, DayException] = field(default_factory=dict)
    ladders: Ladders = Ladders()
    audiences: Mapping[ReminderKind, frozenset[Audience]] = field(default_factory=dict)
    quiet: QuietHours | None = None
    via_secretary: PostId | None = None
    chief_cap: int = CHIEF_CAP
    hold_reminder_days: int = HOLD_REMINDER_DAYS
    objection: Budget = OBJECTION
    recorders: frozenset[PostId] = frozenset()
    extension_max: Budget | None = None

    def __hash__(self) -> int:
        """Hash the parts that tell most rules apart; equal rules hash alike."""
        return hash((self.hours, self.ramadan, frozenset(self.holidays.items()), self.ladders, self.quiet))


DEFAULT_RULES = OfficeRules()


def _period(start: str, end: str) -> Period:
    return Period(time.fromisoformat(start), time.fromisoformat(end))


def _six_days(ordinary: tuple[Period, ...], friday: tuple[Period, ...], saturday: tuple[Period, ...]) -> Pattern:
    return (*(ordinary,) * 4, friday, saturday, ())


SIX_DAYS: Pattern = _six_days(
    (_period("07:30", "12:00"), _period("12:30", "15:00")),
    (_period("07:30", "11:30"),),
    (_period("07:30", "13:00"),),
)
"""The 37.5 hours of Perpres 21/2023 spread over six days: a proposal, since the law prints hours for five only."""

SIX_DAYS_RAMADAN: Pattern = _six_days(
    (_period("08:00", "12:00"), _period("12:30", "14:30")),
    (_period("08:00", "11:30"),),
    (_period("08:00", "13:00"),),
)
"""The 32.5 hours of Ramadan likewise."""
