"""Use cases: a chief goes into a meeting, and is out of it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.domain import placement
from bot.domain.notices import MeetingBegun, MeetingOver
from bot.services.act import person_of
from bot.services.authorise import Capability, offices_where
from bot.services.briefs import count_kept, tell_kept
from bot.services.chief import meeting_of, phone_of
from bot.services.states import Delivery
from bot.store.tables import OutboxRow, QuietRow

if TYPE_CHECKING:
    from bot.services.chief import Phone
    from bot.services.work import Actor, Work


def begin_meeting(work: Work, actor: Actor) -> MeetingBegun:
    """Keep messages from a chief's phone until the next working slot; one that runs already stays as it is.

    Raises Refusal, NoWorkingTime.
    """
    phone = _phone(work, actor)
    running = meeting_of(work, phone.person.id)
    if running is not None:
        return MeetingBegun(running.until.isoformat())
    until = placement.next_slot(phone.rules, phone.calendar, work.at)
    work.session.add(QuietRow(person_id=phone.person.id, until=until, made_at=work.at))
    return MeetingBegun(until.isoformat())


def end_meeting(work: Work, actor: Actor) -> MeetingOver:
    """Let messages come again, what came meanwhile in one; raises Refusal."""
    phone = _phone(work, actor)
    kept = _let_go(work, phone) + count_kept(work, phone)
    current = (QuietRow.person_id == phone.person.id, QuietRow.task_id.is_(None), QuietRow.until > work.at)
    work.session.execute(update(QuietRow).where(*current).values(until=work.at))
    tell_kept(work, phone, at_once=True)
    return MeetingOver(kept)


def _let_go(work: Work, phone: Phone) -> int:
    """Let what comes by itself (a question, a file) wait no longer for the meeting's end; return how many."""
    running = meeting_of(work, phone.person.id)
    if running is None:
        return 0
    waiting = select(OutboxRow).where(
        OutboxRow.chat_id == phone.person.telegram_id,
        OutboxRow.state == Delivery.PENDING,
        OutboxRow.edit.is_(False),
        OutboxRow.not_before == running.until,
    )
    rows = work.session.scalars(waiting.with_for_update(skip_locked=True)).all()
    for row in rows:
        row.not_before = work.at
    return len(rows)


def _phone(work: Work, actor: Actor) -> Phone:
    offices_where(work, actor, Capability.MEET)
    phone = phone_of(work, person_of(actor))
    if phone is None:
        message = "a chief has a phone"
        raise ValueError(message)
    return phone
