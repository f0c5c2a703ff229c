"""Use case: make the definitions that were read from files known to the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.posts import SECRETARIAT
from bot.services.auditor.calendars import note_calendars
from bot.sop_files.as_json import content_hash, definition_to_dict
from bot.store.races import Turn, insert_new, take_turns
from bot.store.tables import OfficeRow, PostRow, SopVersionRow

if TYPE_CHECKING:
    from bot.domain.sop import Sop
    from bot.services.work import Work

SECRETARIAT_NAME = "Sekretariat"


def publish(work: Work) -> None:
    """Bring offices, post names and SOP versions up to the files' content; replicas that start together take turns."""
    take_turns(work.session, Turn.PUBLISH)
    for sop in work.library.sops.values():
        office = sop.office
        work.session.merge(OfficeRow(id=office.id, name=office.name, zone=office.zone.value))
        work.session.merge(PostRow(office_id=office.id, id=SECRETARIAT, name=SECRETARIAT_NAME, superior=None))
        for post in sop.posts:
            work.session.merge(PostRow(office_id=office.id, id=post.id, name=post.name, superior=post.superior))
        work.session.flush()
        version_of(work, sop)
    note_calendars(work)


def version_of(work: Work, sop: Sop) -> SopVersionRow:
    """Return the row of a definition's content, made at its first use."""
    digest = content_hash(sop)
    found = select(SopVersionRow).where(SopVersionRow.sop_id == sop.id, SopVersionRow.content_hash == digest)
    row = work.session.scalar(found)
    if row is None:
        insert_new(
            work.session,
            SopVersionRow,
            sop_id=sop.id,
            office_id=sop.office.id,
            content_hash=digest,
            definition=definition_to_dict(sop),
            created_at=work.at,
        )
        # Ours, or that of another replica which was first.
        row = work.session.scalars(found).one()
    return row
