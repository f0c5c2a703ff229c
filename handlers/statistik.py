"""/statistik: how an office, or one case, keeps its time; and the report of a month."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bot.domain.notices import CaseChart, ChooseFigures, CodeUnknown, MonthReport, MonthTable, MonthUnread, OfficeCharts
from bot.services.act import person_of
from bot.services.authorise import Capability, in_view, offices_where, require
from bot.services.find import member_offices, the_case
from bot.services.month_text import read_month
from bot.services.questions import Kind, ask, settle
from bot.services.work import Refusal
from bot.store.tables import CaseRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said, split_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

STATISTICS = "statistik"


def statistik(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Show an office's charts, or a case in working time."""
    offices = member_offices(work, actor)
    code, words = split_code(incoming.text)
    if code is not None:
        return said(CaseChart(the_case(work, actor, code, command=STATISTICS).id))
    if words:
        raise Refusal(CodeUnknown(words))
    return said(OfficeCharts(offices[0])) if len(offices) == 1 else _choose(work, actor, offices, None)


def month_report(work: Work, actor: Actor, words: str) -> Response:
    """Hand out the report of the month that the words name, of the last finished one where they name none."""
    offices = offices_where(work, actor, Capability.REPORT)
    first = read_month(words, work.calendar_for(work.offices()[offices[0]]).local(work.at).date())
    if first is None:
        raise Refusal(MonthUnread())
    return _month(offices[0], first) if len(offices) == 1 else _choose(work, actor, offices, first)


def picked_case(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Show the chosen one of two cases with equal codes."""
    settle(work, question, {"index": index})
    return said(CaseChart(in_view(work, actor, work.session.get(CaseRow, question.about["options"][index])).id))


def picked_office(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on with the chosen office."""
    settle(work, question, {"index": index})
    office_id, month = question.about["options"][index], question.about["month"]
    require(work, actor, Capability.REPORT if month else Capability.VIEW, office_id)
    return _month(office_id, date.fromisoformat(month)) if month else said(OfficeCharts(office_id))


def _month(office_id: str, first: date) -> Response:
    month = first.isoformat()
    return said(MonthTable(office_id, month), MonthReport(office_id, month))


def _choose(work: Work, actor: Actor, offices: Sequence[str], first: date | None) -> Response:
    about = {"options": list(offices), "month": first.isoformat() if first else ""}
    return said(ChooseFigures(ask(work, person_of(actor), Kind.CHOOSE_FIGURES, about).id))


AREA = Area(
    commands={STATISTICS: statistik},
    picks={Kind.CHOOSE_FIGURES: picked_office},
    questions={Kind.CHOOSE_FIGURES: ChooseFigures},
    case_picks={STATISTICS: picked_case},
)
