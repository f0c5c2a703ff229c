"""When whom to remind of a task: the ladder as data, its moments, and what may go out when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from bot.domain.budget import Budget, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from bot.domain.worktime import Calendar

GRACE = timedelta(minutes=2)
"""How long after its moment a reminder may still go out although work has ended since."""

WINDOW = timedelta(minutes=2)
"""One person's reminders that fall within this time of the first are one message."""

_T = TypeVar("_T")


class Audience(StrEnum):
    """Who is told, in words of the case; people are found at the moment of sending."""

    HOLDERS = "holders"
    SECRETARIAT = "secretariat"
    SUPERIOR = "superior"  # the post that the step's post answers to
    HEAD = "head"  # the head of the office


class ReminderKind(StrEnum):
    """A rung of the ladder."""

    EARLY = "early"  # a share of the budget has passed
    DUE = "due"  # the budget is used up
    LATE = "late"  # overdue; comes again on each later working day
    SUPERIOR = "superior"  # overdue for as long again as the budget
    HEAD = "head"  # and then still for a while
    HOLD = "hold"  # the clock stands still; comes again every few working days


_AUDIENCES = {
    ReminderKind.EARLY: frozenset({Audience.HOLDERS}),
    ReminderKind.DUE: frozenset({Audience.HOLDERS, Audience.SECRETARIAT}),
    ReminderKind.LATE: frozenset({Audience.HOLDERS}),
    ReminderKind.SUPERIOR: frozenset({Audience.SUPERIOR, Audience.SECRETARIAT}),
    ReminderKind.HEAD: frozenset({Audience.HEAD}),
    ReminderKind.HOLD: frozenset({Audience.SECRETARIAT}),
}


@dataclass(frozen=True, slots=True)
class EarlyRung:
    """A reminder at ``percent`` of the budget (1 to 99), for budgets of ``minimum`` or more."""

    percent: int
    minimum: Budget


_HOUR = Budget(1, Unit.HOUR)
_DAY = Budget(1, Unit.DAY)
_DEFAULT_EARLY = (EarlyRung(50, _DAY), EarlyRung(80, Budget(30, Unit.MINUTE)))


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of a SOP.

    ``late_after`` runs from the deadline; the superior hears after one more budget, but not
    before ``superior_minimum``; the head hears ``head_after`` later than the superior.
    """

    early: tuple[EarlyRung, ...] = _DEFAULT_EARLY
    late_after: Budget = _HOUR
    superior_minimum: Budget = _HOUR
    head_after: Budget = _DAY


DEFAULT_LADDER = Ladder()


@dataclass(frozen=True, slots=True)
class PlannedReminder:
    """One reminder of one task, due at ``at`` (UTC).

    ``sequence`` is the percentage of an EARLY one, 1, 2, 3 … of the LATE ones and else 0.
    """

    kind: ReminderKind
    sequence: int
    at: datetime
    audiences: frozenset[Audience]


def audiences_of(kind: ReminderKind) -> frozenset[Audience]:
    """Return who hears of a rung."""
    return _AUDIENCES[kind]


def plan(
    ladder: Ladder, calendar: Calendar, budget: Budget, given_at: datetime, due_at: datetime
) -> tuple[PlannedReminder, ...]:
    """Return a task's reminders in order of time, all in working time.

    Of the repeating LATE ones only the first (see ``next_late``); the task card is not among
    them. Raises NoWorkingTime.
    """
    superior_at = max(calendar.due(due_at, budget), calendar.due(due_at, ladder.superior_minimum))
    rungs = [
        *_early(ladder, calendar, budget, given_at, due_at),
        _planned(ReminderKind.DUE, 0, calendar.next_opening(due_at)),
        _planned(ReminderKind.LATE, 1, calendar.due(due_at, ladder.late_after)),
        _planned(ReminderKind.SUPERIOR, 0, superior_at),
        _planned(ReminderKind.HEAD, 0, calendar.due(superior_at, ladder.head_after)),
    ]
    # Stable: rungs of one moment stay in the order of the ladder.
    return tuple(sorted(rungs, key=lambda rung: rung.at))


def replan(
    ladder: Ladder, calendar: Calendar, budget: Budget, given_at: datetime, due_at: datetime, *, at: datetime
) -> tuple[PlannedReminder, ...]:
    """Return the reminders of a task whose deadline has changed at ``at``: those that are still to come.

    What was due before is not said again. Of a task that is late already, the next repeated reminder comes at the
    next opening of a working day. Raises NoWorkingTime.
    """
    coming = [rung for rung in plan(ladder, calendar, budget, given_at, due_at) if rung.at >= at]
    if all(rung.kind is not ReminderKind.LATE for rung in coming):
        coming.append(next_late(calendar, at, 0))
    return tuple(sorted(coming, key=lambda rung: rung.at))


def next_hold(calendar: Calendar, since: datetime, days: int, sequence: int) -> PlannedReminder:
    """Return the ``sequence``-th word (1-based) on a hold: ``days`` working days after ``since``, at an opening.

    Raises NoWorkingTime.
    """
    return _planned(ReminderKind.HOLD, sequence, calendar.next_opening(calendar.due(since, Budget(days, Unit.DAY))))


def next_late(calendar: Calendar, sent_at: datetime, sequence: int) -> PlannedReminder:
    """Return the LATE reminder that follows number ``sequence``, which went out at ``sent_at``.

    It comes at the opening of the next working day; days slept through are not made up for.
    Raises NoWorkingTime.
    """
    return _planned(ReminderKind.LATE, sequence + 1, calendar.next_day_opening(sent_at))


def sendable(calendar: Calendar, moment: datetime, at: datetime) -> bool:
    """Whether a reminder planned for ``moment`` may go out at ``at``.

    In working time always, and within GRACE after a moment that was working time: what is due at
    16:00 sharp and comes up at 16:00:01 must not wait until the morning.
    """
    return calendar.is_working(at) or (calendar.is_working(moment) and moment <= at <= moment + GRACE)


def postponed(calendar: Calendar, moment: datetime, at: datetime) -> datetime:
    """Return when a reminder planned for ``moment`` goes out, seen at ``at``.

    ``at`` itself when it is sendable, else the next opening; raises NoWorkingTime.
    """
    return at if sendable(calendar, moment, at) else calendar.next_opening(at)


def group(moments: Iterable[datetime]) -> list[list[datetime]]:
    """Return the moments in ascending groups, one per message; see ``group_by``."""
    return group_by(moments, lambda moment: moment)


def group_by(items: Iterable[_T], moment: Callable[[_T], datetime]) -> list[list[_T]]:
    """Return one person's reminders in groups, one per message, each ordered by its moment.

    A group reaches WINDOW (inclusive) from its first moment, without chaining; its message goes
    out at the last one.
    """
    groups: list[list[_T]] = []
    for item in sorted(items, key=moment):
        if groups and moment(item) - moment(groups[-1][0]) <= WINDOW:
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups


def _early(
    ladder: Ladder, calendar: Calendar, budget: Budget, given_at: datetime, due_at: datetime
) -> list[PlannedReminder]:
    return [
        _planned(ReminderKind.EARLY, rung.percent, calendar.share(given_at, due_at, rung.percent))
        for rung in ladder.early
        if budget.at_least(rung.minimum)
    ]


def _planned(kind: ReminderKind, sequence: int, at: datetime) -> PlannedReminder:
    return PlannedReminder(kind=kind, sequence=sequence, at=at, audiences=audiences_of(kind))
