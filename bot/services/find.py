"""Which case or task somebody means: by code, by what they hold, or by asking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import (
    CaseOver,
    ChooseCase,
    ChooseTask,
    CodeUnknown,
    HeldByOthers,
    NoTasks,
    Notice,
    PartAlreadyReported,
    StrategicOnly,
)
from bot.services.act import person_of
from bot.services.authorise import Capability, hands, offices_where
from bot.services.questions import Kind, ask
from bot.services.work import Refusal
from bot.store import queries

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import CaseRow


def the_case(work: Work, actor: Actor, code: str, *, command: str, text: str | None = None) -> CaseRow:
    """Return the case with this code in the actor's offices; raises Refusal, with a choice where two match."""
    cases = queries.case_by_code(work.session, member_offices(work, actor), code)
    if not cases:
        raise Refusal(CodeUnknown(code))
    if len(cases) > 1:
        about = {"options": [case.id for case in cases], "command": command, "text": text}
        raise Refusal(ChooseCase(ask(work, person_of(actor), Kind.CHOOSE_CASE, about).id))
    return cases[0]


def my_task(work: Work, actor: Actor, code: str | None, *, verb: str, command: str, text: str | None) -> int:
    """Return the id of the open task the actor means; raises Refusal, with a choice where several fit."""
    member_offices(work, actor)
    mine = queries.open_tasks_of(work.session, person_of(actor).id, work.at)
    if code is not None:
        mine = [(case, task) for case, task in mine if case.code == code]
        if not mine:
            raise Refusal(_not_mine(work, actor, code, command, text))
    if not mine:
        raise Refusal(NoTasks())
    if len(mine) > 1:
        about = {"options": [task.id for _, task in mine], "verb": verb, "text": text}
        raise Refusal(ChooseTask(ask(work, person_of(actor), Kind.CHOOSE_TASK, about).id))
    return mine[0][1].id


def _not_mine(work: Work, actor: Actor, code: str, command: str, text: str | None) -> Notice:
    case = the_case(work, actor, code, command=command, text=text)
    task = queries.open_task(work.session, case.id)
    if task is None:
        return CaseOver(case.id)
    mine = hands(work, actor, case.office_id, task)
    held = mine.posts & {row.post_id for row in queries.task_posts(work.session, task.id)}
    if task.strategic and held and held <= mine.standin | mine.acting:
        return StrategicOnly(task.id)
    return PartAlreadyReported(task.id) if held else HeldByOthers(case.id)


def member_offices(work: Work, actor: Actor) -> tuple[str, ...]:
    """Return the offices the actor may look into; raises Refusal for strangers."""
    return offices_where(work, actor, Capability.VIEW)
