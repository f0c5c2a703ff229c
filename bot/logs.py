"""Logging: one line per event with a stable ``action``; no secret ever appears in it, whoever logs it and however.

Our own loggers follow ``LOG_LEVEL``. Libraries say only what is wrong: their details hold what people wrote, and
the rows and addresses that it went through.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from contextlib import suppress
from copy import copy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from pythonjsonlogger.json import JsonFormatter
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from bot.metrics import ERRORS
from bot.store.database import is_trouble, reason

if TYPE_CHECKING:
    from types import TracebackType

    from bot.settings import Settings

OURS = ("bot", "handlers")

# A token in a URL, an error or a traceback, whoever logged it; then a password in any address.
_TOKEN = re.compile(r"\d{3,20}(:|%3A)[A-Za-z0-9_-]{30,64}", re.IGNORECASE)
_PASSWORD = re.compile(r"(?<=://)([^\s:/@'\"]*):[^\s/@'\"]+(?=@)")
# What stands behind /start, or behind start= in a link, may be an invitation that still opens a post.
_CODE = re.compile(r"(/start(?:@\w+)?\s+|\bstart=)[^\s\"'&<]+", re.IGNORECASE)
_IN_QUERY = re.compile(r"[?&]password=([^&]*)")
_TOKEN_HIDDEN, _SECRET_HIDDEN = "<token>", "<secret>"
_SHORTEST = 4
"""A shorter password than this is hidden in addresses only: in other texts any word might hold it."""

_OUTAGE_SECONDS = 60.0

_known: dict[str, str] = {}


def hide_secrets(text: str) -> str:
    """Return ``text`` with the configured secrets, and everything shaped like a token, password or code, replaced."""
    for secret, instead in _known.items():
        text = text.replace(secret, instead)
    text = _PASSWORD.sub(rf"\1:{_SECRET_HIDDEN}", _TOKEN.sub(_TOKEN_HIDDEN, text))
    return _CODE.sub(rf"\1{_SECRET_HIDDEN}", text)


def remember_secrets(settings: Settings) -> None:
    """Hide what these settings hold, and no others, in any spelling that an address or a traceback may give it."""
    found = {
        secret: _SECRET_HIDDEN for secret in (settings.webhook_secret, *_passwords(settings.database_url)) if secret
    }
    if settings.bot_token is not None:
        found |= {settings.bot_token: _TOKEN_HIDDEN, settings.bot_token.partition(":")[2]: _TOKEN_HIDDEN}
    spelt = {
        spelling: instead
        for secret, instead in found.items()
        for spelling in (secret, quote(secret, safe=""), repr(secret)[1:-1])
        if len(secret) >= _SHORTEST
    }
    _known.clear()
    # The longest first: one secret may hold another.
    _known.update(sorted(spelt.items(), key=lambda item: -len(item[0])))


def _passwords(database_url: str) -> set[str]:
    """Return the password as the driver reads it, and as it was typed: half-quoted, errors may quote either."""
    url = make_url(database_url)
    in_query = url.query.get("password", ())
    read = {url.password or "", *([in_query] if isinstance(in_query, str) else in_query)}
    authority, _, query = database_url.partition("://")[2].partition("?")
    # A driver ends it at the first @, whoever typed it meant the last one.
    typed = {authority.rpartition("@")[0].partition(":")[2], *_IN_QUERY.findall(f"?{query}")}
    return read | typed | {unquote(text) for text in typed}


def _is_outage(record: logging.LogRecord) -> bool:
    """Whether a line tells with a traceback what one line says as well: that the database is away."""
    error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
    return isinstance(error, SQLAlchemyError) and is_trouble(error)


def _shortened(record: logging.LogRecord) -> logging.LogRecord:
    """Return the line of an outage with the reason in place of the traceback, any other as it is."""
    if not _is_outage(record) or record.exc_info is None or record.exc_info[1] is None:
        return record
    short = copy(record)
    short.msg, short.args = "%s: %s", (record.getMessage(), reason(record.exc_info[1]))
    short.exc_info = short.exc_text = None
    return short


class _OncePerOutage(logging.Filter):
    """Lets the lines of an outage pass once a minute for each action: every part of the program notices and retries."""

    def __init__(self) -> None:
        super().__init__()
        self._passed: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the line is written."""
        if not _is_outage(record):
            return True
        action = _action(record)
        if record.created - self._passed.get(action, -_OUTAGE_SECONDS) < _OUTAGE_SECONDS:
            return False
        self._passed[action] = record.created
        return True


class _Text(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return the line, with the action last."""
        return hide_secrets(f"{super().format(_shortened(record))} [{_action(record)}]")


class _Json(JsonFormatter):
    """One object per line: ``ts`` (UTC), ``level``, ``logger``, ``action``, ``message``, then what else there is."""

    def __init__(self) -> None:
        super().__init__(["message"])

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        """Put the stable fields first."""
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data["ts"] = moment.isoformat(timespec="milliseconds")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["action"] = _action(record)
        super().add_fields(log_data, record, message_dict)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return super().format(_shortened(record))

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        """Hide secrets in the values, before they are quoted: what machines look for by name stays as it is."""
        return {key: value if key in {"ts", "level"} else _without_secrets(value) for key, value in log_data.items()}


def _without_secrets(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {hide_secrets(str(key)): _without_secrets(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_secrets(inner) for inner in value]
    return hide_secrets(str(value))


def _action(record: logging.LogRecord) -> str:
    return str(getattr(record, "action", record.name))


class _Stream(logging.StreamHandler[Any]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the base class calls it so
        """Name the line that could not be written; the standard way prints all that it was to say, secrets too."""
        bad = logging.LogRecord(record.name, logging.ERROR, "", 0, "a line of the log was not writable", (), None)
        bad.action = "log.unwritable"
        with suppress(OSError, ValueError):  # nobody reads the log any more
            self.stream.write(self.format(bad) + self.terminator)


class _ErrorCounter(logging.Handler):
    """Counts errors by their action, for ``/metrics``."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)

    def emit(self, record: logging.LogRecord) -> None:
        """Count one."""
        ERRORS.labels(_action(record)).inc()


def set_up(settings: Settings) -> None:
    """Log to standard error in the chosen format and level, and count errors."""
    remember_secrets(settings)
    stream = _Stream()
    stream.setFormatter(_Json() if settings.log_format == "json" else _Text("%(asctime)s %(levelname)s %(message)s"))
    stream.addFilter(_OncePerOutage())
    level: int = logging.getLevelNamesMapping()[settings.log_level]
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[stream, _ErrorCounter()], force=True)
    for name in OURS:
        logging.getLogger(name).setLevel(level)
    logging.captureWarnings(capture=True)


def log_what_nobody_caught() -> None:
    """Let the traceback of a crash, in any thread, be a line of the log: it may hold secrets."""
    sys.excepthook = _crashed
    threading.excepthook = lambda crash: _crashed(crash.exc_type, crash.exc_value, crash.exc_traceback)
    sys.unraisablehook = lambda lost: _crashed(lost.exc_type, lost.exc_value, lost.exc_traceback)


def _crashed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    whole = error if error is not None else kind()
    logging.getLogger("bot").critical("unexpected end", exc_info=(kind, whole, trace), extra={"action": "app.crashed"})
