"""What became of pinning a board: it is pinned, or the bot may not and somebody has to give it the right."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain.notices import PinRight
from bot.services import outbox
from bot.services.groups import chat_for
from bot.store.tables import BoardRow, PersonRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.services.work import Work

log = logging.getLogger(__name__)


def pinned(work: Work, chat_id: int, message_id: int) -> None:
    """Note that a message is pinned."""
    log.info("message pinned", extra={"action": "delivery.pinned", "chat_id": chat_id, "message_id": message_id})
    for board in _boards(work, chat_id):
        if board.message_id == message_id:
            board.pinned_at, board.refused_at = work.at, None


def pin_refused(work: Work, chat_id: int, message_id: int, words: str) -> None:
    """Note that Telegram would not pin a message, in its words: mostly the bot may not. The message is there.

    Whoever made the group the office's is told once which right is missing. It is tried again when rights change.
    """
    detail = {"action": "delivery.unpinned", "chat_id": chat_id, "message_id": message_id}
    log.warning("message not pinned: %s", words, extra=detail)
    for board in _boards(work, chat_id):
        if board.message_id != message_id:
            continue
        told, board.refused_at, board.pinned_at = board.refused_at is not None, work.at, None
        group = chat_for(work, board.office_id)
        setter = work.session.get(PersonRow, group.set_by) if group is not None and group.set_by else None
        if not told and board.person_id is None and setter is not None:
            outbox.tell(work, setter, PinRight(board.office_id))


def pin_again(work: Work, chat_id: int) -> None:
    """Try once more to pin the boards of a group: the bot's rights there have changed."""
    for board in _boards(work, chat_id):
        if board.message_id is not None and board.pinned_at is None:
            outbox.pin(work, chat_id, board.message_id)


def _boards(work: Work, chat_id: int) -> Sequence[BoardRow]:
    return work.session.scalars(select(BoardRow).where(BoardRow.chat_id == chat_id).order_by(BoardRow.id)).all()
