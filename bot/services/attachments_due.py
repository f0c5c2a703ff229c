"""Which files at Telegram still want their checksum, and what came of reading them.

Whoever is given one has its time: it is given out again when that has passed without an outcome, so a
process that died in between, or an outage, loses nothing.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from bot.store.tables import AttachmentRow

if TYPE_CHECKING:
    from bot.services.work import Work

log = logging.getLogger(__name__)

TRIED_AGAIN_AFTER = timedelta(hours=1)
TRIED_FOR = timedelta(days=7)
"""A file that could not be read so long after it was added is left without a checksum."""


def without_checksum(work: Work, limit: int) -> list[tuple[int, str]]:
    """Return attachments to read now, with Telegram's file ids: never tried before tried, then the longest ago."""
    wanted = (AttachmentRow.sha256.is_(None), AttachmentRow.failed.is_(None), AttachmentRow.removed_at.is_(None))
    rested = or_(AttachmentRow.tried_at.is_(None), AttachmentRow.tried_at <= work.at - TRIED_AGAIN_AFTER)
    order = (AttachmentRow.tried_at.is_not(None), AttachmentRow.tried_at, AttachmentRow.id)
    query = select(AttachmentRow).where(*wanted, rested).order_by(*order).limit(limit)
    rows = work.session.scalars(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        row.tried_at = work.at
    return [(row.id, row.file_id) for row in rows]


def checked(work: Work, attachment_id: int, sha256: str, size: int) -> None:
    """Note the checksum (hexadecimal) of a file's content and its length in bytes."""
    row = work.session.get(AttachmentRow, attachment_id, with_for_update=True)
    if row is not None and row.sha256 is None:
        row.sha256, row.size, row.failed = sha256, size, None


def uncheckable(work: Work, attachment_id: int, why: str) -> None:
    """Note that a file's content cannot be read, in Telegram's words; the file itself can still be passed on."""
    row = work.session.get(AttachmentRow, attachment_id, with_for_update=True)
    if row is not None and row.sha256 is None:
        row.failed = why
        log.warning("attachment without checksum", extra={"action": "attachment.unchecked", "attachment_id": row.id})


def put_off(work: Work, attachment_id: int, why: str) -> None:
    """Note that a file could not be read just now: it is tried again later, for some days."""
    row = work.session.get(AttachmentRow, attachment_id)
    if row is not None and row.added_at <= work.at - TRIED_FOR:
        uncheckable(work, attachment_id, why)
