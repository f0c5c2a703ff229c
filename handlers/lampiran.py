"""Attachments: files that travel with a task or a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import (
    AskFile,
    AttachedFile,
    CaseOver,
    CodeUnknown,
    FileList,
    FileRefused,
    FileUnplaced,
    HeldByOthers,
    NotUnderstood,
)
from bot.messages.actions import Action, Verb
from bot.services.act import person_of
from bot.services.attach import MORE_FILES_WITHIN, Offered, ask_for_file, attach, task_of_album
from bot.services.authorise import Capability, in_view, may
from bot.services.find import member_offices
from bot.services.questions import Kind
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import AttachmentRow, CaseRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said, split_code

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def pressed_attach(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Ask for the files of the button's task."""
    return said(ask_for_file(work, actor, action.subject))


def answered_file(work: Work, actor: Actor, question: QuestionRow, incoming: Incoming) -> Response:
    """Attach a file that was asked for; the next ones answer the same question for a while.

    A caption that names another case says more than the question.
    """
    task_id = _named_task(work, actor, incoming)
    if task_id is None:
        question.lapses_at = min(question.lapses_at, work.at + MORE_FILES_WITHIN)
        task_id = question.about["task_id"]
    return _attached(work, actor, task_id, incoming)


def answered_text(_work: Work, _actor: Actor, _question: QuestionRow, _text: str) -> Response:
    """Say what is waited for: a text is no file. The question stays open."""
    return said(FileRefused("kind"))


def unasked(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Answer a file that no question asked for: put on a task's card, or with a case code in its caption."""
    task_id = _card_task(work, incoming) or _named_task(work, actor, incoming) or _album_task(work, actor, incoming)
    if task_id is None:
        return said(FileUnplaced())
    return _attached(work, actor, task_id, incoming)


def is_over(work: Work, question: QuestionRow) -> bool:
    """Whether a question for files has had its answers: another file has to say itself where it belongs."""
    return question.kind == Kind.ATTACH_FILE and question.lapses_at <= work.at


def of_another_kind(work: Work, question: QuestionRow | None, incoming: Incoming) -> Response | None:
    """Answer a voice message, a video, a sticker … where a file belongs; None where none was meant to come."""
    awaited = question is not None and question.kind in {Kind.ATTACH_FILE, Kind.RECORD_PROOF}
    if awaited or _card_task(work, incoming) is not None:
        return said(FileRefused("kind"))
    return None


def pressed_files(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Show the files of a case: in place when paging, else as a new message."""
    case = in_view(work, actor, work.session.get(CaseRow, action.subject))
    if action.extra is None:
        return said(FileList(case.id))
    return Response(edit=FileList(case.id, action.extra))


def pressed_file(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Send one file."""
    row = work.session.get(AttachmentRow, action.subject)
    in_view(work, actor, work.session.get(CaseRow, row.case_id) if row else None)
    return said(AttachedFile(action.subject))


def offered(incoming: Incoming) -> Offered:
    """Return the file that came in."""
    file = incoming.file
    if file is None:
        raise Refusal(NotUnderstood())
    return Offered(
        file.file_id, file.file_unique_id, file.name, file.mime_type, file.size, photo=file.photo, album=file.album
    )


def _attached(work: Work, actor: Actor, task_id: int, incoming: Incoming) -> Response:
    answer = attach(work, actor, task_id, offered(incoming))
    return Response() if answer is None else said(answer)


def _card_task(work: Work, incoming: Incoming) -> int | None:
    if incoming.reply_to is None:
        return None
    card = queries.card_by_message(work.session, incoming.chat_id, incoming.reply_to)
    return card.task_id if card else None


def _album_task(work: Work, actor: Actor, incoming: Incoming) -> int | None:
    album = incoming.file.album if incoming.file else ""
    return task_of_album(work, person_of(actor), album) if actor.person is not None else None


def _named_task(work: Work, actor: Actor, incoming: Incoming) -> int | None:
    """Return my task of the case that the caption begins with, None without a code; raises Refusal."""
    code, _ = split_code(incoming.text)
    if code is None:
        return None
    cases = queries.case_by_code(work.session, member_offices(work, actor), code)
    found = [(case, queries.open_task(work.session, case.id)) for case in cases]
    mine = [task.id for case, task in found if task and may(work, actor, Capability.ACT, case.office_id, task=task)]
    if len(mine) == 1:
        return mine[0]
    if mine:
        raise Refusal(FileUnplaced())  # the same code in two offices: the card tells which
    if not found:
        raise Refusal(CodeUnknown(code))
    case, task = found[0]
    raise Refusal(HeldByOthers(case.id) if task else CaseOver(case.id))


AREA = Area(
    buttons={Verb.ATTACH: pressed_attach, Verb.FILES: pressed_files, Verb.FILE: pressed_file},
    texts={Kind.ATTACH_FILE: answered_text},
    files={Kind.ATTACH_FILE: answered_file},
    questions={Kind.ATTACH_FILE: AskFile},
)
