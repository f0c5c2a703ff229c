"""Telegram's limits on sending, kept as rows that all replicas share.

A token may send so many messages within a second: each is a *slot*. A send occupies its slot until
one second after Telegram's answer, so no second ever holds more, however slow the network is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import SendSlotRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.services.work import Work

SEND_DEADLINE = timedelta(seconds=15)
"""A send that has no answer by then is broken off."""

SECOND = timedelta(seconds=1.005)
"""Telegram's second, with room for the time between reading two clocks."""

AHEAD = timedelta(milliseconds=300)
"""What may start within this time is taken already, so that the transaction costs no sending time."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Sends per second over all, and the seconds between two sends to one chat. Edits count like sends."""

    per_second: float = 30.0
    private_gap: float = 1.0
    group_gap: float = 3.0  # 20 a minute

    @property
    def unlimited(self) -> bool:
        """Whether a token may send as much as it likes."""
        return math.isinf(self.per_second)

    @property
    def ahead(self) -> timedelta:
        """How long before its moment a row may be taken."""
        return timedelta(0) if self.unlimited else AHEAD

    def gap(self, chat_id: int) -> timedelta:
        """Return how long a chat rests after a send; groups have negative ids."""
        return timedelta(seconds=self.group_gap if chat_id < 0 else self.private_gap)


UNLIMITED = Limits(per_second=math.inf, private_gap=0.0, group_gap=0.0)
"""For the demo's fast clock, where a second of the office is not a second of the wall."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A courier among others: who holds the leases, for which bot, within which limits."""

    owner: str
    bot_id: int = 0
    limits: Limits = UNLIMITED


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot in use, ``until`` at most; ``free_at`` is when the send may start."""

    number: int
    free_at: datetime
    until: datetime


def make_slots(work: Work, sender: Sender) -> None:
    """Make the slots of a token where they are missing."""
    if sender.limits.unlimited:
        return
    rows = [{"bot_id": sender.bot_id, "number": n, "free_at": work.at} for n in range(int(sender.limits.per_second))]
    insert = sqlite.insert if work.session.get_bind().dialect.name == "sqlite" else postgresql.insert
    work.session.execute(insert(SendSlotRow).values(rows).on_conflict_do_nothing())


def free_slots(work: Work, sender: Sender, most: int) -> Sequence[SendSlotRow]:
    """Return up to ``most`` slots that are free within ``AHEAD``, locked until the transaction ends."""
    free = _slots_of(sender).where(SendSlotRow.free_at <= work.at + sender.limits.ahead)
    query = free.order_by(SendSlotRow.free_at, SendSlotRow.number).limit(most)
    return work.session.scalars(query.with_for_update(skip_locked=True)).all()


def occupy(work: Work, row: SendSlotRow) -> Slot:
    """Use a slot: nobody else has it before the send is answered, or broken off."""
    slot = Slot(row.number, row.free_at, work.at + AHEAD + SEND_DEADLINE + SECOND)
    row.free_at = slot.until
    return slot


def answered(work: Work, sender: Sender, slot: Slot, at: datetime) -> None:
    """Free a slot for one second after ``at``, unless it has long passed to another send."""
    ours = (SendSlotRow.bot_id == sender.bot_id) & (SendSlotRow.number == slot.number)
    statement = update(SendSlotRow).where(ours, SendSlotRow.free_at == slot.until).values(free_at=at + SECOND)
    work.session.execute(statement)


def next_slot(work: Work, sender: Sender) -> datetime | None:
    """Return when the next slot is free, as far as is known now; None where sending is unlimited."""
    if sender.limits.unlimited:
        return None
    return work.session.scalar(select(func.min(SendSlotRow.free_at)).where(SendSlotRow.bot_id == sender.bot_id))


def _slots_of(sender: Sender) -> Select[SendSlotRow]:
    # Somebody who lowers the limit leaves the higher numbers unused.
    return select(SendSlotRow).where(
        SendSlotRow.bot_id == sender.bot_id, SendSlotRow.number < int(sender.limits.per_second)
    )
