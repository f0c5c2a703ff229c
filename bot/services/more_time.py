"""Use case: a holder asks for more time (Minta waktu), and the sekretariat decides, each member in private.

Nobody decides on their own request while somebody else of the sekretariat can. Where nobody else can, they may: the
log has the same name under both, and the history says that it was their own request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain import events as ev
from bot.domain.budget import Budget, Unit
from bot.domain.case import GrantTime, RefuseTime, RequestTime
from bot.domain.notices import (
    AskOwnTime,
    AskTimeReason,
    ChooseMoreTime,
    DecideTime,
    Notice,
    OthersDecide,
    RequestOver,
    TaskOver,
    TimeAsked,
    TimeDecided,
)
from bot.services.act import act, decide, person_of, task_for
from bot.services.authorise import UNKNOWN, Capability, capacity, may, require
from bot.services.ledger import lock
from bot.services.outbox import edit, tell
from bot.services.questions import Kind, Place, ask, hold_place
from bot.services.work import Refusal
from bot.sop_files.budget_text import parse_budget
from bot.store import queries
from bot.store.tables import PersonRow, QuestionRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.authorise import Hands
    from bot.services.work import Actor, Work
    from bot.store.tables import CaseRow

AMOUNTS = (Budget(1, Unit.DAY), Budget(2, Unit.DAY), Budget(3, Unit.DAY), Budget(2, Unit.HOUR))
"""What is offered by button; anything else is written."""

LARGEST = Budget(60, Unit.DAY)


def ask_for_amount(work: Work, actor: Actor, task_id: int) -> Notice:
    """Ask how much more time is needed, where asking for it is possible. Raises Refusal."""
    case, task, mine = task_for(work, actor, task_id)
    decide(work, case, _request(actor, mine, task, AMOUNTS[0], "?"), task_id=task.id)
    options = [[budget.amount, budget.unit.value] for budget in AMOUNTS]
    question = ask(work, person_of(actor), Kind.TIME_AMOUNT, {"options": [*options, None], "task_id": task.id})
    return ChooseMoreTime(question.id)


def ask_for_words(work: Work, actor: Actor, task_id: int, *, again: bool = False) -> Notice:
    """Ask for an amount in words; ``again`` after one that was none, or too large. Raises Refusal."""
    task_for(work, actor, task_id)
    question = ask(work, person_of(actor), Kind.TIME_OWN, {"task_id": task_id}, awaits_text=True)
    return AskOwnTime(question.id, again)


def ask_for_reason(work: Work, actor: Actor, task_id: int, budget: Budget) -> Notice:
    """Ask why so much more time is needed. Raises Refusal."""
    task_for(work, actor, task_id)
    about = {"task_id": task_id, "amount": budget.amount, "unit": budget.unit.value}
    return AskTimeReason(ask(work, person_of(actor), Kind.TIME_REASON, about, awaits_text=True).id)


def written_amount(text: str) -> Budget | None:
    """Return the amount that somebody wrote ("4 Hari"), None for what is none or more than LARGEST."""
    try:
        budget = parse_budget(text)
    except ValueError:
        return None
    return budget if LARGEST.at_least(budget) else None


def ask_for_time(work: Work, actor: Actor, task_id: int, budget: Budget, reason: str) -> Notice:
    """Ask the sekretariat for more time and return the answer; raises Refusal."""
    case, task, mine = task_for(work, actor, task_id)
    act(work, actor, case, _request(actor, mine, task, budget, reason), task_id=task.id)
    asker = person_of(actor)
    about = {"task_id": task.id, "number": _requests(work, case, task)}
    for person in deciders(work, case, asker.id):
        place = hold_place(work, person, Place.DECIDE_TIME, about)
        tell(work, person, DecideTime(place.id), cause_id=asker.id)
    return TimeAsked(task.id)


def deciders(work: Work, case: CaseRow, asker_id: int) -> Sequence[PersonRow]:
    """Return who decides on a request: the sekretariat without whoever asks, unless they are all there is."""
    monitors = queries.secretariat_of(work.session, case.office_id, work.at)
    return [person for person in monitors if person.id != asker_id] or monitors


def decide_time(work: Work, actor: Actor, task_id: int, number: int, *, grant: bool) -> Notice:
    """Decide on the ``number``-th request for a task, and return the answer; the first decision counts.

    Raises Refusal.
    """
    case, task = _in_view(work, actor, task_id)
    require(work, actor, Capability.GRANT, case.office_id)
    request = _waiting(work, case, task)
    if request is None or number != _requests(work, case, task):
        raise Refusal(RequestOver(task.id))
    person = person_of(actor)
    if person.id not in {other.id for other in deciders(work, case, request.by)} and person.id == request.by:
        raise Refusal(OthersDecide(task.id))
    decision = GrantTime if grant else RefuseTime
    post = capacity(work, actor, case.office_id, work.sop_of(case))
    act(work, actor, case, decision(person.id, post, task.number), task_id=task.id)
    for place in places_of(work, task.id, number):
        if place.chat_id is not None:
            notice = DecideTime(place.id)
            edit(work, place.chat_id, notice, person_id=place.person_id, anchor=f"question:{place.id}")
    if person.id != request.by:
        decided = TimeDecided(task.id, number)
        tell(work, work.session.get_one(PersonRow, request.by), decided, cause_id=person.id)
    return TimeDecided(task.id, number)


def places_of(work: Work, task_id: int, number: int) -> list[QuestionRow]:
    """Return where the messages stand that ask for a decision on a request."""
    query = select(QuestionRow).where(QuestionRow.kind == Place.DECIDE_TIME).order_by(QuestionRow.id)
    about = {"task_id": task_id, "number": number}
    return [place for place in work.session.scalars(query) if place.about == about]


def _in_view(work: Work, actor: Actor, task_id: int) -> tuple[CaseRow, TaskRow]:
    task = work.session.get(TaskRow, task_id)
    if task is None:
        raise Refusal(TaskOver(UNKNOWN))
    case = lock(work, task.case_id)
    work.session.refresh(task)
    if not may(work, actor, Capability.VIEW, case.office_id):
        raise Refusal(TaskOver(UNKNOWN))
    return case, task


def _waiting(work: Work, case: CaseRow, task: TaskRow) -> ev.TimeRequested | None:
    """Return the request that waits for its decision."""
    waiting = None
    for event in queries.log_of(work.session, case.id):
        if isinstance(event, ev.TimeRequested) and event.task == task.number:
            waiting = event
        elif isinstance(event, ev.TimeGranted | ev.TimeRefused) and event.task == task.number:
            waiting = None
    return waiting


def _requests(work: Work, case: CaseRow, task: TaskRow) -> int:
    log = queries.log_of(work.session, case.id)
    return sum(isinstance(event, ev.TimeRequested) and event.task == task.number for event in log)


def _request(actor: Actor, mine: Hands, task: TaskRow, budget: Budget, reason: str) -> RequestTime:
    who = person_of(actor).id
    return RequestTime(who, mine.posts, task.number, budget, reason, standin=mine.standin, acting=mine.acting)
