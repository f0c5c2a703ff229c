"""/laporan and /kendali: documents of a case, of a month, and of a SOP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bot.domain.notices import CaseReport, ChooseReport, CodeUnknown, ControlSheet, Notice, SopDocument, SopUnknown
from bot.messages.actions import Action, Verb
from bot.services.authorise import in_view
from bot.services.find import member_offices
from bot.services.questions import Kind, settle
from bot.services.reports import REPORT, SHEET, case_for_report, fit_for
from bot.services.work import Refusal
from bot.store.tables import CaseRow, SopVersionRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said, split_code
from handlers.statistik import month_report

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

_DOCUMENTS: Mapping[str, Callable[[int], Notice]] = {REPORT: CaseReport, SHEET: ControlSheet}
MONTH = "bulan"
"""What asks for the report of a month instead of that of a case."""


def laporan(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Hand out the report of a case, or that of a month."""
    first, *rest = incoming.text.split(maxsplit=1) or [""]
    if first.lower() == MONTH:
        return month_report(work, actor, "".join(rest))
    return _document(work, actor, incoming, REPORT)


def kendali(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Hand out the control sheet of a running case."""
    return _document(work, actor, incoming, SHEET)


def _document(work: Work, actor: Actor, incoming: Incoming, command: str) -> Response:
    member_offices(work, actor)
    code, words = split_code(incoming.text)
    if code is None and words:
        raise Refusal(CodeUnknown(words))
    return said(_DOCUMENTS[command](case_for_report(work, actor, code, command=command).id))


def picked_case(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Hand out the document of the chosen case."""
    settle(work, question, {"index": index})
    case = in_view(work, actor, work.session.get(CaseRow, question.about["options"][index]))
    command = question.about["command"]
    return said(_DOCUMENTS[command](fit_for(case, command).id))


def pressed_document(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Hand out the document of the button's SOP."""
    version = in_view(work, actor, work.session.get(SopVersionRow, action.subject))
    if version.sop_id not in work.library.sops:
        raise Refusal(SopUnknown(version.sop_id))
    return said(SopDocument(version.sop_id))


AREA = Area(
    commands={REPORT: laporan, SHEET: kendali},
    buttons={Verb.SOP_DOCUMENT: pressed_document},
    picks={Kind.CHOOSE_REPORT: picked_case},
    questions={Kind.CHOOSE_REPORT: ChooseReport},
    case_picks=dict.fromkeys(_DOCUMENTS, picked_case),
)
