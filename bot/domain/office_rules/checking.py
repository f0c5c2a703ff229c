"""What an office cannot set, all of it at once; the words are for whoever asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from typing import TYPE_CHECKING

from bot.domain.office_rules.working import within
from bot.domain.reminders import Audience, ReminderKind
from bot.domain.worktime import DayKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import time

    from bot.domain.office_rules.rules import OfficeRules, QuietHours
    from bot.domain.sop import Sop
    from bot.domain.worktime import Calendar, Pattern, Period

FASTING_DAYS = (29, 30)
MOST_CHIEF_MESSAGES, MOST_HOLD_DAYS = 100, 60
_LAST_PERCENT = 99


class Fault(StrEnum):
    """What is wrong; beside each, what ``detail`` names."""

    NO_HOURS = "no_hours"  # a week without any work
    FASTING_LENGTH = "fasting_length"  # the days of the range
    FASTING_TWICE = "fasting_twice"  # the first day of the later range
    NOT_A_HOLIDAY = "not_a_holiday"  # the day that is worked anyway
    HOLDERS_LEFT_OUT = "holders_left_out"
    QUIET_EMPTY = "quiet_empty"
    QUIET_ALL_WORK = "quiet_all_work"  # quiet whenever anybody works
    UNKNOWN_POST = "unknown_post"  # the post
    HEAD_BEFORE_HEAD = "head_before_head"  # the post
    UNKNOWN_SOP = "unknown_sop"  # the SOP
    UNKNOWN_STEP = "unknown_step"  # "sop/step"
    PERCENT = "percent"  # the percentage out of bounds, or written twice
    CHIEF_CAP = "chief_cap"
    HOLD_DAYS = "hold_days"


@dataclass(frozen=True, slots=True)
class RuleProblem:
    """One thing that cannot be; ``field`` is that of OfficeRules."""

    fault: Fault
    field: str
    detail: str = ""


def check_rules(rules: OfficeRules, sops: Collection[Sop], base: Calendar) -> tuple[RuleProblem, ...]:
    """Return everything that is wrong, in the order of the fields; ``base`` is the calendar without the rules."""
    return (
        *_hours(rules),
        *_ramadan(rules),
        *_holidays(rules, base),
        *_ladders(rules, sops),
        *_hearing(rules, base),
        *_posts(rules, sops),
        *_numbers(rules),
    )


def _hours(rules: OfficeRules) -> Iterator[RuleProblem]:
    for field, pattern in (("hours", rules.hours), ("ramadan_hours", rules.ramadan_hours)):
        if pattern is not None and not any(pattern):
            yield RuleProblem(Fault.NO_HOURS, field)


def _ramadan(rules: OfficeRules) -> Iterator[RuleProblem]:
    for month in rules.ramadan:
        days = (month.last - month.first).days + 1
        if days not in FASTING_DAYS:
            yield RuleProblem(Fault.FASTING_LENGTH, "ramadan", str(days))
    for one, other in combinations(sorted(rules.ramadan, key=lambda month: month.first), 2):
        if other.first <= one.last:
            yield RuleProblem(Fault.FASTING_TWICE, "ramadan", other.first.isoformat())


def _holidays(rules: OfficeRules, base: Calendar) -> Iterator[RuleProblem]:
    for day, exception in sorted(rules.holidays.items(), key=lambda item: item[0]):
        if exception.kind is DayKind.CANCELLED and day not in base.exceptions:
            yield RuleProblem(Fault.NOT_A_HOLIDAY, "holidays", day.isoformat())


def _ladders(rules: OfficeRules, sops: Collection[Sop]) -> Iterator[RuleProblem]:
    known = {sop.id: {step.number for step in sop.steps} for sop in sops}
    for sop in rules.ladders.sops:
        if sop not in known:
            yield RuleProblem(Fault.UNKNOWN_SOP, "ladders", sop)
    for sop, step in rules.ladders.steps:
        if sop not in known:
            yield RuleProblem(Fault.UNKNOWN_SOP, "ladders", sop)
        elif step not in known[sop]:
            yield RuleProblem(Fault.UNKNOWN_STEP, "ladders", f"{sop}/{step}")
    ladders = rules.ladders
    for ladder in filter(None, (ladders.default, *ladders.sops.values(), *ladders.steps.values())):
        percents = [rung.percent for rung in ladder.early]
        wrong = [p for p in percents if not 1 <= p <= _LAST_PERCENT or percents.count(p) > 1]
        for percent in dict.fromkeys(wrong):
            yield RuleProblem(Fault.PERCENT, "ladders", str(percent))


def _hearing(rules: OfficeRules, base: Calendar) -> Iterator[RuleProblem]:
    if Audience.HOLDERS not in rules.audiences.get(ReminderKind.DUE, {Audience.HOLDERS}):
        yield RuleProblem(Fault.HOLDERS_LEFT_OUT, "audiences")
    if rules.quiet is None:
        return
    if rules.quiet.start == rules.quiet.end:
        yield RuleProblem(Fault.QUIET_EMPTY, "quiet")
    elif _all_work_is_quiet(rules.quiet, rules.hours or base.pattern):
        yield RuleProblem(Fault.QUIET_ALL_WORK, "quiet")


def _all_work_is_quiet(quiet: QuietHours, pattern: Pattern) -> bool:
    """Work that is not quiet begins with a period, or where the quiet ends."""
    periods = [period for day in pattern for period in day]
    begins_aloud = any(not within(quiet, period.start) for period in periods)
    return not begins_aloud and not any(_holds(period, quiet.end) for period in periods)


def _holds(period: Period, clock: time) -> bool:
    return period.start <= clock and (clock < period.end or period.to_midnight)


def _posts(rules: OfficeRules, sops: Collection[Sop]) -> Iterator[RuleProblem]:
    known = {post.id for sop in sops for post in sop.posts}
    for post in sorted(rules.recorders - known):
        yield RuleProblem(Fault.UNKNOWN_POST, "recorders", post)
    via = rules.via_secretary
    if via is None:
        return
    if via not in known:
        yield RuleProblem(Fault.UNKNOWN_POST, "via_secretary", via)
    elif any(sop.head.id == via for sop in sops):
        yield RuleProblem(Fault.HEAD_BEFORE_HEAD, "via_secretary", via)


def _numbers(rules: OfficeRules) -> Iterator[RuleProblem]:
    if not 1 <= rules.chief_cap <= MOST_CHIEF_MESSAGES:
        yield RuleProblem(Fault.CHIEF_CAP, "chief_cap", str(rules.chief_cap))
    if not 1 <= rules.hold_reminder_days <= MOST_HOLD_DAYS:
        yield RuleProblem(Fault.HOLD_DAYS, "hold_reminder_days", str(rules.hold_reminder_days))
