"""Use cases of whoever operates the bot: what has not gone out and why, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.messages.dates import Clock
from bot.services.outbox import Delivery
from bot.services.undelivered import count
from bot.store import queries
from bot.store.tables import ChatRow, OutboxRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime, timedelta

    from bot.services.work import Work


class Standing(StrEnum):
    """Where a row that has not gone out stands."""

    WAITING = "waiting"  # for its turn, or for its hour
    RESTING = "resting"  # its chat rests
    SENDING = "sending"
    DEAD = "dead"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Unsent:
    """One such row: never what it says, which may be personal. ``who`` is a name, or the chat's id.

    ``until`` is the hour it waits for, in words on its recipient's clock; empty where it waits for none.
    """

    outbox_id: int
    age: timedelta
    standing: Standing
    who: str
    kind: str
    edit: bool
    attempts: int
    error: str
    until: str


class UnfitRowsError(Exception):
    """These rows do not exist, or are not in a state that allows it; nothing was changed."""

    def __init__(self, ids: Iterable[int]) -> None:
        """Carry the ids in order."""
        self.ids = sorted(ids)
        super().__init__(self.ids)


_WAITING = {Delivery.PENDING, Delivery.FOLDED}
_UNSENT = (Delivery.PENDING, Delivery.FOLDED, Delivery.SENDING, Delivery.DEAD, Delivery.HELD)


def unsent(work: Work, states: Collection[Delivery] = _UNSENT) -> list[Unsent]:
    """Return what has not gone out, the oldest first."""
    query = (
        select(OutboxRow, PersonRow.name, ChatRow.blocked_until)
        .outerjoin(PersonRow, PersonRow.id == OutboxRow.person_id)
        .outerjoin(ChatRow, ChatRow.id == OutboxRow.chat_id)
        .where(OutboxRow.state.in_(states))
        .order_by(OutboxRow.id)
    )
    return [_line(work, row, name, blocked) for row, name, blocked in work.session.execute(query)]


def _line(work: Work, row: OutboxRow, name: str | None, blocked: datetime | None) -> Unsent:
    standing = Standing.WAITING if row.state in _WAITING else Standing(row.state)
    if standing is Standing.WAITING and blocked is not None and blocked > work.at:
        standing = Standing.RESTING
    who = name or str(row.chat_id)
    age = work.at - row.created_at
    waits = row.state in _WAITING and row.not_before > max(work.at, row.created_at)
    until = _in_words(work, row) if waits else ""
    return Unsent(row.id, age, standing, who, row.notice, row.edit, row.attempts, row.error or "", until)


def _in_words(work: Work, row: OutboxRow) -> str:
    offices = work.offices()
    own = queries.offices_of(work.session, row.person_id, work.at) if row.person_id is not None else ()
    office = next((offices[known] for known in (*own, *sorted(offices)) if known in offices), None)
    if office is None:
        return f"{row.not_before:%Y-%m-%d %H.%M} UTC"
    return Clock(work.calendar_for(office), work.at).brief(row.not_before)


def retry(work: Work, ids: Collection[int] = (), *, state: Delivery | None = None) -> int:
    """Put dead or held rows back into the queue, all of ``ids`` or all in ``state``; return how many.

    Their time to live begins again. Raises UnfitRowsError.
    """
    rows = _chosen(work, ids, state, among=(Delivery.DEAD, Delivery.HELD))
    for row in rows:
        row.state, row.first_tried_at, row.finished_at, row.lost = Delivery.PENDING, None, None, 0
        row.not_before = max(row.not_before, work.at)
    return len(rows)


def drop(work: Work, ids: Collection[int] = (), *, state: Delivery | None = None) -> int:
    """Give rows up that are not being sent, all of ``ids`` or all in ``state``; return how many.

    Raises UnfitRowsError.
    """
    rows = _chosen(work, ids, state, among=(Delivery.PENDING, Delivery.FOLDED, Delivery.DEAD, Delivery.HELD))
    for row in rows:
        row.state, row.finished_at = Delivery.DROPPED, work.at
        count(work, "dropped")
    return len(rows)


def _chosen(
    work: Work, ids: Collection[int], state: Delivery | None, *, among: Collection[Delivery]
) -> Sequence[OutboxRow]:
    wanted = OutboxRow.id.in_(ids) if state is None else OutboxRow.state == state
    query = select(OutboxRow).where(wanted, OutboxRow.state.in_(among)).order_by(OutboxRow.id)
    rows = work.session.scalars(query.with_for_update()).all()
    if unfit := set(ids) - {row.id for row in rows}:
        raise UnfitRowsError(unfit)
    return rows
