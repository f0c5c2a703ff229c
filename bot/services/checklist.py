"""Use cases: tick a task's kelengkapan, and name what is missing of it when the case goes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import AlreadyChosen, AskReason, LeftUnticked, Notice, NotUnderstood, TaskOver, TicksCounted
from bot.services import cards
from bot.services.act import person_of, task_for
from bot.services.outbox import edit, tell
from bot.services.questions import Kind, option
from bot.services.work import Refusal
from bot.store.tables import CaseRow, TaskRow, TickRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import PersonRow, QuestionRow


def tick(work: Work, actor: Actor, task_id: int, item: int, *, complete: bool) -> Notice:
    """Note that an item is complete, or not after all; said twice it is so once. Raises Refusal."""
    case, task, _ = task_for(work, actor, task_id)
    if task.ended_at is not None:
        raise Refusal(TaskOver(task.id))
    if item >= len(items_of(work, case, task)):
        raise Refusal(NotUnderstood())
    row = work.session.get(TickRow, (task.id, item))
    if complete and row is None:
        work.session.add(TickRow(task_id=task.id, item=item, person_id=person_of(actor).id, at=work.at))
    if row is not None and not complete:
        work.session.delete(row)
    if complete is (row is None):
        work.session.flush()
        cards.refresh(work, task.id)
    return TicksCounted(task.id)


def items_of(work: Work, case: CaseRow, task: TaskRow) -> tuple[str, ...]:
    """Return what must be complete for a task; of a secret case nothing is listed."""
    return () if case.secret else work.sop_of(case).step(task.step).requirements


def say_unticked(work: Work, person: PersonRow, case: CaseRow, task: TaskRow) -> None:
    """Name, to whoever ended a task, what was left where somebody had begun to tick."""
    if task.ended_at is None:
        return
    ticked = work.session.scalars(select(TickRow.item).where(TickRow.task_id == task.id)).all()
    if 0 < len(ticked) < len(items_of(work, case, task)):
        tell(work, person, LeftUnticked(task.id), cause_id=person.id)


def name_missing(work: Work, actor: Actor, question_id: int, item: int, *, missing: bool) -> None:
    """Note in the question for a reason that an item is missing, or not; said twice it is so once. Raises Refusal."""
    question = reason_asked(work, actor, question_id)
    _, task, _ = task_for(work, actor, question.about["task_id"])
    if item >= len(missable(work, task)):
        raise Refusal(NotUnderstood())
    named = set(question.about.get("missing", ())) - {item} | ({item} if missing else set())
    question.about = {**question.about, "missing": sorted(named)}
    work.session.flush()


def reason_asked(work: Work, actor: Actor, question_id: int) -> QuestionRow:
    """Return the open question for the reason of a rejection, locked; raises Refusal."""
    question = option(work, actor, question_id)
    if question.kind != Kind.REJECT_REASON:
        raise Refusal(AlreadyChosen())
    return question


def named_missing(work: Work, question: QuestionRow) -> tuple[str, ...]:
    """Return the items that were named as missing so far."""
    task = work.session.get_one(TaskRow, question.about["task_id"])
    offered = missable(work, task)
    return tuple(offered[item] for item in question.about.get("missing", ()) if item < len(offered))


def show_reason_given(work: Work, question: QuestionRow) -> None:
    """Take the buttons off a question for a reason that was answered by a text; one without buttons stays."""
    task = work.session.get_one(TaskRow, question.about["task_id"])
    if question.message_id is not None and missable(work, task):
        notice, message_id = AskReason(question.id), question.message_id
        edit(work, question.chat_id, notice, person_id=question.person_id, message_id=message_id)


def missable(work: Work, task: TaskRow) -> tuple[str, ...]:
    """Return what a rejection of the task can name as missing; of a secret case nothing is listed."""
    case = work.session.get_one(CaseRow, task.case_id)
    return () if case.secret else work.sop_of(case).missable(task.step)
