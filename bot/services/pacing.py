"""Telegram's limits on sending, kept as rows that all replicas share.

A token may send so many messages within a second: each is a *slot*. A send occupies its slot until
one second after Telegram's answer, so no second ever holds more, however slow the network is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.store.tables import SendSlotRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.services.work import Work

SEND_DEADLINE = timedelta(seconds=10)
"""A send that has no answer by then is broken off."""

SECOND = timedelta(seconds=1.005)
"""Telegram's second, with room for the time between reading two clocks."""

AHEAD = timedelta(milliseconds=300)
"""What may start within this time is taken already, so that the transaction costs no sending time."""

LONGEST_USE = AHEAD + SEND_DEADLINE + SECOND
"""For how long a slot is in use at most."""

SKEW = timedelta(minutes=1)
"""A moment that lies this much further ahead than it ever can is a trace of a clock that was set back since.

Longer than a transaction lasts: one that began earlier sees moments from others' later clocks.
"""


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
    query = select(SendSlotRow).where(*_free(work, sender)).order_by(SendSlotRow.free_at, SendSlotRow.number)
    return work.session.scalars(query.limit(most).with_for_update(skip_locked=True)).all()


def count_free(work: Work, sender: Sender) -> int:
    """Return how many slots are free within ``AHEAD`` just now, without locking any."""
    return work.session.scalar(select(func.count()).select_from(SendSlotRow).where(*_free(work, sender))) or 0


def _free(work: Work, sender: Sender) -> tuple[ColumnElement[bool], ...]:
    astray = SendSlotRow.free_at > work.at + LONGEST_USE + SKEW
    return (*_ours(sender), or_(SendSlotRow.free_at <= work.at + sender.limits.ahead, astray))


def occupy(work: Work, row: SendSlotRow) -> Slot:
    """Use a slot: nobody else has it before the send is answered, or broken off."""
    free_at = row.free_at if row.free_at <= work.at + AHEAD else work.at
    slot = Slot(row.number, free_at, work.at + LONGEST_USE)
    row.free_at = slot.until
    return slot


def answered(work: Work, sender: Sender, slot: Slot, at: datetime, *, messages: int = 1) -> None:
    """Free a slot one second after ``at``, unless it has long passed to another send.

    How many ``messages`` an album is shows when it is drawn: those beyond the first use slots from then on.
    """
    _free_from(work, sender, slot, at + SECOND)
    for row in free_slots(work, sender, messages - 1) if messages > 1 else ():
        row.free_at = max(row.free_at, at + SECOND)


def unused(work: Work, sender: Sender, slot: Slot) -> None:
    """Free a slot that nothing was sent with."""
    _free_from(work, sender, slot, slot.free_at)


def _free_from(work: Work, sender: Sender, slot: Slot, moment: datetime) -> None:
    held = (SendSlotRow.bot_id == sender.bot_id, SendSlotRow.number == slot.number, SendSlotRow.free_at == slot.until)
    work.session.execute(update(SendSlotRow).where(*held).values(free_at=moment))


def next_slot(work: Work, sender: Sender) -> datetime | None:
    """Return when the next slot is free, as far as is known now; None where sending is unlimited."""
    if sender.limits.unlimited:
        return None
    return work.session.scalar(select(func.min(SendSlotRow.free_at)).where(*_ours(sender)))


def _ours(sender: Sender) -> tuple[ColumnElement[bool], ...]:
    # Somebody who lowers the limit leaves the higher numbers unused.
    return SendSlotRow.bot_id == sender.bot_id, SendSlotRow.number < int(sender.limits.per_second)
