"""Use cases of watching: what the database says about how the bot is doing, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.domain.case import Status
from bot.services.outbox import Delivery
from bot.store import migrate
from bot.store.tables import CaseRow, FindingRow, OutboxRow, ReminderRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.work import Work

_UNSENT = (Delivery.PENDING, Delivery.FOLDED, Delivery.SENDING, Delivery.DEAD, Delivery.HELD)


@dataclass(frozen=True, slots=True)
class Figures:
    """How much waits and for how long: rows of the outbox by state, ages and lags in seconds."""

    outbox: Mapping[str, int]
    oldest_message: float
    reminder_lag: float
    open_cases: int
    open_findings: int


def schema(work: Work) -> str:
    """Return the revision the database is at, empty before its first migration."""
    return migrate.revision_of(work.session) or ""


def figures(work: Work) -> Figures:
    """Return the figures of this moment."""
    waiting = select(func.min(OutboxRow.not_before)).where(OutboxRow.state.in_([Delivery.PENDING, Delivery.SENDING]))
    due = select(func.min(ReminderRow.due_at)).where(ReminderRow.settled_at.is_(None))
    running = select(func.count()).where(CaseRow.status == Status.RUNNING)
    found = select(func.count()).where(FindingRow.resolved_at.is_(None))
    return Figures(
        outbox=_by_state(work),
        oldest_message=_since(work, work.session.scalar(waiting)),
        reminder_lag=_since(work, work.session.scalar(due)),
        open_cases=work.session.scalars(running).one(),
        open_findings=work.session.scalars(found).one(),
    )


def _by_state(work: Work) -> dict[str, int]:
    query = select(OutboxRow.state, func.count()).where(OutboxRow.state.in_(_UNSENT)).group_by(OutboxRow.state)
    return {state.value: 0 for state in _UNSENT} | dict(work.session.execute(query).all())


def _since(work: Work, moment: datetime | None) -> float:
    return 0.0 if moment is None else max(0.0, (work.at - moment).total_seconds())
