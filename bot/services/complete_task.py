"""Use case: a holder reports their part of a task done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Complete
from bot.domain.events import CaseFinished as Finished
from bot.domain.notices import CaseFinished, Notice, PartReported
from bot.services.act import act, person_of, task_for
from bot.services.checklist import say_unticked
from bot.services.undo import offer

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def complete_task(work: Work, actor: Actor, task_id: int, note: str | None = None) -> Notice:
    """Report done for every post the actor holds on the task and return the answer; raises Refusal."""
    case, task, mine = task_for(work, actor, task_id)
    command = Complete(person_of(actor).id, mine.posts, task.number, note, standin=mine.standin, acting=mine.acting)
    events = act(work, actor, case, command, task_id=task.id)
    offer(work, actor, task.id)
    say_unticked(work, person_of(actor), case, task)
    return CaseFinished(case.id) if isinstance(events[-1], Finished) else PartReported(task.id)
