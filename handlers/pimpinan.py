"""The chief's phone: /rapat, and what a start-of-day message offers besides deciding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import AttachedFile, CaseStatus, FileList, Notice
from bot.messages.actions import Action, Verb
from bot.services.authorise import in_view
from bot.services.cards import open_folded
from bot.services.meeting import begin_meeting, end_meeting
from bot.store.tables import AttachmentRow, CaseRow, TaskRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said

if TYPE_CHECKING:
    from bot.services.work import Actor, Work

FILES_AT_ONCE = 4
"""Files that come by themselves; of more, their list does."""


def rapat(work: Work, actor: Actor, _incoming: Incoming) -> Response:
    """Keep my messages back until the next working slot."""
    return said(begin_meeting(work, actor))


def pressed_meeting(work: Work, actor: Actor, _incoming: Incoming, _action: Action) -> Response:
    """Do the same by a button."""
    notice = begin_meeting(work, actor)
    return Response(say=(notice,), toast=notice)


def pressed_meeting_over(work: Work, actor: Actor, _incoming: Incoming, _action: Action) -> Response:
    """Let my messages come again."""
    notice = end_meeting(work, actor)
    return Response(edit=notice, toast=notice)


def pressed_papers(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Show what a decision stands on: the case in full and its files; and the card, where it was kept back."""
    task = work.session.get(TaskRow, action.subject)
    case = in_view(work, actor, work.session.get(CaseRow, task.case_id) if task else None)
    if actor.person is not None:
        open_folded(work, action.subject, actor.person)
    return said(CaseStatus(case.id), *_files(work, case))


def _files(work: Work, case: CaseRow) -> tuple[Notice, ...]:
    own = select(AttachmentRow.id).where(AttachmentRow.case_id == case.id, AttachmentRow.removed_at.is_(None))
    ids = work.session.scalars(own.order_by(AttachmentRow.id)).all()
    if len(ids) > FILES_AT_ONCE:
        return (FileList(case.id),)
    return tuple(AttachedFile(attachment_id) for attachment_id in ids)


AREA = Area(
    commands={"rapat": rapat},
    buttons={
        Verb.MEETING: pressed_meeting,
        Verb.MEETING_OVER: pressed_meeting_over,
        Verb.PAPERS: pressed_papers,
    },
)
