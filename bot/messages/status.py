"""One case in full, and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.actions import Action, Verb
from bot.messages.attachments import files_button
from bot.messages.card_life import decision_buttons, progress
from bot.messages.case_view import CaseLine, CaseView, Where, case_view
from bot.messages.dates import Reasoning, waktu
from bot.messages.history import Entry, entries_of
from bot.messages.keyboards import button
from bot.messages.labels import label
from bot.messages.limits import TITLE_LIMIT, html_units, shorten
from bot.messages.pictures import case_buttons
from bot.messages.sops import step_hints
from bot.messages.view import Context

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.message import Button
    from bot.messages.view import Rows, View
    from bot.store.tables import TaskRow

ENTRIES_SHOWN = 20
_PAGE_UNITS = 3500
_ENTRY_UNITS = 95  # signs around an entry, and what keeps a page easy to read
_STEPS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class DoneStep:
    """A step that has been done and stands."""

    number: int
    who: str
    moment: str


@dataclass(frozen=True, slots=True)
class OpenStep:
    """The open step, with everything its holders need to know."""

    waktu: str
    given: str
    reasoning: Reasoning | None
    requirements: tuple[str, ...]
    outputs: tuple[str, ...]
    related: str | None
    reported: str
    unconfirmed: str
    progress: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStatusContext(Context):
    """``open`` is set while the case runs; ``rejections`` counts them."""

    case: CaseLine
    sop: str
    where: Where
    open: OpenStep | None
    started: str
    starter: str
    rejections: int
    done: tuple[DoneStep, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHistoryContext(Context):
    """``page`` counts from 1 here."""

    case: CaseLine
    entries: tuple[Entry, ...]
    page: int
    pages: int


def case_status(view: View, notice: n.CaseStatus) -> CaseStatusContext:
    """Return one case in full."""
    case = case_view(view, notice.case_id)
    start = case.story.start
    history = button(label("button.history"), Action(Verb.HISTORY, case.row.id))
    return CaseStatusContext(
        case=case.line,
        sop=shorten(case.sop.name, TITLE_LIMIT),
        where=case.where(),
        open=_open_step(case, case.open) if case.open else None,
        started=case.moment(case.row.started_at),
        starter=case.who(start.by, [start.capacity]),
        rejections=len(case.story.rejections),
        done=_done(case)[-_STEPS_SHOWN:],
        buttons=(*_decision(case), (history, *files_button(view, case.row)), case_buttons(case.row.id)),
    )


def _decision(case: CaseView) -> Rows:
    """Return the buttons for a request for more time that waits, for the sekretariat: also for who came later."""
    if case.open is None or not case.view.is_secretariat(case.row.office_id):
        return ()
    return decision_buttons(case, case.open)


def _open_step(case: CaseView, task: TaskRow) -> OpenStep:
    step = case.step(task)
    return OpenStep(
        waktu=waktu(step.budget),
        given=case.moment(task.given_at),
        reasoning=case.clock.reasoning(task.given_at, step.budget, task.due_at),
        requirements=tuple(shorten(item, TITLE_LIMIT) for item in step.requirements[:8]),
        outputs=tuple(shorten(item, TITLE_LIMIT) for item in step.outputs[:8]),
        related=shorten(step.related, TITLE_LIMIT) if step.related else None,
        reported=case.reporters(task.number),
        unconfirmed=step_hints(step),
        progress=progress(case, task),
    )


def _done(case: CaseView) -> tuple[DoneStep, ...]:
    """Return the steps that have been done and stand."""
    return tuple(
        DoneStep(number, case.reporters(done.task), case.clock.brief(done.real_at or done.at))
        for number, done in case.story.done.items()
    )


def case_history(view: View, notice: n.CaseHistory) -> CaseHistoryContext:
    """Return one page of a case's history; a page that does not exist is the nearest one."""
    case = case_view(view, notice.case_id)
    pages = _pages(entries_of(case))
    newest = len(pages) - 1
    page = newest if notice.page is None else min(notice.page, newest)
    return CaseHistoryContext(
        case=case.line,
        entries=tuple(pages[page]),
        page=page + 1,
        pages=len(pages),
        buttons=_turning(case.row.id, page, len(pages)),
    )


def _pages(entries: list[Entry]) -> list[list[Entry]]:
    """Return the entries by page; pages only ever grow at the end, so a page's number stays true."""
    pages: list[list[Entry]] = [[]]
    room = _PAGE_UNITS
    for entry in entries:
        size = _size(entry)
        if len(pages[-1]) == ENTRIES_SHOWN or (pages[-1] and size > room):
            pages.append([])
            room = _PAGE_UNITS
        pages[-1].append(entry)
        room -= size
    return pages


def _size(entry: Entry) -> int:
    return _ENTRY_UNITS + html_units(entry.moment, entry.line, entry.text)


def _turning(case_id: int, page: int, pages: int) -> Rows:
    row: list[Button] = []
    if page > 0:
        row.append(button(label("button.previous"), Action(Verb.HISTORY, case_id, page - 1)))
    if page < pages - 1:
        row.append(button(label("button.next"), Action(Verb.HISTORY, case_id, page + 1)))
    return (tuple(row),) if row else ()
