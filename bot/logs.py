"""Logging: one line per event with a stable ``action``; the token never appears in it."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from pythonjsonlogger.json import JsonFormatter

if TYPE_CHECKING:
    from bot.settings import Settings

# A token in a URL, an error or a traceback, whoever logged it.
_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{30,64}")
_HIDDEN = "<token>"
_known: set[str] = set()


def hide_secrets(text: str) -> str:
    """Return ``text`` with the configured token, and everything shaped like one, replaced."""
    for secret in _known:
        text = text.replace(secret, _HIDDEN)
    return _TOKEN.sub(_HIDDEN, text)


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the action first."""
        action = getattr(record, "action", record.name)
        return hide_secrets(f"{super().format(record)} [{action}]")


class _Json(JsonFormatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the line as JSON."""
        return hide_secrets(super().format(record))


def set_up(settings: Settings) -> None:
    """Log to standard error in the chosen format and level."""
    if settings.bot_token is not None:
        _known.add(settings.bot_token)
    handler = logging.StreamHandler()
    if settings.log_format == "json":
        handler.setFormatter(_Json("{asctime}{levelname}{name}{message}", style="{"))
    else:
        handler.setFormatter(_Text("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    for chatty in ("httpx", "httpcore", "apscheduler", "alembic", "telegram"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
