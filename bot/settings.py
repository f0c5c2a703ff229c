"""Settings: frozen, read once, the only reader of the environment. Names every bad variable at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.console import console

# Wider than what @BotFather gives today; only what cannot be a token at all is refused here.
_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{6,128}")
_DRIVERS = {"sqlite", "postgresql", "postgres", "postgresql+psycopg"}
_LAST_PORT = 65535
_LISTEN = re.compile(r"[^\s:/]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}")
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_WEBHOOK_PATH = re.compile(r"(/[A-Za-z0-9._~-]*)*")
_TELEGRAM_PORTS = {None, 443, 80, 88, 8443}
HEALTH_PATH, METRICS_PATH = "/healthz", "/metrics"
BOARD_PATH = "/papan"
"""Where the live board is served, with all that is below it."""
_PROJECT = Path(__file__).resolve().parent.parent
_LARGEST_ID = 2**52


class Settings(BaseSettings):
    """Every environment variable the program knows; ``.env.example`` explains each."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True, env_ignore_empty=True
    )

    bot_token: Annotated[str | None, Field(repr=False)] = None
    bot_api_url: str | None = None
    database_url: Annotated[str, Field(repr=False)] = "sqlite:///var/sop.db"
    admin_ids: Annotated[frozenset[int], NoDecode] = frozenset()
    sop_dir: Path = Path("sop_data")
    webhook_url: str | None = None
    # What the webhook needs is asked of the others even where they are not set.
    webhook_secret: Annotated[str | None, Field(repr=False, validate_default=True)] = None
    listen: Annotated[str | None, Field(validate_default=True)] = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("bot_token")
    @classmethod
    def _token(cls, value: str | None) -> str | None:
        if value is not None and not _TOKEN.fullmatch(value.strip()):
            raise ValueError("token")
        return value and value.strip()

    @field_validator("bot_api_url")
    @classmethod
    def _api_url(cls, value: str | None) -> str | None:
        address = value and value.rstrip("/")
        if address is not None and (not _is_http(address) or address.endswith("/bot")):
            raise ValueError("api_url")
        return address

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        try:
            driver = make_url(value).drivername
        except ArgumentError:
            raise ValueError("database") from None
        if driver not in _DRIVERS:
            raise ValueError("database")
        return value

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _admins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        words = [word.strip() for word in value.split(",") if word.strip()]
        if not all(word.isascii() and word.isdigit() and 0 < int(word[:20]) < _LARGEST_ID for word in words):
            raise ValueError("admins")
        return frozenset(int(word) for word in words)

    @field_validator("sop_dir")
    @classmethod
    def _sop_dir(cls, value: Path) -> Path:
        # The default stands for the folder of this checkout, wherever the program is called from.
        if not _is_folder(value) and value == Path("sop_data"):
            value = _PROJECT / value
        if not _is_folder(value):
            raise ValueError("sop_dir")
        return value

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _case(cls, value: object, info: object) -> object:
        if not isinstance(value, str):
            return value
        return value.strip().upper() if getattr(info, "field_name", "") == "log_level" else value.strip().lower()

    @field_validator("webhook_url")
    @classmethod
    def _webhook(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None:
            return None
        address = value.strip()
        if not _is_http(address):
            raise ValueError("webhook_url")
        # A bad BOT_API_URL is not in the data; its own line says what is wrong with it.
        own_server = info.data.get("bot_api_url", "?") is not None
        problem = _webhook_problem(address, own_server=own_server)
        if problem is not None:
            raise ValueError(problem)
        return address

    @field_validator("webhook_secret")
    @classmethod
    def _secret(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and _wants_webhook(info):
            raise ValueError("secret_missing")
        if value is not None and not _SECRET.fullmatch(value):
            raise ValueError("secret")
        return value

    @field_validator("listen")
    @classmethod
    def _listen(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and _wants_webhook(info):
            raise ValueError("listen_missing")
        if value is not None and not (_LISTEN.fullmatch(value) and int(value.rpartition(":")[2]) <= _LAST_PORT):
            raise ValueError("listen")
        return value

    @property
    def webhook_path(self) -> str:
        """The path that Telegram posts updates to, ``/`` where WEBHOOK_URL names none."""
        return urlsplit(self.webhook_url or "").path or "/"

    @property
    def listen_on(self) -> tuple[str, int] | None:
        """Host and port of LISTEN, None where nothing is served."""
        if self.listen is None:
            return None
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)


class _NeedingToken(Settings):
    """The settings of a command that cannot do without Telegram."""

    bot_token: Annotated[str | None, Field(repr=False, validate_default=True)] = None

    @field_validator("bot_token")
    @classmethod
    def _token_there(cls, value: str | None) -> str | None:
        if value is None:
            raise ValueError("token_missing")
        return value


class SettingsProblem(Exception):  # noqa: N818 - it lists problems, for a person to read
    """One line per bad variable, each saying what to write instead."""

    def __init__(self, lines: list[str]) -> None:
        """Carry the lines."""
        super().__init__("\n".join(lines))
        self.lines = lines


def read_settings(*, token_needed: bool = False) -> Settings:
    """Read the environment and ``.env``; raises SettingsProblem that lists every bad variable."""
    try:
        return _NeedingToken() if token_needed else Settings()
    except ValidationError as error:
        lines = [_line(dict(problem)) for problem in error.errors(include_input=False)]
        raise SettingsProblem(lines) from None
    except UnicodeDecodeError:
        raise SettingsProblem([_advice(".env", "env_file")]) from None


def _line(problem: dict[str, object]) -> str:
    location = problem["loc"]
    name = str(location[0]).upper() if isinstance(location, tuple) and location else "?"
    key = str(problem["msg"]).removeprefix("Value error, ")
    return _advice(name, key if problem["type"] == "value_error" else "choice")


def _advice(name: str, key: str) -> str:
    return console("setting.line", name=name, advice=console(f"setting.{key}"))


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False  # a name too long to be one, or a folder that may not be looked into


def _is_http(value: str) -> bool:
    try:
        parts = urlsplit(value)
        port = parts.port  # raises for what is no port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def _webhook_problem(address: str, *, own_server: bool) -> str | None:
    """Return what is wrong with a WEBHOOK_URL, as the key of the advice."""
    parts = urlsplit(address)
    if parts.scheme != "https" and not own_server:
        return "webhook_http"
    if parts.username is not None or parts.query or parts.fragment or not _WEBHOOK_PATH.fullmatch(parts.path):
        return "webhook_plain"
    if parts.path in {HEALTH_PATH, METRICS_PATH, BOARD_PATH} or parts.path.startswith(f"{BOARD_PATH}/"):
        return "webhook_path"
    if parts.port not in _TELEGRAM_PORTS and not own_server:
        return "webhook_port"
    return None


def _wants_webhook(info: ValidationInfo) -> bool:
    # A WEBHOOK_URL that is not in the data was set, and is bad.
    return info.data.get("webhook_url", "?") is not None
