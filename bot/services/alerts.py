"""Alerting an office's sekretariat: the one road for whatever it has to hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.services.outbox import tell
from bot.store import queries

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.domain.notices import Notice
    from bot.services.work import Work


def alert(
    work: Work,
    office_id: str,
    notice: Notice,
    *,
    case_id: int | None = None,
    cause_id: int | None = None,
    informed: Collection[int] = (),
    not_before: datetime | None = None,
    silent: bool = False,
) -> None:
    """Queue ``notice`` for the office's monitors, but not for those ``informed`` already (person ids).

    Alerts about one case (``case_id``) belong together. Whoever caused it (``cause_id``) hears at once, the others
    not before ``not_before``.
    """
    del case_id  # each monitor has a chat of their own
    for person in queries.secretariat_of(work.session, office_id, work.at):
        if person.id not in informed:
            own = person.id == cause_id
            moment = None if own else not_before
            tell(work, person, notice, cause_id=cause_id, not_before=moment, silent=silent)
