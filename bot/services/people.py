"""Use cases about people: recognising them, and noting who cannot be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import PersonUnreachable
from bot.services.alerts import to_group
from bot.services.cards import make_up
from bot.services.groups import group_of
from bot.services.outbox import tell
from bot.services.work import Actor
from bot.store import queries
from bot.store.races import insert_new
from bot.store.tables import PersonRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.services.work import Work

NO_ACCOUNT = 0
"""A Telegram id that no account has."""


def ensure_person(work: Work, telegram_id: int, name: str) -> PersonRow:
    """Return the person behind a Telegram account, made known under ``name`` at first."""
    person = queries.person_by_telegram_id(work.session, telegram_id)
    if person is None:
        insert_new(work.session, PersonRow, telegram_id=telegram_id, name=name, created_at=work.at)
        # Ours, or that of another transaction which was first.
        person = work.session.scalars(select(PersonRow).where(PersonRow.telegram_id == telegram_id)).one()
    return person


def identify(work: Work, telegram_id: int, name: str, *, reachable: bool = True) -> Actor:
    """Return who acts. Strangers are not stored; somebody who writes again (``reachable``) gets their cards."""
    admin = telegram_id in work.library.admin_ids
    person = queries.person_by_telegram_id(work.session, telegram_id)
    if person is None and admin:
        person = ensure_person(work, telegram_id, name)
    if reachable and person is not None and person.unreachable_since is not None:
        person.unreachable_since = None
        make_up(work, person)
    return Actor(telegram_id, name, person, admin)


def known(work: Work, person: PersonRow) -> Actor:
    """Return a person as one who acts now, though they do not act themselves; somebody forgotten is nobody."""
    account = person.telegram_id if person.telegram_id is not None else NO_ACCOUNT
    return Actor(account, person.name, person, account in work.library.admin_ids)


def mark_unreachable(work: Work, person_id: int, *, cause_id: int | None = None) -> None:
    """Note that Telegram refuses a person's chat, and tell the sekretariat once."""
    person = work.session.get_one(PersonRow, person_id)
    if person.unreachable_since is not None:
        return
    person.unreachable_since = work.at
    for office_id, moment in groups_over(work, person.id):
        to_group(work, office_id, PersonUnreachable(person.id), not_before=moment)
    for monitor, moment in monitors_of(work, person.id, cause_id=cause_id):
        tell(work, monitor, PersonUnreachable(person.id), not_before=moment)


def monitors_of(work: Work, person_id: int, *, cause_id: int | None = None) -> Iterator[tuple[PersonRow, datetime]]:
    """Yield who watches over a person's offices, except that person, and from when on an alert may reach them.

    Of an office with a group, only who waits for this very delivery: the others read it there.
    """
    told: set[int] = {person_id}
    for office_id in queries.offices_of(work.session, person_id, work.at):
        opening = _opening(work, office_id)
        grouped = group_of(work, office_id) is not None
        for monitor in queries.secretariat_of(work.session, office_id, work.at):
            if monitor.id in told or (grouped and monitor.id != cause_id):
                continue
            told.add(monitor.id)
            # An alert waits for working time, except for whoever is waiting for this very delivery.
            yield monitor, work.at if monitor.id == cause_id else opening


def groups_over(work: Work, person_id: int) -> Iterator[tuple[str, datetime]]:
    """Yield the offices of a person that have a group, and from when on an alert may reach it."""
    for office_id in queries.offices_of(work.session, person_id, work.at):
        if group_of(work, office_id) is not None:
            yield office_id, _opening(work, office_id)


def _opening(work: Work, office_id: str) -> datetime:
    return work.calendar_for(work.offices()[office_id]).next_opening(work.at)
