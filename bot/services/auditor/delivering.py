"""Cards and messages: whoever holds an open task has its card, an ended one shows as ended, nothing is stuck."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.services.auditor.evidence import UNDER_WAY
from bot.services.auditor.found import Found, Kind
from bot.services.auditor.reminding import SKEW
from bot.services.outbox import Delivery
from bot.store import queries
from bot.store.tables import OutboxRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.services.auditor.evidence import Card
    from bot.services.auditor.judging import Inquiry
    from bot.services.auditor.reading import TaskRead
    from bot.services.work import Work
    from bot.store.tables import TaskRow

KEPT = timedelta(days=29)
"""For how long the outbox certainly remembers what went out (see deliver.purge)."""

STUCK = timedelta(hours=30)
"""After how long a message must have gone out or been given up; delivery itself gives up earlier."""

_MOST = 200


def judge_cards(inquiry: Inquiry, task: TaskRead, row: TaskRow) -> None:
    """Compare the cards of one task with what should be."""
    if task.ended_at is None:
        _judge_open(inquiry, task, row)
    elif task.ended_at > inquiry.at - KEPT:
        _judge_ended(inquiry, task, row, task.ended_at)


def _judge_open(inquiry: Inquiry, task: TaskRead, row: TaskRow) -> None:
    evidence, at, step = inquiry.evidence, inquiry.at, task.step.number
    cards = {card.person_id: card for card in evidence.cards[row.id]}
    office_id, window = inquiry.case.office_id, (at - SKEW, at)
    holders = evidence.held(office_id, task.waiting(at), window, strategic=task.step.strategic)
    for person_id in holders - evidence.moving(office_id, at):
        card = cards.get(person_id)
        if card is None:
            inquiry.note(Kind.CARD_MISSING, f"task:{row.id}/person:{person_id}", step=step, person=person_id)
        elif card.reachable and not card.sent and not card.folded and not _under_way(card):
            inquiry.note(Kind.CARD_UNSENT, f"card:{card.id}", step=step, person=person_id)


def _under_way(card: Card) -> bool:
    return any(message.state in UNDER_WAY and not message.edit for message in card.messages)


def _judge_ended(inquiry: Inquiry, task: TaskRead, row: TaskRow, ended_at: datetime) -> None:
    for card in inquiry.evidence.cards[row.id]:
        if card.sent and not any(_says_so(message, ended_at) for message in card.messages):
            inquiry.note(Kind.CARD_STALE, f"card:{card.id}", step=task.step.number, person=card.person_id)


def _says_so(message: OutboxRow, ended_at: datetime) -> bool:
    """Whether a message went out after the end, or will: it is rendered when it is sent."""
    finished = message.finished_at is not None and message.finished_at >= ended_at - SKEW
    return message.state in UNDER_WAY or finished


def stuck(work: Work, up_since: datetime) -> Sequence[Found]:
    """Return messages that have neither gone out nor been given up; those of a resting machine wait rightly.

    ``up_since`` is since when the program has been running, its machine awake.
    """
    overstayed = work.at - STUCK
    if up_since > overstayed:
        return ()
    # What was put back by an operator is tried from then on; what was never tried waits since it might have been.
    since = func.coalesce(OutboxRow.first_tried_at, OutboxRow.not_before)
    query = (
        select(OutboxRow)
        .where(OutboxRow.state.in_([Delivery.PENDING, Delivery.FOLDED, Delivery.SENDING]), since < overstayed)
        .order_by(OutboxRow.id)
        .limit(_MOST)
    )
    return [_stuck(work, row) for row in work.session.scalars(query)]


def _stuck(work: Work, row: OutboxRow) -> Found:
    offices = queries.offices_of(work.session, row.person_id, work.at) if row.person_id else ()
    detail = {"person": row.person_id, "notice": row.notice}
    return Found(Kind.OUTBOX_STUCK, f"outbox:{row.id}", offices[0] if offices else None, None, detail)
