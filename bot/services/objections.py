"""Use case: somebody disowns a decision that was recorded on their behalf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Object
from bot.domain.events import CaseReturned
from bot.domain.notices import AskObjection, Notice, NotUnderstood, ObjectionNoted, ObjectionTold, ReturnTold
from bot.services.act import act, decide, person_of
from bot.services.alerts import alert
from bot.services.authorise import in_view, require_answer
from bot.services.ledger import lock
from bot.services.moves import hit_by_return
from bot.services.outbox import tell
from bot.services.questions import Kind, Place, ask
from bot.services.recorded import refresh_told
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import CaseRow, PersonRow, QuestionRow, TaskRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def told_place(work: Work, actor: Actor, place_id: int) -> QuestionRow:
    """Return the place of what the actor was told, which a button names; raises Refusal."""
    place = require_answer(actor, work.session.get(QuestionRow, place_id))
    if place.kind != Place.MAY_OBJECT:
        raise Refusal(NotUnderstood())
    return place


def ask_objection(work: Work, actor: Actor, told: QuestionRow) -> Notice:
    """Ask for the reason and return the question; raises Refusal where an objection would be refused."""
    case, task = _meant(work, actor, told)
    # Ask only where a reason would be accepted: the engine is tried with a stand-in for it.
    decide(work, case, _objection(work, actor, case, task, "?"), task_id=task.id)
    about = {"task_id": task.id, "told": told.id}
    return AskObjection(ask(work, person_of(actor), Kind.OBJECTION_REASON, about, awaits_text=True).id)


def object_to(work: Work, actor: Actor, question: QuestionRow, reason: str) -> Notice:
    """Record the objection, tell the sekretariat and whoever recorded the decision; return the answer.

    The case goes back to that step where the decision still counts; whom that hits is told, too. Raises Refusal.
    """
    case, task = _meant(work, actor, question)
    before, taken = queries.state_of(work.session, case.id), queries.open_task(work.session, case.id)
    events = act(work, actor, case, _objection(work, actor, case, task, reason), task_id=task.id)
    told = work.session.get_one(QuestionRow, question.about["told"])
    refresh_told(work, task.id)
    actor_id = person_of(actor).id
    notice = ObjectionTold(task.id)
    informed = alert(work, case.office_id, notice, case_id=case.id, informed={actor_id})
    recorder = work.session.get_one(PersonRow, told.about["recorder"])
    if recorder.id not in informed | {actor_id}:
        tell(work, recorder, notice)
    back = next((event for event in events if isinstance(event, CaseReturned)), None)
    if back is not None and taken is not None:
        hit = hit_by_return(work, case, taken, before, back.to_step)
        for person_id in sorted(hit - informed - {actor_id, recorder.id}):
            tell(work, work.session.get_one(PersonRow, person_id), ReturnTold(taken.id))
    return ObjectionNoted(task.id)


def _meant(work: Work, actor: Actor, question: QuestionRow) -> tuple[CaseRow, TaskRow]:
    task = work.session.get_one(TaskRow, question.about["task_id"])
    in_view(work, actor, work.session.get(CaseRow, task.case_id))
    return lock(work, task.case_id), task


def _objection(work: Work, actor: Actor, case: CaseRow, task: TaskRow, reason: str) -> Object:
    return Object(person_of(actor).id, task.number, reason, within=work.rules_of(case.office_id).objection)
