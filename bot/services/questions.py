"""Questions are rows: what is asked, about what, until when. No dialogue lives in memory."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from bot.domain.notices import AlreadyChosen, QuestionDropped
from bot.services.authorise import require_answer
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import QuestionRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from bot.store.tables import PersonRow

LAPSES_AFTER = timedelta(hours=24)


class Kind(StrEnum):
    """What a question is about; the keys of ``about`` are stated beside each."""

    CHOOSE_SOP = "choose_sop"  # options: sop ids; title
    CHOOSE_TASK = "choose_task"  # options: task ids; verb; text
    CHOOSE_CASE = "choose_case"  # options: case ids; command; text
    REJECT_REASON = "reject_reason"  # task_id
    CANCEL_REASON = "cancel_reason"  # case_id
    CONFIRM_CANCEL = "confirm_cancel"  # case_id, reason
    CHOOSE_POST = "choose_post"  # options: [office id, post id]
    CHOOSE_HOLDING = "choose_holding"  # options: holding ids
    CONFIRM_REMOVAL = "confirm_removal"  # holding_id
    CHOOSE_ABSENT = "choose_absent"  # options: wishes (see standins.Wish); those below: wish, what is known so far
    CHOOSE_STANDIN = "choose_standin"  # options: person ids, 0 for somebody new
    FIRST_DAY = "first_day"  # options: days
    LAST_DAY = "last_day"  # options: days, null for an open end
    LETTER = "letter"  # options: none, to go on without
    CONFIRM_STANDIN = "confirm_standin"
    CHOOSE_MOVE = "choose_move"  # options: holding ids
    CHOOSE_SUCCESSOR = "choose_successor"  # options: person ids, 0 for somebody new; holding_id
    CONFIRM_MOVE = "confirm_move"  # holding_id, person_id
    CHOOSE_RUNNING = "choose_running"  # options: case ids; command; text
    HOLD_REASON = "hold_reason"  # task_id, outside
    MOVE_FROM = "move_from"  # options: post ids; task_id; reason
    MOVE_TO = "move_to"  # options: post ids; task_id, from_post; reason
    MOVE_REASON = "move_reason"  # task_id, from_post, to_post
    RETURN_TO = "return_to"  # options: steps; task_id; reason
    RETURN_REASON = "return_reason"  # task_id, step
    CONFIRM_RETURN = "confirm_return"  # task_id, step, reason
    CHOOSE_OFFICE = "choose_office"  # options: office ids; then: sekretariat, lepas or papan; chat_id, topic, title
    CHOOSE_SETTING = "choose_setting"  # office_id, topic, chosen; options
    TYPE_SETTING = "type_setting"  # office_id, topic, chosen
    CONFIRM_SETTINGS = "confirm_settings"  # office_id, version, patch
    NOTE_TEXT = "note_text"  # task_id
    TIME_AMOUNT = "time_amount"  # options: [amount, unit], null for one's own; task_id
    TIME_OWN = "time_own"  # task_id
    TIME_REASON = "time_reason"  # task_id, amount, unit
    ATTACH_FILE = "attach_file"  # task_id
    RECORD_TASK = "record_task"  # options: task ids; late; this and those below: what is known of the entry so far
    RECORD_PERSON = "record_person"  # options: person ids; task_id
    RECORD_DECISION = "record_decision"  # options: done, reject
    RECORD_REASON = "record_reason"
    RECORD_MEDIUM = "record_medium"  # options: paper, voice
    RECORD_PROOF = "record_proof"  # a file, or a remark
    RECORD_MOMENT = "record_moment"
    RECORD_WHY = "record_why"
    CONFIRM_RECORD = "confirm_record"
    CHOOSE_REPORT = "choose_report"  # options: case ids; command: laporan or kendali
    CHOOSE_FIGURES = "choose_figures"  # options: office ids; month: its first day, empty for the statistics
    OBJECTION_REASON = "objection_reason"  # task_id; told: the place that MAY_OBJECT holds


class Place(StrEnum):
    """What a message is whose place is kept like a question's, and which other buttons than a question's decide on."""

    DECIDE_TIME = "decide_time"  # task_id, number
    UNDO_ANSWER = "undo_answer"
    MAY_OBJECT = "may_object"  # task_id, recorder


def ask(
    work: Work, person: PersonRow, kind: Kind | Place, about: dict[str, Any], *, awaits_text: bool = False
) -> QuestionRow:
    """Store a question to a person.

    A plain text answers the latest question that awaits one; an older one is answered by replying to it.
    """
    question = QuestionRow(
        person_id=person.id,
        chat_id=person.telegram_id,
        kind=kind,
        about=about,
        awaits_text=awaits_text,
        asked_at=work.at,
        lapses_at=work.at + LAPSES_AFTER,
    )
    work.session.add(question)
    work.session.flush()
    return question


def hold_place(work: Work, person: PersonRow, kind: Kind | Place, about: dict[str, Any]) -> QuestionRow:
    """Store where a message stands that other buttons than a question's decide on; nothing answers it."""
    place = ask(work, person, kind, about)
    settle(work, place, {})
    return place


def drop_text_questions(work: Work, person: PersonRow) -> None:
    """Forget the texts a person was asked for, if any: a command came in between."""
    for question in queries.open_text_questions(work.session, person.id):
        settle(work, question, {"dropped": True})


def settle(work: Work, question: QuestionRow, answer: dict[str, Any]) -> None:
    """Mark a question answered, so that it can be answered only once."""
    question.answered_at, question.answer = work.at, answer


def option(work: Work, actor: Actor, question_id: int) -> QuestionRow:
    """Return the open choice a button belongs to, locked; raises Refusal when used, lapsed or foreign."""
    query = select(QuestionRow).where(QuestionRow.id == question_id).with_for_update()
    question = require_answer(actor, work.session.scalar(query))
    if question.answered_at is not None:
        raise Refusal(AlreadyChosen())
    if question.lapses_at <= work.at:
        raise Refusal(QuestionDropped(lapsed=True))
    return question
