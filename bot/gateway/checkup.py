"""Asking Telegram how the bot stands there, for the doctor: plain requests that change nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from bot.services.doctor import bad, clock, fine, note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.services.doctor import Line
    from bot.settings import Settings

_TELEGRAM = "https://api.telegram.org"
_SECONDS = 10.0
_MANY_WAITING = 100
_RECENT = timedelta(hours=1)
_NO_SUCH_BOT = {httpx.codes.UNAUTHORIZED, httpx.codes.NOT_FOUND}


def check_telegram(settings: Settings, now: Callable[[], datetime]) -> Iterator[Line]:
    """Look at the token, the webhook and Telegram's clock."""
    if settings.bot_token is None:
        yield bad("token.missing")
        return
    base = f"{settings.bot_api_url or _TELEGRAM}/bot{settings.bot_token}"
    try:
        with httpx.Client(base_url=base, timeout=_SECONDS) as http:
            yield from _bot(http.get("/getMe"), now())
            yield from _webhook(settings, http.get("/getWebhookInfo"), now())
    except httpx.HTTPError as error:
        # Not its text: that may hold the address, and the address holds the token.
        yield bad("telegram.away", server=urlsplit(base).hostname, why=type(error).__name__)


def _bot(response: httpx.Response, ours: datetime) -> Iterator[Line]:
    if response.status_code in _NO_SUCH_BOT:
        yield bad("token.refused")
        return
    answer = _result(response)
    if answer is None:
        yield bad("telegram.odd", status=response.status_code)
        return
    yield fine("token.fine", username=answer.get("username"))
    date = response.headers.get("date")
    if date:
        yield clock("telegram_clock", parsedate_to_datetime(date).astimezone(UTC), ours)


def _webhook(settings: Settings, response: httpx.Response, now: datetime) -> Iterator[Line]:
    found = _result(response)
    if found is None:
        return
    url, wanted = found.get("url") or "", settings.webhook_url or ""
    if url != wanted:
        # Hosts only: the path of a webhook may be as good as a password.
        yield note("webhook.other", found=urlsplit(url).hostname or "–", wanted=urlsplit(wanted).hostname or "–")
    else:
        yield fine("webhook.fine", host=urlsplit(wanted).hostname) if wanted else fine("webhook.polling")
    waiting = int(found.get("pending_update_count") or 0)
    if waiting > _MANY_WAITING:
        yield bad("updates.waiting", count=waiting)
    failed = datetime.fromtimestamp(int(found.get("last_error_date") or 0), UTC)
    if wanted and now - failed < _RECENT:
        minutes = max(0, round((now - failed).total_seconds() / 60))
        yield bad("webhook_delivery.failing", why=found.get("last_error_message"), minutes=minutes)


def _result(response: httpx.Response) -> dict[str, Any] | None:
    """Return what Telegram answered, or None where that is no answer of Telegram's."""
    try:
        answer = response.json()
        result = answer["result"] if answer["ok"] else None
    except (ValueError, KeyError, TypeError):
        return None
    return result if isinstance(result, dict) else None
