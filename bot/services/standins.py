"""Use case: somebody stands in for an absent holder (Plh), or acts on a vacant post (Plt), for a time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.domain.notices import NobodyToStandIn, Notice, StandinRefused, StandinSet
from bot.domain.posts import SECRETARIAT, Fault, Holding, HoldingKind, StandinRefusedError, check_standin
from bot.services.act import person_of
from bot.services.alerts import alert
from bot.services.authorise import UNKNOWN, Capability, in_view, offices_where, require
from bot.services.changeovers import begin, hold_office
from bot.services.office_posts import posts_of_office
from bot.services.outbox import tell
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import HoldingRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.domain.worktime import Calendar
    from bot.services.work import Actor, Work

_DAYS = ("first", "last", "letter_date")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who shall stand in, as far as it has been said: ``absent`` is a holding (Plh), None on a vacant post (Plt).

    ``first`` and ``last`` are local days, both included; without ``last`` it stays open.
    """

    office_id: str
    post_id: str
    absent: int | None = None
    person_id: int = UNKNOWN
    first: date | None = None
    last: date | None = None
    letter: str = ""
    letter_date: date | None = None

    def to_data(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return {key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(self).items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Wish:
        """Return what ``to_data`` wrote."""
        days = {key: date.fromisoformat(data[key]) if data[key] else None for key in _DAYS}
        return cls(**{**data, **days})

    @property
    def kind(self) -> HoldingKind:
        """Plh or Plt."""
        return HoldingKind.ACTING if self.absent is None else HoldingKind.STANDIN


def wishes(work: Work, actor: Actor) -> list[Wish]:
    """Return for whom, or on which vacant post, the actor may let somebody stand in; raises Refusal."""
    found: list[Wish] = []
    for office_id in offices_where(work, actor, Capability.APPOINT):
        holdings = queries.lasting_holdings(work.session, office_id, work.at)
        definitive = [row for row in holdings if row.kind == HoldingKind.DEFINITIVE]
        for post_id in posts_of_office(work, office_id):
            held = [row for row in definitive if row.post_id == post_id]
            if post_id != SECRETARIAT:
                found += [Wish(office_id, post_id, row.id) for row in held] or [Wish(office_id, post_id)]
    return found


def candidates(work: Work, office_id: str, *, but: int = UNKNOWN) -> list[int]:
    """Return the people of an office who have Telegram, by name, but not ``but`` (person ids)."""
    rows = queries.lasting_holdings(work.session, office_id, work.at)
    ids = {row.person_id for row in rows} - {but}
    known = select(PersonRow.id).where(PersonRow.id.in_(ids), PersonRow.telegram_id.is_not(None))
    return list(work.session.scalars(known.order_by(PersonRow.name, PersonRow.id)))


def candidates_for(work: Work, wish: Wish) -> list[int]:
    """Return who may stand in as wished; raises Refusal where nobody else is there."""
    absent = UNKNOWN if wish.absent is None else work.session.get_one(HoldingRow, wish.absent).person_id
    found = candidates(work, wish.office_id, but=absent)
    if not found:
        raise Refusal(NobodyToStandIn(wish.office_id))
    return found


def check_reachable(work: Work, person_id: int) -> None:
    """Raise Refusal for somebody whom Telegram does not reach: their desk would stand still."""
    person = work.session.get_one(PersonRow, person_id)
    if person.telegram_id is None or person.unreachable_since is not None:
        raise Refusal(StandinRefused("unreachable", person_id=person_id))


def check(work: Work, wish: Wish) -> Holding:
    """Return the holding that the wish would make; raises Refusal with the reason where it cannot be."""
    holding = _holding(work, wish)
    rows = queries.lasting_holdings(work.session, wish.office_id, work.at)
    try:
        check_standin([_known(row) for row in rows], holding, work.at)
    except StandinRefusedError as error:
        other = error.other.number if error.other else None
        raise Refusal(StandinRefused(error.fault, other or UNKNOWN, wish.person_id)) from error
    return holding


def appoint_standin(work: Work, actor: Actor, wish: Wish) -> Notice:
    """Set the Plh or Plt and return the answer; raises Refusal.

    One that begins now, in working time, begins at once; else desks move at the opening after its first midnight.
    """
    if wish.absent is not None:
        in_view(work, actor, work.session.get(HoldingRow, wish.absent, with_for_update=True))
    hold_office(work, wish.office_id)
    require(work, actor, Capability.APPOINT, wish.office_id)
    check_reachable(work, wish.person_id)
    held, calendar = check(work, wish), _calendar(work, wish.office_id)
    appointer = person_of(actor)
    row = HoldingRow(
        office_id=wish.office_id,
        post_id=wish.post_id,
        person_id=wish.person_id,
        kind=wish.kind,
        since=held.since,
        until=held.until,
        stands_for=wish.absent,
        letter_number=wish.letter or None,
        letter_date=wish.letter_date,
        appointed_by=appointer.id,
        moves_at=calendar.next_opening(held.since),
        returns_at=calendar.next_opening(held.until) if held.until else None,
    )
    work.session.add(row)
    work.session.flush()
    _announce(work, row, appointer.id, at_once=held.since <= work.at and calendar.is_working(work.at))
    return StandinSet(row.id)


def midnight(calendar: Calendar, day: date) -> datetime:
    """Return the beginning of a local day, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(calendar.zone.iana)).astimezone(UTC)


def today(work: Work, office_id: str) -> date:
    """Return the date on the office's wall."""
    return _calendar(work, office_id).local(work.at).date()


def check_first(work: Work, wish: Wish) -> None:
    """Raise Refusal for a first day that has gone by."""
    if wish.first is not None and wish.first < today(work, wish.office_id):
        raise Refusal(StandinRefused(Fault.PAST, person_id=wish.person_id))


def _holding(work: Work, wish: Wish) -> Holding:
    calendar = _calendar(work, wish.office_id)
    first = wish.first or today(work, wish.office_id)
    # What somebody did this morning they did with authority: today's stand-in begins now, not last midnight.
    since = work.at if first == today(work, wish.office_id) else midnight(calendar, first)
    until = midnight(calendar, wish.last + timedelta(days=1)) if wish.last else None
    return Holding(wish.person_id, wish.post_id, since, until, wish.kind, None, wish.absent)


def _known(row: HoldingRow) -> Holding:
    kind = HoldingKind(row.kind)
    return Holding(row.person_id, row.post_id, row.since, row.until, kind, row.id, row.stands_for)


def _calendar(work: Work, office_id: str) -> Calendar:
    return work.calendar_for(work.offices()[office_id])


def _announce(work: Work, row: HoldingRow, appointer_id: int, *, at_once: bool) -> None:
    concerned = {row.person_id}
    if row.stands_for is not None:
        concerned.add(work.session.get_one(HoldingRow, row.stands_for).person_id)
    if at_once:
        begin(work, row)
    else:
        for person_id in sorted(concerned - {appointer_id}):
            tell(work, work.session.get_one(PersonRow, person_id), StandinSet(row.id), silent=True)
    alert(work, row.office_id, StandinSet(row.id), informed=concerned | {appointer_id}, silent=True)
