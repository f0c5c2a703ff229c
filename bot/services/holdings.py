"""Use cases: a person takes a post, or loses it; open tasks follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.domain.notices import HoldingOver, HoldingRemoved, LastSecretariat, Notice, PostLost, StandinEnded
from bot.domain.posts import SECRETARIAT, HoldingKind
from bot.services import cards
from bot.services.act import person_of
from bot.services.authorise import Capability, in_view, require
from bot.services.changeovers import absent_of, acting_on, break_off, break_off_all
from bot.services.outbox import tell
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import HoldingRow, OfficeRow, PersonRow

if TYPE_CHECKING:
    from bot.services.work import Actor, Work


def appoint(work: Work, person: PersonRow, office_id: str, post_id: str, *, cause_id: int | None = None) -> HoldingRow:
    """Put a person on a post from now on and give them the cards of what waits there.

    ``cause_id`` is whoever brought it about: themselves, where they took an invitation. Whoever was Plt of the
    post is that no longer, nor a Plh for somebody who has left it.
    """
    # No task is given meanwhile (see ledger.hold_posts), and nobody else appoints the same person.
    work.session.get(OfficeRow, office_id, with_for_update={"key_share": True})
    holding = current(work, person, office_id, post_id)
    if holding is not None:
        return holding
    acting = acting_on(work, office_id, post_id)
    holding = HoldingRow(
        office_id=office_id, post_id=post_id, person_id=person.id, kind=HoldingKind.DEFINITIVE, since=work.at
    )
    for row in acting:
        if row.person_id == person.id:
            break_off(work, row)
    work.session.add(holding)
    work.session.flush()
    break_off_all(work, (row for row in acting if row.person_id != person.id))
    for task in queries.open_tasks_of_posts(work.session, office_id, [post_id]):
        # A card from before this appointment lies far above by now: an earlier term's, or another post's of the step.
        cards.give_anew(work, task, person, cause_id=cause_id)
    return holding


def current(work: Work, person: PersonRow, office_id: str, post_id: str) -> HoldingRow | None:
    """Return the person's present definitive holding of a post, if any."""
    held = queries.holdings_of(work.session, person.id, work.at)
    definitive = (h for h in held if h.kind == HoldingKind.DEFINITIVE)
    return next((h for h in definitive if (h.office_id, h.post_id) == (office_id, post_id)), None)


def removable(work: Work, actor: Actor, holding_id: int) -> HoldingRow:
    """Return the holding if the actor may end it now; raises Refusal."""
    holding = in_view(work, actor, work.session.get(HoldingRow, holding_id, with_for_update=True))
    # One removal at a time in an office: two monitors who remove each other must not both succeed.
    work.session.get(OfficeRow, holding.office_id, with_for_update={"key_share": True})
    require(work, actor, Capability.REMOVE, holding.office_id)
    if holding.until is not None and holding.until <= max(work.at, holding.since):
        raise Refusal(HoldingOver(holding_id))
    alone = len(queries.secretariat_of(work.session, holding.office_id, work.at)) == 1
    if holding.post_id == SECRETARIAT and alone and not actor.admin:
        raise Refusal(LastSecretariat(holding_id))
    return holding


def remove_holding(work: Work, actor: Actor, holding_id: int) -> Notice:
    """Take a person off a post, or end a stand-in before its time, and return the answer; raises Refusal."""
    holding = removable(work, actor, holding_id)
    remover = person_of(actor)
    person = work.session.get_one(PersonRow, holding.person_id)
    told = queries.secretariat_of(work.session, holding.office_id, work.at)
    if holding.kind == HoldingKind.DEFINITIVE:
        holding.until = work.at
        work.session.flush()
        for task in queries.open_tasks_of_posts(work.session, holding.office_id, [holding.post_id]):
            cards.refresh(work, task.id)
    else:
        break_off(work, holding)
        for absent in sorted(absent_of(work, holding) - {remover.id}):
            tell(work, work.session.get_one(PersonRow, absent), StandinEnded(holding.id), silent=True)
    notice = HoldingRemoved(holding.id, remover.id)
    for monitor in told:
        if monitor.id not in {remover.id, person.id}:
            tell(work, monitor, notice, silent=True)
    if person.id != remover.id:
        tell(work, person, PostLost(holding.id), silent=True)
    return notice
