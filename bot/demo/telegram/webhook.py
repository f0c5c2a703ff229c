"""Pushing updates to the bot's webhook: in order, again and again until it says 2xx."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from bot.demo.telegram.model import stamp

if TYPE_CHECKING:
    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.state import Telegram
    from bot.demo.telegram.updates import Webhook
    from bot.demo.telegram.waiting import Waiters

HEADER = "X-Telegram-Bot-Api-Secret-Token"
IDLE = 3600.0
ANSWER_WITHIN = 30.0


async def push_updates(telegram: Telegram, waiters: Waiters, retry_after: float) -> None:
    """Deliver updates while the server runs, pausing ``retry_after`` seconds after a failure."""
    async with httpx.AsyncClient(timeout=ANSWER_WITHIN, trust_env=False) as http:
        while not waiters.closed:
            due = await waiters.until(lambda: bool(telegram.updates.webhook.url and telegram.updates.pending), IDLE)
            if due and not await _pushed(telegram, http):
                await waiters.until(lambda: False, retry_after)


async def _pushed(telegram: Telegram, http: httpx.AsyncClient) -> bool:
    webhook, update = telegram.updates.webhook, telegram.updates.pending[0]
    failure = await _post(http, webhook, update)
    if failure is None:
        telegram.updates.confirm(int(update["update_id"]) + 1)
        telegram.changed()
        return True
    webhook.error, webhook.error_date = failure, stamp(telegram.now())
    return False


async def _post(http: httpx.AsyncClient, webhook: Webhook, update: Json) -> str | None:
    """Return None once the bot has taken the update, else Telegram's words for what went wrong."""
    headers = {HEADER: webhook.secret} if webhook.secret else {}
    try:
        response = await http.post(webhook.url, json=update, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        return "Connection refused"
    if response.is_success:
        return None
    return f"Wrong response from the webhook: {response.status_code} {response.reason_phrase}"
