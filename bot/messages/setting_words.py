"""An office's settings in words: what it has, and what a change makes of it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bot.domain.office_rules import OfficeRules, audiences_under, calendar_with
from bot.domain.reminders import Audience, ReminderKind
from bot.domain.worktime import DayKind
from bot.messages.dates import Clock, waktu
from bot.messages.labels import join, label
from bot.messages.limits import NAME_LIMIT, shorten
from bot.services.settings_menu import ALL, SETTABLE, Desk, Place, Topic, ladder_there

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date, time

    from bot.domain.reminders import Ladder
    from bot.domain.worktime import Calendar, DayException, Pattern, Period
    from bot.messages.view import View

_DAYS_SHOWN = 10


class Words:
    """The words for an office's settings, as they count now or under other rules."""

    def __init__(self, view: View, office_id: str, rules: OfficeRules | None = None) -> None:
        """Take the rules that count, or others."""
        self.view, self.office_id = view, office_id
        self.desk = Desk.of(view.work, office_id)
        self.rules = self.desk.rules if rules is None else rules
        self.calendar: Calendar = calendar_with(self.desk.base, self.rules)
        self.clock = Clock(self.calendar, view.at)

    # --- each setting -------------------------------------------------------------------------

    def hours(self) -> str:
        """Return the working week."""
        return week(self.calendar.pattern)

    def ramadan_hours(self) -> str:
        """Return the working week of Ramadan, or that it is the nationwide one."""
        own = self.rules.ramadan_hours
        return week(own) if own else label("settings.nationwide")

    def ramadan(self) -> str:
        """Return the dates of the next Ramadan."""
        coming = [season for season in self.calendar.seasons if season.last >= self.desk.today]
        if not coming:
            return label("settings.nationwide")
        season = min(coming, key=lambda one: one.first)
        values = {"first": self.full(season.first), "last": self.full(season.last)}
        return label("settings.ramadan_range", estimated=season.estimated, **values)

    def full(self, day: date) -> str:
        """Return a day with its year: corrections are made long before."""
        month = label(f"date.month.{day.month}")
        return label(
            "settings.day", weekday=label(f"date.short.{day.weekday()}"), day=day.day, month=month, year=day.year
        )

    def day(self, day: date, exception: DayException | None) -> str:
        """Return what a day is."""
        if exception is None:
            return label("settings.day_plain", day=self.full(day))
        name = shorten(exception.name, NAME_LIMIT)
        hours = periods(exception.periods) if exception.kind is DayKind.SPECIAL_HOURS else ""
        return label(f"settings.day_{exception.kind}", day=self.full(day), name=name, hours=hours)

    def days(self) -> list[str]:
        """Return the office's own days from today on."""
        own = [day for day in sorted(self.rules.holidays) if day >= self.desk.today]
        shown = [self.day(day, self.rules.holidays[day]) for day in own[:_DAYS_SHOWN]]
        left = len(own) - len(shown)
        return [*shown, label("settings.more_days", count=left)] if left else shown

    def heard(self, kind: ReminderKind) -> str:
        """Return who hears of a rung."""
        chosen = audiences_under(self.rules, kind)
        return join([audience_word(audience) for audience in Audience if audience in chosen]) or label(
            "settings.nobody"
        )

    def quiet(self) -> str:
        """Return the quiet hours."""
        quiet = self.rules.quiet
        return clock_range(quiet.start, quiet.end) if quiet else label("settings.none")

    def escalation(self) -> str:
        """Return the way to the head of the office."""
        via = self.rules.via_secretary
        if via is None:
            return label("settings.direct")
        return label("settings.through", post=self.view.post(self.office_id, via))

    def chief_cap(self) -> str:
        """Return how many messages a day a chief gets at most."""
        return label("settings.cap", count=self.rules.chief_cap)

    def place(self, sop: str, step: str) -> str:
        """Return which SOP and step a ladder is for."""
        if sop == ALL:
            return label("settings.every_sop")
        found = next((one for one in self.desk.sops if one.id == sop), None)
        name = found.abbreviation if found else sop
        return name if step == ALL else label("settings.step", sop=name, step=step)


def audience_word(audience: Audience) -> str:
    """Return who that is."""
    return label(f"settings.audience.{audience}")


def clock_range(start: time, end: time) -> str:
    """Return "07.30–12.00"; a midnight that closes is 24.00 only in work periods."""
    return label("list.range", first=f"{start:%H.%M}", last=f"{end:%H.%M}")


def periods(found: Iterable[Period]) -> str:
    """Return the periods of a day."""
    shown = [
        label("list.range", first=f"{one.start:%H.%M}", last="24.00" if one.to_midnight else f"{one.end:%H.%M}")
        for one in found
    ]
    return join(shown)


def week(pattern: Pattern) -> str:
    """Return a working week, equal days together: "Senin–Kamis 07.30–12.00 dan 13.00–16.00; Jumat …"."""
    parts = []
    for hours, days in groupby(range(len(pattern)), key=lambda day: pattern[day]):
        numbers = list(days)
        if hours:
            parts.append(label("settings.days_hours", days=_span(numbers), hours=periods(hours)))
    return label("list.groups", items=parts)


def _span(numbers: list[int]) -> str:
    first, last = (label(f"date.weekday.{number}") for number in (numbers[0], numbers[-1]))
    return first if len(numbers) == 1 else label("list.range", first=first, last=last)


def ladder_words(ladder: Ladder) -> str:
    """Return when the holders are reminded."""
    early = [label("settings.percent", percent=rung.percent) for rung in ladder.early]
    key = "settings.ladder" if early else "settings.ladder_late"
    return label(key, early=join(early), late=waktu(ladder.late_after))


# --- what is set at a place of the menu -------------------------------------------------------


def present(words: Words, place: Place) -> list[str]:
    """Return how things stand at a place of the menu, line by line; empty where there is nothing to say."""
    plain = {
        Topic.HOURS: words.hours,
        Topic.RAMADAN: words.ramadan,
        Topic.RAMADAN_RANGE: words.ramadan,
        Topic.QUIET: words.quiet,
        Topic.QUIET_RANGE: words.quiet,
        Topic.ESCALATION: words.escalation,
        Topic.CHIEF_CAP: words.chief_cap,
    }
    if place.topic in plain:
        return [plain[place.topic]()]
    if place.topic is Topic.HOLIDAYS:
        return words.days()
    if place.topic is Topic.LADDER:
        return [ladder_words(ladder_there(words.desk, place))]
    if place.topic is Topic.KINDS:
        return [_heard_line(words, kind) for kind in SETTABLE]
    return [_heard_line(words, ReminderKind(place.chosen["kind"]))] if place.topic is Topic.HEARD else []


def _heard_line(words: Words, kind: ReminderKind) -> str:
    return label("settings.value", name=label(f"settings.kind.{kind}"), value=words.heard(kind))


# --- what a change makes of it ----------------------------------------------------------------


def changes(view: View, office_id: str, old: OfficeRules, new: OfficeRules) -> list[str]:
    """Return what differs in ``new``, one line for each setting."""
    before, after = Words(view, office_id, old), Words(view, office_id, new)
    return [
        *(_value(name, say) for name, differs, say in _plain(before, after) if differs),
        *_days(before, after),
        *_ladders(before, after),
        *(_heard_line(after, kind) for kind in SETTABLE if before.heard(kind) != after.heard(kind)),
    ]


def _value(name: str, value: str) -> str:
    return label("settings.value", name=label(f"settings.name.{name}"), value=value)


def _plain(before: Words, after: Words) -> Iterator[tuple[str, bool, str]]:
    old, new = before.rules, after.rules
    yield "hours", old.hours != new.hours, after.hours()
    yield "ramadan_hours", old.ramadan_hours != new.ramadan_hours, after.ramadan_hours()
    yield "ramadan", old.ramadan != new.ramadan, after.ramadan()
    yield "quiet", old.quiet != new.quiet, after.quiet()
    yield "escalation", old.via_secretary != new.via_secretary, after.escalation()
    yield "chief_cap", old.chief_cap != new.chief_cap, after.chief_cap()
    yield "hold_reminder_days", old.hold_reminder_days != new.hold_reminder_days, _working_days(new.hold_reminder_days)
    yield "objection", old.objection != new.objection, waktu(new.objection)
    yield "recorders", old.recorders != new.recorders, _posts(after)
    limit = waktu(new.extension_max) if new.extension_max else label("settings.none")
    yield "extension_max", old.extension_max != new.extension_max, limit


def _working_days(count: int) -> str:
    return label("span.days", count=count)


def _posts(words: Words) -> str:
    posts = [words.view.post(words.office_id, post) for post in sorted(words.rules.recorders)]
    return join(posts) or label("settings.none")


def _days(before: Words, after: Words) -> list[str]:
    old, new = before.rules.holidays, after.rules.holidays
    differ = [day for day in sorted({*old, *new}) if old.get(day) != new.get(day)]
    shown = [after.day(day, new.get(day) or before.desk.base.exceptions.get(day)) for day in differ[:_DAYS_SHOWN]]
    left = len(differ) - len(shown)
    return [*shown, label("settings.more_days", count=left)] if left else shown


def _ladders(before: Words, after: Words) -> Iterator[str]:
    old, new = before.rules.ladders, after.rules.ladders
    if old.default != new.default:
        yield _ladder_line(after, ALL, ALL, new.default)
    for sop in sorted({*old.sops, *new.sops}):
        if old.sops.get(sop) != new.sops.get(sop):
            yield _ladder_line(after, sop, ALL, new.sops.get(sop))
    for sop, step in sorted({*old.steps, *new.steps}):
        if old.steps.get((sop, step)) != new.steps.get((sop, step)):
            yield _ladder_line(after, sop, str(step), new.steps.get((sop, step)))


def _ladder_line(words: Words, sop: str, step: str, ladder: Ladder | None) -> str:
    value = ladder_words(ladder) if ladder else label("settings.as_usual")
    return label("settings.ladder_of", place=words.place(sop, step), value=value)
