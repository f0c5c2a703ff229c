"""Which group belongs to which office: read by whoever alerts, and by every message that goes to a group."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.tables import OfficeChatRow

if TYPE_CHECKING:
    from bot.services.work import Work


def chat_for(work: Work, office_id: str) -> OfficeChatRow | None:
    """Return the office's alert group, lost or not."""
    return work.session.get(OfficeChatRow, office_id)


def group_of(work: Work, office_id: str) -> OfficeChatRow | None:
    """Return the group that takes the office's alerts now, held shared to the end of the transaction."""
    live = select(OfficeChatRow).where(OfficeChatRow.office_id == office_id, OfficeChatRow.lost_at.is_(None))
    return work.session.scalar(live.with_for_update(read=True).execution_options(populate_existing=True))


def group_in(work: Work, chat_id: int) -> OfficeChatRow | None:
    """Return what a group is to an office, if it is anything."""
    return work.session.scalar(
        select(OfficeChatRow).where(OfficeChatRow.chat_id == chat_id, OfficeChatRow.lost_at.is_(None))
    )
