"""Use cases of intake: an update is dealt with once, and one that fails is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.store.tables import BotRow, UpdateRow

if TYPE_CHECKING:
    from bot.services.work import Work


def is_new(work: Work, bot_id: int, update_id: int) -> bool:
    """Whether the update was not dealt with yet; if so, it is from the end of this transaction on."""
    if work.session.get(UpdateRow, (bot_id, update_id)) is not None:
        return False
    work.session.add(UpdateRow(bot_id=bot_id, update_id=update_id, received_at=work.at))
    work.session.flush()
    return True


def keep_failed(work: Work, bot_id: int, update_id: int, failure: str, body: dict[str, Any]) -> None:
    """Store an update that keeps failing on its own account, for whoever mends the fault."""
    work.session.merge(UpdateRow(bot_id=bot_id, update_id=update_id, received_at=work.at, failure=failure, body=body))


def register_bot(work: Work, bot_id: int, username: str) -> None:
    """Remember the bot's username: invitation links are made of it."""
    work.session.merge(BotRow(id=bot_id, username=username))
