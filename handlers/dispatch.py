"""From one update to its answer, inside one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.notices import (
    Apology,
    EditedNotObeyed,
    NotUnderstood,
    QuestionDropped,
    Stranger,
    TooManyMessages,
)
from bot.messages.actions import CARD_VERBS, Action, Verb, parse
from bot.messages.render import Recipient, toast
from bot.services import cards, outbox
from bot.services.authorise import is_member, may_answer
from bot.services.floods import Flooded, pour
from bot.services.people import identify, mark_unreachable
from bot.services.questions import Kind as QuestionKind
from bot.services.questions import drop_text_questions, option, settle
from bot.services.updates import is_new, keep_failed
from bot.services.work import Actor, Refusal, Work
from bot.store import queries
from bot.store.tables import QuestionRow
from handlers import groups, lampiran
from handlers.conversation import Incoming, Kind, Response, said
from handlers.registry import BUTTONS, COMMANDS, FILES, OPEN_TO_ALL, PICKS, QUESTIONS, TEXTS
from handlers.tugas import list_to_refresh

if TYPE_CHECKING:
    from bot.domain.notices import Notice


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a pressed button answers at once: plain text of at most 200 characters."""

    text: str = ""
    alert: bool = False


def dispatch(work: Work, bot_id: int, incoming: Incoming) -> Spoken:
    """Deal with an update once: act on it and queue the answer. A repeated update does nothing."""
    if not is_new(work, bot_id, incoming.update_id):
        return Spoken()
    if not incoming.private and incoming.kind not in groups.HEARD:
        return Spoken()  # talk among others: neither obeyed nor counted
    flooded = pour(work, incoming.user_id) if incoming.user_id else None
    if flooded is not None and incoming.kind not in groups.FACTS:
        return _not_obeyed(work, incoming, flooded)
    if not incoming.private and incoming.kind is not Kind.BUTTON:
        groups.deal_with(work, incoming)
        return Spoken()
    reachable = incoming.private and incoming.kind is not Kind.BLOCKED
    actor = identify(work, incoming.user_id, incoming.name, reachable=reachable)
    try:
        if not incoming.private:
            groups.check_press(work, actor, incoming)
        response = _respond(work, actor, incoming)
    except Refusal as refusal:
        response = _refused(work, actor, incoming, refusal.notice)
    return _answer(work, actor, incoming, response)


def apologise(work: Work, bot_id: int, incoming: Incoming, failure: str) -> Spoken:
    """Store an update that keeps failing on its own account, and say sorry to who sent it."""
    keep_failed(work, bot_id, incoming.update_id, failure, incoming.body)
    if incoming.private and pour(work, incoming.user_id) is None:
        person = queries.person_by_telegram_id(work.session, incoming.user_id)
        outbox.put(work, incoming.chat_id, Apology(), person_id=person.id if person else None)
    return Spoken()


def _not_obeyed(work: Work, incoming: Incoming, flooded: Flooded) -> Spoken:
    """Leave an update of somebody who sends too many at that: said once, and over every button."""
    notice = TooManyMessages(flooded.until.isoformat())
    if incoming.kind is Kind.BUTTON:
        return Spoken(toast(work, notice, Recipient(incoming.chat_id, None)), alert=True)
    person = queries.person_by_telegram_id(work.session, incoming.user_id) if flooded.first else None
    if flooded.first and (incoming.private or person is not None):
        person_id = person.id if person else None
        priority = outbox.Priority.URGENT  # what it says to wait must not be over when it comes
        # In private also where a group saw it come: it is the person who is not obeyed. Strangers cannot be written to.
        outbox.put(work, incoming.user_id, notice, person_id=person_id, cause_id=person_id, priority=priority)
    return Spoken()


def _respond(work: Work, actor: Actor, incoming: Incoming) -> Response:
    if incoming.kind is Kind.BLOCKED:
        if actor.person is not None:
            mark_unreachable(work, actor.person.id)
        return Response()
    if incoming.kind is Kind.UNBLOCKED:
        return Response()
    if not is_member(work, actor) and incoming.command not in OPEN_TO_ALL:
        return _to_stranger(incoming)
    return _ROUTES[incoming.kind](work, actor, incoming)


def _to_stranger(incoming: Incoming) -> Response:
    if incoming.kind is Kind.BUTTON:
        return Response(toast=Stranger(), alert=True)
    return said(Stranger())


def _command(work: Work, actor: Actor, incoming: Incoming) -> Response:
    if actor.person is not None:
        drop_text_questions(work, actor.person)
    handler = COMMANDS.get(incoming.command)
    return handler(work, actor, incoming) if handler else said(NotUnderstood())


def _text(work: Work, actor: Actor, incoming: Incoming) -> Response:
    question = _question_answered(work, actor, incoming)
    handler = TEXTS.get(QuestionKind(question.kind)) if question else None
    if question is None or handler is None or not incoming.text.strip():
        return said(NotUnderstood())
    return _lapsed(work, question) or handler(work, actor, question, incoming.text)


def _file(work: Work, actor: Actor, incoming: Incoming) -> Response:
    question = _question_answered(work, actor, incoming)
    handler = FILES.get(QuestionKind(question.kind)) if question else None
    # A file that was put on a card is meant for that card, whatever else was asked meanwhile.
    # What comes long after the files that were asked for is a matter of its own.
    if question is None or handler is None or _replies_to_card(work, incoming) or lampiran.is_over(work, question):
        return lampiran.unasked(work, actor, incoming)
    return _lapsed(work, question) or handler(work, actor, question, incoming)


def _other(work: Work, actor: Actor, incoming: Incoming) -> Response:
    response = lampiran.of_another_kind(work, _question_answered(work, actor, incoming), incoming)
    return response or _text(work, actor, incoming)


def _question_answered(work: Work, actor: Actor, incoming: Incoming) -> QuestionRow | None:
    person = actor.person
    return queries.text_question(work.session, person.id, incoming.reply_to) if person else None


def _lapsed(work: Work, question: QuestionRow) -> Response | None:
    """Settle a question that was answered too late."""
    if question.lapses_at > work.at:
        return None
    settle(work, question, {"lapsed": True})
    return said(QuestionDropped(lapsed=True))


def _replies_to_card(work: Work, incoming: Incoming) -> bool:
    if incoming.reply_to is None:
        return False
    return queries.card_by_message(work.session, incoming.chat_id, incoming.reply_to) is not None


def _edited(_work: Work, _actor: Actor, incoming: Incoming) -> Response:
    return said(EditedNotObeyed()) if incoming.command else Response()


def _button(work: Work, actor: Actor, incoming: Incoming) -> Response:
    action = parse(incoming.text)
    if action is None:
        return Response(toast=NotUnderstood(), alert=True)
    if action.verb is Verb.PICK:
        return _pick(work, actor, action)
    return BUTTONS[action.verb](work, actor, incoming, action)


def _pick(work: Work, actor: Actor, action: Action) -> Response:
    question = option(work, actor, action.subject)
    kind, index = QuestionKind(question.kind), action.extra or 0
    if kind not in PICKS or index >= len(question.about.get("options", "??")):
        raise Refusal(NotUnderstood())
    response = PICKS[kind](work, actor, question, index)
    # The message with the buttons now says that the choice is made.
    edit = response.edit or QUESTIONS[kind](question.id)
    shown = response.toast or (response.say[0] if response.say else None)
    return Response(say=response.say, edit=edit, toast=shown)


_ROUTES = {
    Kind.COMMAND: _command,
    Kind.TEXT: _text,
    Kind.FILE: _file,
    Kind.EDITED: _edited,
    Kind.BUTTON: _button,
    Kind.OTHER: _other,
}


def _refused(work: Work, actor: Actor, incoming: Incoming, notice: Notice) -> Response:
    if incoming.kind is not Kind.BUTTON:
        return said(notice)
    action = parse(incoming.text)
    # In a group only its own messages are brought up to date, and their buttons show nobody's cards.
    edit = _show_truth(work, actor, incoming, action) if action and incoming.private else None
    # A question cannot be a button's word: it needs buttons or an answer of its own.
    if hasattr(notice, "question_id"):
        return Response(say=(notice,), edit=edit)
    return Response(edit=edit, toast=notice, alert=True)


def _show_truth(work: Work, actor: Actor, incoming: Incoming, action: Action) -> Notice | None:
    """Bring the message with the stale button up to date; returns what the pressed message becomes."""
    if actor.person is None:
        return None
    if action.verb in CARD_VERBS:
        card = queries.card_of(work.session, action.subject, actor.person.id)
        if card is not None:
            cards.refresh_card(work, card)
        return list_to_refresh(work, actor, incoming, action) if action.verb in {Verb.DONE, Verb.REJECT} else None
    question = work.session.get(QuestionRow, action.subject) if action.verb is Verb.PICK else None
    # A question for a text has no buttons, nor has a kept place: whoever presses one for it has forged it.
    if question is None or not may_answer(actor, question) or question.awaits_text:
        return None
    if question.kind not in set(QuestionKind):
        return None
    return QUESTIONS[QuestionKind(question.kind)](question.id)


def _answer(work: Work, actor: Actor, incoming: Incoming, response: Response) -> Spoken:
    person_id = actor.person.id if actor.person else None
    # What stands in a group is nobody's: it is made for all who read there.
    reader_id = person_id if incoming.private else None
    for notice in response.say:
        # A question awaits its answer in private, wherever the button was.
        in_private = incoming.private or hasattr(notice, "question_id")
        outbox.put(
            work,
            incoming.user_id if in_private else incoming.chat_id,
            notice,
            person_id=person_id if in_private else None,
            cause_id=person_id,
            priority=outbox.Priority.ANSWER,
            topic=None if in_private else incoming.topic,
        )
    if response.edit is not None:
        outbox.edit(work, incoming.chat_id, response.edit, person_id=reader_id, message_id=incoming.message_id)
    if response.toast is None:
        return Spoken()
    recipient = Recipient(incoming.chat_id, person_id, actor.admin)
    return Spoken(toast(work, response.toast, recipient), response.alert)
