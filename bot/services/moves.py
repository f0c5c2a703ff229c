"""Use cases of the sekretariat: hand a task to another post (pindah), move a case back to a step (mundur)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.domain.case import Move, Return, undone_by
from bot.domain.notices import (
    AskMoveReason,
    AskReturnReason,
    ChooseMoveFrom,
    ChooseMoveTo,
    ChooseReturn,
    ConfirmReturn,
    MoveRecorded,
    MoveRefused,
    MoveTold,
    Notice,
    OnHold,
    ReturnRecorded,
    ReturnRefused,
    ReturnTold,
)
from bot.services.act import act, decide, person_of
from bot.services.alerts import alert
from bot.services.authorise import Capability
from bot.services.outbox import tell
from bot.services.questions import Kind, ask
from bot.services.steer import open_task_to_steer, steering_capacity, task_to_steer
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import PersonRow

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.domain.case import Case
    from bot.services.work import Actor, Work
    from bot.store.tables import CaseRow, TaskRow

_By = tuple[int, str]
"""Who acts, and in which capacity."""


def move_case(work: Work, actor: Actor, case: CaseRow, reason: str | None) -> Notice:
    """Ask which post hands the open task on, and to which; raises Refusal."""
    task = open_task_to_steer(work, actor, case, Capability.MOVE)
    if task.held_at is not None:
        raise Refusal(OnHold(case.id))
    waiting = _waiting(work, case, task)
    if len(waiting) == 1:
        return ask_move_to(work, actor, task.id, waiting[0], reason)
    about = {"options": waiting, "task_id": task.id, "reason": reason}
    return ChooseMoveFrom(ask(work, person_of(actor), Kind.MOVE_FROM, about).id)


def ask_move_to(work: Work, actor: Actor, task_id: int, from_post: str, reason: str | None) -> Notice:
    """Ask to which post of the SOP the task goes; raises Refusal where there is no other."""
    case, task = task_to_steer(work, actor, task_id, Capability.MOVE)
    having = {row.post_id for row in queries.task_posts(work.session, task.id)}
    others = [post.id for post in work.sop_of(case).posts if post.id not in having]
    if not others:
        raise Refusal(MoveRefused(case.id))
    decide(work, case, _move(_by(work, actor, case), task, from_post, others[0], "?"), task_id=task.id)
    about = {"options": others, "task_id": task.id, "from_post": from_post, "reason": reason}
    return ChooseMoveTo(ask(work, person_of(actor), Kind.MOVE_TO, about).id)


def move_task(work: Work, actor: Actor, task_id: int, *, from_post: str, to_post: str, reason: str | None) -> Notice:
    """Hand a task from one post to another and return the answer; without a reason, ask for it. Raises Refusal."""
    case, task = task_to_steer(work, actor, task_id, Capability.MOVE)
    command = _move(_by(work, actor, case), task, from_post, to_post, (reason or "").strip() or "?")
    if reason is None or not reason.strip():
        decide(work, case, command, task_id=task.id)
        about = {"task_id": task.id, "from_post": from_post, "to_post": to_post}
        return AskMoveReason(ask(work, person_of(actor), Kind.MOVE_REASON, about, awaits_text=True).id)
    before = _holders(work, case, task, [from_post])
    act(work, actor, case, command, task_id=task.id)
    # Whoever has it now reads why on the card they were given.
    informed = {person_of(actor).id} | _holders(work, case, task, _waiting(work, case, task))
    _tell_all(work, case, before, MoveTold(task.id), informed)
    return MoveRecorded(task.id)


def _move(by: _By, task: TaskRow, from_post: str, to_post: str, reason: str) -> Move:
    return Move(*by, task.number, from_post, to_post, reason)


def return_case(work: Work, actor: Actor, case: CaseRow, reason: str | None) -> Notice:
    """Ask to which earlier step the case goes back; raises Refusal on the first one."""
    task = open_task_to_steer(work, actor, case, Capability.RETURN)
    sop = work.sop_of(case)
    earlier = [step.number for step in sop.steps[: sop.position(task.step)]]
    if not earlier:
        raise Refusal(ReturnRefused(case.id))
    about = {"options": earlier, "task_id": task.id, "reason": reason}
    return ChooseReturn(ask(work, person_of(actor), Kind.RETURN_TO, about).id)


def confirm_return(work: Work, actor: Actor, task_id: int, step: int, reason: str | None) -> Notice:
    """Ask for the missing reason, or else for the confirmation; raises Refusal."""
    case, task = task_to_steer(work, actor, task_id, Capability.RETURN)
    decide(work, case, Return(*_by(work, actor, case), task.number, step, "?"), task_id=task.id)
    about: dict[str, Any] = {"task_id": task.id, "step": step}
    if reason is None or not reason.strip():
        return AskReturnReason(ask(work, person_of(actor), Kind.RETURN_REASON, about, awaits_text=True).id)
    about["reason"] = reason.strip()
    return ConfirmReturn(ask(work, person_of(actor), Kind.CONFIRM_RETURN, about).id)


def return_task(work: Work, actor: Actor, task_id: int, step: int, reason: str) -> Notice:
    """Move the case of a task back to a step and return the answer; raises Refusal."""
    case, task = task_to_steer(work, actor, task_id, Capability.RETURN)
    before = queries.state_of(work.session, case.id)
    act(work, actor, case, Return(*_by(work, actor, case), task.number, step, reason), task_id=task.id)
    tell_of_return(work, case, task, before, step, actor_id=person_of(actor).id)
    return ReturnRecorded(task.id)


def tell_of_return(work: Work, case: CaseRow, task: TaskRow, before: Case, to_step: int, *, actor_id: int) -> None:
    """Tell everybody whom going back to ``to_step`` concerns (see ``hit_by_return``), and the sekretariat."""
    concerned = hit_by_return(work, case, task, before, to_step)
    _tell_all(work, case, concerned, ReturnTold(task.id), {actor_id} | _on_target(work, case))


def hit_by_return(work: Work, case: CaseRow, task: TaskRow, before: Case, to_step: int) -> set[int]:
    """Return whose report going back to ``to_step`` has undone, and whose ``task`` it has taken (person ids).

    ``before`` is what the case was. The holders of the target are left out: they read the reason on the card they
    were given for it.
    """
    members = {holding.person_id for holding in queries.office_holdings(work.session, case.office_id, work.at)}
    undone = members & {report.person for report in undone_by(before, to_step)}
    return (undone | _holders(work, case, task, _waiting(work, case, task))) - _on_target(work, case)


def _on_target(work: Work, case: CaseRow) -> set[int]:
    target = queries.open_task(work.session, case.id)
    return _holders(work, case, target, _waiting(work, case, target)) if target else set()


def _by(work: Work, actor: Actor, case: CaseRow) -> _By:
    return person_of(actor).id, steering_capacity(work, actor, case.office_id)


def _waiting(work: Work, case: CaseRow, task: TaskRow) -> list[str]:
    """Return the posts that a task waits for, in the order of the SOP."""
    left = {row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None}
    return [post.id for post in work.sop_of(case).posts if post.id in left]


def _holders(work: Work, case: CaseRow, task: TaskRow, posts: Collection[str]) -> set[int]:
    people = queries.holders_of(work.session, case.office_id, posts, work.at, strategic=task.strategic)
    return {person.id for person in people}


def _tell_all(work: Work, case: CaseRow, concerned: set[int], notice: Notice, informed: set[int]) -> None:
    for person_id in sorted(concerned - informed):
        tell(work, work.session.get_one(PersonRow, person_id), notice)
    opening = work.calendar_of(case).next_opening(work.at)
    told = concerned | informed
    alert(work, case.office_id, notice, case_id=case.id, informed=told, not_before=opening, silent=True)
