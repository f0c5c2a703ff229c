"""/catat and /susulan: on behalf of somebody else, and what is entered late; and the objection to either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.notices import AskObjection, CodeNeeded, FileRefused, QuestionDropped, RecordedTold, RecordStep
from bot.messages.actions import Action, Verb
from bot.services.authorise import Capability, offices_where
from bot.services.find import the_case
from bot.services.late_entry import moment_of
from bot.services.objections import ask_objection, object_to, told_place
from bot.services.on_behalf import begin_entry, go_on, record_decision, task_meant, with_proof
from bot.services.questions import Kind, settle
from bot.services.undo import below
from bot.services.work import Refusal
from bot.store.tables import CaseRow
from handlers.area import Area, PickHandler, TextHandler
from handlers.conversation import Incoming, Response, said, split_code
from handlers.lampiran import offered

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def catat(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Begin to record what somebody decided on paper or by voice."""
    offices_where(work, actor, Capability.RECORD)
    code, _ = split_code(incoming.text)
    case = the_case(work, actor, code, command="catat") if code else None
    return said(begin_entry(work, actor, case, late=False))


def susulan(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Begin to record what happened during an outage."""
    offices_where(work, actor, Capability.BACKDATE)
    code, _ = split_code(incoming.text)
    if code is None:
        raise Refusal(CodeNeeded("susulan"))
    return said(begin_entry(work, actor, the_case(work, actor, code, command="susulan"), late=True))


def picked_case(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on with the chosen one of two cases with equal codes."""
    settle(work, question, {"index": index})
    case = work.session.get_one(CaseRow, question.about["options"][index])
    return said(begin_entry(work, actor, case, late=question.about["command"] == "susulan"))


def _picked(key: str) -> PickHandler:
    """Return a handler that puts the chosen option into the draft."""

    def pick(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
        settle(work, question, {"index": index})
        return said(go_on(work, actor, {**_draft(question), key: question.about["options"][index]}))

    return pick


def _answered(key: str) -> TextHandler:
    """Return a handler that puts the text into the draft."""

    def answer(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
        settle(work, question, {"text": text})
        return said(go_on(work, actor, {**_draft(question), key: text.strip()}))

    return answer


def answered_moment(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Take the moment; for one that is none, or impossible, the question stays open."""
    draft = _draft(question)
    case, task = task_meant(work, actor, draft)
    moment = moment_of(text, work.calendar_of(case), task, work.at)
    settle(work, question, {"text": text})
    return said(go_on(work, actor, {**draft, "real_at": moment.isoformat()}))


def answered_proof(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Take a remark in place of a picture; where there is paper to show, the question stays open."""
    draft = with_proof(work, _draft(question), remark=text.strip())
    if draft is None:
        return said(FileRefused("kind", question.about["task_id"]))
    settle(work, question, {"text": text})
    return said(go_on(work, actor, draft))


def answered_picture(work: Work, actor: Actor, question: QuestionRow, incoming: Incoming) -> Response:
    """Take the picture of the paper, with its caption as the remark."""
    draft = with_proof(work, _draft(question), file=offered(incoming), remark=incoming.text.strip() or None)
    settle(work, question, {"file": True})
    return said(go_on(work, actor, draft or _draft(question)))


def confirmed(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Record the decision, or leave everything as it is."""
    settle(work, question, {"index": index})
    if index != 0:
        return Response(edit=QuestionDropped(), toast=QuestionDropped())
    return said(below(work, actor, record_decision(work, actor, _draft(question))))


def pressed_object(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Ask why it was not their decision; where it is too late to say so, the message says that from now on."""
    told = told_place(work, actor, action.subject)
    try:
        return said(ask_objection(work, actor, told))
    except Refusal as refusal:
        return Response(edit=RecordedTold(told.id), toast=refusal.notice, alert=True)


def answered_objection(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Object with the reason that was asked for."""
    settle(work, question, {"text": text})
    return said(object_to(work, actor, question, text))


def _draft(question: QuestionRow) -> dict[str, Any]:
    return {key: value for key, value in question.about.items() if key != "options"}


_RECORDING = (
    Kind.RECORD_TASK,
    Kind.RECORD_PERSON,
    Kind.RECORD_DECISION,
    Kind.RECORD_REASON,
    Kind.RECORD_MEDIUM,
    Kind.RECORD_PROOF,
    Kind.RECORD_MOMENT,
    Kind.RECORD_WHY,
    Kind.CONFIRM_RECORD,
)

AREA = Area(
    commands={"catat": catat, "susulan": susulan},
    buttons={Verb.OBJECT: pressed_object},
    picks={
        Kind.RECORD_TASK: _picked("task_id"),
        Kind.RECORD_PERSON: _picked("person_id"),
        Kind.RECORD_DECISION: _picked("decision"),
        Kind.RECORD_MEDIUM: _picked("medium"),
        Kind.CONFIRM_RECORD: confirmed,
    },
    texts={
        Kind.RECORD_REASON: _answered("reason"),
        Kind.RECORD_PROOF: answered_proof,
        Kind.RECORD_MOMENT: answered_moment,
        Kind.RECORD_WHY: _answered("remark"),
        Kind.OBJECTION_REASON: answered_objection,
    },
    files={Kind.RECORD_PROOF: answered_picture},
    questions={
        **dict.fromkeys(_RECORDING, RecordStep),
        Kind.OBJECTION_REASON: AskObjection,
    },
    case_picks={"catat": picked_case, "susulan": picked_case},
)
