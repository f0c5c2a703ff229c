"""Alerting an office's sekretariat: the one road for whatever it has to hear of.

Where the office has a group, it hears everything once and in one place; else each monitor hears in private.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.services.groups import group_of
from bot.services.outbox import Priority, put, tell
from bot.store import queries
from bot.store.races import insert_new
from bot.store.tables import AlertThreadRow

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
) -> set[int]:
    """Queue ``notice`` for the office's group, else for its monitors; return whom it reaches in private (person ids).

    In private, those ``informed`` already are left out. In the group, alerts about one case (``case_id``) reply to the
    first of them. Whoever caused it (``cause_id``) hears at once and in private, the others not before ``not_before``.
    """
    in_group = to_group(
        work, office_id, notice, case_id=case_id, cause_id=cause_id, not_before=not_before, silent=silent
    )
    told: set[int] = set()
    for person in queries.secretariat_of(work.session, office_id, work.at):
        own = person.id == cause_id
        if person.id not in informed and (own or not in_group):
            tell(work, person, notice, cause_id=cause_id, not_before=None if own else not_before, silent=silent)
            told.add(person.id)
    return told


def to_group(
    work: Work,
    office_id: str,
    notice: Notice,
    *,
    case_id: int | None = None,
    cause_id: int | None = None,
    not_before: datetime | None = None,
    silent: bool = False,
    priority: Priority = Priority.ORDINARY,
) -> bool:
    """Queue ``notice`` for the office's group; False where it has none that is heard."""
    group = group_of(work, office_id)
    if group is None:
        return False
    anchor = None if case_id is None else _thread(work, group.chat_id, case_id)
    put(
        work,
        group.chat_id,
        notice,
        cause_id=cause_id,
        anchor=anchor,
        silent=silent,
        priority=priority,
        not_before=not_before,
        topic=group.topic,
    )
    return True


def _thread(work: Work, chat_id: int, case_id: int) -> str:
    """Return the anchor of the case's thread in a chat, made at its first alert."""
    insert_new(work.session, AlertThreadRow, chat_id=chat_id, case_id=case_id)
    mine = select(AlertThreadRow.id).where(AlertThreadRow.chat_id == chat_id, AlertThreadRow.case_id == case_id)
    return f"alert:{work.session.scalars(mine).one()}"
