"""Use case: a post passes from one person to another (mutasi); what is open goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import Handover, HoldingOver, Notice, PostMoved
from bot.domain.posts import HoldingKind
from bot.services import cards
from bot.services.act import person_of
from bot.services.alerts import alert
from bot.services.authorise import Capability, in_view, offices_where, require
from bot.services.changeovers import break_off, break_off_all, hold_office, standins_for
from bot.services.holdings import appoint
from bot.services.outbox import tell
from bot.services.standins import candidates, check_reachable
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import HoldingRow, PersonRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def movable(work: Work, actor: Actor) -> list[int]:
    """Return the definitive holdings that the actor may move to somebody else (ids); raises Refusal."""
    offices = offices_where(work, actor, Capability.APPOINT)
    held = (row for office in offices for row in queries.office_holdings(work.session, office, work.at))
    return [row.id for row in held if row.kind == HoldingKind.DEFINITIVE]


def to_move(work: Work, actor: Actor, holding_id: int) -> HoldingRow:
    """Return the holding, locked, if the actor may move it now; raises Refusal."""
    row = in_view(work, actor, work.session.get(HoldingRow, holding_id, with_for_update=True))
    hold_office(work, row.office_id)
    require(work, actor, Capability.APPOINT, row.office_id)
    if row.kind != HoldingKind.DEFINITIVE or not _is_present(work, row):
        raise Refusal(HoldingOver(holding_id))
    return row


def successors(work: Work, row: HoldingRow) -> list[int]:
    """Return who else of the office may take the post (person ids)."""
    held = queries.office_holdings(work.session, row.office_id, work.at)
    there = {h.person_id for h in held if h.post_id == row.post_id and h.kind == HoldingKind.DEFINITIVE}
    return [person for person in candidates(work, row.office_id) if person not in there]


def move_post(work: Work, actor: Actor, holding_id: int, person_id: int) -> Notice:
    """Move the post to a person of the office and return the answer; raises Refusal."""
    former = to_move(work, actor, holding_id)
    check_reachable(work, person_id)
    by = person_of(actor).id
    return PostMoved(former.id, hand_over(work, former, work.session.get_one(PersonRow, person_id), by_id=by).id)


def replaced(work: Work, holding_id: int | None) -> HoldingRow | None:
    """Return the holding (locked) that an invitation replaces, unless it is over by now."""
    row = work.session.get(HoldingRow, holding_id, with_for_update=True) if holding_id is not None else None
    return row if row is not None and _is_present(work, row) else None


def hand_over(work: Work, former: HoldingRow, person: PersonRow, *, by_id: int) -> HoldingRow:
    """End the former holding and begin the new one, with all open tasks; tell both, and the sekretariat.

    Stand-ins for the former holder end with it. ``by_id`` is whoever brought it about.
    """
    hold_office(work, former.office_id)
    standins = standins_for(work, former.id)
    former.until = work.at
    work.session.flush()
    for row in standins:
        if row.person_id == person.id:
            break_off(work, row)
    break_off_all(work, (row for row in standins if row.person_id != person.id))
    for task in queries.open_tasks_of_posts(work.session, former.office_id, [former.post_id]):
        cards.refresh(work, task.id)
    holding = appoint(work, person, former.office_id, former.post_id, cause_id=by_id)
    for person_id in sorted({former.person_id, person.id}):
        tell(work, work.session.get_one(PersonRow, person_id), Handover(former.id, holding.id))
    informed = {by_id, former.person_id, person.id}
    alert(work, former.office_id, PostMoved(former.id, holding.id), informed=informed, silent=True)
    return holding


def _is_present(work: Work, row: HoldingRow) -> bool:
    return row.since <= work.at and (row.until is None or row.until > work.at)
