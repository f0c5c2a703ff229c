"""Use case: the sekretariat marks a case as secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.case import Seal
from bot.domain.notices import CaseSealed, Notice
from bot.services.act import act, person_of
from bot.services.authorise import Capability, capacity, require
from bot.services.ledger import lock

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def seal_case(work: Work, actor: Actor, case_id: int) -> Notice:
    """Keep what the case is about out of Telegram from now on and return the answer; raises Refusal."""
    case = lock(work, case_id)
    require(work, actor, Capability.SEAL, case.office_id)
    if not case.secret:
        role = capacity(work, actor, case.office_id, work.sop_of(case))
        act(work, actor, case, Seal(person_of(actor).id, role), task_id=None)
    return CaseSealed(case.id)
