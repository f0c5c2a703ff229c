"""Use cases: of several holders of one post, one is at a task (ambil), and lets go of it again (lepas).

A claim counts only while whoever made it may act for the post: one who loses the post, or is absent, has let go
without a word, and where they come back to an open task that nobody else has claimed, it is theirs again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Claim, Release
from bot.domain.notices import ClaimTold, Notice
from bot.services.act import act, person_of, task_for

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def claim_task(work: Work, actor: Actor, task_id: int) -> Notice:
    """Claim the task, in place of whoever had claimed it, and return the answer; raises Refusal."""
    case, task, mine = task_for(work, actor, task_id)
    command = Claim(person_of(actor).id, mine.posts, task.number, standin=mine.standin, acting=mine.acting)
    act(work, actor, case, command, task_id=task.id)
    return ClaimTold(task.id)


def release_task(work: Work, actor: Actor, task_id: int) -> Notice:
    """Let go of the task and return the answer; raises Refusal."""
    case, task, _ = task_for(work, actor, task_id)
    act(work, actor, case, Release(person_of(actor).id, task.number), task_id=task.id)
    return ClaimTold(task.id)
