"""What became of pinning a message: told by the courier, for whoever keeps a pinned board."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.services.work import Work

log = logging.getLogger(__name__)


def pinned(_work: Work, chat_id: int, message_id: int) -> None:
    """Note that a message is pinned."""
    log.info("message pinned", extra={"action": "delivery.pinned", "chat_id": chat_id, "message_id": message_id})


def pin_refused(_work: Work, chat_id: int, message_id: int, words: str) -> None:
    """Note that Telegram would not pin a message, in its words: mostly the bot may not. The message is there."""
    detail = {"action": "delivery.unpinned", "chat_id": chat_id, "message_id": message_id}
    log.warning("message not pinned: %s", words, extra=detail)
