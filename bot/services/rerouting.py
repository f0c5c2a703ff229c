"""What waits for a group that ceases to be an office's: it goes to the next group, or to the monitors themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import AlertsHere, AlertsLeft, Board, from_data
from bot.services.outbox import PIN, Delivery, Priority, tell
from bot.store import queries
from bot.store.tables import OutboxRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.work import Work

_OF_THE_GROUP = {PIN, *(kind.__name__ for kind in (AlertsHere, AlertsLeft, Board))}
"""What is said of the group itself: nobody's elsewhere."""


def follow(work: Work, old_id: int, new_id: int, *, topic: int | None) -> None:
    """Let the alerts that wait for one group (or topic) go to another; what is said of the old one itself stays."""
    for row in _waiting(work, old_id):
        if is_alert(row):
            row.chat_id, row.topic, row.anchor = new_id, topic, None


def to_monitors(work: Work, office_id: str, chat_id: int, *, lost: bool) -> None:
    """Let the alerts that wait for a group go to each of the office's monitors.

    One that is ``lost`` will take nothing else either; any other still gets its answers and a word on its board.
    """
    for row in _waiting(work, chat_id):
        if is_alert(row):
            to_each_monitor(work, office_id, row)
        if lost or is_alert(row):
            _drop(work, row)


def to_each_monitor(work: Work, office_id: str, row: OutboxRow) -> None:
    """Tell each monitor of the office what a row was to tell the group."""
    notice = from_data(row.notice, row.data)
    for monitor in queries.secretariat_of(work.session, office_id, work.at):
        tell(work, monitor, notice, cause_id=row.cause_id, silent=row.silent, not_before=max(row.not_before, work.at))


def is_alert(row: OutboxRow) -> bool:
    """Whether a group's row tells the sekretariat something, rather than answering somebody or showing a board."""
    return not row.edit and row.priority != Priority.ANSWER and row.notice not in _OF_THE_GROUP


def _waiting(work: Work, chat_id: int) -> Sequence[OutboxRow]:
    mine = select(OutboxRow).where(OutboxRow.chat_id == chat_id, OutboxRow.state == Delivery.PENDING)
    return work.session.scalars(mine.order_by(OutboxRow.id).with_for_update()).all()


def _drop(work: Work, row: OutboxRow) -> None:
    row.state, row.finished_at = Delivery.DROPPED, work.at
