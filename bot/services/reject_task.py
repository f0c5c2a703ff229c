"""Use case: a holder sends the case back, with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Reject
from bot.domain.notices import AskReason, Notice, RejectionRecorded
from bot.services.act import act, decide, person_of, task_for
from bot.services.questions import Kind, ask

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def reject_task(work: Work, actor: Actor, task_id: int, reason: str | None) -> Notice:
    """Reject the task and return the answer; without a reason, ask for it. Raises Refusal."""
    if reason is None or not reason.strip():
        return _ask_reason(work, actor, task_id)
    case, task, posts = task_for(work, actor, task_id)
    command = Reject(person_of(actor).id, posts, task.number, reason)
    act(work, actor, case, command, task_id=task.id)
    return RejectionRecorded(task.id)


def _ask_reason(work: Work, actor: Actor, task_id: int) -> Notice:
    case, task, posts = task_for(work, actor, task_id)
    # Ask only where a reason would be accepted: the engine is tried with a stand-in for it.
    decide(work, case, Reject(person_of(actor).id, posts, task.number, "?"), task_id=task.id)
    question = ask(work, person_of(actor), Kind.REJECT_REASON, {"task_id": task.id}, awaits_text=True)
    return AskReason(question.id)
