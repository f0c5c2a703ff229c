"""Which private chats have the button that opens the live board, and which are to have it.

Telegram keeps a chat's button until it is told otherwise: what it was told is a row, so that whoever leaves while
the program is down, or an office that does without the board again, loses the button all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from bot.store import queries
from bot.store.races import insert_new
from bot.store.tables import HoldingRow, MenuButtonRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.services.work import Work


def chats_wanted(work: Work) -> set[int]:
    """Return the chats (Telegram ids) that are to have the button now: of members and of known administrators."""
    held = select(HoldingRow.person_id).where(queries.covers(work.at))
    belongs = or_(PersonRow.id.in_(held), PersonRow.telegram_id.in_(work.library.admin_ids))
    found = work.session.scalars(select(PersonRow.telegram_id).where(belongs, PersonRow.unreachable_since.is_(None)))
    return {telegram_id for telegram_id in found if telegram_id is not None}


def chats_given(work: Work, bot_id: int) -> dict[int, str]:
    """Return which chats this bot has given the button, with the address behind it."""
    given = select(MenuButtonRow.telegram_id, MenuButtonRow.url).where(MenuButtonRow.bot_id == bot_id)
    return {row.telegram_id: row.url for row in work.session.execute(given)}


def note_buttons(work: Work, bot_id: int, url: str, *, given: Collection[int], taken: Collection[int]) -> None:
    """Note what Telegram was told: these chats have the button to ``url``, and those have it no more."""
    theirs = MenuButtonRow.bot_id == bot_id, MenuButtonRow.telegram_id.in_({*given, *taken})
    work.session.execute(delete(MenuButtonRow).where(*theirs))
    for telegram_id in sorted(given):
        insert_new(work.session, MenuButtonRow, bot_id=bot_id, telegram_id=telegram_id, url=url)
