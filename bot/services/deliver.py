"""Use cases of delivery: what goes out next, and what Telegram answered.

Rows of one chat leave one at a time, the most urgent first, then in order; a row that waits for its
hour (``not_before``) does not hold up the others. Whoever takes a row holds the lease on its chat.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING

from sqlalchemy import CursorResult, delete, or_, select, update

from bot.services import floods, leases, office_chats, outbox, pacing, papers_sent, pins, traces
from bot.services.cards import give
from bot.services.outbox import Delivery
from bot.services.parcels import Parcel, anchor_of, pack
from bot.services.people import mark_unreachable
from bot.services.rehousing import rehouse
from bot.services.undelivered import bury, count, expired
from bot.services.unheard import unheard
from bot.store.tables import (
    AlertThreadRow,
    BoardRow,
    CardRow,
    ChatRow,
    OutboxRow,
    PersonRow,
    QuestionRow,
    QuietRow,
    TaskRow,
    UpdateRow,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.pacing import Sender
    from bot.services.papers_sent import Uploaded
    from bot.services.work import Work
    from bot.store.tables import SendSlotRow

__all__ = [
    "Parcel",
    "Taken",
    "astray",
    "begin",
    "give_up",
    "gone",
    "moved",
    "postpone",
    "purge",
    "put_back",
    "sent",
    "take",
]

log = logging.getLogger(__name__)

KEEP_UPDATES = timedelta(days=7)
KEEP_SENT = timedelta(days=30)
_ANOTHER_LOOK = timedelta(milliseconds=250)
_BREATH = timedelta(milliseconds=40)
_NOW = timedelta(0)

MOST_LOOKED_AT = 100
"""Rows in one transaction: SQLite has one writer, and people wait for it."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What to send, and how long until there may be more; None while nothing at all waits."""

    parcels: list[Parcel]
    again: timedelta | None


def begin(work: Work, sender: Sender) -> int:
    """Make a courier ready; return how many rows others were sending just now.

    Where this is the only process, those others are dead. Where it is not, the leases of the dead lapse.
    """
    pacing.make_slots(work, sender)
    if work.session.get_bind().dialect.name == "sqlite":
        leases.release_all(work)
    rows = work.session.scalars(select(OutboxRow.id).where(OutboxRow.state == Delivery.SENDING)).all()
    return len(rows)


def take(work: Work, sender: Sender, *, limit: int, busy: Collection[int] = ()) -> Taken:
    """Take the next row of up to ``limit`` chats, and the leases of those chats.

    ``busy`` are the chats the courier still has in hand, whatever has become of its lease.
    """
    unlimited = sender.limits.unlimited
    room = limit if unlimited else min(limit, pacing.count_free(work, sender))
    if room == 0:
        return Taken([], _later(work, sender))
    chats = leases.free_chats(work, sender, room, but=busy)
    slots: Sequence[SendSlotRow] = ()
    if chats and not unlimited:
        # No more than there is use for: the others' are left to other couriers.
        slots = pacing.free_slots(work, sender, len(chats))
        room = len(slots)
    parcels: list[Parcel] = []
    passed = set(busy)
    looked = 0
    while chats and len(parcels) < room and looked < MOST_LOOKED_AT:
        looked += len(chats)
        rows = _as_they_are(work, chats)
        # A row that a use case relies on just now (see outbox.edit) is taken after that one's commit.
        passed |= {chat.id for key, chat in chats.items() if key not in rows}
        for key, chat in islice(chats.items(), room - len(parcels)):
            parcel = pack(work, sender, row) if (row := _here(rows.get(key), chat)) else None
            if parcel is not None:
                passed.add(chat.id)
                leases.claim(work, sender, chat)
                parcels.append(_scheduled(work, parcel, chat, None if unlimited else slots[len(parcels)]))
        work.session.flush()
        # Where nothing true was left to say, what waits behind it must not wait longer.
        left = room - len(parcels)
        spoilt = left and any(chat.id not in passed for chat in chats.values())
        chats = leases.free_chats(work, sender, left, but=passed) if spoilt else {}
    if chats and len(parcels) < room:
        return Taken(parcels, _NOW)  # the rest in another transaction: this one keeps others waiting
    return Taken(parcels, _again(work, sender, passed, full=len(parcels) == room))


def _as_they_are(work: Work, ids: Collection[int]) -> dict[int, OutboxRow]:
    """Return rows, locked, as they are now that their chats are; those that may no longer go out are left out."""
    query = select(OutboxRow).where(OutboxRow.id.in_(ids), leases.ready(work))
    locked = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return {row.id: row for row in work.session.scalars(locked)}


def _here(row: OutboxRow | None, chat: ChatRow) -> OutboxRow | None:
    """Send a row that was queued for a group after its migration on to where the group is now."""
    if row is not None and chat.moved_to is not None:
        row.chat_id = chat.moved_to
        return None
    return row


def _scheduled(work: Work, parcel: Parcel, chat: ChatRow, row: SendSlotRow | None) -> Parcel:
    moments = [work.at, chat.blocked_until or work.at]
    slot = None
    if row is not None:
        slot = pacing.occupy(work, row)
        moments.append(slot.free_at)
    return replace(parcel, slot=slot, wait=max(moments) - work.at)


def _again(work: Work, sender: Sender, passed: Collection[int], *, full: bool) -> timedelta | None:
    """Return how long until more may be taken, by what is known now."""
    if full:
        return _later(work, sender)
    moment = leases.next_free(work, but=passed)
    return None if moment is None else max(moment - work.at - sender.limits.ahead, _NOW)


def _later(work: Work, sender: Sender) -> timedelta:
    """Return how long until there may be a slot."""
    slot = pacing.next_slot(work, sender)
    if slot is None:
        return _NOW
    # Others give their slots back earlier than they had to say; one that looks free is just being taken by them.
    return min(max(slot - work.at - sender.limits.ahead, _BREATH), _ANOTHER_LOOK)


# --- what became of it ------------------------------------------------------------------------


def sent(
    work: Work,
    parcel: Parcel,
    message_id: int | None,
    *,
    messages: int = 1,
    uploaded: Uploaded | None = None,
    ago: timedelta = _NOW,
) -> None:
    """Note that the message went out (``message_id``) or was edited (None), answered so long ``ago``.

    An album is as many ``messages`` as it has files; ``uploaded`` is what Telegram calls the paper that was sent.
    """
    paper = parcel.message.paper
    if uploaded is not None and paper is not None:
        papers_sent.remember(work, parcel.sender.bot_id, paper, uploaded)
    row = _settled(work, parcel, ago, messages=messages)
    if row is None:
        return
    row.state, row.finished_at, row.error = Delivery.SENT, work.at, None
    if parcel.pins is not None:
        count(work, "pinned")
        pins.pinned(work, row.chat_id, parcel.pins)
        return
    count(work, "edited" if message_id is None else "sent")
    if message_id is None:
        return
    row.message_id = message_id
    if parcel.message.pin:
        # In the transaction that knows of the message: whatever happens now, it will be pinned.
        outbox.pin(work, row.chat_id, message_id)
    anchor = anchor_of(work, row)
    # Of a thread, the first message stays the one that the others reply to.
    if anchor is not None and not (isinstance(anchor, AlertThreadRow) and anchor.message_id is not None):
        anchor.message_id = message_id


def put_back(work: Work, parcel: Parcel) -> None:
    """Note that nothing was sent: the courier came to it too late to be sure of its lease.

    The attempt stays counted: its number is not to be given out again.
    """
    row = _settled(work, parcel, _NOW, used=False)
    if row is not None:
        row.state = Delivery.PENDING


def postpone(
    work: Work, parcel: Parcel, rest: timedelta, error: str, *, uncertain: bool = False, ago: timedelta = _NOW
) -> None:
    """Put a row back that Telegram did not take now; its chat rests.

    ``uncertain`` tells that Telegram may have taken it after all. What has outlived its time is given up,
    with all in the chat that has waited as long: it is Telegram that refuses, not the row.
    """
    row = _settled(work, parcel, ago, rest=rest)
    if row is None:
        return
    row.state, row.error = Delivery.PENDING, error
    count(work, "later")
    if uncertain and not row.edit:
        log.warning("message perhaps sent", extra={"action": "delivery.maybe_repeated", "outbox_id": row.id})
        count(work, "repeated")
    work.session.flush()
    waiting = select(OutboxRow).where(OutboxRow.chat_id == row.chat_id, OutboxRow.state == Delivery.PENDING)
    for other in work.session.scalars(waiting.where(OutboxRow.not_before <= work.at).order_by(OutboxRow.id)):
        other.first_tried_at = other.first_tried_at or work.at
        if expired(work, other):
            bury(work, other, error)


def give_up(work: Work, parcel: Parcel, error: str, *, unreachable: bool = False, ago: timedelta = _NOW) -> None:
    """Note a refusal for good; an unreachable person is reported to the sekretariat once."""
    row = _settled(work, parcel, ago)
    if row is None:
        return
    if parcel.pins is not None:
        # The message itself has arrived: this is no loss, but it is to be known.
        row.state, row.finished_at, row.error = Delivery.DROPPED, work.at, error
        count(work, "unpinned")
        pins.pin_refused(work, row.chat_id, parcel.pins, error)
        return
    bury(work, row, error, alert=not unreachable)
    count(work, "unreachable" if unreachable else "never")
    if row.chat_id < 0 and not row.edit:
        unheard(work, row, error)
    if unreachable and row.person_id is not None:
        mark_unreachable(work, row.person_id, cause_id=row.cause_id)


def gone(work: Work, parcel: Parcel, error: str, *, ago: timedelta = _NOW) -> None:
    """Note that the message to edit is gone or too old; the card of an open task is given anew.

    A board forgets its message, so that whoever brings it up to date sends another.
    """
    row = _settled(work, parcel, ago)
    if row is None:
        return
    row.state, row.finished_at, row.error = Delivery.DROPPED, work.at, error
    count(work, "dropped")
    card = anchor_of(work, row)
    if isinstance(card, BoardRow) and card.message_id == parcel.edits:
        card.message_id = card.pinned_at = card.shown_at = card.digest = None
    if not isinstance(card, CardRow) or card.message_id != parcel.edits:
        return
    task = work.session.get_one(TaskRow, card.task_id)
    card.message_id = None
    if task.ended_at is None:
        work.session.flush()
        give(work, task, work.session.get_one(PersonRow, card.person_id))


def astray(work: Work, parcel: Parcel, error: str, *, ago: timedelta = _NOW) -> None:
    """Note that a topic is closed or gone; what was to go there goes to the group's general one."""
    row = _settled(work, parcel, ago)
    if row is None:
        return
    row.state, row.error = Delivery.PENDING, error
    count(work, "later")
    work.session.flush()
    there = (OutboxRow.chat_id == row.chat_id, OutboxRow.topic == parcel.topic)
    unsent = OutboxRow.state.in_([Delivery.PENDING, Delivery.HELD])
    work.session.execute(update(OutboxRow).where(*there, unsent).values(topic=None))
    if parcel.topic is not None:
        office_chats.without_topic(work, row.chat_id, parcel.topic)


def moved(work: Work, parcel: Parcel, chat_id: int, *, ago: timedelta = _NOW) -> None:
    """Note that a group has become a supergroup with a new id; what waits for it goes there."""
    row = _settled(work, parcel, ago)
    if row is not None:
        row.state = Delivery.PENDING
    rehouse(work, parcel.chat_id, chat_id)


def _settled(
    work: Work, parcel: Parcel, ago: timedelta, *, rest: timedelta = _NOW, used: bool = True, messages: int = 1
) -> OutboxRow | None:
    """Give chat and slot back and return the row; None where it has passed to somebody else meanwhile.

    Chat before row, as ``take`` locks them.
    """
    answer = work.at - ago
    gap = messages * parcel.sender.limits.gap(parcel.chat_id) if used else _NOW
    leases.end(work, parcel.sender, parcel.chat_id, max(answer + gap, work.at + rest))
    if parcel.slot is not None and used:
        pacing.answered(work, parcel.sender, parcel.slot, answer, messages=messages)
    elif parcel.slot is not None:
        pacing.unused(work, parcel.sender, parcel.slot)
    row = work.session.get(OutboxRow, parcel.outbox_id, with_for_update=True, populate_existing=True)
    if row is None or (row.state, row.attempts) != (Delivery.SENDING, parcel.attempts):
        log.warning("outcome came too late", extra={"action": "delivery.fenced", "outbox_id": parcel.outbox_id})
        return None
    row.lost = 0
    return row


# --- housekeeping -----------------------------------------------------------------------------


def purge(work: Work) -> int:
    """Forget updates after 7 days, delivered rows, closed questions and what was put off after 30; return how many."""
    old_updates = delete(UpdateRow).where(UpdateRow.received_at < work.at - KEEP_UPDATES)
    finished = [Delivery.SENT, Delivery.DROPPED]
    old_rows = delete(OutboxRow).where(OutboxRow.state.in_(finished), OutboxRow.finished_at < work.at - KEEP_SENT)
    answered = or_(QuestionRow.answered_at.is_not(None), QuestionRow.lapses_at < work.at)
    old_questions = delete(QuestionRow).where(answered, QuestionRow.asked_at < work.at - KEEP_SENT)
    old_silences = delete(QuietRow).where(QuietRow.until < work.at - KEEP_SENT)
    statements = (old_updates, old_rows, old_questions, old_silences)
    gone = [work.session.execute(statement) for statement in statements]
    rows = sum(result.rowcount for result in gone if isinstance(result, CursorResult))
    return rows + floods.purge(work) + traces.purge(work) + papers_sent.purge(work)
