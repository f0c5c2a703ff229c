"""Catalogue: statistics, the report of a month, deadlines for a calendar."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import figures, refusals
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.OfficeCharts: Entry(figures.charts_of_office, "office_charts"),
    n.CaseChart: Entry(figures.chart_of_case, "case_chart"),
    n.MonthTable: Entry(figures.month_table, "month_table"),
    n.MonthReport: Entry(figures.month_report, "month_report"),
    n.MonthUnread: Entry(refusals.plain, "month_unread"),
    n.ChooseFigures: Entry(figures.choose_figures, "choose_figures"),
    n.Deadlines: Entry(figures.deadlines, "deadlines"),
}
