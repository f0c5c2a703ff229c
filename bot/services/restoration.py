"""Use case: what a database that came back from a backup owes to the people who went on without it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
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
    MenuButtonRow,
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

Series = tuple[str, str, int]
"""An office's id, an abbreviation and a year."""

_NOTHING: Mapping[Series, int] = MappingProxyType({})
_UNSENT = (Delivery.PENDING, Delivery.SENDING, Delivery.FOLDED)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many messages wait for an operator's decision, cards are shown anew, and people are told.

    ``numbers_known`` is whether the replaced database said which case numbers were drawn last.
    """

    held: int
    cards: int
    told: int
    numbers_known: bool


def move(work: Work) -> None:
    """Let a database that was moved, with nothing done since, go on where it stood."""
    _forget_processes(work)
    sending = update(OutboxRow).where(OutboxRow.state == Delivery.SENDING)
    work.session.execute(sending.values(state=Delivery.PENDING))


def settle(work: Work, backup_at: datetime, *, gap: int, replaced: Mapping[Series, int] = _NOTHING) -> Settled:
    """Bring what people see up to the restored content, and tell the sekretariat what is missing.

    Numbers of new cases jump by ``gap``, those given since the backup belong to cases on paper; and above
    the last ones of the ``replaced`` database, as far as they are known.
    """
    _forget_processes(work)
    jumps = _skip_serials(work, backup_at, gap, replaced)
    before = _last_outbox_id(work)
    _show_cards(work, _set_aside(work))
    shown = _count_since(work, before)
    row = RestorationRow(backup_at=backup_at, restored_at=work.at, announced_at=work.at, jumps=jumps)
    work.session.add(row)
    work.session.flush()
    told = _tell(work, row)
    held = select(OutboxRow.id).where(OutboxRow.state == Delivery.HELD)
    return Settled(len(work.session.scalars(held).all()), shown, told, bool(replaced))


def _forget_processes(work: Work) -> None:
    """Drop what processes of then knew: leases, the rate budget, rests Telegram asked for, what buttons show."""
    work.session.execute(update(ChatRow).values(lease_owner=None, lease_until=None, blocked_until=None))
    work.session.execute(delete(SendSlotRow))
    work.session.execute(delete(FloodRow))
    # Telegram was told of buttons since: each is told again.
    work.session.execute(update(MenuButtonRow).values(url=""))


def _skip_serials(
    work: Work, backup_at: datetime, gap: int, replaced: Mapping[Series, int]
) -> list[dict[str, str | int]]:
    """Move the last number of every series on; returns the jumps as ``restoration`` keeps them."""
    rows = {(row.office_id, row.abbreviation, row.year): row for row in work.session.scalars(select(SerialRow))}
    drawn = {key for key in rows if key[2] >= backup_at.year} | _series_since(work, backup_at)
    jumps: list[dict[str, str | int]] = []
    for key in sorted(drawn | set(replaced)):
        office, abbreviation, year = key
        if work.session.get(OfficeRow, office) is None:
            continue  # an office of a file that is new has nothing to skip
        row = rows.get(key)
        last = row.last if row else 0
        target = max(last + gap if key in drawn else last, replaced.get(key, 0))
        if target == last:
            continue
        if row is None:
            work.session.add(SerialRow(office_id=office, abbreviation=abbreviation, year=year, last=target))
        else:
            row.last = target
        jumps.append({"office": office, "abbreviation": abbreviation, "year": year, "from": last, "to": target})
    work.session.flush()
    return jumps


def _series_since(work: Work, backup_at: datetime) -> set[Series]:
    """Return the series from which a number may have been drawn since the backup."""
    found: set[Series] = set()
    for sop in work.library.sops.values():
        calendar = work.calendar_for(sop.office)
        years = range(calendar.local(backup_at).year, calendar.local(work.at).year + 1)
        found |= {(sop.office.id, sop.abbreviation, year) for year in years}
    return found


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
        for person in queries.holders_of(work.session, case.office_id, waiting, work.at, strategic=task.strategic):
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
        opening = work.calendar_for(office).next_opening(work.at)
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
