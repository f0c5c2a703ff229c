"""An office's rules as JSON values, with the domain's own names; what is left alone is left out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Any

from bot.domain.budget import Budget, Unit
from bot.domain.office_rules.rules import DEFAULT_RULES, FastingMonth, Ladders, OfficeRules, QuietHours
from bot.domain.reminders import Audience, EarlyRung, Ladder, ReminderKind
from bot.domain.worktime import DayException, DayKind, Pattern, Period

Json = dict[str, Any]
_LADDER_BUDGETS = ("late_after", "superior_minimum", "head_after")


def rules_to_dict(rules: OfficeRules) -> Json:
    """Return the rules as JSON values; the same rules always give the same values."""
    ladders = rules.ladders
    full: Json = {
        "hours": rules.hours and _pattern(rules.hours),
        "ramadan_hours": rules.ramadan_hours and _pattern(rules.ramadan_hours),
        "ramadan": [[month.first.isoformat(), month.last.isoformat()] for month in rules.ramadan],
        "holidays": {day.isoformat(): _exception(rules.holidays[day]) for day in sorted(rules.holidays)},
        "default_ladder": ladders.default and _ladder(ladders.default),
        "sop_ladders": {sop: _ladder(ladders.sops[sop]) for sop in sorted(ladders.sops)},
        "step_ladders": [[sop, step, _ladder(ladders.steps[sop, step])] for sop, step in sorted(ladders.steps)],
        "audiences": {kind.value: sorted(rules.audiences[kind]) for kind in sorted(rules.audiences)},
        "quiet": rules.quiet and [_clock(rules.quiet.start), _clock(rules.quiet.end)],
        "via_secretary": rules.via_secretary,
        "recorders": sorted(rules.recorders),
        "extension_max": rules.extension_max and _budget(rules.extension_max),
    }
    found = {key: value for key, value in full.items() if value}
    for key in ("chief_cap", "hold_reminder_days"):
        if getattr(rules, key) != getattr(DEFAULT_RULES, key):
            found[key] = getattr(rules, key)
    if rules.objection != DEFAULT_RULES.objection:
        found["objection"] = _budget(rules.objection)
    return found


def rules_from_dict(data: Mapping[str, Any]) -> OfficeRules:
    """Return the rules that ``rules_to_dict`` wrote; keys that a younger program added are left out.

    Raises KeyError, TypeError or ValueError for anything that no program wrote.
    """
    return OfficeRules(
        hours=_pattern_of(data.get("hours")),
        ramadan_hours=_pattern_of(data.get("ramadan_hours")),
        ramadan=tuple(FastingMonth(_day(first), _day(last)) for first, last in data.get("ramadan", ())),
        holidays={_day(day): _exception_of(value) for day, value in data.get("holidays", {}).items()},
        ladders=Ladders(
            default=_ladder_of(data["default_ladder"]) if data.get("default_ladder") else None,
            sops={sop: _ladder_of(value) for sop, value in data.get("sop_ladders", {}).items()},
            steps={(sop, int(step)): _ladder_of(value) for sop, step, value in data.get("step_ladders", ())},
        ),
        audiences={
            ReminderKind(kind): frozenset(map(Audience, names)) for kind, names in data.get("audiences", {}).items()
        },
        quiet=QuietHours(*map(time.fromisoformat, data["quiet"])) if data.get("quiet") else None,
        via_secretary=data.get("via_secretary"),
        chief_cap=data.get("chief_cap", DEFAULT_RULES.chief_cap),
        hold_reminder_days=data.get("hold_reminder_days", DEFAULT_RULES.hold_reminder_days),
        objection=_budget_of(data["objection"]) if "objection" in data else DEFAULT_RULES.objection,
        recorders=frozenset(data.get("recorders", ())),
        extension_max=_budget_of(data["extension_max"]) if data.get("extension_max") else None,
    )


def _clock(moment: time) -> str:
    return moment.isoformat("minutes")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _periods(periods: tuple[Period, ...]) -> list[list[str]]:
    return [[_clock(period.start), _clock(period.end)] for period in periods]


def _pattern(pattern: Pattern) -> list[list[list[str]]]:
    return [_periods(periods) for periods in pattern]


def _periods_of(data: Any) -> tuple[Period, ...]:
    return tuple(Period(time.fromisoformat(start), time.fromisoformat(end)) for start, end in data)


def _pattern_of(data: Any) -> Pattern | None:
    return None if not data else tuple(_periods_of(periods) for periods in data)


def _exception(exception: DayException) -> Json:
    return {"kind": exception.kind.value, "name": exception.name, "periods": _periods(exception.periods)}


def _exception_of(data: Mapping[str, Any]) -> DayException:
    return DayException(DayKind(data["kind"]), data["name"], _periods_of(data.get("periods", ())))


def _budget(budget: Budget) -> list[Any]:
    return [budget.amount, budget.unit.value]


def _budget_of(data: Any) -> Budget:
    amount, unit = data
    return Budget(int(amount), Unit(unit))


def _ladder(ladder: Ladder) -> Json:
    early = [[rung.percent, _budget(rung.minimum)] for rung in ladder.early]
    return {"early": early} | {key: _budget(getattr(ladder, key)) for key in _LADDER_BUDGETS}


def _ladder_of(data: Mapping[str, Any]) -> Ladder:
    early = tuple(EarlyRung(percent, _budget_of(minimum)) for percent, minimum in data["early"])
    return Ladder(early=early, **{key: _budget_of(data[key]) for key in _LADDER_BUDGETS})
