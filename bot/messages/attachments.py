"""Attached files: what they add to a task card, the answers to whoever sends them, and the files themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, select

from bot.messages.actions import Action, Verb
from bot.messages.asking import question_of
from bot.messages.case_view import CaseLine, TaskLine, case_view, task_and_case
from bot.messages.keyboards import button
from bot.messages.labels import label
from bot.messages.limits import shorten
from bot.messages.message import Attachment
from bot.messages.view import Context
from bot.services.attach import MOST_BYTES, MOST_FILES
from bot.store import queries
from bot.store.tables import AttachmentRow, CaseRow, TaskRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.case_view import CaseView
    from bot.messages.message import Button
    from bot.messages.view import Rows, View

FILES_SHOWN = 8
_NAME = 60
_NAMES_SHOWN = 10
_KILO = 1024
_MEGA = 1024 * 1024


@dataclass(frozen=True, slots=True)
class FileLine:
    """A file in words; ``sha256`` is there once its content was read, ``unread`` where that is not possible."""

    name: str
    size: str
    who: str
    step: str
    moment: str
    sha256: str
    unread: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AskFileContext(Context):
    """Which task the files are for; ``megabytes`` is how large one may be."""

    case: CaseLine
    task: TaskLine
    megabytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesAttachedContext(Context):
    """``names`` are those just attached, ``left_out`` counts the ones beyond them; ``count`` is the task's."""

    case: CaseLine
    task: TaskLine
    names: tuple[str, ...]
    left_out: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRefusedContext(Context):
    """Why a file was not taken; ``case`` where it was meant for one. Limits are the bot's."""

    why: str
    case: CaseLine | None
    megabytes: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContext(Context):
    """One file, and the case that it belongs to."""

    case: CaseLine
    file: FileLine


@dataclass(frozen=True, slots=True, kw_only=True)
class FileListContext(Context):
    """One page of a case's files; ``page`` counts from 1 here."""

    case: CaseLine
    files: tuple[FileLine, ...]
    secret: bool
    page: int
    pages: int


def card_lines(view: View, case: CaseView, _task: TaskRow) -> Sequence[str]:
    """Return how many files the case has."""
    count = count_of(view, case.row)
    return (label("attachments.count", count=count),) if count else ()


def card_buttons(view: View, case: CaseView, task: TaskRow) -> Sequence[Button]:
    """Return *Lampirkan*, and *Lihat lampiran* where there is something to see."""
    if case.row.secret:
        return ()
    return button(label("button.attach"), Action(Verb.ATTACH, task.id)), *files_button(view, case.row)


def files_button(view: View, case: CaseRow) -> Sequence[Button]:
    """Return *Lihat lampiran* for a case that has files to be seen here."""
    shown = not case.secret and count_of(view, case) > 0
    return (button(label("button.files"), Action(Verb.FILES, case.id)),) if shown else ()


def count_of(view: View, case: CaseRow) -> int:
    """Return how many files a case has."""
    count = select(func.count()).select_from(AttachmentRow)
    return view.session.scalars(count.where(*_of_case(case.id))).one()


def file_name(row: AttachmentRow) -> str:
    """Return what a file is called: a photo has no name of its own."""
    return shorten(row.name, _NAME) or label("attachments.photo" if row.photo else "attachments.nameless")


def file_size(size: int | None) -> str:
    """Return a size in words, empty where Telegram did not say."""
    if size is None:
        return ""
    if size < _MEGA:
        return label("attachments.kilobytes", count=max(1, round(size / _KILO)))
    return label("attachments.megabytes", count=round(size / _MEGA, 1))


def file_in_words(view: View, attachment_id: int) -> str:
    """Return a file's name, size and checksum in one line, as far as they are known; nothing of a secret case's."""
    row = view.session.get_one(AttachmentRow, attachment_id)
    if view.session.get_one(CaseRow, row.case_id).secret:
        return ""
    return label("attachments.line", name=file_name(row), size=file_size(row.size), sha256=row.sha256 or "")


def ask_file(view: View, notice: n.AskFile) -> AskFileContext | None:
    """Return which task the files are for; None once the question was dropped."""
    question = question_of(view, notice.question_id)
    if question.answered_at is not None:
        return None
    case, task = task_and_case(view, question.about["task_id"])
    return AskFileContext(
        case=case.line,
        task=case.task_line(task),
        megabytes=MOST_BYTES // _MEGA,
        force_reply=label("placeholder.file"),
    )


def files_attached(view: View, notice: n.FilesAttached) -> FilesAttachedContext:
    """Return what was attached since then, and what the task has altogether."""
    case, task = task_and_case(view, notice.task_id)
    rows = [row for row in _files(view, case.row) if row.task_id == task.id]
    new = [row for row in rows if row.id >= notice.since_id and row.person_id == view.recipient.person_id]
    return FilesAttachedContext(
        case=case.line,
        task=case.task_line(task),
        names=tuple(file_name(row) for row in new[:_NAMES_SHOWN]),
        left_out=max(0, len(new) - _NAMES_SHOWN),
        count=len(rows),
    )


def file_known(view: View, notice: n.FileKnown) -> FileContext:
    """Return as what the same content is there already."""
    return _file(view, view.session.get_one(AttachmentRow, notice.attachment_id))


def file_refused(view: View, notice: n.FileRefused) -> FileRefusedContext:
    """Return why the file was not taken."""
    known = notice.task_id is not None and view.session.get(TaskRow, notice.task_id) is not None
    case = task_and_case(view, notice.task_id)[0].line if known and notice.task_id is not None else None
    return FileRefusedContext(why=notice.why, case=case, megabytes=MOST_BYTES // _MEGA, most=MOST_FILES)


def attached_file(view: View, notice: n.AttachedFile) -> FileContext | None:
    """Return the file with its caption; None where it was removed, is secret now, or its task is over."""
    row = view.session.get_one(AttachmentRow, notice.attachment_id)
    if row.removed_at is not None or view.session.get_one(CaseRow, row.case_id).secret:
        return None
    reply_to = None
    if notice.to_task is not None:
        if view.session.get_one(TaskRow, notice.to_task).ended_at is not None:
            return None
        person_id = view.recipient.person_id
        card = queries.card_of(view.session, notice.to_task, person_id) if person_id is not None else None
        reply_to = card.message_id if card else None
    return _file(view, row, Attachment(row.file_id, row.photo), reply_to)


def file_list(view: View, notice: n.FileList) -> FileListContext:
    """Return one page of a case's files, newest first; a page that does not exist is the nearest one."""
    case = case_view(view, notice.case_id)
    rows = [] if case.row.secret else list(reversed(_files(view, case.row)))
    pages = max(1, -(-len(rows) // FILES_SHOWN))
    page = min(notice.page, pages - 1)
    shown = rows[page * FILES_SHOWN : (page + 1) * FILES_SHOWN]
    return FileListContext(
        case=case.line,
        files=tuple(_line(case, row) for row in shown),
        secret=case.row.secret,
        page=page + 1,
        pages=pages,
        buttons=(*((_own(row),) for row in shown), *_turning(case.row.id, page, pages)),
    )


def _own(row: AttachmentRow) -> Button:
    return button(label("button.file", name=file_name(row)), Action(Verb.FILE, row.id))


def _turning(case_id: int, page: int, pages: int) -> Rows:
    row: list[Button] = []
    if page > 0:
        row.append(button(label("button.previous"), Action(Verb.FILES, case_id, page - 1)))
    if page < pages - 1:
        row.append(button(label("button.next"), Action(Verb.FILES, case_id, page + 1)))
    return (tuple(row),) if row else ()


def _file(view: View, row: AttachmentRow, shown: Attachment | None = None, reply_to: int | None = None) -> FileContext:
    case = case_view(view, row.case_id)
    return FileContext(case=case.line, file=_line(case, row), attachment=shown, reply_to=reply_to)


def _line(case: CaseView, row: AttachmentRow) -> FileLine:
    task = case.view.session.get_one(TaskRow, row.task_id)
    return FileLine(
        name=file_name(row),
        size=file_size(row.size),
        who=case.view.person(row.person_id),
        step=label("step.short", number=task.step),
        moment=case.clock.brief(row.added_at),
        sha256=row.sha256 or "",
        unread=row.failed is not None,
    )


def _files(view: View, case: CaseRow) -> Sequence[AttachmentRow]:
    return view.session.scalars(select(AttachmentRow).where(*_of_case(case.id)).order_by(AttachmentRow.id)).all()


def _of_case(case_id: int) -> tuple[ColumnElement[bool], ...]:
    return AttachmentRow.case_id == case_id, AttachmentRow.removed_at.is_(None)
