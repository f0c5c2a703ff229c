"""When a message reaches somebody's private chat. The one place that keeps a chief's phone quiet.

Everybody else gets what concerns them at once (silently outside working time, see bot.services.parcels). What a
chief's own act led to is an answer, and comes at any hour.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain import notices as n
from bot.domain import placement
from bot.domain.errors import NoWorkingTime
from bot.domain.placement import Placement
from bot.services.chief import meeting_of, phone_of, used_today
from bot.services.states import Delivery, Priority
from bot.store.tables import CardRow, PersonRow, TaskRow

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.notices import Notice
    from bot.services.chief import Phone
    from bot.services.work import Work
    from bot.store.tables import OutboxRow

log = logging.getLogger(__name__)

FOLDABLE = frozenset(
    kind.__name__
    for kind in (n.TaskCard, n.AttachedFile, n.Reminders, n.RejectionTold, n.CaseFinished, n.CaseCancelled)
)
"""What one line of a chief's brief says as well; anything else (a file, a question) arrives as it is, later."""

_TOLD = FOLDABLE - {n.Reminders.__name__}
"""What follows from a colleague's act, and comes at once: silently outside working time, as to everybody."""

_ENDS = frozenset({n.CaseFinished.__name__, n.CaseCancelled.__name__})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a row may go out now, and whether it is the chief's last message of the day."""

    now: bool = True
    last: bool = False


def place(
    work: Work, person: PersonRow, notice: Notice, *, cause_id: int | None, not_before: datetime | None
) -> Placement:
    """Return when an ordinary message may reach a person; see bot.domain.placement."""
    moment = not_before or work.at
    phone = None if cause_id == person.id else phone_of(work, person)
    if phone is None:
        return Placement(moment)
    used = used_today(work, phone, queued=True)
    return _placed(work, phone, used, _Letter(type(notice).__name__, getattr(notice, "task_id", None)), earliest=moment)


def judge(work: Work, row: OutboxRow) -> Verdict:
    """Decide again on a row that is about to be sent: an outage, a meeting or other messages may lie in between.

    One that may not go out now is put back. One that a dead courier may have sent already goes on.
    """
    phone = _phone(work, row)
    if phone is None or row.state == Delivery.SENDING:
        return Verdict()
    used = used_today(work, phone, queued=False, but=row.id)
    placed = _placed(work, phone, used, _Letter(row.notice, row.data.get("task_id")), earliest=work.at)
    if placed.not_before > work.at:
        keep(work, row, placed)
        return Verdict(now=False)
    return Verdict(last=placement.is_last(phone.rules, used))


def keep(work: Work, row: OutboxRow, placed: Placement) -> None:
    """Put a row back until its moment."""
    row.state = Delivery.FOLDED if placed.folded else Delivery.PENDING
    row.not_before, row.first_tried_at = placed.not_before, None  # from then on it has its time once more
    if placed.folded:
        mark_folded(work, row)


def mark_folded(work: Work, row: OutboxRow) -> None:
    """Note on a card that it does not come by itself: another message tells of its task."""
    kind, _, key = (row.anchor or "").partition(":")
    if kind == "card":
        work.session.get_one(CardRow, int(key)).folded_at = work.at


def _phone(work: Work, row: OutboxRow) -> Phone | None:
    own = row.person_id is None or row.person_id == row.cause_id
    if own or row.edit or row.priority <= Priority.ANSWER or row.chat_id < 0:
        return None
    return phone_of(work, work.session.get_one(PersonRow, row.person_id))


@dataclass(frozen=True, slots=True)
class _Letter:
    """What is to be placed: a kind of notice, about a task or not."""

    kind: str
    task_id: int | None

    def needed_by(self, work: Work) -> datetime | None:
        """Return until when it has to be known to be of use; the end of a case is told when it comes."""
        if self.kind in _ENDS:
            return work.at
        task = work.session.get(TaskRow, self.task_id) if self.kind == n.TaskCard.__name__ else None
        return None if task is None else task.due_at


def _placed(work: Work, phone: Phone, used: int, letter: _Letter, *, earliest: datetime) -> Placement:
    meeting = meeting_of(work, phone.person.id)
    if meeting is not None:
        earliest = max(earliest, meeting.until)
    try:
        return placement.place(
            phone.rules,
            phone.calendar,
            work.at,
            used=used,
            earliest=earliest,
            foldable=letter.kind in FOLDABLE,
            told=letter.kind in _TOLD,
            needed_by=letter.needed_by(work),
        )
    except NoWorkingTime:
        # A calendar without working time keeps nobody's work from them.
        log.exception("message not placed", extra={"action": "placement.failed", "office_id": phone.office.id})
        return Placement(earliest)
