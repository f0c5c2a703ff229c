"""Use cases of intake: an update is dealt with once, and one that fails is kept."""

from __future__ import annotations

import json
import reprlib
from typing import TYPE_CHECKING, Any

from bot.logs import hide_secrets
from bot.store import migrate
from bot.store.races import insert_new
from bot.store.tables import BotRow, UpdateRow

if TYPE_CHECKING:
    from bot.services.work import Work


def is_new(work: Work, bot_id: int, update_id: int) -> bool:
    """Whether the update was not dealt with yet; if so, it is from the end of this transaction on.

    Where another replica is dealing with it just now, this waits for how that ends.
    """
    return insert_new(work.session, UpdateRow, bot_id=bot_id, update_id=update_id, received_at=work.at)


def keep_failed(work: Work, bot_id: int, update_id: int, failure: str, body: dict[str, Any]) -> None:
    """Store an update that keeps failing on its own account, for whoever mends the fault; without what opens doors."""
    kept = _storable(body)
    work.session.merge(UpdateRow(bot_id=bot_id, update_id=update_id, received_at=work.at, failure=failure, body=kept))


def _storable(body: Any) -> dict[str, Any]:
    """Return a body that every database takes as JSON; of what is none, or nests without end, a short description."""
    try:
        kept = _without_secrets(body)
        json.dumps(kept, allow_nan=False)
    except (ValueError, RecursionError):
        return {"not_json": hide_secrets(reprlib.repr(body))}
    return kept if isinstance(kept, dict) else {"no_object": kept}


def _without_secrets(value: Any) -> Any:
    """Return JSON in which no text holds a token or an invitation's code."""
    if isinstance(value, dict):
        return {key: _without_secrets(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return hide_secrets(value) if isinstance(value, str) else value


def register_bot(work: Work, bot_id: int, username: str) -> None:
    """Remember the bot's username: invitation links are made of it. Replicas start at the same time."""
    if not insert_new(work.session, BotRow, id=bot_id, username=username):
        work.session.get_one(BotRow, bot_id).username = username


def refuse_newer(work: Work) -> None:
    """Raise bot.store.migrate.NewerSchema where a newer program has taken the database over."""
    migrate.refuse_newer(work.session)
