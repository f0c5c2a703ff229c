"""/status and /riwayat: where a case is, and everything that happened to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import CaseHistory, CaseStatus, CodeNeeded, CodeUnknown, RunningCases
from bot.messages.actions import Action, Verb
from bot.services.authorise import in_view
from bot.services.find import member_offices, the_case
from bot.services.questions import settle
from bot.services.work import Refusal
from bot.store.tables import CaseRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said, split_code

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def status(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Show all running cases, or one in full."""
    member_offices(work, actor)
    code, words = split_code(incoming.text)
    if code is None:
        if words:
            raise Refusal(CodeUnknown(words))
        return said(RunningCases())
    return said(CaseStatus(the_case(work, actor, code, command="status").id))


def riwayat(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Show a case's history."""
    member_offices(work, actor)
    code, words = split_code(incoming.text)
    if code is None:
        raise Refusal(CodeUnknown(words) if words else CodeNeeded("riwayat"))
    return said(CaseHistory(the_case(work, actor, code, command="riwayat").id))


def pressed_history(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Show a page of a case's history: in place when paging, else as a new message."""
    case = in_view(work, actor, work.session.get(CaseRow, action.subject))
    if action.extra is None:
        return said(CaseHistory(case.id))
    return Response(edit=CaseHistory(case.id, action.extra))


def picked_view(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Show the chosen one of two cases with equal codes."""
    settle(work, question, {"index": index})
    case = in_view(work, actor, work.session.get(CaseRow, question.about["options"][index]))
    show = CaseHistory if question.about["command"] == "riwayat" else CaseStatus
    return said(show(case.id))


AREA = Area(
    commands={"status": status, "riwayat": riwayat},
    buttons={Verb.HISTORY: pressed_history},
    case_picks={"status": picked_view, "riwayat": picked_view},
)
