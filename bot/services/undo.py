"""Use case: whoever pressed *Selesai* or *Tolak* takes it back within five minutes (Urungkan)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.domain import events as ev
from bot.domain.case import Undo
from bot.domain.case.steering import UNDO_WITHIN
from bot.domain.notices import (
    CaseFinished,
    DecisionRecorded,
    Notice,
    PartReported,
    RejectionRecorded,
    RejectionTold,
    TakenBack,
    TaskOver,
    UndoDone,
    from_data,
)
from bot.services import cards
from bot.services.act import act, person_of
from bot.services.authorise import UNKNOWN, Capability, may
from bot.services.ledger import lock
from bot.services.outbox import Delivery, edit, put, tell
from bot.services.questions import Place, hold_place
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import OutboxRow, PersonRow, QuestionRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.services.work import Actor, Work
    from bot.store.tables import CaseRow

_MOMENT = timedelta(seconds=1)


def undo(work: Work, actor: Actor, task_id: int) -> Notice:
    """Open the task again as it was, and return the answer; raises Refusal where that is not possible any more."""
    task = work.session.get(TaskRow, task_id)
    if task is None:
        raise Refusal(TaskOver(UNKNOWN))
    case = lock(work, task.case_id)
    work.session.refresh(task)
    if not may(work, actor, Capability.VIEW, case.office_id) or actor.person is None:
        raise Refusal(TaskOver(UNKNOWN))
    before = queries.log_of(work.session, case.id)
    act(work, actor, case, Undo(actor.person.id, task.number), task_id=task.id)
    _let_go(work, task, actor.person)
    _tell(work, case, task, before, actor.person.id)
    return UndoDone(task.id)


def offer(work: Work, actor: Actor, task_id: int) -> None:
    """Let the card of what the actor just did lose its button when the time to take it back is over."""
    cards.refresh_of(work, task_id, person_of(actor).id, not_before=_over(work))


def below(work: Work, actor: Actor, answer: Notice) -> Notice:
    """Return the answer to what was written with the button, which it loses in time like the card; others as is."""
    if not isinstance(answer, PartReported | RejectionRecorded | CaseFinished | DecisionRecorded):
        return answer
    person = person_of(actor)
    place = hold_place(work, person, Place.UNDO_ANSWER, {"task_id": _task_of(work, answer)})
    answer = replace(answer, undo=place.id)
    if person.telegram_id is not None:
        anchor = f"question:{place.id}"
        edit(work, person.telegram_id, answer, person_id=person.id, anchor=anchor, not_before=_over(work))
    return answer


def _task_of(work: Work, answer: PartReported | RejectionRecorded | CaseFinished | DecisionRecorded) -> int:
    if isinstance(answer, CaseFinished):
        return queries.tasks_of_case(work.session, answer.case_id)[-1].id
    return answer.task_id


def _let_go(work: Work, task: TaskRow, person: PersonRow) -> None:
    """Let the answers that had the button say what became of it; at five minutes there is nothing left to change."""
    card = queries.card_of(work.session, task.id, person.id)
    if card is not None:
        _drop_scheduled(work, f"card:{card.id}")
    query = select(QuestionRow).where(QuestionRow.person_id == person.id, QuestionRow.kind == Place.UNDO_ANSWER)
    for place in work.session.scalars(query):
        if place.about["task_id"] == task.id:
            _drop_scheduled(work, f"question:{place.id}")
            edit(work, place.chat_id, UndoDone(task.id), person_id=person.id, anchor=f"question:{place.id}")


def _drop_scheduled(work: Work, anchor: str) -> None:
    later = OutboxRow.edit, OutboxRow.state == Delivery.PENDING, OutboxRow.not_before > work.at
    rows = update(OutboxRow).where(OutboxRow.anchor == anchor, *later)
    work.session.execute(rows.values(state=Delivery.DROPPED, finished_at=work.at))


def _over(work: Work) -> datetime:
    return work.at + UNDO_WITHIN + _MOMENT


def _tell(work: Work, case: CaseRow, task: TaskRow, before: Sequence[ev.Event], actor_id: int) -> None:
    """Say once to everybody who was told of it that it does not count; who has not heard of it yet hears neither."""
    word = next(e for e in reversed(before) if isinstance(e, ev.PartDone | ev.StepRejected) and e.task == task.number)
    rejected = isinstance(word, ev.StepRejected)
    told: Notice = RejectionTold(task.id) if rejected else CaseFinished(case.id)
    for row in _words_of(work, told, since=word.at):
        if row.person_id == actor_id:
            continue  # answered just now
        if row.state in {Delivery.PENDING, Delivery.FOLDED}:
            row.state, row.finished_at = Delivery.DROPPED, work.at
        elif row.state in {Delivery.SENDING, Delivery.SENT}:
            _take_back(work, row, TakenBack(task.id, "rejection" if rejected else "end"), actor_id)


def _words_of(work: Work, notice: Notice, *, since: datetime) -> list[OutboxRow]:
    """Return what was queued with these words since then, locked."""
    query = select(OutboxRow).where(
        OutboxRow.notice == type(notice).__name__, OutboxRow.created_at >= since, OutboxRow.edit.is_(False)
    )
    rows = work.session.scalars(query.order_by(OutboxRow.id).with_for_update())
    return [row for row in rows if from_data(row.notice, row.data) == notice]


def _take_back(work: Work, row: OutboxRow, notice: TakenBack, actor_id: int) -> None:
    person = work.session.get(PersonRow, row.person_id) if row.person_id else None
    if person is not None:
        tell(work, person, notice, cause_id=actor_id)
    else:
        put(work, row.chat_id, notice, cause_id=actor_id, topic=row.topic)
