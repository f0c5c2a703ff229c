"""A card's whole life: accept, note, later, more time, undo; and /catatan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.budget import Budget, Unit
from bot.domain.notices import (
    AskNote,
    AskOwnTime,
    AskTimeReason,
    CaseStatus,
    ChooseMoreTime,
    DecideTime,
    Notice,
)
from bot.messages.actions import Action, Verb
from bot.services import cards, more_time
from bot.services.accept import accept
from bot.services.act import person_of, task_for
from bot.services.find import my_task
from bot.services.notes import add_note
from bot.services.questions import Kind, settle
from bot.services.quieten import quieten
from bot.services.undo import undo
from bot.services.work import Refusal
from bot.store.tables import TaskRow
from handlers.area import Area
from handlers.conversation import Incoming, Response, said, split_code
from handlers.status import picked_view

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import QuestionRow


def pressed_more(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Show every button of the card."""
    task_for(work, actor, action.subject)
    cards.refresh_pressed(work, action.subject, person_of(actor), incoming.message_id, more=True)
    return Response()


def pressed_less(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Show the card's main buttons again."""
    task_for(work, actor, action.subject)
    cards.refresh_pressed(work, action.subject, person_of(actor), incoming.message_id)
    return Response()


def pressed_accept(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Note that the task was seen; the card says so."""
    notice = accept(work, actor, action.subject)
    cards.refresh_pressed(work, action.subject, person_of(actor), incoming.message_id)
    return Response(toast=notice)


def catatan(work: Work, actor: Actor, incoming: Incoming) -> Response:
    """Leave a note on my task, or ask for it."""
    code, text = split_code(incoming.text)
    task_id = my_task(work, actor, code, verb="note", command="catatan", text=text)
    return said(add_note(work, actor, task_id, text))


def pressed_note(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Ask for the note."""
    return said(add_note(work, actor, action.subject, None))


def answered_note(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Keep the note that was asked for."""
    settle(work, question, {"text": text})
    return said(add_note(work, actor, question.about["task_id"], text))


def pressed_later(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Put my reminders of the task off."""
    return Response(toast=quieten(work, actor, action.subject))


def pressed_more_time(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Ask how much more time is needed."""
    return said(more_time.ask_for_amount(work, actor, action.subject))


def picked_amount(work: Work, actor: Actor, question: QuestionRow, index: int) -> Response:
    """Go on to the reason, or to an amount in words."""
    settle(work, question, {"index": index})
    task_id, option = question.about["task_id"], question.about["options"][index]
    if option is None:
        return said(more_time.ask_for_words(work, actor, task_id))
    return said(more_time.ask_for_reason(work, actor, task_id, Budget(option[0], Unit(option[1]))))


def answered_amount(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Go on to the reason with the amount that was written; ask again where it is none."""
    settle(work, question, {"text": text})
    task_id, budget = question.about["task_id"], more_time.written_amount(text)
    if budget is None:
        return said(more_time.ask_for_words(work, actor, task_id, again=True))
    return said(more_time.ask_for_reason(work, actor, task_id, budget))


def answered_reason(work: Work, actor: Actor, question: QuestionRow, text: str) -> Response:
    """Ask the sekretariat with the reason that was asked for."""
    settle(work, question, {"text": text})
    about = question.about
    budget = Budget(about["amount"], Unit(about["unit"]))
    return said(more_time.ask_for_time(work, actor, about["task_id"], budget, text))


def pressed_grant(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Grant more time."""
    return _decided(work, actor, incoming, action, grant=True)


def pressed_refuse(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Response:
    """Refuse more time."""
    return _decided(work, actor, incoming, action, grant=False)


def _decided(work: Work, actor: Actor, incoming: Incoming, action: Action, *, grant: bool) -> Response:
    number = action.extra or 0
    try:
        notice = more_time.decide_time(work, actor, action.subject, number, grant=grant)
    except Refusal as refusal:
        edit = _pressed(work, actor, incoming, action)
        return Response(edit=edit, toast=refusal.notice, alert=True)
    shown = _pressed(work, actor, incoming, action)
    # Every message that asked for the decision says by now who decided.
    return Response(edit=None if isinstance(shown, DecideTime) else shown, toast=notice)


def _pressed(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Notice | None:
    """Return what the pressed message is: the request put to this person, or the status of its case."""
    if incoming.message_id is None or actor.person is None:
        return None
    for place in more_time.places_of(work, action.subject, action.extra or 0):
        if place.person_id == actor.person.id and place.message_id in {None, incoming.message_id}:
            return DecideTime(place.id)
    task = work.session.get(TaskRow, action.subject)
    return CaseStatus(task.case_id) if task else None


def pressed_undo(work: Work, actor: Actor, _incoming: Incoming, action: Action) -> Response:
    """Take back what I did with the task."""
    return Response(toast=undo(work, actor, action.subject))


AREA = Area(
    commands={"catatan": catatan},
    buttons={
        Verb.MORE: pressed_more,
        Verb.LESS: pressed_less,
        Verb.ACCEPT: pressed_accept,
        Verb.NOTE: pressed_note,
        Verb.LATER: pressed_later,
        Verb.MORE_TIME: pressed_more_time,
        Verb.GRANT: pressed_grant,
        Verb.REFUSE_TIME: pressed_refuse,
        Verb.UNDO: pressed_undo,
    },
    picks={Kind.TIME_AMOUNT: picked_amount},
    texts={Kind.NOTE_TEXT: answered_note, Kind.TIME_OWN: answered_amount, Kind.TIME_REASON: answered_reason},
    questions={
        Kind.TIME_AMOUNT: ChooseMoreTime,
        Kind.NOTE_TEXT: AskNote,
        Kind.TIME_OWN: AskOwnTime,
        Kind.TIME_REASON: AskTimeReason,
    },
    case_picks={"catatan": picked_view},
)
