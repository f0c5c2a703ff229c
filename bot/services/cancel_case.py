"""Use case: the sekretariat ends a case that should not run, after a confirmation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Cancel, Status
from bot.domain.notices import AskCancelReason, CaseCancelled, CaseOver, ConfirmCancel, Notice
from bot.services.act import act, person_of
from bot.services.authorise import Capability, capacity, require
from bot.services.ledger import lock
from bot.services.questions import Kind, ask
from bot.services.work import Refusal

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import CaseRow


def ask_to_cancel(work: Work, actor: Actor, case: CaseRow, reason: str | None) -> Notice:
    """Ask for the missing reason, or else for the confirmation; raises Refusal."""
    require(work, actor, Capability.CANCEL, case.office_id)
    if case.status != Status.RUNNING:
        raise Refusal(CaseOver(case.id))
    person = person_of(actor)
    if reason is None or not reason.strip():
        question = ask(work, person, Kind.CANCEL_REASON, {"case_id": case.id}, awaits_text=True)
        return AskCancelReason(question.id)
    question = ask(work, person, Kind.CONFIRM_CANCEL, {"case_id": case.id, "reason": reason.strip()})
    return ConfirmCancel(question.id)


def cancel_case(work: Work, actor: Actor, case_id: int, reason: str) -> Notice:
    """End the case and return the answer; raises Refusal."""
    case = lock(work, case_id)
    require(work, actor, Capability.CANCEL, case.office_id)
    role = capacity(work, actor, case.office_id, work.sop_of(case))
    act(work, actor, case, Cancel(person_of(actor).id, role, reason), task_id=None)
    return CaseCancelled(case.id)
