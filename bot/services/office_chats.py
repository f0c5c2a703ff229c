"""The group that an office's alerts go to: who set it, that it ended, and that it was lost.

An office has at most one group, and a group serves one office. Whoever queues something for the group holds its row
shared; whoever changes it holds it alone: nothing is queued for a group that has just ceased to be one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from bot.domain.notices import AlertsHere, AlertsLeft, AlertsReleased, GroupLost, GroupTaken, NoAlertGroup
from bot.services import boards, rerouting
from bot.services.act import person_of
from bot.services.authorise import Capability, require
from bot.services.groups import chat_for, group_in
from bot.services.outbox import put, tell
from bot.services.work import Refusal
from bot.store import queries
from bot.store.races import insert_new
from bot.store.tables import AlertThreadRow, OfficeChatRow, OfficeRow

if TYPE_CHECKING:
    from bot.domain.notices import Notice
    from bot.services.work import Actor, Work

LEFT, REFUSED = "left", "refused"
"""Why a group was lost: the bot was thrown out, or Telegram takes nothing for it."""


def set_group(work: Work, actor: Actor, office_id: str, chat_id: int, *, topic: int | None, title: str) -> Notice:
    """Make a group (and its topic) the office's alert group and return the answer for it; raises Refusal."""
    require(work, actor, Capability.WATCH, office_id)
    # Offices one at a time: two that want the same group, and one that wants two.
    work.session.scalars(select(OfficeRow.id).order_by(OfficeRow.id).with_for_update()).all()
    taken = group_in(work, chat_id)
    if taken is not None and taken.office_id != office_id:
        raise Refusal(GroupTaken())
    insert_new(
        work.session, OfficeChatRow, office_id=office_id, chat_id=chat_id, topic=topic, title=title, set_at=work.at
    )
    row = work.session.get_one(OfficeChatRow, office_id, with_for_update=True, populate_existing=True)
    _leave(work, row, for_chat=chat_id, for_topic=topic)
    row.chat_id, row.topic, row.title = chat_id, topic, title
    row.set_by, row.set_at, row.lost_at, row.lost_why = person_of(actor).id, work.at, None, None
    work.session.flush()
    boards.post(work, office_id, chat_id, topic=topic)
    return AlertsHere(office_id)


def _leave(work: Work, row: OfficeChatRow, *, for_chat: int, for_topic: int | None) -> None:
    """Let what waits for the group so far go to the new one, and begin its threads anew."""
    if (row.chat_id, row.topic) == (for_chat, for_topic):
        return
    rerouting.follow(work, row.chat_id, for_chat, topic=for_topic)
    _forget(work, row)
    if row.chat_id != for_chat and row.lost_at is None:
        put(work, row.chat_id, AlertsLeft(row.office_id), topic=row.topic, silent=True)


def _forget(work: Work, row: OfficeChatRow) -> None:
    work.session.execute(delete(AlertThreadRow).where(AlertThreadRow.chat_id == row.chat_id))
    boards.close(work, row.office_id, row.chat_id, reachable=row.lost_at is None)


def release(work: Work, actor: Actor, office_id: str, *, chat_id: int | None = None) -> Notice:
    """End the office's alert group (``chat_id``: only this one) and return the answer; raises Refusal."""
    require(work, actor, Capability.WATCH, office_id)
    row = work.session.get(OfficeChatRow, office_id, with_for_update=True, populate_existing=True)
    if row is None or (chat_id is not None and row.chat_id != chat_id):
        raise Refusal(NoAlertGroup())
    chat, topic, lost = row.chat_id, row.topic, row.lost_at is not None
    _forget(work, row)
    work.session.delete(row)
    work.session.flush()
    rerouting.to_monitors(work, office_id, chat, lost=lost)
    if chat_id is None and not lost:
        put(work, chat, AlertsLeft(office_id), topic=topic, silent=True)
    return AlertsReleased(office_id)


def lose(work: Work, chat_id: int, why: str) -> bool:
    """Note that nothing reaches a group; what waits for it goes to the monitors, who are told once.

    False where it is no office's group, or known to be lost.
    """
    mine = select(OfficeChatRow).where(OfficeChatRow.chat_id == chat_id, OfficeChatRow.lost_at.is_(None))
    row = work.session.scalar(mine.with_for_update().execution_options(populate_existing=True))
    if row is None:
        return False
    row.lost_at, row.lost_why = work.at, why
    _forget(work, row)
    work.session.flush()
    opening = work.calendar_for(work.offices()[row.office_id]).next_opening(work.at)
    for monitor in queries.secretariat_of(work.session, row.office_id, work.at):
        tell(work, monitor, GroupLost(row.office_id), not_before=opening)
    rerouting.to_monitors(work, row.office_id, chat_id, lost=True)
    return True


def without_topic(work: Work, chat_id: int, topic: int) -> None:
    """Note that a topic is closed or gone: the group's general one serves from now on, and threads begin anew there."""
    there = OfficeChatRow.chat_id == chat_id, OfficeChatRow.topic == topic
    work.session.execute(update(OfficeChatRow).where(*there).values(topic=None))
    threads = update(AlertThreadRow).where(AlertThreadRow.chat_id == chat_id)
    work.session.execute(threads.values(message_id=None), execution_options={"synchronize_session": "fetch"})
    boards.without_topic(work, chat_id, topic)


def chat_of(work: Work, office_id: str) -> OfficeChatRow | None:
    """Return the office's alert group, lost or not."""
    return chat_for(work, office_id)
