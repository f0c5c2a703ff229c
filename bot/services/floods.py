"""How much one person may ask of the bot: a bucket per Telegram account that leaks with time.

Everybody has room for far more than hands can type. Whoever fills the bucket is told once, and what
they send until then is acknowledged without being obeyed; nobody else notices. The buckets are rows,
so that replicas share them and a restart forgives nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isinf
from typing import TYPE_CHECKING

from sqlalchemy import CursorResult, delete, func, select

from bot.metrics import FLOODS
from bot.store import queries
from bot.store.database import after_commit
from bot.store.races import insert_new
from bot.store.tables import FloodRow

if TYPE_CHECKING:
    from bot.services.work import Work

MOST_ROWS = 10_000
"""While this many buckets are not empty, accounts that the bot does not know are left unanswered."""

_SWEPT = 100  # emptied buckets that a new one takes away with it


@dataclass(frozen=True, slots=True)
class Allowance:
    """``capacity`` updates at once, and ``per_second`` more with each second. A full bucket rests until half empty."""

    capacity: float = 60
    per_second: float = 1.0

    @property
    def rest(self) -> timedelta:
        """How long somebody with a full bucket is not obeyed."""
        return timedelta(seconds=self.capacity / self.per_second / 2)

    @property
    def drained(self) -> timedelta:
        """How long a full bucket takes to be empty."""
        return timedelta(seconds=self.capacity / self.per_second)


BOUNDLESS = Allowance(float("inf"))
"""For a stage whose clock stands still while its actors are quick. Nothing in the environment leads here."""


@dataclass(frozen=True, slots=True)
class Flooded:
    """Not to be obeyed before ``until``; ``first`` tells that the person has not been told yet."""

    until: datetime
    first: bool


def pour(work: Work, telegram_id: int) -> Flooded | None:
    """Count one update of an account; None where it may be obeyed."""
    allowance = work.library.allowance
    if isinf(allowance.capacity):
        return None
    row = _bucket(work, telegram_id)
    if row is None:
        return _turned_away(work, Flooded(work.at + allowance.rest, first=False))
    flooded = drip(row, allowance, work.at)
    return flooded and _turned_away(work, flooded)


def drip(row: FloodRow, allowance: Allowance, at: datetime) -> Flooded | None:
    """Count one update in a bucket; None where it may be obeyed. One that is not obeyed fills nothing."""
    if row.told_at is not None:
        if at < row.told_at + allowance.rest:
            return Flooded(row.told_at + allowance.rest, first=False)
        row.told_at = None
    passed = max(0.0, (at - row.at).total_seconds())
    level = max(0.0, row.level - passed * allowance.per_second)
    row.at = max(row.at, at)
    if level + 1 > allowance.capacity:
        row.level, row.told_at = level, at
        return Flooded(at + allowance.rest, first=True)
    row.level = level + 1
    return None


def purge(work: Work) -> int:
    """Forget the buckets that have run empty; returns how many."""
    return _sweep(work, None)


def _turned_away(work: Work, flooded: Flooded) -> Flooded:
    after_commit(work.session, FLOODS.inc)
    return flooded


def _bucket(work: Work, telegram_id: int) -> FloodRow | None:
    """Return the account's bucket, locked; None where there is no room for one more stranger."""
    mine = select(FloodRow).where(FloodRow.telegram_id == telegram_id).with_for_update()
    row = work.session.scalar(mine)
    if row is not None:
        return row
    _sweep(work, _SWEPT)
    many = work.session.scalar(select(func.count()).select_from(FloodRow)) or 0
    if many >= MOST_ROWS and queries.person_by_telegram_id(work.session, telegram_id) is None:
        return None
    # Two replicas may meet the same newcomer at once: the second one waits, and counts on the first one's row.
    insert_new(work.session, FloodRow, telegram_id=telegram_id, level=0.0, at=work.at)
    return work.session.scalars(mine).one()


def _sweep(work: Work, limit: int | None) -> int:
    empty = select(FloodRow.telegram_id).where(FloodRow.at < work.at - work.library.allowance.drained)
    # Rows that somebody else is just counting on are left alone.
    ids = work.session.scalars(empty.order_by(FloodRow.at).limit(limit).with_for_update(skip_locked=True)).all()
    result = work.session.execute(delete(FloodRow).where(FloodRow.telegram_id.in_(ids)))
    return result.rowcount if isinstance(result, CursorResult) else 0
