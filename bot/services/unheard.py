"""What a group will never take: the bot was thrown out of it, or may not write there. Its monitors hear instead."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.services import office_chats, rerouting
from bot.services.outbox import Delivery
from bot.store.tables import OfficeChatRow

if TYPE_CHECKING:
    from bot.services.work import Work
    from bot.store.tables import OutboxRow

log = logging.getLogger(__name__)

_OF_THE_CHAT = re.compile(
    r"forbidden|kicked|not a member|chat not found|group chat was deleted|deactivated|\brights\b|write_forbidden",
    re.IGNORECASE,
)
"""Words of a refusal that is about the chat; any other one is about this message alone."""


def unheard(work: Work, row: OutboxRow, words: str) -> None:
    """Note that a group refused a message for good, in Telegram's words, and tell its office's monitors instead."""
    detail = {"action": "delivery.unheard", "chat_id": row.chat_id, "outbox_id": row.id}
    log.warning("a group took no message: %s", words, extra=detail)
    mine = select(OfficeChatRow).where(OfficeChatRow.chat_id == row.chat_id)
    group = work.session.scalar(mine.order_by(OfficeChatRow.lost_at.is_not(None)).limit(1))
    if group is None:
        return
    if _OF_THE_CHAT.search(words):
        office_chats.lose(work, row.chat_id, office_chats.REFUSED)
    if rerouting.is_alert(row):
        rerouting.to_each_monitor(work, group.office_id, row)
        row.state = Delivery.DROPPED  # it is said elsewhere: nobody has to send it again
