"""To the sekretariat: the database came back from a backup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.posts import SECRETARIAT
from bot.messages.dates import Clock
from bot.messages.view import Context
from bot.store import queries
from bot.store.tables import RestorationRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredContext(Context):
    """What was done between ``since`` and ``until`` is missing; ``running`` counts the cases to look through."""

    since: str
    until: str
    running: int


def restored(view: View, notice: n.Restored) -> RestoredContext | None:
    """Return since when acts are missing, on the clock of the recipient's office; None for no member any more."""
    offices = [office for office in view.offices if SECRETARIAT in view.posts_in(office)]
    if not offices:
        return None
    row = view.session.get_one(RestorationRow, notice.restoration_id)
    clock = Clock(view.work.calendar_for(view.work.offices()[offices[0]]), view.at)
    return RestoredContext(
        since=clock.moment(row.backup_at),
        until=clock.moment(row.restored_at),
        running=len(queries.running_cases(view.session, offices)),
    )
