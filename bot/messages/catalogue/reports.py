"""Catalogue: documents that are printed and filed."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import reports
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.SopDocument: Entry(reports.sop_document, "sop_document"),
    n.CaseReport: Entry(reports.case_report, "case_report"),
    n.ControlSheet: Entry(reports.control_sheet, "control_sheet"),
    n.ChooseReport: Entry(reports.choose_report, "choose_report"),
}
