"""What posts over time add to a task card: who of several holders is at it, and whom a strategic step waits for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.actions import Action, Verb
from bot.messages.case_view import task_and_case
from bot.messages.keyboards import button
from bot.messages.labels import label
from bot.messages.view import Context
from bot.store import queries

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.case_view import CaseView
    from bot.messages.message import Button
    from bot.messages.view import View
    from bot.store.tables import TaskRow


@dataclass(frozen=True, slots=True)
class Shared:
    """A post that a task waits for, of which the reader is one of several holders.

    ``claimer`` is who of them is at it (a person id), None where nobody is.
    """

    post: str
    claimer: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimToldContext(Context):
    """``who`` is at the task, empty where nobody is; ``mine`` tells that it is the reader."""

    code: str
    who: str
    mine: bool
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StrategicOnlyContext(Context):
    """Whom the step waits for."""

    code: str
    step: str
    holders: str


def card_lines(view: View, case: CaseView, task: TaskRow) -> Sequence[str]:
    """Return that the step cannot be stood in for, and who is at it, where the reader shares the post with others."""
    strategic = [label("card.strategic")] if task.strategic else []
    return strategic + [_line(view, part.claimer) for part in _shared(view, case, task) if part.claimer is not None]


def card_buttons(_view: View, _case: CaseView, _task: TaskRow) -> Sequence[Button]:
    """Return nothing: what is offered here stands on the compact card."""
    return ()


def card_front(view: View, case: CaseView, task: TaskRow) -> Sequence[Button]:
    """Return *Ambil*, or *Lepas* for whoever is at it; only where the reader shares the post with others."""
    shared = _shared(view, case, task)
    if not shared:
        return ()
    if any(part.claimer == view.recipient.person_id for part in shared):
        return (button(label("button.release"), Action(Verb.RELEASE, task.id)),)
    return (button(label("button.claim"), Action(Verb.CLAIM, task.id)),)


def _line(view: View, claimer: int) -> str:
    if claimer == view.recipient.person_id:
        return label("card.claimed_by_me")
    return label("card.claimed", who=view.person(claimer))


def _shared(view: View, case: CaseView, task: TaskRow) -> list[Shared]:
    office_id, strategic = case.row.office_id, task.strategic
    mine = view.posts_on(office_id, strategic=strategic)
    found = []
    for row in queries.task_posts(view.session, task.id):
        if row.reported_at is None and row.post_id in mine:
            people = queries.holders_of(view.session, office_id, [row.post_id], view.at, strategic=strategic)
            ids = {person.id for person in people}
            if len(ids) > 1:
                # Whoever has lost the post, or is absent, is not at it any more.
                found.append(Shared(row.post_id, row.claimed_by if row.claimed_by in ids else None))
    return found


def claim_told(view: View, notice: n.ClaimTold) -> ClaimToldContext:
    """Return who has the task now."""
    case, task = task_and_case(view, notice.task_id)
    claimers = [part.claimer for part in _shared(view, case, task) if part.claimer is not None]
    return ClaimToldContext(
        code=case.row.code + case.line.within,
        who=view.person(claimers[0]) if claimers else "",
        mine=view.recipient.person_id in claimers,
        over=task.ended_at is not None,
    )


def strategic_only(view: View, notice: n.StrategicOnly) -> StrategicOnlyContext:
    """Return why a Plh or Plt cannot act, and whom the step waits for."""
    case, task = task_and_case(view, notice.task_id)
    step = label("step.short", number=task.step)
    return StrategicOnlyContext(code=case.row.code + case.line.within, step=step, holders=case.waited_for(task))
