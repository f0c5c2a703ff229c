"""From a row of the outbox to a parcel: rendered when it is taken, so an outage delivers today's truth."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

from bot.domain.notices import MorningDigest, Reminders, WeeklyDigest, WeekSummary, from_data
from bot.domain.office_rules import is_quiet, may_remind, next_speaking
from bot.messages.chief import closing
from bot.messages.message import Message
from bot.messages.render import Recipient, render
from bot.services import papers_sent
from bot.services.groups import group_in
from bot.services.outbox import PIN, Delivery, Priority
from bot.services.placement import judge
from bot.services.undelivered import bury, count, expired
from bot.store import migrate, queries
from bot.store.database import is_transient, is_trouble
from bot.store.tables import (
    AlertThreadRow,
    BoardRow,
    CardRow,
    CaseRow,
    DigestRow,
    OutboxRow,
    PersonRow,
    QuestionRow,
    ReminderRow,
    TaskRow,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.domain.notices import Notice
    from bot.domain.office_rules import OfficeRules
    from bot.domain.worktime import Calendar
    from bot.services.pacing import Sender, Slot
    from bot.services.papers_sent import Uploaded
    from bot.services.work import Work

log = logging.getLogger(__name__)

MOST_LOST = 5
"""After so many attempts in a row without an outcome a row is given up: it would be sent again and again."""

_ANOTHER_VERSION = timedelta(minutes=5)
_NOTHING = Message("")


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message on its way: ``edits`` is the id of the message to edit, None for a new one.

    ``topic`` is the topic of a forum that a new one goes to. One that ``pins`` a message says nothing itself.
    ``uploaded`` is what Telegram calls the message's paper, where it has it already.

    It starts after ``wait``, when chat and ``slot`` are free. ``attempts`` fences its outcome: whoever
    takes the row after the lease has lapsed has a higher number.
    """

    outbox_id: int
    chat_id: int
    message: Message
    edits: int | None
    silent: bool
    attempts: int
    sender: Sender
    slot: Slot | None = None
    wait: timedelta = timedelta(0)
    topic: int | None = None
    pins: int | None = None
    uploaded: Uploaded | None = None


class UnfitRowError(Exception):
    """The database refuses what one row asks of it: the transaction is lost, and ``outbox_id`` is to blame."""

    def __init__(self, outbox_id: int) -> None:
        """Carry the row's id."""
        self.outbox_id = outbox_id
        super().__init__(outbox_id)


def pack(work: Work, sender: Sender, row: OutboxRow) -> Parcel | None:
    """Make a row ready to be sent; None where it says nothing any more, must wait or cannot be rendered.

    Raises UnfitRowError.
    """
    key = row.id
    try:
        return _pack(work, sender, row)
    except Exception as error:
        if is_trouble(error) or is_transient(error):
            raise
        # One row that cannot be rendered must not hold up everybody else's.
        log.exception("message not rendered", extra={"action": "delivery.unrendered", "outbox_id": key})
        if isinstance(error, DBAPIError):
            raise UnfitRowError(key) from error
        if not schema_is_ours(work):
            _wait_for_another(work, row)
            return None
        _put_aside(work, row, type(error).__name__)  # what went wrong in full may hold what the message says
        return None


def _put_aside(work: Work, row: OutboxRow, error: str) -> None:
    """Bury a row; without an alert where even that fails."""
    try:
        with work.session.begin_nested():
            bury(work, row, error)
    except Exception as second:
        if is_trouble(second) or is_transient(second):
            raise
        log.exception("nobody told of a lost message", extra={"action": "delivery.untold", "outbox_id": row.id})
        bury(work, row, error, alert=False)


def put_aside(work: Work, outbox_id: int, error: str) -> None:
    """Bury a row that the database would not have, for whoever caught UnfitRowError; without an alert."""
    row = work.session.get(OutboxRow, outbox_id, with_for_update=True)
    if row is not None and row.state in {Delivery.PENDING, Delivery.SENDING}:
        bury(work, row, error, alert=False)


def schema_is_ours(work: Work) -> bool:
    """Whether the database is at this program's revision; where it is not, what fails on it is no row's fault."""
    return migrate.revision_of(work.session) == migrate.head()


def _wait_for_another(work: Work, row: OutboxRow) -> None:
    """Leave a row to a newer replica, whose notice it is; for as long as any row is tried."""
    row.first_tried_at = row.first_tried_at or work.at
    if expired(work, row):
        bury(work, row, "UnknownNotice")
        return
    log.warning("message of another version", extra={"action": "delivery.unknown", "outbox_id": row.id})
    row.state, row.not_before = Delivery.PENDING, work.at + _ANOTHER_VERSION


def _pack(work: Work, sender: Sender, row: OutboxRow) -> Parcel | None:
    if row.state == Delivery.SENDING and row.lost + 1 >= MOST_LOST:
        log.error("message given up", extra={"action": "delivery.lost", "outbox_id": row.id})
        bury(work, row, "OutcomeLost")
        return None
    if row.notice == PIN:
        pin = Parcel(
            row.id, row.chat_id, _NOTHING, edits=None, silent=True, attempts=0, sender=sender, pins=row.message_id
        )
        return _begun(work, row, pin)
    try:
        notice = from_data(row.notice, row.data)
    except (KeyError, TypeError):
        _wait_for_another(work, row)
        return None
    if _outside_hours(work, row, notice):
        row.state, row.first_tried_at = Delivery.PENDING, None  # at its hour it has its time once more
        return None
    verdict = judge(work, row)
    if not verdict.now:
        return None
    target = _message_id(work, row)
    # No edit without its message; nor a second message where another row (one put back later) has sent it.
    moot = row.edit is (target is None)
    message = None if moot else render(work, notice, _recipient(work, row))
    if message is None:
        row.state, row.finished_at = Delivery.DROPPED, work.at
        count(work, "dropped")
        return None
    if verdict.last:
        message = closing(message)
    message = _in_thread(work, row, message)
    edits, silent = target if row.edit else None, _silent(work, row, notice)
    uploaded = papers_sent.find(work, sender.bot_id, message.paper) if message.paper is not None else None
    parcel = Parcel(row.id, row.chat_id, message, edits, silent, 0, sender, topic=row.topic, uploaded=uploaded)
    return _begun(work, row, parcel)


def _begun(work: Work, row: OutboxRow, parcel: Parcel) -> Parcel:
    """Note one more attempt; return the parcel with its number."""
    if row.state == Delivery.SENDING:
        row.lost += 1
        _maybe_repeated(work, row)
    row.state = Delivery.SENDING
    row.attempts += 1
    row.first_tried_at = row.first_tried_at or work.at
    return replace(parcel, attempts=row.attempts)


def _maybe_repeated(work: Work, row: OutboxRow) -> None:
    """Say that a dead courier may have sent this before; an edit done twice is no repeat."""
    if not row.edit:
        log.warning("message perhaps sent twice", extra={"action": "delivery.maybe_repeated", "outbox_id": row.id})
        count(work, "repeated")


def _silent(work: Work, row: OutboxRow, notice: Notice) -> bool:
    """Whether no bell rings: what only tells, and what somebody else's act brought, delivered outside working time.

    The hour is looked at here, not when it is queued: an outage may lie in between.
    """
    case = _case_of(work, notice)
    if row.edit or row.priority <= Priority.ANSWER or row.person_id == (row.cause_id or 0):
        return row.silent
    if case is None:
        return row.silent or _at_quiet_hour(work, row, notice)
    calendar = work.calendar_of(case)
    closed = not calendar.is_working(work.at) or is_quiet(work.rules_of(case.office_id), calendar, work.at)
    return row.silent or closed


def _at_quiet_hour(work: Work, row: OutboxRow, notice: Notice) -> bool:
    """Whether it is quiet now in an office of the recipient; a reminder would have waited."""
    if isinstance(notice, Reminders):
        return False
    mine, offices = _offices_of(work, row), work.offices()
    quiet = {office: rules for office in mine if office in offices and (rules := work.rules_of(office)).quiet}
    return any(is_quiet(rules, work.calendar_for(offices[office]), work.at) for office, rules in quiet.items())


def _offices_of(work: Work, row: OutboxRow) -> Sequence[str]:
    if row.person_id is not None:
        return queries.offices_of(work.session, row.person_id, work.at)
    group = group_in(work, row.chat_id)
    return () if group is None else (group.office_id,)


def _case_of(work: Work, notice: Notice) -> CaseRow | None:
    """Return the case a notice is about, if it is about one."""
    case_id = getattr(notice, "case_id", None)
    task_id = getattr(notice, "task_id", None)
    if case_id is None and task_id is not None:
        task = work.session.get(TaskRow, task_id)
        case_id = task.case_id if task else None
    return None if case_id is None else work.session.get(CaseRow, case_id)


def _outside_hours(work: Work, row: OutboxRow, notice: Notice) -> bool:
    """Hold back what an outage carried past the end of work, a reminder or a digest; True when held."""
    if isinstance(notice, WeeklyDigest | MorningDigest | WeekSummary):
        office = work.offices()[work.session.get_one(DigestRow, notice.digest_id).office_id]
        opening = work.calendar_for(office).next_opening(work.at)
        row.not_before = max(row.not_before, opening)
        return opening > work.at
    if not isinstance(notice, Reminders):
        return False
    due = [_placed(work, reminder_id) for reminder_id in notice.reminder_ids]
    if any(may_remind(rules, calendar, moment, work.at) for rules, calendar, moment in due):
        return False
    openings = [next_speaking(rules, calendar, work.at) for rules, calendar, _ in due]
    if work.at in openings:
        return False
    row.not_before = min(openings)
    return True


def _placed(work: Work, reminder_id: int) -> tuple[OfficeRules, Calendar, datetime]:
    """Return by whose rules and calendar a reminder goes out, and when it was due."""
    reminder = work.session.get_one(ReminderRow, reminder_id)
    case = work.session.get_one(CaseRow, work.session.get_one(TaskRow, reminder.task_id).case_id)
    return work.rules_of(case.office_id), work.calendar_of(case), reminder.due_at


def _recipient(work: Work, row: OutboxRow) -> Recipient:
    person = work.session.get(PersonRow, row.person_id) if row.person_id else None
    admin = person is not None and person.telegram_id in work.library.admin_ids
    return Recipient(row.chat_id, row.person_id, admin)


def anchor_of(work: Work, row: OutboxRow) -> CardRow | QuestionRow | BoardRow | AlertThreadRow | None:
    """Return the row that keeps the message's id, if one does."""
    if row.anchor is None:
        return None
    kind, _, key = row.anchor.partition(":")
    match kind:
        case "card":
            return work.session.get(CardRow, int(key))
        case "board":
            return work.session.get(BoardRow, int(key))
        case "alert":
            return work.session.get(AlertThreadRow, int(key))
        case _:
            return work.session.get(QuestionRow, int(key))


def _message_id(work: Work, row: OutboxRow) -> int | None:
    anchor = anchor_of(work, row)
    if anchor is None or isinstance(anchor, AlertThreadRow):
        return row.message_id  # a thread has many messages: its own id is that of the first
    return anchor.message_id


def _in_thread(work: Work, row: OutboxRow, message: Message) -> Message:
    """Return an alert as a reply to the first one about its case, once that is there."""
    thread = anchor_of(work, row)
    if not isinstance(thread, AlertThreadRow) or thread.message_id is None:
        return message
    return replace(message, reply_to=thread.message_id)
