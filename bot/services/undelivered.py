"""What Telegram did not take: buried as a dead row, and told to the sekretariat through another chat."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import MessageUndelivered, PersonUnreachable
from bot.metrics import DELIVERIES
from bot.services.alerts import to_group
from bot.services.groups import group_of
from bot.services.outbox import Delivery, tell
from bot.services.people import groups_over, monitors_of
from bot.store.database import after_commit
from bot.store.tables import OutboxRow

if TYPE_CHECKING:
    from bot.services.work import Work

TIME_TO_LIVE = timedelta(hours=24)
"""A row that Telegram has not taken so long after it could first have gone out is dead."""

MOST_IN_ONE = 500
"""Lost messages in one alert; it is rewritten with each."""

# Nobody is told that an alert did not arrive: the others have got the same one.
_ALERTS = {MessageUndelivered.__name__, PersonUnreachable.__name__}


def expired(work: Work, row: OutboxRow) -> bool:
    """Whether a row that was refused once more has outlived its time."""
    return row.first_tried_at is not None and row.first_tried_at <= work.at - TIME_TO_LIVE


def bury(work: Work, row: OutboxRow, error: str, *, alert: bool = True) -> None:
    """Note that a row will not be delivered; the monitors of its recipient are told in one message for all such.

    An edit is nobody's loss: what it would have shown is in the store.
    """
    row.state, row.finished_at, row.error = Delivery.DEAD, work.at, error
    count(work, "dead")
    if not alert or row.edit or row.person_id is None or row.notice in _ALERTS:
        return
    for office_id, opening in groups_over(work, row.person_id):
        group = group_of(work, office_id)
        if group is not None and not _added(work, group.chat_id, row.id):
            to_group(work, office_id, MessageUndelivered((row.id,)), not_before=opening)
    for monitor, opening in monitors_of(work, row.person_id, cause_id=row.cause_id):
        if not _added(work, monitor.telegram_id, row.id):
            tell(work, monitor, MessageUndelivered((row.id,)), not_before=opening)


def _added(work: Work, chat_id: int | None, outbox_id: int) -> bool:
    """Let an alert that still waits for a chat tell of one more; False where there is none, or it is full."""
    query = select(OutboxRow).where(
        OutboxRow.chat_id == chat_id,
        OutboxRow.state == Delivery.PENDING,
        OutboxRow.notice == MessageUndelivered.__name__,
    )
    last = query.order_by(OutboxRow.id.desc()).limit(1).with_for_update(skip_locked=True)
    alert = work.session.scalars(last).first()
    if alert is None or len(alert.data["outbox_ids"]) >= MOST_IN_ONE:
        return False
    alert.data = {"outbox_ids": [*alert.data["outbox_ids"], outbox_id]}
    alert.first_tried_at = None  # what it tells of now is news
    return True


def count(work: Work, outcome: str) -> None:
    """Count what became of a delivery, once the transaction has committed."""
    after_commit(work.session, DELIVERIES.labels(outcome).inc)
