"""The checklist: what must be complete before a task moves on, and what of it a rejection names as missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import AskReason, Checklist, NothingMissing, NotUnderstood
from bot.messages.actions import Action, Verb
from bot.messages.labels import label
from bot.services.act import task_for
from bot.services.authorise import may_answer
from bot.services.checklist import items_of, missable, name_missing, named_missing, reason_asked, tick
from bot.services.questions import Kind, settle
from bot.services.reject_task import reject_task
from bot.services.work import Refusal
from bot.store.tables import QuestionRow, TaskRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.notices import Notice
    from bot.services.work import Actor, Work


def reason_naming(missing: tuple[str, ...], text: str = "") -> str:
    """Return the reason of a rejection: what is missing, then what was written."""
    if not missing:
        return text
    return " ".join([label("reason.missing", items=missing), text.strip()]).strip()


def pressed_checklist(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Show the kelengkapan with one button for each item."""
    case, task, _ = task_for(work, actor, action.subject)
    if not items_of(work, case, task):
        raise Refusal(NotUnderstood())
    return said(Checklist(task.id))


def pressed_tick(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Tick an item, or take the tick back: the button says which, so that a second tap changes nothing."""
    try:
        counted = tick(work, actor, action.subject, action.extra or 0, complete=action.verb is Verb.TICK)
    except Refusal as refusal:
        known = work.session.get(TaskRow, action.subject) is not None
        return Response(edit=Checklist(action.subject) if known else None, toast=refusal.notice, alert=True)
    return Response(edit=Checklist(action.subject), toast=counted)


def pressed_missing(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Name an item as missing, or not after all: the button says which."""

    def name() -> Response:
        name_missing(work, actor, action.subject, action.extra or 0, missing=action.verb is Verb.LACK)
        return Response(edit=AskReason(action.subject))

    return _on_question(work, actor, action, name)


def pressed_send(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Reject with what was named as missing for a reason."""

    def send() -> Response:
        question = reason_asked(work, actor, action.subject)
        missing = named_missing(work, question)
        if not missing:
            raise Refusal(NothingMissing())
        settle(work, question, {"missing": list(missing)})
        reason = reason_naming(missing)
        done = reject_task(work, actor, question.about["task_id"], reason, missing=missing)
        return Response(say=(done,), edit=AskReason(question.id), toast=done)

    return _on_question(work, actor, action, send)


def _on_question(work: Work, actor: Actor, action: Action, doing: Callable[[], Response]) -> Response:
    """Do it; where it is refused, let the message with the stale button show the truth."""
    try:
        return doing()
    except Refusal as refusal:
        return Response(edit=_truth(work, actor, action.subject), toast=refusal.notice, alert=True)


def _truth(work: Work, actor: Actor, question_id: int) -> Notice | None:
    question = work.session.get(QuestionRow, question_id)
    if question is None or question.kind != Kind.REJECT_REASON or not may_answer(actor, question):
        return None
    task = work.session.get_one(TaskRow, question.about["task_id"])
    # What never had buttons cannot be edited.
    return AskReason(question.id) if missable(work, task) else None


AREA = Area(
    buttons={
        Verb.CHECKLIST: pressed_checklist,
        Verb.TICK: pressed_tick,
        Verb.UNTICK: pressed_tick,
        Verb.LACK: pressed_missing,
        Verb.UNLACK: pressed_missing,
        Verb.SEND: pressed_send,
    },
)
