"""What a group will never take: the bot was thrown out of it, or may not write there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.services.work import Work
    from bot.store.tables import OutboxRow

log = logging.getLogger(__name__)


def unheard(_work: Work, row: OutboxRow, words: str) -> None:
    """Note that a group refused a message for good, in Telegram's words, for whoever tells it to people instead."""
    detail = {"action": "delivery.unheard", "chat_id": row.chat_id, "outbox_id": row.id}
    log.warning("a group took no message: %s", words, extra=detail)
