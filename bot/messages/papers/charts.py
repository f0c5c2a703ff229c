"""Charts as papers: an office's statistics, and one case in working time."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from bot.domain.case import Status
from bot.domain.posts import SECRETARIAT
from bot.drawing.paper import Form, Paper, Sheet
from bot.messages.case_view import case_view
from bot.messages.dates import Clock, worked
from bot.messages.labels import join, label
from bot.messages.limits import shorten
from bot.messages.secrecy import withheld_sop
from bot.services.ledger import REJECTED, RETURNED
from bot.services.spells import spells
from bot.store import queries
from bot.store.tables import CaseRow, OfficeRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.sop import Sop
    from bot.domain.worktime import Calendar
    from bot.messages.case_view import CaseView
    from bot.messages.view import View
    from bot.services.spells import Spell
    from bot.services.statistics import MonthFigures, OfficeFigures, PostLoad, SopShares, StepShares
    from bot.services.work import Work

Json = dict[str, Any]

DOTS = 8
"""Up to so many tasks are shown one by one; of more, a box."""

SOPS_SHOWN = 3
LOADS_SHOWN = 12
_LONGEST, _LINES = 20_000, 200  # more than anybody can send: only what cannot be printed is taken out
_LEAST_AXIS, _LONGEST_AXIS = 1.5, 3.0
_TICKS = 5
_ROOM = 0.23  # of the width, for the name of a day
_ONE_DAY = timedelta(days=1)
_ONE_MINUTE = timedelta(minutes=1)


def clean(text: str) -> str:
    """Return text from people fit to stand on paper: as it was typed, without control characters."""
    return shorten(text, _LONGEST, lines=_LINES)


def as_json(data: Json) -> str:
    """Return the data of a paper."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True)


def month_name(first: date) -> str:
    """Return "November 2026"."""
    return label("figures.month", name=label(f"figures.month_name.{first.month}"), year=first.year)


# --- an office ------------------------------------------------------------------------------


def office_charts(view: View, office_id: str, figures: OfficeFigures) -> Paper:
    """Return an office's statistics as pictures, a chart on each."""
    data = {
        "office": office_name(view.work, office_id),
        "period": label("figures.period", first=month_name(figures.since), last=month_name(figures.months[-1].first)),
        "made": _clock(view, office_id).moment(view.at),
        **charts_data(view, office_id, figures, label("figures.lately")),
    }
    return Paper(Sheet.OFFICE_CHARTS, Form.PICTURE, as_json(data), label("figures.file_charts"))


def charts_data(view: View, office_id: str, figures: OfficeFigures, within: str) -> Json:
    """Return what the charts of an office show; ``within`` says when what the posts have done was done."""
    names = post_names(view.work, office_id)
    return {
        "months": [_month(month) for month in figures.months],
        "loads": [_load(load, names) for load in figures.loads[:LOADS_SHOWN]],
        "loads_within": within,
        "loads_left_out": max(0, len(figures.loads) - LOADS_SHOWN),
        "sops": [_sop(shares) for shares in figures.sops[:SOPS_SHOWN]],
    }


def office_name(work: Work, office_id: str) -> str:
    """Return an office's whole name."""
    return clean(work.session.get_one(OfficeRow, office_id).name)


def post_names(work: Work, office_id: str) -> Mapping[str, str]:
    """Return the whole names of an office's posts."""
    names = queries.post_names(work.session, office_id)
    return {SECRETARIAT: label(f"capacity.{SECRETARIAT}")} | {post: clean(name) for post, name in names.items()}


def _month(month: MonthFigures) -> Json:
    return {"name": month_name(month.first), "finished": month.finished, "on_time": month.on_time}


def _load(load: PostLoad, names: Mapping[str, str]) -> Json:
    return {"post": names.get(load.post, load.post), "waiting": load.waiting, "done": load.done}


def _sop(shares: SopShares) -> Json:
    sop = readable(shares.sop)
    largest = max(step.shares[-1] for step in shares.steps)
    limit = min(max(_LEAST_AXIS, -(-largest * 2 // 1) / 2), _LONGEST_AXIS)
    return {
        "name": clean(sop.name),
        "cases": shares.cases,
        "limit": limit,
        "steps": [_step(sop, step, limit) for step in shares.steps],
    }


def readable(sop: Sop) -> Sop:
    """Return a definition as it may leave: of a secret SOP only posts, numbers and budgets."""
    return withheld_sop(sop) if sop.secret else sop


def _step(sop: Sop, step: StepShares, limit: float) -> Json:
    shares = [round(share, 4) for share in step.shares]
    boxed = len(shares) > DOTS
    first, _, third = quantiles(shares, n=4, method="inclusive") if boxed else (0.0, 0.0, 0.0)
    return {
        "number": str(step.step),
        "activity": clean(sop.step(step.step).activity) if any(s.number == step.step for s in sop.steps) else "",
        "count": len(shares),
        "median": median(shares),
        "dots": [] if boxed else shares,
        "box": [shares[0], first, median(shares), third, shares[-1]] if boxed else None,
        "over": shares[-1] if shares[-1] > limit else None,
    }


# --- a case ---------------------------------------------------------------------------------


def case_chart(view: View, case_id: int) -> Paper:
    """Return a case as a chart in working time; of a secret one posts, numbers and times only."""
    case = case_view(view, case_id)
    found = spells(view.work, case.row.office_id, CaseRow.id == case_id)
    scale = Scale(case.calendar, case.row.started_at, found, view.at)
    running = case.row.status == Status.RUNNING
    data = {
        "code": case.row.code,
        "title": clean(case.title),
        "sop": clean(case.sop.name),
        "status": _standing(case, found),
        "ticks": scale.ticks(),
        "now": scale.place(view.at) if running else None,
        "spells": [_spell(case, spell, scale) for spell in found],
    }
    return Paper(Sheet.CASE_CHART, Form.PICTURE, as_json(data), label("figures.file_case", code=case.row.code))


class Scale:
    """Working time as places from 0 to 1: nights, lunches and days off take no room."""

    def __init__(self, calendar: Calendar, start: datetime, found: Sequence[Spell], at: datetime) -> None:
        """Reach from the start to the last deadline or end, or the present moment while a task is open."""
        self._calendar = calendar
        self._start = min([start, *(spell.given_at for spell in found)])
        self._end = max(moment for spell in found for moment in (spell.given_at, spell.due_at, spell.ended_at or at))
        self._whole = max(_ONE_MINUTE, calendar.between(self._start, self._end))

    def place(self, moment: datetime) -> float:
        """Return where a moment lies."""
        return round(min(1.0, self._calendar.between(self._start, moment) / self._whole), 4)

    def ticks(self) -> list[Json]:
        """Return where working days begin; of many only every so-manyth."""
        first, last = (self._calendar.local(moment).date() for moment in (self._start, self._end))
        days = [first + _ONE_DAY * offset for offset in range((last - first).days + 1)]
        worked_on = [day for day in days if self._calendar.is_working_day(day)]
        apart = max(1, -(-len(worked_on) // _TICKS))
        openings = {day: self._calendar.periods_on(day)[0][0] for day in worked_on[::apart]}
        places = {day: self.place(opening) for day, opening in openings.items() if opening < self._end}
        named, clock = _with_room(places), Clock(self._calendar, self._end)
        return [{"at": at, "name": clock.day(day) if day in named else ""} for day, at in places.items()]


def _with_room(places: Mapping[date, float]) -> set[date]:
    """Return the days whose names have room; the last ones stand left of their lines."""
    named: set[date] = set()
    last = -1.0
    for day, at in places.items():
        if at - last >= (_ROOM if at <= 1 - _ROOM else 2 * _ROOM):
            named.add(day)
            last = at
    return named


def _spell(case: CaseView, spell: Spell, scale: Scale) -> Json:
    task = case.view.session.get_one(TaskRow, spell.task_id)
    end = spell.ended_at or case.view.at
    names = post_names(case.view.work, case.row.office_id)
    return {
        "number": str(spell.step),
        "activity": clean(case.sop.step(spell.step).activity),
        "post": join([names.get(post, post) for post in case.posts(task)]),
        "round": label("figures.round", round=spell.round) if spell.round > 1 else "",
        "start": scale.place(spell.given_at),
        "due": scale.place(spell.due_at),
        "end": scale.place(end),
        "holds": [[scale.place(since), scale.place(min(until or end, end))] for since, until in spell.pauses],
        "open": spell.ended_at is None,
        "mark": spell.outcome in {REJECTED, RETURNED},
        "share": label("figures.share", share=spell.share) if spell.share is not None else "",
        "used": label("figures.used", used=worked(spell.used), budget=worked(spell.budget)),
        "note": _note(case, spell),
    }


def _note(case: CaseView, spell: Spell) -> str:
    """Return what cannot be seen: why the case went back, or that the clock stands still."""
    ending = case.ending(case.view.session.get_one(TaskRow, spell.task_id))
    if ending is not None and ending.kind in {REJECTED, RETURNED}:
        return label(f"figures.{ending.kind}", to_step=ending.to_step or "", who=ending.who)
    held = spell.ended_at is None and any(until is None for _, until in spell.pauses)
    return label("figures.held") if held else ""


def _standing(case: CaseView, found: Sequence[Spell]) -> str:
    used, budget = (sum(times, timedelta()) for times in zip(*((s.used, s.budget) for s in found), strict=True))
    values = {"used": worked(used), "budget": worked(budget)}
    if case.row.status == Status.RUNNING:
        return label("figures.running", moment=case.moment(case.view.at), **values)
    return label(f"figures.{case.row.status}", moment=case.moment(case.row.ended_at or case.view.at), **values)


def _clock(view: View, office_id: str) -> Clock:
    return Clock(view.work.calendar_for(view.work.offices()[office_id]), view.at)
