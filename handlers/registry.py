"""Every command, button and awaited text with the function that handles it: the whole list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bot.domain.notices import (
    AskCancelReason,
    AskReason,
    ChooseCase,
    ChooseHolding,
    ChoosePost,
    ChooseSop,
    ChooseTask,
    ConfirmCancel,
    ConfirmRemoval,
    Notice,
)
from bot.messages.actions import Action, Verb
from bot.services.questions import Kind
from handlers import batal, mulai, sop, start, status, tugas, undang
from handlers.conversation import Incoming, Response

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow

CommandHandler = Callable[["Work", "Actor", Incoming], Response]
ButtonHandler = Callable[["Work", "Actor", Incoming, Action], Response]
PickHandler = Callable[["Work", "Actor", "QuestionRow", int], Response]
TextHandler = Callable[["Work", "Actor", "QuestionRow", str], Response]

COMMANDS: Mapping[str, CommandHandler] = {
    "start": start.start,
    "bantuan": start.bantuan,
    "help": start.bantuan,  # Telegram's own global command
    "sop": sop.sop,
    "mulai": mulai.mulai,
    "tugas": tugas.tugas,
    "selesai": tugas.selesai,
    "tolak": tugas.tolak,
    "status": status.status,
    "riwayat": status.riwayat,
    "undang": undang.undang,
    "cabut": undang.cabut,
    "batal": batal.batal,
}

OPEN_TO_ALL = frozenset({"start", "bantuan", "help"})
"""The commands that a stranger may use."""

BUTTONS: Mapping[Verb, ButtonHandler] = {
    Verb.DONE: tugas.pressed_done,
    Verb.REJECT: tugas.pressed_reject,
    Verb.DETAIL: tugas.pressed_detail,
    Verb.HISTORY: status.pressed_history,
    Verb.SOP: sop.pressed_sop,
    Verb.REMOVE: undang.pressed_remove,
}

_CASE_PICKS: Mapping[str, PickHandler] = {
    "selesai": status.picked_view,
    "tolak": status.picked_view,
    "status": status.picked_view,
    "riwayat": status.picked_view,
    "batal": batal.picked_case,
}


def _picked_case(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    return _CASE_PICKS[question.about["command"]](work, actor, question, index)


PICKS: Mapping[Kind, PickHandler] = {
    Kind.CHOOSE_SOP: mulai.picked_sop,
    Kind.CHOOSE_TASK: tugas.picked_task,
    Kind.CHOOSE_CASE: _picked_case,
    Kind.CONFIRM_CANCEL: batal.confirmed,
    Kind.CHOOSE_POST: undang.picked_post,
    Kind.CHOOSE_HOLDING: undang.picked_holding,
    Kind.CONFIRM_REMOVAL: undang.confirmed_removal,
}

TEXTS: Mapping[Kind, TextHandler] = {
    Kind.REJECT_REASON: tugas.answered_reason,
    Kind.CANCEL_REASON: batal.answered_reason,
}

QUESTIONS: Mapping[Kind, Callable[[int], Notice]] = {
    Kind.CHOOSE_SOP: ChooseSop,
    Kind.CHOOSE_TASK: ChooseTask,
    Kind.CHOOSE_CASE: ChooseCase,
    Kind.REJECT_REASON: AskReason,
    Kind.CANCEL_REASON: AskCancelReason,
    Kind.CONFIRM_CANCEL: ConfirmCancel,
    Kind.CHOOSE_POST: ChoosePost,
    Kind.CHOOSE_HOLDING: ChooseHolding,
    Kind.CONFIRM_REMOVAL: ConfirmRemoval,
}
