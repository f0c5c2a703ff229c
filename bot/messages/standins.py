"""Who stands in for whom: what is asked for it, and what is told of it.

A question that outlives its reader's place in the office shows them nothing of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from bot.domain.posts import HoldingKind
from bot.messages.asking import QuestionContext, choice, confirmation, question_of
from bot.messages.dates import Clock
from bot.messages.desk import TASKS_LISTED, TaskItem, clock_of, items_of
from bot.messages.labels import join, label
from bot.messages.limits import NAME_LIMIT, shorten
from bot.messages.view import Context
from bot.services.standins import Wish
from bot.store import queries
from bot.store.tables import HoldingRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain import notices as n
    from bot.messages.view import View
    from bot.store.tables import QuestionRow

_MOMENT = timedelta(microseconds=1)
_LETTER = 120
_TYPED = -1  # the place of an answer that was written instead of chosen


@dataclass(frozen=True, slots=True)
class Standin:
    """A Plh or Plt in words; ``absent`` is empty for a Plt."""

    post: str
    person: str
    absent: str
    period: str
    letter: str
    office: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseStandinContext(QuestionContext):
    """``absent`` is empty for a vacant post."""

    post: str
    absent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDayContext(QuestionContext):
    """``first`` is empty while that is what is asked; ``example`` is how a day is written."""

    post: str
    person: str
    first: str
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLetterContext(QuestionContext):
    """``example`` is how a day is written."""

    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmStandinContext(QuestionContext):
    """``strategic`` tells that the post has steps that stay with the definitive holder."""

    standin: Standin
    strategic: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainContext(Context):
    """A text without values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeContext(Context):
    """Which office."""

    office: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleContext(Context):
    """How a day is written."""

    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandinRefusedContext(Context):
    """``other`` is what stands in the way, None where nothing does; ``person`` who was to stand in."""

    why: str
    other: Standin | None
    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StandinSetContext(Context):
    """``role`` of the reader: ``standin``, ``absent`` or ``monitor``."""

    standin: Standin
    role: str
    over: bool
    begun: bool
    starts: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeoverContext(Context):
    """``items`` are the tasks that move, ``kept`` counts the strategic ones that do not."""

    standin: Standin
    role: str
    items: tuple[TaskItem, ...]
    left_out: int
    kept: int


# --- asking -----------------------------------------------------------------------------------


def choose_absent(view: View, notice: n.ChooseAbsent) -> QuestionContext | None:
    """Return whose post, or which vacant post, somebody can stand in on."""
    question = question_of(view, notice.question_id)
    wishes = [Wish.from_data(data) for data in question.about["options"]]
    if not {wish.office_id for wish in wishes} <= set(view.offices):
        return None
    state = choice(view, question, [(index, _absent_label(view, wish)) for index, wish in enumerate(wishes)])
    return None if state is None else QuestionContext(**state)


def _absent_label(view: View, wish: Wish) -> str:
    values = {"post": view.post(wish.office_id, wish.post_id), "office": shorten(_office(view, wish), NAME_LIMIT)}
    if wish.absent is not None:
        values["person"] = _absent(view, wish)
    several = "_office" if view.several_offices else ""
    return label(f"button.{'vacant' if wish.absent is None else 'absent'}{several}", **values)


def choose_standin(view: View, notice: n.ChooseStandin) -> ChooseStandinContext | None:
    """Return who can stand in; the last one is somebody new."""
    question = question_of(view, notice.question_id)
    wish = _wish(question)
    state = choice(view, question, people_labels(view, wish.office_id, question, label("button.somebody_new")))
    if state is None or wish.office_id not in view.offices:
        return None
    return ChooseStandinContext(post=_post(view, wish), absent=_absent(view, wish), **state)


def people_labels(view: View, office_id: str, question: QuestionRow, new: str) -> list[tuple[int, str]]:
    """Return the people of a question's options by place, with what they hold; 0 is somebody ``new``."""
    held: dict[int, list[str]] = {}
    for row in queries.office_holdings(view.session, office_id, view.at):
        held.setdefault(row.person_id, []).append(view.post_as(office_id, row.post_id, HoldingKind(row.kind)))
    return [
        (place, label("button.candidate", person=view.person(who), posts=join(held.get(who, []))) if who else new)
        for place, who in enumerate(question.about["options"])
    ]


def ask_first_day(view: View, notice: n.AskFirstDay) -> AskDayContext | None:
    """Return from when on somebody can stand in; any other day can be written."""
    question = question_of(view, notice.question_id)
    names = ("today", "tomorrow", "next_week")
    days = [date.fromisoformat(day) for day in question.about["options"]]
    clock = clock_of(view, _wish(question).office_id)
    labels = [(at, label(f"button.{names[at]}", day=clock.day(day))) for at, day in enumerate(days)]
    return _ask_day(view, question, labels)


def ask_last_day(view: View, notice: n.AskLastDay) -> AskDayContext | None:
    """Return until when; a Plt may stay open."""
    question = question_of(view, notice.question_id)
    wish, labels = _wish(question), []
    for place, day in enumerate(question.about["options"]):
        last = date.fromisoformat(day) if day else None
        key = "open_end" if last is None else "same_day" if last == wish.first else "until_day"
        labels.append((place, label(f"button.{key}", day=clock_of(view, wish.office_id).day(last) if last else "")))
    return _ask_day(view, question, labels)


def _ask_day(view: View, question: QuestionRow, labels: list[tuple[int, str]]) -> AskDayContext | None:
    wish = _wish(question)
    clock = clock_of(view, wish.office_id)
    state = _typed_or_chosen(view, question, labels, clock)
    if state is None or wish.office_id not in view.offices:
        return None
    return AskDayContext(
        post=_post(view, wish),
        person=view.person(wish.person_id),
        first=clock.day(wish.first) if wish.first else "",
        example=example(clock),
        **state,
    )


def _typed_or_chosen(
    view: View, question: QuestionRow, labels: list[tuple[int, str]], clock: Clock
) -> dict[str, Any] | None:
    """Return the state of a question that takes a button or a text; what was written stands in for the choice."""
    typed = (question.answer or {}).get("typed", "")
    day = (question.answer or {}).get("day")
    shown = clock.day(date.fromisoformat(day)) if day else shorten(typed, _LETTER)
    return choice(view, question, [*labels, (_TYPED, shown)], shown={place for place, _ in labels})


def ask_letter(view: View, notice: n.AskLetter) -> AskLetterContext | None:
    """Return the question for the surat tugas, with a way on without it."""
    question = question_of(view, notice.question_id)
    office_id = _wish(question).office_id
    clock = clock_of(view, office_id)
    state = _typed_or_chosen(view, question, [(0, label("button.without_letter"))], clock)
    return None if state is None or office_id not in view.offices else AskLetterContext(example=example(clock), **state)


def confirm_standin(view: View, notice: n.ConfirmStandin) -> ConfirmStandinContext | None:
    """Return all that would be set."""
    question = question_of(view, notice.question_id)
    wish = _wish(question)
    state = confirmation(view, question, label("button.yes_standin"))
    if state is None or wish.office_id not in view.offices:
        return None
    steps = (step for sop in view.work.library.of_office(wish.office_id) for step in sop.steps)
    strategic = any(step.strategic and wish.post_id in step.posts for step in steps)
    return ConfirmStandinContext(standin=_wished(view, wish), strategic=strategic, **state)


def _wish(question: QuestionRow) -> Wish:
    return Wish.from_data(question.about["wish"])


def _post(view: View, wish: Wish) -> str:
    return view.post_as(wish.office_id, wish.post_id, wish.kind)


def _office(view: View, wish: Wish) -> str:
    return view.office(wish.office_id)


def _absent(view: View, wish: Wish) -> str:
    return "" if wish.absent is None else view.person(view.session.get_one(HoldingRow, wish.absent).person_id)


def _wished(view: View, wish: Wish) -> Standin:
    clock = clock_of(view, wish.office_id)
    return Standin(
        post=_post(view, wish),
        person=view.person(wish.person_id),
        absent=_absent(view, wish),
        period=_period(clock, wish.first or clock.calendar.local(view.at).date(), wish.last),
        letter=_letter(clock, wish.letter, wish.letter_date),
        office=_office(view, wish),
    )


# --- telling ----------------------------------------------------------------------------------


def plain(_view: View, _notice: n.InviteFirst) -> PlainContext:
    """Return a text that is always the same."""
    return PlainContext()


def nobody_to_stand_in(view: View, notice: n.NobodyToStandIn) -> OfficeContext:
    """Return in which office nobody else is."""
    return OfficeContext(office=view.office(notice.office_id))


def day_unclear(view: View, _notice: n.DayUnclear) -> ExampleContext:
    """Return how a day is written."""
    return ExampleContext(example=f"{view.at.date() + timedelta(days=1):%d-%m-%Y}")


def standin_refused(view: View, notice: n.StandinRefused) -> StandinRefusedContext:
    """Return why somebody cannot stand in so."""
    row = view.session.get(HoldingRow, notice.holding_id)
    person = view.person(notice.person_id) if notice.person_id else ""
    return StandinRefusedContext(why=notice.why, other=standin_of(view, row) if row else None, person=person)


def standin_set(view: View, notice: n.StandinSet) -> StandinSetContext:
    """Return who stands in for whom, when."""
    row = view.session.get_one(HoldingRow, notice.holding_id)
    return StandinSetContext(
        standin=standin_of(view, row),
        role=_role(view, row),
        over=row.until is not None and row.until <= max(view.at, row.since),
        begun=row.since <= view.at,
        starts=clock_of(view, row.office_id).moment(row.since),
    )


def standin_began(view: View, notice: n.StandinBegan) -> ChangeoverContext | None:
    """Return that it has begun and what moves; None where it is over already."""
    row = view.session.get_one(HoldingRow, notice.holding_id)
    return None if row.until is not None and row.until <= view.at else _changeover(view, row)


def standin_ended(view: View, notice: n.StandinEnded) -> ChangeoverContext:
    """Return that it is over and what is back."""
    return _changeover(view, view.session.get_one(HoldingRow, notice.holding_id))


def _changeover(view: View, row: HoldingRow) -> ChangeoverContext:
    tasks = queries.open_tasks_of_posts(view.session, row.office_id, [row.post_id])
    moving = [task for task in tasks if not task.strategic]
    return ChangeoverContext(
        standin=standin_of(view, row),
        role=_role(view, row),
        items=items_of(view, moving[:TASKS_LISTED]),
        left_out=max(0, len(moving) - TASKS_LISTED),
        kept=len(tasks) - len(moving),
    )


def _role(view: View, row: HoldingRow) -> str:
    if row.person_id == view.recipient.person_id:
        return "standin"
    absent = view.session.get(HoldingRow, row.stands_for) if row.stands_for is not None else None
    return "absent" if absent is not None and absent.person_id == view.recipient.person_id else "monitor"


def standin_of(view: View, row: HoldingRow) -> Standin:
    """Return a holding in words."""
    clock = clock_of(view, row.office_id)
    absent = view.session.get(HoldingRow, row.stands_for) if row.stands_for is not None else None
    return Standin(
        post=view.post_as(row.office_id, row.post_id, HoldingKind(row.kind)),
        person=view.person(row.person_id),
        absent=view.person(absent.person_id) if absent else "",
        period=_period(clock, clock.calendar.local(row.since).date(), _last(clock, row.until)),
        letter=_letter(clock, row.letter_number or "", row.letter_date),
        office=view.office(row.office_id),
    )


def period_note(view: View, row: HoldingRow) -> str:
    """Return when a holding ends, or begins and ends, to stand behind its name; empty for an ordinary one."""
    clock = clock_of(view, row.office_id)
    last = _last(clock, row.until)
    first = clock.day(clock.calendar.local(row.since).date()) if row.since > view.at else ""
    if last is None:
        return label("period.note_open", first=first) if first else ""
    return label("period.note_between" if first else "period.note_until", first=first, last=clock.day(last))


def example(clock: Clock) -> str:
    """Return how a day is written: tomorrow."""
    return f"{clock.calendar.local(clock.at).date() + timedelta(days=1):%d-%m-%Y}"


def _last(clock: Clock, until: datetime | None) -> date | None:
    return None if until is None else clock.calendar.local(until - _MOMENT).date()


def _period(clock: Clock, first: date, last: date | None) -> str:
    if last is None:
        return label("period.open", first=clock.day(first))
    key = "one_day" if first == last else "between"
    return label(f"period.{key}", first=clock.day(first), last=clock.day(last))


def _letter(clock: Clock, number: str, day: date | None) -> str:
    if not number:
        return ""
    shown = shorten(number, _LETTER)
    return (
        label("letter.numbered", number=shown)
        if day is None
        else label("letter.dated", number=shown, day=clock.day(day))
    )
