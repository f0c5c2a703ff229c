"""Statistics, the report of a month and deadlines: the message that a paper comes with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.messages.asking import QuestionContext, choice, question_of
from bot.messages.case_view import CaseLine, Where, case_view
from bot.messages.papers.charts import SOPS_SHOWN, case_chart, month_name, office_charts
from bot.messages.papers.deadlines import deadlines_paper
from bot.messages.papers.month_report import MonthPaper
from bot.messages.view import Context
from bot.services.chief import head_posts
from bot.services.month import month_of
from bot.services.statistics import figures_of_month, office_figures
from bot.store import queries

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeChartsContext(Context):
    """Without a paper there is nothing to show yet; ``left_out`` counts SOPs without a chart of their own."""

    office: str
    since: str
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChartContext(Context):
    """A case, and where it stands."""

    case: CaseLine
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthContext(Context):
    """A month of an office; ``cases`` counts those that ran in it."""

    office: str
    month: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseFiguresContext(QuestionContext):
    """``month`` is the one whose report is wanted; empty for the statistics."""

    month: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesContext(Context):
    """``count`` tasks have their deadline in the file; without any there is none."""

    count: int


def charts_of_office(view: View, notice: n.OfficeCharts) -> OfficeChartsContext | None:
    """Return an office's statistics; None for whoever does not belong to it any more."""
    if notice.office_id not in view.offices:
        return None
    figures = office_figures(view.work, notice.office_id)
    return OfficeChartsContext(
        office=view.office(notice.office_id),
        since=month_name(figures.since),
        left_out=max(0, len(figures.sops) - SOPS_SHOWN),
        paper=None if figures.empty else office_charts(view, notice.office_id, figures),
    )


def chart_of_case(view: View, notice: n.CaseChart) -> CaseChartContext:
    """Return one case in working time."""
    case = case_view(view, notice.case_id)
    return CaseChartContext(case=case.line, where=case.where(), paper=case_chart(view, notice.case_id))


def month_table(view: View, notice: n.MonthTable) -> MonthContext | None:
    """Return a month as a workbook; None for whoever may not have it any more."""
    return _month(view, notice, printed=False)


def month_report(view: View, notice: n.MonthReport) -> MonthContext | None:
    """Return a month to be printed; None for whoever may not have it any more, and for one without cases."""
    return _month(view, notice, printed=True)


def _month(view: View, notice: n.MonthTable | n.MonthReport, *, printed: bool) -> MonthContext | None:
    office_id, first = notice.office_id, date.fromisoformat(notice.month)
    leads = view.posts_in(office_id) & head_posts(view.work, office_id)
    if not (view.is_secretariat(office_id) or leads):
        return None
    month = month_of(view.work, office_id, first)
    if printed and not month.cases:
        return None  # the other message says so
    paper = None
    if month.cases:
        sheets = MonthPaper(view, office_id, month)
        paper = sheets.summary(figures_of_month(view.work, office_id, first)) if printed else sheets.workbook()
    return MonthContext(office=view.office(office_id), month=month_name(first), cases=len(month.cases), paper=paper)


def choose_figures(view: View, notice: n.ChooseFigures) -> ChooseFiguresContext | None:
    """Return which offices may be meant."""
    question = question_of(view, notice.question_id)
    labels = [(index, view.office(office)) for index, office in enumerate(question.about["options"])]
    state = choice(view, question, labels)
    month = question.about["month"]
    return (
        None
        if state is None
        else ChooseFiguresContext(month=month_name(date.fromisoformat(month)) if month else "", **state)
    )


def deadlines(view: View, _notice: n.Deadlines) -> DeadlinesContext:
    """Return the deadlines of the recipient's open tasks, as they are when it is sent."""
    person_id = view.recipient.person_id
    tasks = queries.open_tasks_of(view.session, person_id, view.at) if person_id is not None else ()
    return DeadlinesContext(count=len(tasks), paper=deadlines_paper(view, tasks) if tasks else None)
