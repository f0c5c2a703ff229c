"""Use cases: stop a task's clock (jeda) and let it run again (lanjut)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Hold, Resume
from bot.domain.notices import AskHoldReason, HoldRecorded, HoldTold, Notice, ResumeRecorded, ResumeTold
from bot.services.act import act, decide, person_of
from bot.services.alerts import alert
from bot.services.authorise import Capability
from bot.services.outbox import tell
from bot.services.questions import Kind, ask
from bot.services.steer import open_task_to_steer, post_on, steering_capacity, task_to_steer, watches
from bot.store import queries

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import CaseRow, TaskRow


def hold_case(work: Work, actor: Actor, case: CaseRow, reason: str | None) -> Notice:
    """Stop the clock of a case's open task; what a holder waits for is outside the office. Raises Refusal."""
    task = open_task_to_steer(work, actor, case, Capability.HOLD)
    return hold_task(work, actor, task.id, reason, outside=not watches(work, actor, case.office_id))


def hold_task(work: Work, actor: Actor, task_id: int, reason: str | None, *, outside: bool) -> Notice:
    """Stop a task's clock and return the answer; without a reason, ask for it. Raises Refusal."""
    case, task = task_to_steer(work, actor, task_id, Capability.HOLD)
    person = person_of(actor)
    watching = steering_capacity(work, actor, case.office_id)
    # By the button of a card one acts for one's post, by a command for the sekretariat where one belongs to it.
    role = (post_on(work, actor, case, task) or watching) if outside else watching
    if reason is None or not reason.strip():
        # Ask only where a reason would be accepted: the engine is tried with a stand-in for it.
        decide(work, case, Hold(person.id, role, task.number, "?", outside), task_id=task.id)
        about = {"task_id": task.id, "outside": outside}
        return AskHoldReason(ask(work, person, Kind.HOLD_REASON, about, awaits_text=True).id)
    act(work, actor, case, Hold(person.id, role, task.number, reason, outside), task_id=task.id)
    _tell_others(work, actor, case, task, HoldTold(task.id))
    return HoldRecorded(task.id)


def resume_case(work: Work, actor: Actor, case: CaseRow) -> Notice:
    """Let the clock of a case's open task run again; raises Refusal."""
    return resume_task(work, actor, open_task_to_steer(work, actor, case, Capability.HOLD).id)


def resume_task(work: Work, actor: Actor, task_id: int) -> Notice:
    """Let a task's clock run again and return the answer; raises Refusal."""
    case, task = task_to_steer(work, actor, task_id, Capability.HOLD)
    role = post_on(work, actor, case, task) or steering_capacity(work, actor, case.office_id)
    act(work, actor, case, Resume(person_of(actor).id, role, task.number), task_id=task.id)
    _tell_others(work, actor, case, task, ResumeTold(task.id))
    return ResumeRecorded(task.id)


def _tell_others(work: Work, actor: Actor, case: CaseRow, task: TaskRow, notice: Notice) -> None:
    """Tell the holders who did not do it, and the sekretariat (a hold with its bell, its end without)."""
    informed = {person_of(actor).id}
    waiting = [row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None]
    for person in queries.holders_of(work.session, case.office_id, waiting, work.at, strategic=task.strategic):
        if person.id not in informed:
            informed.add(person.id)
            tell(work, person, notice)
    opening = work.calendar_of(case).next_opening(work.at)
    silent = not isinstance(notice, HoldTold) or watches(work, actor, case.office_id)
    alert(work, case.office_id, notice, case_id=case.id, informed=informed, not_before=opening, silent=silent)
