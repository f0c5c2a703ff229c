"""/jeda, /lanjut, /pindah and /mundur: holds, and the moves of the sekretariat."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bot.domain.notices import (
    AskHoldReason,
    AskMoveReason,
    AskReturnReason,
    ChooseMoveFrom,
    ChooseMoveTo,
    ChooseReturn,
    ChooseRunning,
    ConfirmReturn,
    Notice,
    QuestionDropped,
)
from bot.messages.actions import Action, Verb
from bot.services.authorise import in_view
from bot.services.holds import hold_case, hold_task, resume_case, resume_task
from bot.services.moves import ask_move_to, confirm_return, move_case, move_task, return_case, return_task
from bot.services.questions import Kind, settle
from bot.services.steer import meant
from bot.store.tables import CaseRow
from handlers.area import Area, CommandHandler
from handlers.conversation import Incoming, Response, said, split_code
from handlers.tugas import list_to_refresh

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

_DOING: Mapping[str, Callable[[Work, Actor, CaseRow, str | None], Notice]] = {
    "jeda": hold_case,
    "lanjut": lambda work, actor, case, _: resume_case(work, actor, case),
    "pindah": move_case,
    "mundur": return_case,
}


def _command(name: str) -> CommandHandler:
    def handler(work: Work, actor: Actor, incoming: Incoming) -> Response:
        code, text = split_code(incoming.text)
        case = meant(work, actor, code, command=name, text=text)
        return said(_DOING[name](work, actor, case, text))

    return handler


def picked_case(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on with the chosen case."""
    settle(work, question, {"index": index})
    case = in_view(work, actor, work.session.get(CaseRow, question.about["options"][index]))
    return said(_DOING[question.about["command"]](work, actor, case, question.about["text"]))


def pressed_hold(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Ask what the task waits for."""
    return said(hold_task(work, actor, action.subject, None, outside=True))


def pressed_resume(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Let the clock run again."""
    notice = resume_task(work, actor, action.subject)
    return Response(edit=list_to_refresh(work, actor, incoming, action), toast=notice)


def answered_hold(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Stop the clock with the reason that was asked for."""
    settle(work, question, {"text": text})
    about = question.about
    return said(hold_task(work, actor, about["task_id"], text, outside=about["outside"]))


def picked_from(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on to the post that the task goes to."""
    settle(work, question, {"index": index})
    about = question.about
    return said(ask_move_to(work, actor, about["task_id"], about["options"][index], about["reason"]))


def picked_to(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Hand the task on, or ask for the reason."""
    settle(work, question, {"index": index})
    about = question.about
    ends = {"from_post": about["from_post"], "to_post": about["options"][index]}
    return said(move_task(work, actor, about["task_id"], **ends, reason=about["reason"]))


def answered_move(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Hand the task on with the reason that was asked for."""
    settle(work, question, {"text": text})
    about = question.about
    ends = {"from_post": about["from_post"], "to_post": about["to_post"]}
    return said(move_task(work, actor, about["task_id"], **ends, reason=text))


def picked_step(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on to the reason, or the confirmation."""
    settle(work, question, {"index": index})
    about = question.about
    return said(confirm_return(work, actor, about["task_id"], about["options"][index], about["reason"]))


def answered_return(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Go on to the confirmation with the reason that was asked for."""
    settle(work, question, {"text": text})
    return said(confirm_return(work, actor, question.about["task_id"], question.about["step"], text))


def confirmed_return(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Move the case back, or leave everything as it is."""
    settle(work, question, {"index": index})
    if index != 0:
        return Response(edit=QuestionDropped(), toast=QuestionDropped())
    about = question.about
    return said(return_task(work, actor, about["task_id"], about["step"], about["reason"]))


AREA = Area(
    commands={name: _command(name) for name in _DOING},
    buttons={Verb.HOLD: pressed_hold, Verb.RESUME: pressed_resume},
    picks={
        Kind.CHOOSE_RUNNING: picked_case,
        Kind.MOVE_FROM: picked_from,
        Kind.MOVE_TO: picked_to,
        Kind.RETURN_TO: picked_step,
        Kind.CONFIRM_RETURN: confirmed_return,
    },
    texts={
        Kind.HOLD_REASON: answered_hold,
        Kind.MOVE_REASON: answered_move,
        Kind.RETURN_REASON: answered_return,
    },
    questions={
        Kind.CHOOSE_RUNNING: ChooseRunning,
        Kind.HOLD_REASON: AskHoldReason,
        Kind.MOVE_FROM: ChooseMoveFrom,
        Kind.MOVE_TO: ChooseMoveTo,
        Kind.MOVE_REASON: AskMoveReason,
        Kind.RETURN_TO: ChooseReturn,
        Kind.RETURN_REASON: AskReturnReason,
        Kind.CONFIRM_RETURN: ConfirmReturn,
    },
    case_picks=dict.fromkeys(_DOING, picked_case),
)
