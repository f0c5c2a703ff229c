"""Mini Apps: which button opens one, and what Telegram hands it: init data, signed with a key of the bot's token.

The data is dated by the machine's clock, whatever moment this server plays: what opens a page lives for an hour of
the reader's own time, and would be over whenever a demo puts its office's clock forward.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from bot.demo.telegram.model import stamp
from bot.demo.telegram.people import ImpossibleForAPersonError
from bot.demo.telegram.refusals import bad_request

if TYPE_CHECKING:
    from bot.demo.telegram.entities import Json
    from bot.demo.telegram.model import User
    from bot.demo.telegram.state import Telegram

_LOOPBACK = frozenset({"127.0.0.1", "localhost"})
_KEY = b"WebAppData"
THEMES: dict[str, dict[str, str]] = {
    "light": {
        "bg_color": "#ffffff",
        "text_color": "#000000",
        "hint_color": "#707579",
        "link_color": "#3390ec",
        "button_color": "#3390ec",
        "button_text_color": "#ffffff",
        "secondary_bg_color": "#f4f4f5",
    },
    "dark": {
        "bg_color": "#17212b",
        "text_color": "#f5f5f5",
        "hint_color": "#708499",
        "link_color": "#6ab3f3",
        "button_color": "#5288c1",
        "button_text_color": "#ffffff",
        "secondary_bg_color": "#232e3c",
    },
}
"""What Telegram's own clients send of their colours, by name."""


def check_app_url(telegram: Telegram, url: object, what: str) -> None:
    """Refuse an app's address that Telegram would refuse; in a local demo, one on this machine may be without TLS."""
    if not isinstance(url, str) or not url:
        raise bad_request(f"{what} URL '{url or ''}' is invalid: URL host is empty")
    parts = urlsplit(url)
    here = telegram.local_apps and parts.scheme == "http" and parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not here:
        raise bad_request(f"{what} URL '{url}' is invalid: Only HTTPS links are allowed")


def app_button(telegram: Telegram, user: User) -> Json | None:
    """Return the menu button that opens an app in somebody's chat; None where theirs shows the commands."""
    buttons = telegram.profile.menu_buttons
    button = buttons.get(user.id) or buttons.get(0) or {}
    return button if button.get("type") == "web_app" else None


def open_app(
    telegram: Telegram, user: User, url: str = "", *, now: datetime | None = None, theme: str = "light"
) -> str:
    """Return the address that a client opens for somebody's menu button, or for a button with ``url`` in their chat.

    Raises ImpossibleForAPersonError where they have no such button.
    """
    button = app_button(telegram, user)
    target = str(button["web_app"]["url"]) if button and not url else url
    if not target or (url and url not in _urls_in_chat(telegram, user)):
        raise ImpossibleForAPersonError(f"{user.name} has no button that opens an app")
    fragment = {
        "tgWebAppData": init_data(telegram, user, now=now),
        "tgWebAppVersion": "9.1",
        "tgWebAppPlatform": "weba",
        "tgWebAppThemeParams": json.dumps(THEMES[theme], separators=(",", ":")),
    }
    return f"{target.partition('#')[0]}#{urlencode(fragment, quote_via=quote)}"


def init_data(telegram: Telegram, user: User, *, now: datetime | None = None) -> str:
    """Return what Telegram tells an app about who opened it, as a signed query string.

    ``now`` is when it was opened; the machine's moment where it is not given.
    """
    person = {
        "id": user.id,
        "first_name": user.first_name,
        "last_name": user.last_name or "",
        **({"username": user.username} if user.username else {}),
        "language_code": user.language_code or "id",
        "allows_write_to_pm": True,
    }
    fields = {
        "query_id": f"AAH{user.id:x}AAAAAA",
        "user": json.dumps(person, ensure_ascii=False, separators=(",", ":")),
        "auth_date": str(stamp(now or datetime.now(UTC))),
    }
    checked = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.digest(_KEY, telegram.token.encode(), hashlib.sha256)
    signed = fields | {"hash": hmac.digest(key, checked.encode(), hashlib.sha256).hex()}
    return urlencode(signed, quote_via=quote)


def _urls_in_chat(telegram: Telegram, user: User) -> set[str]:
    messages = telegram.private_chat(user).messages.values()
    buttons = (button for message in messages if not message.deleted for row in message.buttons for button in row)
    return {str(button["web_app"]["url"]) for button in buttons if "web_app" in button}
