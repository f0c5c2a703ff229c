"""Use case: a holder sends the case back, with a reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.domain.case import Reject
from bot.domain.notices import AskReason, Notice, RejectionRecorded
from bot.services.act import act, decide, person_of, task_for
from bot.services.questions import Kind, ask
from bot.services.undo import offer

if TYPE_CHECKING:
    from bot.services.authorise import Hands
    from bot.services.work import Actor, Work
    from bot.store.tables import TaskRow


def reject_task(work: Work, actor: Actor, task_id: int, reason: str | None, *, missing: tuple[str, ...] = ()) -> Notice:
    """Reject the task and return the answer; without a reason, ask for it. Raises Refusal.

    ``missing`` are the items of the kelengkapan that the reason names.
    """
    if reason is None or not reason.strip():
        return _ask_reason(work, actor, task_id)
    case, task, mine = task_for(work, actor, task_id)
    command = replace(_rejection(actor, mine, task, reason), missing=missing)
    act(work, actor, case, command, task_id=task.id)
    offer(work, actor, task.id)
    return RejectionRecorded(task.id)


def _ask_reason(work: Work, actor: Actor, task_id: int) -> Notice:
    case, task, mine = task_for(work, actor, task_id)
    # Ask only where a reason would be accepted: the engine is tried with a stand-in for it.
    decide(work, case, _rejection(actor, mine, task, "?"), task_id=task.id)
    question = ask(work, person_of(actor), Kind.REJECT_REASON, {"task_id": task.id}, awaits_text=True)
    return AskReason(question.id)


def _rejection(actor: Actor, mine: Hands, task: TaskRow, reason: str) -> Reject:
    return Reject(person_of(actor).id, mine.posts, task.number, reason, standin=mine.standin, acting=mine.acting)
