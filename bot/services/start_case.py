"""Use case: start a case of a SOP."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from bot.domain import codes
from bot.domain.case import Status, start
from bot.domain.notices import CaseStarted, NotAllowed, NothingToStart, Notice
from bot.services.act import person_of
from bot.services.announce import announce
from bot.services.authorise import Capability, capacity, may, offices_where, require
from bot.services.ledger import hold_posts, record
from bot.services.publish import version_of
from bot.services.work import Refusal
from bot.store.tables import CaseRow, SerialRow

if TYPE_CHECKING:
    from bot.domain.sop import Sop
    from bot.services.work import Actor, Work


def start_case(work: Work, actor: Actor, sop: Sop, title: str | None) -> Notice:
    """Start a case pinned to the SOP's present content and return the answer; raises Refusal."""
    office = sop.office
    require(work, actor, Capability.START, office.id, sop=sop)
    hold_posts(work, office.id)
    starter = person_of(actor)
    case = CaseRow(
        office_id=office.id,
        code=_next_code(work, sop),
        sop_version_id=version_of(work, sop).id,
        # What a secret case is about does not come from Telegram, nor go there.
        title=sop.name if sop.secret or not title else title,
        secret=sop.secret,
        status=Status.RUNNING,
        started_by=starter.id,
        started_at=work.at,
        events=0,
    )
    work.session.add(case)
    work.session.flush()
    role = capacity(work, actor, office.id, sop)
    events = start(sop, work.calendar_for(office), by=starter.id, capacity=role, at=work.at)
    record(work, case, events)
    announce(work, case, None, events, actor_id=starter.id)
    return CaseStarted(case.id)


def startable(work: Work, actor: Actor) -> list[Sop]:
    """Return the SOPs the actor may start now, by id; raises Refusal where there is none."""
    served = [sop for _, sop in sorted(work.library.sops.items())]
    mine = [sop for sop in served if may(work, actor, Capability.START, sop.office.id, sop=sop)]
    if not mine:
        seen = offices_where(work, actor, Capability.VIEW)
        offered = any(sop.office.id in seen for sop in served)
        raise Refusal(NotAllowed("starter") if offered else NothingToStart())
    return mine


def _next_code(work: Work, sop: Sop) -> str:
    local: datetime = work.calendar_for(sop.office).local(work.at)
    key = {"office_id": sop.office.id, "abbreviation": sop.abbreviation, "year": local.year}
    insert = (sqlite if work.session.get_bind().dialect.name == "sqlite" else postgresql).insert
    statement = insert(SerialRow).values(**key, last=1)
    # One statement, so that two starts at once can never draw the same number.
    statement = statement.on_conflict_do_update(index_elements=list(key), set_={"last": SerialRow.last + 1})
    work.session.execute(statement)
    drawn = select(SerialRow.last).filter_by(**key)
    return codes.make(sop.abbreviation, local.year, work.session.scalars(drawn).one())
