"""Use case: a holder attaches a file to a task as evidence. Its content stays at Telegram."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, select

from bot.domain.case import Attach
from bot.domain.notices import AskFile, FileKnown, FileRefused, FilesAttached, Notice
from bot.services.act import act, decide, person_of, task_for
from bot.services.outbox import Delivery, tell
from bot.services.questions import Kind, ask
from bot.services.work import Refusal
from bot.store.tables import AttachmentRow, OutboxRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import CaseRow, PersonRow, TaskRow

MOST_BYTES = 20 * 1024 * 1024
"""What a bot can fetch from Telegram: of anything larger there would never be a checksum."""

MOST_FILES = 20
"""Files on one task."""

ALBUM_IS_WHOLE = timedelta(seconds=2)
"""The files of an album arrive one by one: the one answer to them waits this long for the last."""

NOT_KEPT = 0
"""The id of an attachment while it is only asked whether it would be taken; no row has it."""

MORE_FILES_WITHIN = timedelta(minutes=10)
"""How long after a file the next one still answers the same question."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A file that somebody sent, as Telegram describes it: ``size`` in bytes, None where Telegram does not say."""

    file_id: str
    unique_id: str
    name: str
    mime_type: str
    size: int | None
    photo: bool
    album: str = ""


def ask_for_file(work: Work, actor: Actor, task_id: int) -> Notice:
    """Ask for files and return the question; raises Refusal where none would be taken."""
    case, task, _ = task_for(work, actor, task_id)
    _refuse_full(work, case, task)
    question = ask(work, person_of(actor), Kind.ATTACH_FILE, {"task_id": task.id}, awaits_text=True)
    return AskFile(question.id)


def attach(work: Work, actor: Actor, task_id: int, file: Offered) -> Notice | None:
    """Add the file to the task and return the answer; None where that of its album will say it. Raises Refusal."""
    case, task, mine = task_for(work, actor, task_id)
    person = person_of(actor)
    check_size(file, task.id)
    _refuse_full(work, case, task, file)
    command = Attach(
        person.id, mine.posts, task.number, NOT_KEPT, file.unique_id, standin=mine.standin, acting=mine.acting
    )
    decide(work, case, command, task_id=task.id)  # a file that is refused leaves nothing behind
    row = keep(work, task, person, file)
    act(work, actor, case, replace(command, attachment=row.id), task_id=task.id)
    answer = FilesAttached(task.id, row.id)
    if not file.album:
        return answer
    if not _answer_waits(work, person, task):
        tell(work, person, answer, cause_id=person.id, not_before=work.at + ALBUM_IS_WHOLE)
    return None


def keep(work: Work, task: TaskRow, person: PersonRow, file: Offered) -> AttachmentRow:
    """Store where Telegram has the file; what it is to the case is for the caller to record."""
    row = AttachmentRow(
        case_id=task.case_id,
        task_id=task.id,
        person_id=person.id,
        file_id=file.file_id,
        file_unique_id=file.unique_id,
        name=file.name,
        mime_type=file.mime_type,
        size=file.size,
        photo=file.photo,
        album=file.album or None,
        added_at=work.at,
    )
    work.session.add(row)
    work.session.flush()
    return row


def check_size(file: Offered, task_id: int | None = None) -> None:
    """Raise Refusal for a file that nobody could read back through the bot."""
    if file.size is not None and file.size > MOST_BYTES:
        raise Refusal(FileRefused("size", task_id))


def task_of_album(work: Work, person: PersonRow, album: str) -> int | None:
    """Return the task that the files sent together with this one went to, if any has been placed."""
    if not album:
        return None
    mine = AttachmentRow.person_id == person.id, AttachmentRow.album == album
    return work.session.scalar(select(AttachmentRow.task_id).where(*mine).order_by(AttachmentRow.id.desc()).limit(1))


def _refuse_full(work: Work, case: CaseRow, task: TaskRow, file: Offered | None = None) -> None:
    if case.secret:
        raise Refusal(FileRefused("secret", task.id))
    if file is not None and (known := _known(work, task, file)) is not None:
        raise Refusal(FileKnown(known))
    count = select(func.count()).select_from(AttachmentRow).where(*_on(task.id))
    if work.session.scalars(count).one() >= MOST_FILES:
        raise Refusal(FileRefused("many", task.id))


def _known(work: Work, task: TaskRow, file: Offered) -> int | None:
    same = select(AttachmentRow.id).where(*_on(task.id), AttachmentRow.file_unique_id == file.unique_id)
    return work.session.scalar(same.limit(1))


def _on(task_id: int) -> tuple[ColumnElement[bool], ...]:
    return AttachmentRow.task_id == task_id, AttachmentRow.removed_at.is_(None)


def _answer_waits(work: Work, person: PersonRow, task: TaskRow) -> bool:
    """Whether an answer that will count this file, too, still waits to be sent."""
    waiting = select(OutboxRow.data).where(
        OutboxRow.chat_id == person.telegram_id,
        OutboxRow.notice == FilesAttached.__name__,
        OutboxRow.state == Delivery.PENDING,
    )
    return any(data["task_id"] == task.id for data in work.session.scalars(waiting))
