"""A group that became a supergroup: it has another id, and its messages have other numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import aliased

from bot.services.outbox import Delivery
from bot.store.races import insert_new
from bot.store.tables import AlertThreadRow, BoardRow, CardRow, ChatRow, OfficeChatRow, OutboxRow, QuestionRow

if TYPE_CHECKING:
    from bot.services.work import Work


def rehouse(work: Work, old_id: int, new_id: int) -> None:
    """Let everything that belongs to a group go to its new id, as a refusal or the group itself told it.

    Boards and threads of alerts begin anew there: what their messages were numbered means others now.
    """
    session = work.session
    insert_new(session, ChatRow, id=old_id)
    session.get_one(ChatRow, old_id, with_for_update=True).moved_to = new_id
    session.flush()
    unsent = OutboxRow.state.in_([Delivery.PENDING, Delivery.HELD])
    session.execute(update(OutboxRow).where(OutboxRow.chat_id == old_id, unsent).values(chat_id=new_id))
    for table in (CardRow, QuestionRow, OfficeChatRow):
        session.execute(update(table).where(table.chat_id == old_id).values(chat_id=new_id))
    _move_boards(work, old_id, new_id)
    _move_threads(work, old_id, new_id)


def _move_boards(work: Work, old_id: int, new_id: int) -> None:
    new = aliased(BoardRow)
    # Whoever was quicker has made one there already.
    made = select(new.id).where(new.chat_id == new_id, new.office_id == BoardRow.office_id)
    mine = update(BoardRow).where(BoardRow.chat_id == old_id, ~made.exists())
    work.session.execute(
        mine.values(chat_id=new_id, message_id=None, pinned_at=None, shown_at=None, digest=None),
        execution_options={"synchronize_session": "fetch"},
    )


def _move_threads(work: Work, old_id: int, new_id: int) -> None:
    new = aliased(AlertThreadRow)
    made = select(new.id).where(new.chat_id == new_id, new.case_id == AlertThreadRow.case_id)
    mine = update(AlertThreadRow).where(AlertThreadRow.chat_id == old_id, ~made.exists())
    work.session.execute(
        mine.values(chat_id=new_id, message_id=None), execution_options={"synchronize_session": "fetch"}
    )
