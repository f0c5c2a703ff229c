"""What was attached to a step comes to whoever has the case next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import AttachedFile
from bot.services.ledger import WITHDRAWN
from bot.services.outbox import tell
from bot.store import queries
from bot.store.tables import AttachmentRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.work import Work
    from bot.store.tables import CaseRow

FORWARDED = 5
"""So many files of a step come to the next holder by themselves; the others are a button away."""


def forward_files(work: Work, case: CaseRow, task: TaskRow) -> None:
    """Send the holders of ``task`` the newest files of the step that led to it, silently, below their card."""
    files = () if case.secret else _files_before(work, case, task)
    if not files:
        return
    waiting = [row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None]
    for person in queries.holders_of(work.session, case.office_id, waiting, work.at, strategic=task.strategic):
        for file in files:
            tell(work, person, AttachedFile(file.id, task.id), silent=True)


def _files_before(work: Work, case: CaseRow, task: TaskRow) -> Sequence[AttachmentRow]:
    earlier = select(TaskRow.id).where(TaskRow.case_id == case.id, TaskRow.number < task.number)
    # What was given by mistake and taken back led to nothing.
    led = work.session.scalar(earlier.where(TaskRow.outcome != WITHDRAWN).order_by(TaskRow.number.desc()).limit(1))
    own = select(AttachmentRow).where(AttachmentRow.task_id == led, AttachmentRow.removed_at.is_(None))
    newest = work.session.scalars(own.order_by(AttachmentRow.id.desc()).limit(FORWARDED)).all()
    return newest[::-1]
