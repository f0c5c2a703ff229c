"""Use case: a holder says that they have seen a task and take it on (Terima)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Accept
from bot.domain.notices import AcceptRecorded, Notice
from bot.services.act import act, person_of, task_for

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def accept(work: Work, actor: Actor, task_id: int) -> Notice:
    """Note that the actor has seen the task and return the answer; a second time changes nothing. Raises Refusal.

    Nobody is sent a message: the card and the case's status say so.
    """
    case, task, mine = task_for(work, actor, task_id)
    command = Accept(person_of(actor).id, mine.posts, task.number, standin=mine.standin, acting=mine.acting)
    act(work, actor, case, command, task_id=task.id)
    return AcceptRecorded(task.id)
