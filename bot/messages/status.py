"""One case in full, and everything that happened to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain import events as ev
from bot.messages.actions import Action, Verb
from bot.messages.case_view import CaseLine, CaseView, Where, case_view
from bot.messages.dates import Reasoning, waktu
from bot.messages.keyboards import button
from bot.messages.labels import join, label
from bot.messages.limits import TITLE_LIMIT, html_units, shorten
from bot.messages.sops import step_hints
from bot.messages.view import Context

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.message import Button
    from bot.messages.view import Rows, View
    from bot.store.tables import TaskRow

ENTRIES_SHOWN = 20
_PAGE_UNITS = 3500
_ENTRY_UNITS = 120  # words and tags around an entry
_NOTE = 150
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


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a history; ``kind`` chooses the words."""

    kind: str
    moment: str
    who: str = ""
    step: str = ""
    to_step: str = ""
    text: str = ""
    due: str = ""
    round: int = 1


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
        buttons=((history,),),
    )


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
    )


def _done(case: CaseView) -> tuple[DoneStep, ...]:
    """Return the steps that stand: a rejection undoes everything from its target on."""
    standing: dict[int, ev.StepDone] = {}
    for event in case.story.log:
        if isinstance(event, ev.StepDone):
            standing[event.step] = event
        if isinstance(event, ev.StepRejected):
            standing = {number: done for number, done in standing.items() if number < event.to_step}
    return tuple(
        DoneStep(number, case.reporters(done.task), case.clock.brief(done.at)) for number, done in standing.items()
    )


def case_history(view: View, notice: n.CaseHistory) -> CaseHistoryContext:
    """Return one page of a case's history; a page that does not exist is the nearest one."""
    case = case_view(view, notice.case_id)
    pages = _pages([entry for event in case.story.log if (entry := _entry(case, event))])
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
    return _ENTRY_UNITS + html_units(entry.moment, entry.who, entry.step, entry.to_step, entry.text, entry.due)


def _turning(case_id: int, page: int, pages: int) -> Rows:
    row: list[Button] = []
    if page > 0:
        row.append(button(label("button.previous"), Action(Verb.HISTORY, case_id, page - 1)))
    if page < pages - 1:
        row.append(button(label("button.next"), Action(Verb.HISTORY, case_id, page + 1)))
    return (tuple(row),) if row else ()


def _entry(case: CaseView, event: ev.Event) -> Entry | None:
    moment = case.clock.brief(event.at)
    match event:
        case ev.CaseStarted():
            return Entry("started", moment, case.who(event.by, [event.capacity]))
        case ev.TaskGiven():
            return _given(case, event, moment)
        case ev.PartDone():
            return _part(case, event, moment)
        case ev.StepRejected():
            return _rejected(case, event, moment)
        case ev.CaseCancelled():
            who = case.who(event.by, [event.capacity])
            return Entry("cancelled", moment, who, text=shorten(event.reason, _NOTE))
        case ev.CaseFinished():
            return Entry("finished", moment)
        case _:  # the end of a step is told with the report that led to it
            return None


def _given(case: CaseView, event: ev.TaskGiven, moment: str) -> Entry:
    posts = join([case.view.post(case.row.office_id, post) for post in case.sop.step(event.step).posts])
    due = case.clock.brief(event.due_at)
    return Entry("given", moment, posts, _short(event.step), due=due, round=event.round)


def _part(case: CaseView, event: ev.PartDone, moment: str) -> Entry:
    ended = isinstance(case.story.ending(event.task), ev.StepDone) and case.story.parts(event.task)[-1] == event
    kind = "done" if ended else "part"
    who, note = case.who(event.by, event.posts), shorten(event.note or "", _NOTE)
    return Entry(kind, moment, who, _short(event.step), text=note, round=case.story.round(event.task))


def _rejected(case: CaseView, event: ev.StepRejected, moment: str) -> Entry:
    return Entry(
        "rejected",
        moment,
        case.who(event.by, event.posts),
        _short(event.step),
        _short(event.to_step),
        shorten(event.reason, _NOTE),
        round=case.story.round(event.task),
    )


def _short(number: int) -> str:
    return label("step.short", number=number)
