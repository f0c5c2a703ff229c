"""Putting notices into the outbox: they leave after the commit, in order per chat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from bot.domain.notices import from_data
from bot.services.placement import place
from bot.services.states import Delivery, Priority
from bot.store.tables import OutboxRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.notices import Notice
    from bot.domain.placement import Placement
    from bot.services.work import Work
    from bot.store.tables import PersonRow

__all__ = ["PIN", "Delivery", "Priority", "edit", "pin", "put", "tell", "withdraw"]

PIN = "Pin"
"""What a row is called that says nothing: it pins the message that it names. No notice has this name."""


def put(
    work: Work,
    chat_id: int,
    notice: Notice,
    *,
    person_id: int | None = None,
    cause_id: int | None = None,
    anchor: str | None = None,
    silent: bool = False,
    priority: Priority = Priority.ORDINARY,
    not_before: datetime | None = None,
    topic: int | None = None,
    state: Delivery = Delivery.PENDING,
) -> None:
    """Queue a new message.

    ``silent`` rings no bell; ``not_before`` holds it back until then; ``topic`` is that of a forum. FOLDED for
    ``state`` keeps it for the one message that tells a chief all that waits.
    """
    work.session.add(
        OutboxRow(
            chat_id=chat_id,
            person_id=person_id,
            cause_id=cause_id,
            notice=type(notice).__name__,
            data=notice.to_data(),
            anchor=anchor or _question_anchor(notice),
            edit=False,
            silent=silent,
            priority=priority,
            created_at=work.at,
            not_before=not_before or work.at,
            state=state,
            attempts=0,
            topic=topic,
        )
    )


def tell(
    work: Work,
    person: PersonRow,
    notice: Notice,
    *,
    cause_id: int | None = None,
    anchor: str | None = None,
    silent: bool = False,
    not_before: datetime | None = None,
) -> Placement | None:
    """Queue a new message for a person's private chat; returns when it may reach them, None for who was forgotten."""
    if person.telegram_id is None:
        return None
    placed = place(work, person, notice, cause_id=cause_id, not_before=not_before)
    put(
        work,
        person.telegram_id,
        notice,
        person_id=person.id,
        cause_id=cause_id,
        anchor=anchor,
        silent=silent,
        not_before=placed.not_before,
        state=Delivery.FOLDED if placed.folded else Delivery.PENDING,
    )
    return placed


def withdraw(work: Work, chat_id: int, kind: type[Notice], *, until: datetime | None = None) -> list[Notice]:
    """Take back what of this kind still waits for a chat; return it, for one message that says it all.

    What waits for a later hour is left alone, or with ``until`` just what waits for that one.
    """
    waiting = select(OutboxRow).where(
        OutboxRow.chat_id == chat_id,
        OutboxRow.state == Delivery.PENDING,
        OutboxRow.edit.is_(False),
        OutboxRow.notice == kind.__name__,
        OutboxRow.not_before == until if until else OutboxRow.not_before <= work.at,
    )
    rows = work.session.scalars(waiting.order_by(OutboxRow.id).with_for_update(skip_locked=True)).all()
    for row in rows:
        row.state, row.finished_at = Delivery.DROPPED, work.at
    return [from_data(row.notice, row.data) for row in rows]


def edit(
    work: Work,
    chat_id: int,
    notice: Notice,
    *,
    person_id: int | None,
    anchor: str | None = None,
    message_id: int | None = None,
    priority: Priority = Priority.ORDINARY,
    not_before: datetime | None = None,
) -> None:
    """Queue an edit of the anchored (or given) message.

    Edits are rendered when sent, so one that still waits already says what this one would, where it is the last.
    One for a later hour (``not_before``) says what is true then.
    """
    data = notice.to_data()
    waiting = select(OutboxRow).where(
        OutboxRow.chat_id == chat_id,
        OutboxRow.state == Delivery.PENDING,
        OutboxRow.edit,
        OutboxRow.notice == type(notice).__name__,
        OutboxRow.anchor == anchor if anchor else OutboxRow.message_id == message_id,
        # One that was tried leaves as soon as it can, whatever its hour.
        OutboxRow.not_before == not_before
        if not_before
        else or_(OutboxRow.not_before <= work.at, OutboxRow.attempts > 0),
    )
    # Locked, so that it cannot be rendered with what was true before this transaction.
    rows = work.session.scalars(waiting.order_by(OutboxRow.id).with_for_update()).all()
    # Only the last one counts: a card may be waiting to become compact, and then to show all of its buttons.
    if rows and rows[-1].data == data:
        return
    work.session.add(
        OutboxRow(
            chat_id=chat_id,
            person_id=person_id,
            notice=type(notice).__name__,
            data=data,
            anchor=anchor,
            edit=True,
            silent=True,
            priority=priority,
            created_at=work.at,
            not_before=not_before or work.at,
            state=Delivery.PENDING,
            attempts=0,
            message_id=message_id,
        )
    )


def pin(work: Work, chat_id: int, message_id: int) -> None:
    """Queue that a message be pinned, behind what the chat is to get first; done twice it is done."""
    work.session.add(
        OutboxRow(
            chat_id=chat_id,
            notice=PIN,
            data={},
            edit=True,
            silent=True,
            priority=Priority.ORDINARY,
            created_at=work.at,
            not_before=work.at,
            state=Delivery.PENDING,
            attempts=0,
            message_id=message_id,
        )
    )


def _question_anchor(notice: Notice) -> str | None:
    question_id = getattr(notice, "question_id", None) or getattr(notice, "undo", None)
    return None if question_id is None else f"question:{question_id}"
