"""Documents in the chat: the file is the message, its caption says what it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.case import Status
from bot.messages.asking import QuestionContext, choice, question_of
from bot.messages.case_view import CaseLine, case_view
from bot.messages.labels import label
from bot.messages.limits import NAME_LIMIT, TITLE_LIMIT, shorten
from bot.messages.papers import case_report as reports
from bot.messages.papers import control_sheet as sheets
from bot.messages.papers import sop_document as documents
from bot.messages.view import Context
from bot.services.reports import REPORT
from bot.store.tables import CaseRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View

_TITLE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SopDocumentContext(Context):
    """``unconfirmed`` tells that a sheet behind the document lists what the office has yet to confirm."""

    name: str
    unconfirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReportContext(Context):
    """``running`` tells that the report is not the last one; ``secret`` that texts are withheld in it."""

    case: CaseLine
    running: bool
    secret: bool
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSheetContext(Context):
    """``secret`` tells that texts are withheld on the sheet."""

    case: CaseLine
    secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseReportContext(QuestionContext):
    """``command`` is what the case is chosen for; ``monthly`` tells that I may have the report of a month instead."""

    command: str
    monthly: bool


def sop_document(view: View, notice: n.SopDocument) -> SopDocumentContext | None:
    """Return a SOP as the document to be signed; None where it is not served any more, or not theirs to see."""
    sop = view.sop(notice.sop_id)
    if sop is None:
        return None
    return SopDocumentContext(
        name=shorten(sop.name, TITLE_LIMIT),
        unconfirmed=sop.needs_confirmation,
        paper=documents.sop_document(sop),
    )


def case_report(view: View, notice: n.CaseReport) -> CaseReportContext:
    """Return the report of a case, as it stands when it is sent."""
    case = case_view(view, notice.case_id)
    return CaseReportContext(
        case=case.line,
        running=case.row.status == Status.RUNNING,
        secret=case.row.secret,
        fingerprint=case.fingerprint,
        paper=reports.case_report(view, notice.case_id),
    )


def control_sheet(view: View, notice: n.ControlSheet) -> ControlSheetContext | None:
    """Return a case's control sheet; None once the case has ended."""
    case = case_view(view, notice.case_id)
    if case.row.status != Status.RUNNING:
        return None
    return ControlSheetContext(case=case.line, secret=case.row.secret, paper=sheets.control_sheet(view, notice.case_id))


def choose_report(view: View, notice: n.ChooseReport) -> ChooseReportContext | None:
    """Return which cases can be meant."""
    question = question_of(view, notice.question_id)
    rows = [view.session.get_one(CaseRow, case_id) for case_id in question.about["options"]]
    labels = [(index, _case_label(view, row)) for index, row in enumerate(rows)]
    state = choice(view, question, labels)
    if state is None:
        return None
    command = question.about["command"]
    monthly = command == REPORT and view.administers_any()
    return ChooseReportContext(command=command, monthly=monthly, **state)


def _case_label(view: View, row: CaseRow) -> str:
    values = {"code": row.code, "title": shorten(case_view(view, row.id).title, _TITLE)}
    if view.several_offices:
        return label("button.case_office", office=shorten(view.office(row.office_id), NAME_LIMIT), **values)
    return label("button.case", **values)
