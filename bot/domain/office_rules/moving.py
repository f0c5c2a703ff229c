"""Where an open deadline goes when the calendar of its office changes, and by how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.budget import Budget
    from bot.domain.worktime import Calendar, WorkingSpan


def moved_due(
    old: Calendar, new: Calendar, *, given: datetime, budget: Budget, due: datetime, adjusted: bool, at: datetime
) -> datetime:
    """Return where a running clock's deadline lies under the ``new`` calendar, reckoned at ``at``.

    As if it had been given under it. One that holds or more time have ``adjusted`` keeps the working time that was
    left to it instead, and so does one that would lie in the past: nobody becomes late by a change of the calendar.
    What has passed and was adjusted stays where it is. Raises NoWorkingTime.
    """
    if old == new:
        return due
    if not adjusted:
        anew = new.due(given, budget)
        if due <= at or anew > at:
            return anew
    return new.add(at, old.between(at, due)) if due > at else due


def shift(old: Calendar, new: Calendar, *, before: datetime, after: datetime) -> WorkingSpan:
    """Return by how much a deadline moves, in working time; ``late`` where it comes earlier.

    Later is told in the time that the old calendar had there, earlier in what the new one has: a day off that is
    added moves by the day that it was. Raises NoWorkingTime.
    """
    if after >= before:
        return old.left(before, after)
    return new.left(before, after)
