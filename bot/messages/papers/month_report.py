"""The report of a month: every case with its raw times as a workbook, and a summary with charts to be printed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.case import Status
from bot.drawing.paper import Form, Paper, Sheet
from bot.messages.dates import Clock, worked
from bot.messages.labels import join, label
from bot.messages.papers.charts import as_json, charts_data, clean, month_name, office_name, post_names, readable
from bot.services.ledger import CANCELLED
from bot.services.spells import spent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.worktime import Calendar
    from bot.messages.view import View
    from bot.services.month import Month, MonthCase
    from bot.services.spells import Spell
    from bot.services.statistics import OfficeFigures

Json = dict[str, Any]

CASES_LISTED = 150
"""As many cases have a line in the printed report; the workbook has all."""

_ONE_MINUTE = timedelta(minutes=1)
_CASES = (
    ("code", "text", 16),
    ("title", "text", 44),
    ("sop", "text", 34),
    ("status", "text", 12),
    ("starter", "text", 24),
    ("started", "moment", 20),
    ("ended", "moment", 20),
    ("used", "minutes", 13),
    ("budget", "minutes", 13),
    ("share", "percent", 11),
    ("rejections", "whole", 11),
    ("late", "text", 11),
)
_TASKS = (
    ("code", "text", 16),
    ("order", "whole", 8),
    ("step", "whole", 9),
    ("round", "whole", 9),
    ("activity", "text", 44),
    ("posts", "text", 28),
    ("given", "moment", 20),
    ("due", "moment", 20),
    ("ended", "moment", 20),
    ("outcome", "text", 13),
    ("who", "text", 32),
    ("used", "minutes", 13),
    ("budget", "minutes", 13),
    ("share", "percent", 11),
    ("held", "minutes", 13),
    ("task_late", "text", 11),
    ("back_to", "whole", 11),
    ("reason", "text", 50),
)


class MonthPaper:
    """A month of one office, read for paper: of a secret case the code, posts and times only."""

    def __init__(self, view: View, office_id: str, month: Month) -> None:
        """Take the month as it was read."""
        self._view, self._office, self._month = view, office_id, month
        self._calendar: Calendar = view.work.calendar_for(view.work.offices()[office_id])
        self._posts: Mapping[str, str] = post_names(view.work, office_id)
        self._name = label("figures.file_month", month=month.first.strftime("%Y-%m"))

    # --- the workbook -------------------------------------------------------------------------

    def workbook(self) -> Paper:
        """Return the cases and their tasks with raw times, on the office's clock."""
        tasks = [self._task_row(case, spell) for case in self._month.cases for spell in case.spells]
        data = {
            "title": label("figures.period", first=month_name(self._month.first), last=self._office_name),
            "creator": self._office_name,
            "made": self._wall(self._view.at),
            "sheets": [
                self._sheet("cases", _CASES, [self._case_row(case) for case in self._month.cases]),
                self._sheet("tasks", _TASKS, tasks),
            ],
        }
        return Paper(Sheet.MONTH_REPORT, Form.XLSX, as_json(data), self._name)

    def _sheet(self, name: str, columns: tuple[tuple[str, str, int], ...], rows: list[list[object]]) -> Json:
        zone = self._calendar.zone.value
        titled = [
            {"title": label(f"figures.column.{key}", zone=zone), "kind": kind, "width": width}
            for key, kind, width in columns
        ]
        return {"name": label(f"figures.sheet.{name}"), "columns": titled, "rows": rows}

    def _case_row(self, case: MonthCase) -> list[object]:
        row = case.row
        return [
            row.code,
            self._title(case),
            self._sop(case),
            label(f"figures.status.{row.status}"),
            clean(case.starter),
            self._wall(row.started_at),
            self._wall(row.ended_at) if row.ended_at else None,
            _minutes(case.used),
            _minutes(case.budget),
            round(case.used / case.budget, 4) if case.budget else None,
            case.rejections,
            _yes(case.late),
        ]

    def _task_row(self, case: MonthCase, spell: Spell) -> list[object]:
        rejection = self._month.rejections.get(spell.task_id)
        return [
            case.row.code,
            spell.number,
            spell.step,
            spell.round,
            self._activity(case, spell),
            join([self._post(desk.post) for desk in self._month.desks.get(spell.task_id, ())]),
            self._wall(spell.given_at),
            self._wall(spell.due_at),
            self._wall(spell.ended_at) if spell.ended_at else None,
            label(f"figures.outcome.{spell.outcome or 'open'}"),
            self._who(spell),
            _minutes(spell.used),
            _minutes(spell.budget),
            None if spell.share is None else round(spell.share, 4),
            _minutes(self._held(spell)),
            _yes(spell.late),
            rejection.to_step if rejection else None,
            self._reason(case, rejection.reason) if rejection else None,
        ]

    def _held(self, spell: Spell) -> timedelta:
        end = spell.ended_at or self._view.at
        return spent(self._calendar, spell.given_at, end) - spell.used

    def _who(self, spell: Spell) -> str | None:
        rejection = self._month.rejections.get(spell.task_id)
        if rejection is not None:
            return self._at_posts(rejection.who, [self._post(post) for post in rejection.posts])
        told = [desk for desk in self._month.desks.get(spell.task_id, ()) if desk.who]
        return join([self._at_posts(desk.who or "", [self._post(desk.post)]) for desk in told]) or None

    @staticmethod
    def _at_posts(who: str, posts: list[str]) -> str:
        return label("person.at_post", person=clean(who), post=join(posts))

    # --- the summary --------------------------------------------------------------------------

    def summary(self, figures: OfficeFigures) -> Paper:
        """Return the month in figures and charts, as PDF."""
        month = month_name(self._month.first)
        data = {
            "office": self._office_name,
            "month": month,
            "made": Clock(self._calendar, self._view.at).moment(self._view.at),
            "summary": self._numbers(),
            "cases": [self._line(case) for case in self._month.cases[:CASES_LISTED]],
            "cases_left_out": max(0, len(self._month.cases) - CASES_LISTED),
            **charts_data(self._view, self._office, figures, label("figures.in_month", month=month)),
        }
        return Paper(Sheet.MONTH_REPORT, Form.PDF, as_json(data), self._name)

    def _numbers(self) -> list[Json]:
        month = self._month
        finished = month.ended(Status.FINISHED)
        on_time = sum(not case.late for case in finished)
        tasks = [spell for case in month.cases for spell in case.spells if self._ended_within(spell)]
        used, budget = (sum((getattr(s, kind) for s in tasks), timedelta()) for kind in ("used", "budget"))
        none = label("figures.summary.none")
        values = {
            "started": str(month.started),
            "finished": str(len(finished)),
            "on_time": label("figures.share", share=on_time / len(finished)) if finished else none,
            "cancelled": str(len(month.ended(Status.CANCELLED))),
            "running" if month.until <= self._view.at else "running_now": str(month.running),
            "tasks": str(len(tasks)),
            "rejections": str(sum(spell.task_id in month.rejections for spell in tasks)),
            "share": label("figures.share", share=used / budget) if budget else none,
        }
        return [{"name": label(f"figures.summary.{key}"), "value": value} for key, value in values.items()]

    def _ended_within(self, spell: Spell) -> bool:
        """Whether a task ended in the month, other than with a case that was cancelled."""
        cancelled = spell.case_status == Status.CANCELLED or spell.outcome == CANCELLED
        return not cancelled and spell.ended_at is not None and self._month.since <= spell.ended_at < self._month.until

    def _line(self, case: MonthCase) -> Json:
        return {
            "code": case.row.code,
            "title": self._title(case),
            "status": label(f"figures.status.{case.row.status}"),
            "used": worked(case.used),
            "budget": worked(case.budget),
            "rejections": str(case.rejections),
        }

    # --- words --------------------------------------------------------------------------------

    @property
    def _office_name(self) -> str:
        return office_name(self._view.work, self._office)

    @staticmethod
    def _title(case: MonthCase) -> str:
        return label("secrecy.title") if case.row.secret else clean(case.row.title)

    @staticmethod
    def _sop(case: MonthCase) -> str:
        return label("secrecy.withheld") if case.row.secret else clean(readable(case.sop).name)

    @staticmethod
    def _activity(case: MonthCase, spell: Spell) -> str:
        return label("secrecy.withheld") if case.row.secret else clean(readable(case.sop).step(spell.step).activity)

    @staticmethod
    def _reason(case: MonthCase, reason: str) -> str:
        return label("secrecy.withheld") if case.row.secret else clean(reason)

    def _post(self, post: str) -> str:
        return self._posts.get(post, post)

    def _wall(self, moment: datetime) -> str:
        """Return a moment on the office's clock, as a workbook takes it."""
        return self._calendar.local(moment).replace(tzinfo=None).isoformat(timespec="seconds")


def _minutes(time: timedelta) -> float:
    return round(time / _ONE_MINUTE, 2)


def _yes(value: bool) -> str:  # noqa: FBT001 - a value of a column
    return label("figures.yes" if value else "figures.no")
