"""What a card's own life adds to it, and the words around it: accepted, noted, put off, given more time, undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain import events as ev
from bot.domain.budget import Budget, Unit
from bot.domain.case import Undo, handle
from bot.domain.errors import DomainError
from bot.messages.actions import Action, Verb
from bot.messages.asking import QuestionContext, choice, question_of
from bot.messages.case_view import CaseLine, TaskLine, Where, task_and_case
from bot.messages.dates import waktu
from bot.messages.history import TELLERS
from bot.messages.keyboards import button
from bot.messages.labels import join, label
from bot.messages.limits import NOTE_LIMIT, REASON_LIMIT, REASON_LINES, shorten
from bot.messages.message import Style
from bot.messages.view import Context
from bot.services.more_time import deciders
from bot.services.quieten import quiet_until
from bot.store import queries

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.case_view import CaseView
    from bot.messages.message import Button
    from bot.messages.view import Rows, View
    from bot.store.tables import TaskRow


@dataclass(frozen=True, slots=True, kw_only=True)
class OfTaskContext(Context):
    """A task; ``who`` and ``moment`` of what the message is about, ``what`` happened."""

    case: CaseLine
    task: TaskLine
    who: str = ""
    moment: str = ""
    what: str = ""
    where: Where | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedForContext(Context):
    """What a text is asked for. ``amount`` is the time that a reason is for."""

    case: CaseLine
    task: TaskLine
    amount: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseMoreTimeContext(QuestionContext):
    """How long a task has now."""

    case: CaseLine
    task: TaskLine
    waktu: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext(Context):
    """A request for more time. ``state`` is ``waiting``, ``granted``, ``refused`` or ``over`` (the task has ended).

    ``decider`` and ``moment`` say who decided when; ``new_due`` is the deadline if it is (or was) granted.
    """

    case: CaseLine
    task: TaskLine
    asker: str
    amount: str
    waktu: str
    reason: str
    state: str
    decider: str = ""
    moment: str = ""
    new_due: str = ""


@dataclass(frozen=True, slots=True)
class _Decided:
    state: str
    decider: str = ""
    moment: str = ""
    due: datetime | None = None


# --- on the card --------------------------------------------------------------------------------


def card_lines(view: View, case: CaseView, task: TaskRow) -> Sequence[str]:
    """Return who accepted the task, what they noted, what became of its time, and until when it keeps quiet."""
    until = None if view.recipient.person_id is None else quiet_until(view.work, view.recipient.person_id, task.id)
    quiet = () if until is None else (label("card.quiet", moment=case.moment(until)),)
    return (*progress(case, task), *_notes(case, task), *quiet)


def progress(case: CaseView, task: TaskRow) -> tuple[str, ...]:
    """Return who has accepted an open task, and what was asked and granted on top of its budget."""
    return (*accepted(case, task), *_time(case, task))


def accepted(case: CaseView, task: TaskRow) -> tuple[str, ...]:
    """Return who has accepted an open task and when; empty while nobody has. The sekretariat's board shows it, too."""
    seen = case.story.accepted(task.number)
    if not seen:
        return ()
    return (label("card.accepted", who=join([case.acted(event) for event in seen]), moment=case.moment(seen[-1].at)),)


def _notes(case: CaseView, task: TaskRow) -> list[str]:
    return [
        label("card.note", who=case.acted(note), text=shorten(note.note, NOTE_LIMIT, lines=REASON_LINES))
        for note in case.story.notes(task.number)
    ]


def _time(case: CaseView, task: TaskRow) -> list[str]:
    lines = []
    granted = case.story.granted(task.number)
    if granted:
        extra, first = join([waktu(budget) for budget in granted]), case.moment(first_due(case, task))
        lines.append(label("card.more_time", waktu=waktu(case.step(task).budget), extra=extra, first=first))
    request = case.story.request(task.number)
    if request is not None:
        lines.append(label("card.time_asked", who=case.acted(request), amount=_amount(request)))
    return lines


def first_due(case: CaseView, task: TaskRow) -> datetime:
    """Return the deadline that a task was given with."""
    return next(given.due_at for given in case.story.given if given.task == task.number)


def card_front(view: View, case: CaseView, task: TaskRow) -> Sequence[Button]:
    """Return *Terima*, until the recipient has pressed it."""
    if any(seen.by == view.recipient.person_id for seen in case.story.accepted(task.number)):
        return ()
    return (button(label("button.accept"), Action(Verb.ACCEPT, task.id), Style.PRIMARY),)


def card_buttons(view: View, case: CaseView, task: TaskRow) -> Sequence[Button]:
    """Return what else a holder may do with an open task, as far as it is possible now."""
    offered = [] if case.row.secret else [button(label("button.note"), Action(Verb.NOTE, task.id))]
    person_id = view.recipient.person_id
    if task.held_at is None and person_id is not None and quiet_until(view.work, person_id, task.id) is None:
        offered.append(button(label("button.later"), Action(Verb.LATER, task.id)))
    if case.story.request(task.number) is None:
        offered.append(button(label("button.more_time"), Action(Verb.MORE_TIME, task.id)))
    return offered


def undo_buttons(case: CaseView, task: TaskRow) -> Rows:
    """Return *Urungkan* where the recipient can still take back their last word on a task."""
    person_id = case.view.recipient.person_id
    if person_id is None:
        return ()
    try:
        state = queries.state_of(case.view.session, case.row.id)
        handle(state, Undo(person_id, task.number), case.sop, case.calendar, case.view.at)
    except DomainError:
        return ()
    return ((button(label("button.undo"), Action(Verb.UNDO, task.id)),),)


# --- notes, and reminders put off ---------------------------------------------------------------


def ask_note(view: View, notice: n.AskNote) -> AskedForContext | None:
    """Return which task the note is for; None once it was answered or dropped."""
    return _asked_for(view, notice.question_id, "placeholder.note")


def of_task(
    view: View, notice: n.AcceptRecorded | n.NoteRecorded | n.NothingToPutOff | n.RequestWaits
) -> OfTaskContext:
    """Return the task that the message is about."""
    case, task = task_and_case(view, notice.task_id)
    return OfTaskContext(case=case.line, task=case.task_line(task))


def reminders_put_off(view: View, notice: n.RemindersPutOff) -> OfTaskContext:
    """Return until when no reminder comes."""
    case, task = task_and_case(view, notice.task_id)
    moment = case.moment(datetime.fromisoformat(notice.until) if notice.until else task.due_at)
    return OfTaskContext(case=case.line, task=case.task_line(task), moment=moment)


# --- more time ----------------------------------------------------------------------------------


def choose_more_time(view: View, notice: n.ChooseMoreTime) -> ChooseMoreTimeContext | None:
    """Return how much more time can be asked for."""
    question = question_of(view, notice.question_id)
    case, task = task_and_case(view, question.about["task_id"])
    options = [label("button.own_time") if option is None else _named(*option) for option in question.about["options"]]
    state = choice(view, question, list(enumerate(options)))
    if state is None:
        return None
    budget = waktu(case.step(task).budget)
    return ChooseMoreTimeContext(case=case.line, task=case.task_line(task), waktu=budget, **state)


def ask_own_time(view: View, notice: n.AskOwnTime) -> AskedForContext | None:
    """Return which task an amount of time is for; None once it was answered or dropped."""
    return _asked_for(view, notice.question_id, "placeholder.own_time", again=notice.again)


def ask_time_reason(view: View, notice: n.AskTimeReason) -> AskedForContext | None:
    """Return which request the reason is for; None once it was answered or dropped."""
    about = question_of(view, notice.question_id).about
    amount = _named(about["amount"], about["unit"])
    return _asked_for(view, notice.question_id, "placeholder.time_reason", amount=amount)


def _asked_for(
    view: View, question_id: int, placeholder: str, *, amount: str = "", again: bool = False
) -> AskedForContext | None:
    question = question_of(view, question_id)
    if question.answered_at is not None:
        return None
    case, task = task_and_case(view, question.about["task_id"])
    line = case.task_line(task)
    return AskedForContext(case=case.line, task=line, amount=amount, again=again, force_reply=label(placeholder))


def time_asked(view: View, notice: n.TimeAsked) -> OfTaskContext:
    """Return who decides; nobody where the office has no sekretariat."""
    case, task = task_and_case(view, notice.task_id)
    people = deciders(view.work, case.row, view.recipient.person_id or 0)
    own = [person.id for person in people] == [view.recipient.person_id]
    who = view.names(people) if people else ""
    return OfTaskContext(case=case.line, task=case.task_line(task), who=who, what="own" if own else "")


def decide_time(view: View, notice: n.DecideTime) -> RequestContext | None:
    """Return the request with its two buttons, or what became of it; None for who is no monitor any more."""
    about = question_of(view, notice.question_id).about
    case, task = task_and_case(view, about["task_id"])
    if not view.is_secretariat(case.row.office_id):
        return None
    return _request(case, task, about["number"], buttons=decision_buttons(case, task))


def decision_buttons(case: CaseView, task: TaskRow) -> Rows:
    """Return the two buttons for the request that waits for a decision of the recipient's office."""
    request = case.story.request(task.number)
    if request is None or task.ended_at is not None or case.view.recipient.person_id is None:
        return ()
    number = len(_requests(case, task))
    grant = button(label("button.grant"), Action(Verb.GRANT, task.id, number), Style.SUCCESS)
    return ((grant, button(label("button.refuse_time"), Action(Verb.REFUSE_TIME, task.id, number), Style.DANGER)),)


def time_decided(view: View, notice: n.TimeDecided) -> RequestContext | None:
    """Return what was decided on a request; None where there was none."""
    case, task = task_and_case(view, notice.task_id)
    return _request(case, task, notice.number) if notice.number <= len(_requests(case, task)) else None


def request_over(view: View, notice: n.RequestOver) -> RequestContext | None:
    """Return what was decided on the latest request; None where there never was one."""
    case, task = task_and_case(view, notice.task_id)
    number = len(_requests(case, task))
    return _request(case, task, number) if number else None


def others_decide(view: View, notice: n.OthersDecide) -> OfTaskContext:
    """Return who decides on the recipient's request."""
    case, task = task_and_case(view, notice.task_id)
    who = view.names(deciders(view.work, case.row, view.recipient.person_id or 0))
    return OfTaskContext(case=case.line, task=case.task_line(task), who=who)


def _request(case: CaseView, task: TaskRow, number: int, *, buttons: Rows = ()) -> RequestContext:
    request = _requests(case, task)[number - 1]
    decided = _decision(case, task, request)
    waiting = decided.state == "waiting"
    asked = Budget(request.amount, Unit(request.unit))
    due = case.calendar.due(max(task.due_at, case.view.at), asked) if waiting else decided.due
    return RequestContext(
        case=case.line,
        task=case.task_line(task),
        asker=case.acted(request),
        amount=waktu(asked),
        waktu=waktu(case.step(task).budget),
        reason=shorten(request.reason, REASON_LIMIT, lines=REASON_LINES),
        state="over" if waiting and task.ended_at is not None else decided.state,
        decider=decided.decider,
        moment=decided.moment,
        new_due=case.moment(due) if due else "",
        buttons=buttons if waiting else (),
    )


def _requests(case: CaseView, task: TaskRow) -> list[ev.TimeRequested]:
    return [e for e in case.story.log if isinstance(e, ev.TimeRequested) and e.task == task.number]


def _decision(case: CaseView, task: TaskRow, request: ev.TimeRequested) -> _Decided:
    after = case.story.log[case.story.log.index(request) + 1 :]
    for event in after:
        if isinstance(event, ev.TimeGranted | ev.TimeRefused) and event.task == task.number:
            who, moment = case.who(event.by, [event.capacity]), case.moment(event.at)
            if isinstance(event, ev.TimeGranted):
                return _Decided("granted", who, moment, event.due_at)
            return _Decided("refused", who, moment)
    return _Decided("waiting")


def _named(amount: int, unit: str) -> str:
    return waktu(Budget(amount, Unit(unit)))


def _amount(request: ev.TimeRequested) -> str:
    return _named(request.amount, request.unit)


def not_claimed(view: View, notice: n.NotClaimed) -> OfTaskContext:
    """Return who has claimed the task, if anybody has."""
    case, task = task_and_case(view, notice.task_id)
    rows = [row for row in queries.task_posts(view.session, task.id) if row.claimed_by is not None]
    who = join([case.who(row.claimed_by, [row.post_id]) for row in rows if row.claimed_by is not None])
    return OfTaskContext(case=case.line, task=case.task_line(task), who=who)


# --- taken back ---------------------------------------------------------------------------------


def undo_done(view: View, notice: n.UndoDone) -> OfTaskContext:
    """Return the task that is open again."""
    case, task = task_and_case(view, notice.task_id)
    return OfTaskContext(case=case.line, task=case.task_line(task), where=case.where())


def taken_back(view: View, notice: n.TakenBack) -> OfTaskContext | None:
    """Return who took back what, and where the case is now; None where nobody did."""
    case, task = task_and_case(view, notice.task_id)
    undone = _last_undone(case, task)
    word = case.story.word_undone(undone) if undone else None
    if word is None:
        return None
    who, where = case.acted(word), case.where()
    return OfTaskContext(case=case.line, task=case.task_line(task), who=who, what=notice.what, where=where)


def undo_refused(view: View, notice: n.UndoRefused) -> OfTaskContext:
    """Return why nothing can be taken back: what has happened since, and by whom."""
    case, task = task_and_case(view, notice.task_id)
    why = notice.why
    if why == "changed" and _last_undone(case, task) is not None and task.ended_at is None:
        why = "undone"
    since = _since(case, task) if why == "acted" else ""
    return OfTaskContext(case=case.line, task=case.task_line(task), who=since, what=why, where=case.where())


def _last_undone(case: CaseView, task: TaskRow) -> ev.Undone | None:
    undone = [event for event in case.story.log if isinstance(event, ev.Undone) and event.task == task.number]
    return undone[-1] if undone else None


def _since(case: CaseView, task: TaskRow) -> str:
    """Return the first thing that the next holder did, as the history tells it."""
    following = case.story.given_after(task.number)
    log = case.story.log
    after = log[log.index(following) + 1 :] if following else ()
    deeds = (event for event in after if getattr(event, "by", None) is not None)
    return next((TELLERS[type(event)](case, event)[0] for event in deeds), "")
