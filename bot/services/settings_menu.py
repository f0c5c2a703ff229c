"""The menu of /atur: what can be chosen at each place, and what a choice leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from bot.domain.budget import Budget, Unit
from bot.domain.office_rules import (
    SIX_DAYS,
    SIX_DAYS_RAMADAN,
    FastingMonth,
    Ladders,
    OfficeRules,
    QuietHours,
    audiences_under,
    calendar_with,
)
from bot.domain.reminders import DEFAULT_LADDER, Audience, EarlyRung, Ladder, ReminderKind
from bot.domain.worktime import DayException, DayKind

if TYPE_CHECKING:
    from bot.domain.sop import OfficeId, Sop
    from bot.domain.worktime import Calendar
    from bot.services.work import Work

ALL = "all"
RESET = "reset"
TYPE = "type"
LOOK_AHEAD = timedelta(days=400)
_CANCELLABLE_SHOWN = 30
_CAPS = (4, 6, 8, 12, 20)
SETTABLE = (ReminderKind.EARLY, ReminderKind.DUE, ReminderKind.LATE, ReminderKind.SUPERIOR, ReminderKind.HEAD)
"""The rungs whose audience an office may choose."""


class Topic(StrEnum):
    """A place in the menu; beside it, what ``about`` holds besides the office."""

    MENU = "menu"
    HOURS = "hours"
    HOLIDAYS = "holidays"
    LOCAL_HOLIDAY = "local_holiday"  # a text
    JOINT_LEAVE = "joint_leave"  # a text
    CANCEL = "cancel"
    REMOVE = "remove"
    RAMADAN = "ramadan"
    RAMADAN_RANGE = "ramadan_range"  # a text
    REMINDERS = "reminders"
    STEPS = "steps"  # sop
    LADDER = "ladder"  # sop, step: ALL or which
    KINDS = "kinds"
    HEARD = "heard"  # kind
    QUIET = "quiet"
    QUIET_RANGE = "quiet_range"  # a text
    ESCALATION = "escalation"
    CHIEF_CAP = "chief_cap"


TYPED = frozenset({Topic.LOCAL_HOLIDAY, Topic.JOINT_LEAVE, Topic.RAMADAN_RANGE, Topic.QUIET_RANGE})
"""What is written and not chosen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the menu of which office somebody is."""

    office_id: OfficeId
    topic: Topic = Topic.MENU
    chosen: Mapping[str, str] = field(default_factory=dict)

    def about(self) -> dict[str, Any]:
        """Return the place as a question keeps it."""
        return {"office_id": self.office_id, "topic": self.topic.value, "chosen": dict(self.chosen)}

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> Place:
        """Return the place that a question is about."""
        return cls(about["office_id"], Topic(about["topic"]), about.get("chosen", {}))

    def at(self, topic: Topic, **chosen: str) -> Place:
        """Return a place further on."""
        return Place(self.office_id, topic, {**self.chosen, **chosen})


Next = Place | OfficeRules
"""Another place, or the rules that were chosen."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the menu is read from: the office's rules, its definitions and its calendar without the rules."""

    rules: OfficeRules
    sops: tuple[Sop, ...]
    base: Calendar
    today: date

    @classmethod
    def of(cls, work: Work, office_id: OfficeId) -> Desk:
        """Return what counts now."""
        base = work.library.calendars.for_office(work.offices()[office_id])
        return cls(work.rules_of(office_id), work.library.of_office(office_id), base, base.local(work.at).date())

    def sop(self, sop_id: str) -> Sop:
        """Return a served definition; raises StopIteration."""
        return next(sop for sop in self.sops if sop.id == sop_id)


def options_at(desk: Desk, place: Place) -> list[str]:
    """Return what can be chosen at a place, in order."""
    return _OPTIONS[place.topic](desk, place)


def choose(desk: Desk, place: Place, option: str) -> Next:
    """Return what a choice leads to."""
    return _CHOICES[place.topic](desk, place, option)


# --- what is typed ----------------------------------------------------------------------------


def with_day(rules: OfficeRules, topic: Topic, day: date, name: str) -> OfficeRules:
    """Return the rules with a day off."""
    kind = DayKind.LOCAL_HOLIDAY if topic is Topic.LOCAL_HOLIDAY else DayKind.JOINT_LEAVE
    return replace(rules, holidays={**rules.holidays, day: DayException(kind, name)})


def with_month(rules: OfficeRules, month: FastingMonth) -> OfficeRules:
    """Return the rules with the dates of a Ramadan, in place of those of the same one."""
    kept = [other for other in rules.ramadan if other.last < month.first or month.last < other.first]
    return replace(rules, ramadan=tuple(sorted([*kept, month], key=lambda one: one.first)))


def with_quiet(rules: OfficeRules, quiet: QuietHours) -> OfficeRules:
    """Return the rules with quiet hours."""
    return replace(rules, quiet=quiet)


# --- options ----------------------------------------------------------------------------------


def _menu(_desk: Desk, _place: Place) -> list[str]:
    topics = (Topic.HOURS, Topic.HOLIDAYS, Topic.RAMADAN, Topic.REMINDERS, Topic.KINDS, Topic.QUIET, Topic.ESCALATION)
    return [*topics, Topic.CHIEF_CAP]


def _holiday_options(desk: Desk, _place: Place) -> list[str]:
    found = [Topic.LOCAL_HOLIDAY.value, Topic.JOINT_LEAVE.value]
    if _cancellable(desk):
        found.append(Topic.CANCEL)
    return [*found, *([Topic.REMOVE.value] if _own_days(desk) else [])]


def _cancellable(desk: Desk) -> list[str]:
    """Return the coming cuti bersama that are not worked."""
    calendar = calendar_with(desk.base, desk.rules)
    off = (day for day, exception in calendar.exceptions.items() if exception.kind is DayKind.JOINT_LEAVE)
    coming = sorted(day for day in off if desk.today <= day <= desk.today + LOOK_AHEAD)
    return [day.isoformat() for day in coming[:_CANCELLABLE_SHOWN]]


def _own_days(desk: Desk) -> list[str]:
    return [day.isoformat() for day in sorted(desk.rules.holidays) if day >= desk.today]


def _steps(desk: Desk, place: Place) -> list[str]:
    return [ALL, *(str(step.number) for step in desk.sop(place.chosen["sop"]).steps)]


def _ladder_options(desk: Desk, place: Place) -> list[str]:
    own = own_ladder(desk.rules, place) is not None
    return [*_EARLY, *_LATE, *([RESET] if own else [])]


def _heard_options(desk: Desk, place: Place) -> list[str]:
    own = ReminderKind(place.chosen["kind"]) in desk.rules.audiences
    return [*(audience.value for audience in Audience), *([RESET] if own else [])]


def _passable(desk: Desk, _place: Place) -> list[str]:
    under = {post.id for sop in desk.sops for post in sop.posts if post.superior == sop.head.id}
    return ["direct", *sorted(under)]


_OPTIONS: Mapping[Topic, Callable[[Desk, Place], list[str]]] = {
    Topic.MENU: _menu,
    Topic.HOURS: lambda _desk, _place: ["five", "six"],
    Topic.HOLIDAYS: _holiday_options,
    Topic.CANCEL: lambda desk, _: _cancellable(desk),
    Topic.REMOVE: lambda desk, _: _own_days(desk),
    Topic.RAMADAN: lambda desk, _: [TYPE, *([RESET] if desk.rules.ramadan else [])],
    Topic.REMINDERS: lambda desk, _: [ALL, *(sop.id for sop in desk.sops)],
    Topic.STEPS: _steps,
    Topic.LADDER: _ladder_options,
    Topic.KINDS: lambda _desk, _place: [kind.value for kind in SETTABLE],
    Topic.HEARD: _heard_options,
    Topic.QUIET: lambda desk, _: [TYPE, *([RESET] if desk.rules.quiet else [])],
    Topic.ESCALATION: _passable,
    Topic.CHIEF_CAP: lambda _desk, _place: [str(cap) for cap in _CAPS],
}

# --- choices ----------------------------------------------------------------------------------


def _hours(desk: Desk, _place: Place, option: str) -> Next:
    six = option == "six"
    return replace(desk.rules, hours=SIX_DAYS if six else None, ramadan_hours=SIX_DAYS_RAMADAN if six else None)


def _cancel(desk: Desk, _place: Place, option: str) -> Next:
    day = date.fromisoformat(option)
    listed = desk.base.exceptions.get(day)
    days = {other: exception for other, exception in desk.rules.holidays.items() if other != day}
    if listed is not None and listed.kind is DayKind.JOINT_LEAVE:
        days[day] = DayException(DayKind.CANCELLED, listed.name)
    return replace(desk.rules, holidays=days)


def _remove(desk: Desk, _place: Place, option: str) -> Next:
    gone = date.fromisoformat(option)
    return replace(desk.rules, holidays={day: what for day, what in desk.rules.holidays.items() if day != gone})


def _ramadan(desk: Desk, place: Place, option: str) -> Next:
    return place.at(Topic.RAMADAN_RANGE) if option == TYPE else replace(desk.rules, ramadan=())


def _quiet(desk: Desk, place: Place, option: str) -> Next:
    return place.at(Topic.QUIET_RANGE) if option == TYPE else replace(desk.rules, quiet=None)


def _reminders(_desk: Desk, place: Place, option: str) -> Next:
    return place.at(Topic.LADDER, sop=ALL, step=ALL) if option == ALL else place.at(Topic.STEPS, sop=option)


_EARLY = {
    "early_usual": DEFAULT_LADDER.early,
    "early_once": (EarlyRung(80, Budget(30, Unit.MINUTE)),),
    "early_off": (),
}
_LATE = {
    "late_1h": Budget(1, Unit.HOUR),
    "late_2h": Budget(2, Unit.HOUR),
    "late_4h": Budget(4, Unit.HOUR),
    "late_1d": Budget(1, Unit.DAY),
}


def own_ladder(rules: OfficeRules, place: Place) -> Ladder | None:
    """Return the ladder that the office has set exactly there."""
    sop, step = place.chosen["sop"], place.chosen["step"]
    if sop == ALL:
        return rules.ladders.default
    return rules.ladders.sops.get(sop) if step == ALL else rules.ladders.steps.get((sop, int(step)))


def ladder_there(desk: Desk, place: Place) -> Ladder:
    """Return the ladder that counts there: its own, or what it falls back on."""
    ladders = desk.rules.ladders
    own, sop = own_ladder(desk.rules, place), place.chosen["sop"]
    if own is not None or sop == ALL:
        return own or DEFAULT_LADDER
    return ladders.sops.get(sop) or desk.sop(sop).ladder or ladders.default or DEFAULT_LADDER


def _ladder(desk: Desk, place: Place, option: str) -> Next:
    present = ladder_there(desk, place)
    if option == RESET:
        return _with_ladder(desk.rules, place, None)
    if option in _EARLY:
        return _with_ladder(desk.rules, place, replace(present, early=_EARLY[option]))
    return _with_ladder(desk.rules, place, replace(present, late_after=_LATE[option]))


def _with_ladder(rules: OfficeRules, place: Place, ladder: Ladder | None) -> OfficeRules:
    sop, step = place.chosen["sop"], place.chosen["step"]
    ladders = rules.ladders
    if sop == ALL:
        return replace(rules, ladders=replace(ladders, default=ladder))
    if step == ALL:
        sops = {key: value for key, value in ladders.sops.items() if key != sop}
        own = Ladders(ladders.default, sops | ({sop: ladder} if ladder else {}), ladders.steps)
    else:
        there = (sop, int(step))
        steps = {key: value for key, value in ladders.steps.items() if key != there}
        own = Ladders(ladders.default, ladders.sops, steps | ({there: ladder} if ladder else {}))
    return replace(rules, ladders=own)


def _heard(desk: Desk, place: Place, option: str) -> Next:
    kind = ReminderKind(place.chosen["kind"])
    others = {other: heard for other, heard in desk.rules.audiences.items() if other is not kind}
    if option == RESET:
        return replace(desk.rules, audiences=others)
    turned = audiences_under(desk.rules, kind) ^ {Audience(option)}
    return replace(desk.rules, audiences={**others, kind: turned})


def _escalation(desk: Desk, _place: Place, option: str) -> Next:
    return replace(desk.rules, via_secretary=None if option == "direct" else option)


_CHOICES: Mapping[Topic, Callable[[Desk, Place, str], Next]] = {
    Topic.MENU: lambda _, place, option: place.at(Topic(option)),
    Topic.HOURS: _hours,
    Topic.HOLIDAYS: lambda _, place, option: place.at(Topic(option)),
    Topic.CANCEL: _cancel,
    Topic.REMOVE: _remove,
    Topic.RAMADAN: _ramadan,
    Topic.REMINDERS: _reminders,
    Topic.STEPS: lambda _, place, option: place.at(Topic.LADDER, step=option),
    Topic.LADDER: _ladder,
    Topic.KINDS: lambda _, place, option: place.at(Topic.HEARD, kind=option),
    Topic.HEARD: _heard,
    Topic.QUIET: _quiet,
    Topic.ESCALATION: _escalation,
    Topic.CHIEF_CAP: lambda desk, _, option: replace(desk.rules, chief_cap=int(option)),
}
