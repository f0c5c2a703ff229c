"""What every use case works with: a transaction, the moment, and the files that were read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from sqlalchemy import select

from bot.clock import SharedClock
from bot.domain.sop import Office, Zone
from bot.services import office_rules
from bot.store.tables import CaseRow, OfficeRow, PersonRow, SopVersionRow

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.clock import Clock
    from bot.domain.notices import Notice
    from bot.domain.office_rules import OfficeRules
    from bot.domain.sop import OfficeId, Sop
    from bot.domain.worktime import Calendar
    from bot.services.library import Library
    from bot.store.database import Store

P = ParamSpec("P")
T = TypeVar("T")


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The request was understood and changes nothing; ``notice`` says why and what to do."""

    def __init__(self, notice: Notice) -> None:
        """Carry the answer."""
        super().__init__(notice)
        self.notice = notice


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a Telegram account, and the person behind it where the bot knows one."""

    telegram_id: int
    name: str
    person: PersonRow | None = None
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction at one moment (``at``, UTC)."""

    session: Session
    at: datetime
    library: Library

    def sop_of(self, case: CaseRow) -> Sop:
        """Return the definition the case is pinned to."""
        version_id = case.sop_version_id
        return self.library.pinned(version_id, lambda: self.session.get_one(SopVersionRow, version_id))

    def calendar_of(self, case: CaseRow) -> Calendar:
        """Return the calendar of the case's office."""
        return self.calendar_for(self.sop_of(case).office)

    def calendar_for(self, office: Office) -> Calendar:
        """Return an office's calendar, with what the office has set."""
        return office_rules.calendar_for(self, office)

    def rules_of(self, office_id: OfficeId) -> OfficeRules:
        """Return what an office has set, as it counts now."""
        return office_rules.rules_of(self, office_id)

    def offices(self) -> dict[OfficeId, Office]:
        """Return every office that the files serve or ever served, by id."""
        rows = self.session.scalars(select(OfficeRow).order_by(OfficeRow.id))
        return {row.id: Office(row.id, row.name, Zone(row.zone)) for row in rows} | dict(self.library.offices)

    def office_name(self, office_id: str) -> str:
        """Return the name of an office that the database knows."""
        return self.session.get_one(OfficeRow, office_id).name


class Runner:
    """Runs use cases: each call is one transaction, at the clock's moment."""

    def __init__(self, store: Store, clock: Clock, library: Library) -> None:
        """Take the store, the one clock and the files."""
        self.store = store
        self.clock = clock
        self.library = library

    async def run(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``use_case(work, …)`` on the store's thread and return its result after the commit."""
        return await self.store.run(lambda session: use_case(self.work(session), *args, **kwargs))

    async def look(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run as ``run`` does, but without waking those who watch for commits."""
        return await self.store.look(lambda session: use_case(self.work(session), *args, **kwargs))

    def run_now(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``use_case`` on this thread; for the command line."""
        return self.store.run_now(lambda session: use_case(self.work(session), *args, **kwargs))

    def work(self, session: Session) -> Work:
        """Return what use cases in this transaction work with."""
        clock = self.clock
        at = clock.read(session) if isinstance(clock, SharedClock) else clock.now()
        return Work(session, at, self.library)
