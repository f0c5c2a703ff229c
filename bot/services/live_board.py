"""The live board (papan langsung): whose running cases somebody may look at now, on a page of their own.

Not to be confused with the pinned message of ``/papan`` (bot.services.boards). Nothing here writes: whoever only
looks is neither made known nor given cards.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bot.services.authorise import Capability, may, offices_where
from bot.services.watching import watched
from bot.services.work import Actor, Refusal
from bot.store import queries
from bot.store.tables import CaseRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.watching import Watched
    from bot.services.work import Work

MOST_CASES = 500
"""So many rows a page shows at most; the least endangered are left out."""

_LARGEST_ID = 2**63


def onlooker(work: Work, telegram_id: int) -> Actor:
    """Return whoever looks, as the store knows them at this moment."""
    person = queries.person_by_telegram_id(work.session, telegram_id)
    return Actor(telegram_id, person.name if person else "", person, telegram_id in work.library.admin_ids)


def offices_seen(work: Work, telegram_id: int) -> tuple[str, ...]:
    """Return the offices whose cases somebody may look at now; none for a stranger."""
    try:
        return offices_where(work, onlooker(work, telegram_id), Capability.LIVE_BOARD)
    except Refusal:
        return ()


def case_seen(work: Work, telegram_id: int, case_id: int) -> CaseRow | None:
    """Return a case that somebody may look at now; None alike for a foreign one and for one that never was."""
    case = work.session.get(CaseRow, case_id) if 0 < case_id < _LARGEST_ID else None
    if case is None or not may(work, onlooker(work, telegram_id), Capability.LIVE_BOARD, case.office_id):
        return None
    return case


def in_danger(work: Work, office_id: str) -> list[Watched]:
    """Return the office's running cases: late ones first, then those due soonest, those on hold last."""
    return sorted(watched(work, office_id), key=_danger)


def _danger(case: Watched) -> tuple[int, datetime, int]:
    # Whose time ran out first is the latest of the late; of the held nobody knows when they go on.
    rank = 2 if case.held else 0 if case.late > timedelta() else 1
    return rank, case.task.due_at, case.case.id
