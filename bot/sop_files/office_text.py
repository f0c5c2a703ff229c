"""An office's rules written as its file states them: what was set in chat can be kept, compared and given back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bot.domain.office_rules import DEFAULT_RULES, SIX_DAYS, SIX_DAYS_RAMADAN
from bot.domain.reminders import DEFAULT_LADDER
from bot.domain.worktime import DayKind
from bot.sop_files.budget_text import format_budget
from bot.sop_files.hours import format_range
from bot.sop_files.office_keys import AUDIENCES, DATED, DAYS, KINDS, NO_WORK, SIX_DAYS_WORD, STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.domain.office_rules import OfficeRules
    from bot.domain.reminders import Ladder
    from bot.domain.sop import OfficeId
    from bot.domain.worktime import Pattern, Period

_LADDER = {
    "terlambat_setelah": "late_after",
    "atasan_minimal": "superior_minimum",
    "kepala_setelah": "head_after",
}


def office_lines(office_id: OfficeId, rules: OfficeRules) -> list[str]:
    """Return the lines of a file that says exactly this; reading it gives the same rules."""
    return [
        f"instansi: {office_id}",
        *_hours(rules),
        *_ramadan(rules),
        *_holidays(rules),
        *_ladders(rules),
        *_audiences(rules),
        *_rest(rules),
    ]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _hours(rules: OfficeRules) -> Iterator[str]:
    for key, pattern, six in (
        ("jam_kerja", rules.hours, SIX_DAYS),
        ("jam_ramadan", rules.ramadan_hours, SIX_DAYS_RAMADAN),
    ):
        if pattern == six:
            yield f"{key}: {SIX_DAYS_WORD}"
        elif pattern is not None:
            yield f"{key}:"
            yield from _week(pattern)


def _week(pattern: Pattern) -> Iterator[str]:
    for day, periods in zip(DAYS, pattern, strict=True):
        yield f"  {day}: {_quoted(_periods(periods)) if periods else NO_WORK}"


def _periods(periods: tuple[Period, ...]) -> str:
    return ", ".join(format_range(period.start, period.end, closes_day=True) for period in periods)


def _ramadan(rules: OfficeRules) -> Iterator[str]:
    if rules.ramadan:
        yield "ramadan:"
    for month in rules.ramadan:
        yield f"  - {{mulai: {month.first}, selesai: {month.last}}}"


def _holidays(rules: OfficeRules) -> Iterator[str]:
    for key, kind in DATED.items():
        days = sorted(day for day, exception in rules.holidays.items() if exception.kind is kind)
        if days:
            yield f"{key}:"
        for day in days:
            exception = rules.holidays[day]
            name_key = "alasan" if kind is DayKind.CANCELLED else "nama"
            hours = f", jam: {_quoted(_periods(exception.periods))}" if kind is DayKind.SPECIAL_HOURS else ""
            yield f"  - {{tanggal: {day}, {name_key}: {_quoted(exception.name)}{hours}}}"


def _ladders(rules: OfficeRules) -> Iterator[str]:
    ladders = rules.ladders
    sops = sorted({*ladders.sops, *(sop for sop, _ in ladders.steps)})
    if not sops and ladders.default is None:
        return
    yield "pengingat:"
    if ladders.default is not None:
        yield f"  semua: {{{_ladder(ladders.default)}}}"
    if sops:
        yield "  sop:"
    for sop in sops:
        yield f"    {_quoted(sop)}:"
        if sop in ladders.sops:
            yield from (f"      {part}" for part in _ladder_parts(ladders.sops[sop]))
        steps = sorted(number for name, number in ladders.steps if name == sop)
        if steps:
            yield f"      {STEPS}:"
        yield from (f"        {number}: {{{_ladder(ladders.steps[sop, number])}}}" for number in steps)


def _ladder(ladder: Ladder) -> str:
    return ", ".join(_ladder_parts(ladder))


def _ladder_parts(ladder: Ladder) -> Iterator[str]:
    early = [f"{{persen: {rung.percent}, waktu_minimal: {format_budget(rung.minimum)}}}" for rung in ladder.early]
    # Said even where it is as by default: an empty block would be no ladder at all.
    yield f"peringatan_awal: [{', '.join(early)}]"
    for key, name in _LADDER.items():
        if getattr(ladder, name) != getattr(DEFAULT_LADDER, name):
            yield f"{key}: {format_budget(getattr(ladder, name))}"


def _audiences(rules: OfficeRules) -> Iterator[str]:
    if rules.audiences:
        yield "diberi_tahu:"
    for word, kind in KINDS.items():
        if kind in rules.audiences:
            heard = [name for name, audience in AUDIENCES.items() if audience in rules.audiences[kind]]
            yield f"  {word}: [{', '.join(heard)}]"


def _rest(rules: OfficeRules) -> Iterator[str]:
    if rules.quiet is not None:
        yield f"jam_tenang: {_quoted(format_range(rules.quiet.start, rules.quiet.end))}"
    if rules.via_secretary is not None:
        yield f"lewat_jabatan: {_quoted(rules.via_secretary)}"
    if rules.chief_cap != DEFAULT_RULES.chief_cap:
        yield f"batas_pesan_pimpinan: {rules.chief_cap}"
    if rules.hold_reminder_days != DEFAULT_RULES.hold_reminder_days:
        yield f"pengingat_jeda: {rules.hold_reminder_days}"
    if rules.objection != DEFAULT_RULES.objection:
        yield f"waktu_keberatan: {format_budget(rules.objection)}"
    if rules.recorders:
        yield f"pencatat: [{', '.join(map(_quoted, sorted(rules.recorders)))}]"
    if rules.extension_max is not None:
        yield f"perpanjangan_terlama: {format_budget(rules.extension_max)}"
