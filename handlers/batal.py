"""/batal: end a case that should not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import AskCancelReason, CodeNeeded, ConfirmCancel, QuestionDropped
from bot.services.authorise import Capability, offices_where
from bot.services.cancel_case import ask_to_cancel, cancel_case
from bot.services.find import the_case
from bot.services.questions import Kind, settle
from bot.services.work import Refusal
from bot.store.tables import CaseRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said, split_code

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def batal(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Ask for the reason or the confirmation."""
    offices_where(work, actor, Capability.CANCEL)
    code, reason = split_code(incoming.text)
    if code is None:
        raise Refusal(CodeNeeded("batal"))
    case = the_case(work, actor, code, command="batal", text=reason)
    return said(ask_to_cancel(work, actor, case, reason))


def answered_reason(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Go on to the confirmation with the reason that was asked for."""
    settle(work, question, {"text": text})
    case = work.session.get_one(CaseRow, question.about["case_id"])
    return said(ask_to_cancel(work, actor, case, text))


def picked_case(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on with the chosen one of two cases with equal codes."""
    settle(work, question, {"index": index})
    case = work.session.get_one(CaseRow, question.about["options"][index])
    return said(ask_to_cancel(work, actor, case, question.about["text"]))


def confirmed(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """End the case, or leave everything as it is."""
    settle(work, question, {"index": index})
    if index != 0:
        return Response(edit=QuestionDropped(), toast=QuestionDropped())
    return said(cancel_case(work, actor, question.about["case_id"], question.about["reason"]))


AREA = Area(
    commands={"batal": batal},
    picks={Kind.CONFIRM_CANCEL: confirmed},
    texts={Kind.CANCEL_REASON: answered_reason},
    questions={Kind.CONFIRM_CANCEL: ConfirmCancel, Kind.CANCEL_REASON: AskCancelReason},
    case_picks={"batal": picked_case},
)
