"""Use case: what a database that came back from a backup owes to the people who went on without it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bot.domain.notices import Restored, TaskCard
from bot.services import cards
from bot.services.outbox import Delivery, tell
from bot.store import queries
from bot.store.tables import (
    CardRow,
    CaseRow,
    ChatRow,
    FloodRow,
    OfficeRow,
    OutboxRow,
    RestorationRow,
    SendSlotRow,
    SerialRow,
    TaskRow,
)

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.work import Work

_UNSENT = (Delivery.PENDING, Delivery.SENDING)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many messages wait for an operator's decision, cards are shown anew, and people are told."""

    held: int
    cards: int
    told: int


def move(work: Work) -> None:
    """Let a database that was moved, with nothing done since, go on where it stood."""
    _forget_processes(work)
    sending = update(OutboxRow).where(OutboxRow.state == Delivery.SENDING)
    work.session.execute(sending.values(state=Delivery.PENDING))


def settle(work: Work, backup_at: datetime, *, gap: int) -> Settled:
    """Bring what people see up to the restored content, and tell the sekretariat what is missing.

    Numbers of new cases jump by ``gap``: those given since the backup belong to cases on paper.
    """
    _forget_processes(work)
    _skip_serials(work, backup_at, gap)
    before = _last_outbox_id(work)
    _show_cards(work, _set_aside(work))
    shown = _count_since(work, before)
    row = RestorationRow(backup_at=backup_at, restored_at=work.at, announced_at=work.at)
    work.session.add(row)
    work.session.flush()
    told = _tell(work, row)
    held = select(OutboxRow.id).where(OutboxRow.state == Delivery.HELD)
    return Settled(len(work.session.scalars(held).all()), shown, told)


def _forget_processes(work: Work) -> None:
    """Drop what belonged to processes of then: leases, the rate budget, rests that Telegram asked for."""
    work.session.execute(update(ChatRow).values(lease_owner=None, lease_until=None, blocked_until=None))
    work.session.execute(delete(SendSlotRow))
    work.session.execute(delete(FloodRow))


def _skip_serials(work: Work, backup_at: datetime, gap: int) -> None:
    for row in work.session.scalars(select(SerialRow).where(SerialRow.year >= backup_at.year)):
        row.last += gap
    for sop in work.library.sops.values():
        calendar = work.library.calendar(sop.office)
        for year in range(calendar.local(backup_at).year, calendar.local(work.at).year + 1):
            key = (sop.office.id, sop.abbreviation, year)
            # An office of a file that is new has no row yet, and nothing to skip.
            known = work.session.get(OfficeRow, sop.office.id) is not None
            if known and work.session.get(SerialRow, key) is None:
                work.session.add(SerialRow(office_id=key[0], abbreviation=key[1], year=year, last=gap))
                work.session.flush()


def _set_aside(work: Work) -> set[int]:
    """Hold what was unsent, but drop cards, which are made anew; return the ids of those."""
    owed: set[int] = set()
    for row in work.session.scalars(select(OutboxRow).where(OutboxRow.state.in_(_UNSENT))):
        if row.notice != TaskCard.__name__ or row.anchor is None:
            row.state = Delivery.HELD
            continue
        row.state, row.finished_at = Delivery.DROPPED, work.at
        owed.add(int(row.anchor.removeprefix("card:")))
    work.session.flush()
    return owed


def _show_cards(work: Work, owed: Iterable[int]) -> None:
    """Queue the cards of open tasks as they stand now: as edits where a message is known, else as messages."""
    running = select(CaseRow, TaskRow).join(TaskRow, TaskRow.case_id == CaseRow.id).where(TaskRow.ended_at.is_(None))
    for case, task in work.session.execute(running.order_by(TaskRow.id)).all():
        for card in queries.cards_of_task(work.session, task.id):
            _refresh(work, card)
        waiting = [row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None]
        for person in queries.holders_of(work.session, case.office_id, waiting, work.at):
            cards.give(work, task, person)
    for card_id in sorted(owed):
        _refresh(work, work.session.get_one(CardRow, card_id))


def _refresh(work: Work, card: CardRow) -> None:
    if card.message_id is not None:
        cards.refresh_card(work, card)


def _tell(work: Work, row: RestorationRow) -> int:
    """Tell everyone in a sekretariat, once each, at their office's next opening; return how many."""
    told: set[int] = set()
    for office in work.offices().values():
        opening = work.library.calendar(office).next_opening(work.at)
        for monitor in queries.secretariat_of(work.session, office.id, work.at):
            if monitor.id not in told and monitor.telegram_id is not None:
                told.add(monitor.id)
                tell(work, monitor, Restored(row.id), not_before=opening)
    return len(told)


def _last_outbox_id(work: Work) -> int:
    return work.session.scalar(select(OutboxRow.id).order_by(OutboxRow.id.desc()).limit(1)) or 0


def _count_since(work: Work, outbox_id: int) -> int:
    work.session.flush()
    return len(work.session.scalars(select(OutboxRow.id).where(OutboxRow.id > outbox_id)).all())
