"""Which case a document is wanted of: the one named, or the only one it could be, else by asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from bot.domain.case import Status
from bot.domain.notices import CaseOver, ChooseReport, CodeNeeded
from bot.services.act import person_of
from bot.services.find import member_offices, the_case
from bot.services.questions import Kind, ask
from bot.services.steer import watches
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import CaseRow, TaskPostRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.work import Actor, Work

REPORT, SHEET = "laporan", "kendali"
"""The commands, by name: a report of any case, a control sheet of a running one."""
_MOST = 20


def case_for_report(work: Work, actor: Actor, code: str | None, *, command: str) -> CaseRow:
    """Return the case that a command is for; raises Refusal, with a choice where several fit."""
    offices = member_offices(work, actor)
    if code is not None:
        return fit_for(the_case(work, actor, code, command=command), command)
    found = _mine(work, actor, offices, running=command == SHEET)
    if not found:
        raise Refusal(CodeNeeded(command))
    if len(found) > 1:
        about = {"options": [case.id for case in found], "command": command}
        raise Refusal(ChooseReport(ask(work, person_of(actor), Kind.CHOOSE_REPORT, about).id))
    return found[0]


def fit_for(case: CaseRow, command: str) -> CaseRow:
    """Return the case; raises Refusal where there is nothing left of it to go on with on paper."""
    if command == SHEET and case.status != Status.RUNNING:
        raise Refusal(CaseOver(case.id))
    return case


def _mine(work: Work, actor: Actor, offices: Sequence[str], *, running: bool) -> Sequence[CaseRow]:
    """Return the cases that somebody watches, has started, reported on or has on their desk; newest first."""
    if actor.person is None:
        return ()
    watched = [office for office in offices if watches(work, actor, office)]
    desk = [case.id for case, _ in queries.open_tasks_of(work.session, actor.person.id, work.at)]
    reported = (
        select(TaskRow.case_id)
        .join(TaskPostRow, TaskPostRow.task_id == TaskRow.id)
        .where(TaskPostRow.reported_by == actor.person.id)
    )
    own = or_(
        CaseRow.office_id.in_(watched),
        CaseRow.started_by == actor.person.id,
        CaseRow.id.in_(desk),
        CaseRow.id.in_(reported),
    )
    query = select(CaseRow).where(CaseRow.office_id.in_(offices), own)
    if running:
        query = query.where(CaseRow.status == Status.RUNNING)
    return work.session.scalars(query.order_by(CaseRow.id.desc()).limit(_MOST)).all()
