"""Logs: one line per event with its action; the token in none of them, whoever logs it and however."""

from __future__ import annotations

import json
import logging
import sys
import threading
import warnings
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

import httpx
import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from bot.logs import OURS, hide_secrets, log_what_nobody_caught, remember_secrets, set_up
from bot.metrics import REGISTRY
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "123456789:" + "Aa1_-" * 7
LIBRARIES = ("httpx", "httpcore", "telegram", "sqlalchemy.engine", "uvicorn.error", "apscheduler")
SECRET = "webhook-" + "8Kswq"
PASSWORD = "p" + "@ss/w\"rd'\\x"
DATABASE = "postgresql://sop:p%40ss%2Fw%22rd%27%5Cx@db.example/sop"
Style = Literal["text", "json"]
SHORT = "7:abcdef"
"""Shaped unlike any real token, but configured as one."""


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    # The local server of other tests quietens its own library in this process.
    names = (*OURS, *LIBRARIES, "uvicorn")
    loggers = {logging.getLogger(name): logging.getLogger(name).level for name in names}
    speaking = {logger: (logger.propagate, logger.handlers[:]) for logger in loggers}
    for logger in loggers:
        logger.setLevel(logging.NOTSET)
        logger.propagate = True
        logger.handlers.clear()
    yield
    logging.captureWarnings(capture=False)
    remember_secrets(Settings.model_construct())
    root.handlers[:] = handlers
    root.setLevel(level)
    for logger, before in loggers.items():
        logger.setLevel(before)
        logger.propagate, logger.handlers[:] = speaking[logger]


def log_as(style: Style, level: Literal["DEBUG", "WARNING"] = "DEBUG", token: str = TOKEN) -> None:
    """Set logging up as the program does."""
    settings = Settings.model_construct(
        bot_token=token, webhook_secret=SECRET, database_url=DATABASE, log_level=level, log_format=style
    )
    set_up(settings)


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    printed = capsys.readouterr()
    assert printed.out == "", "logs go to the error stream"
    return printed.err.splitlines()


def test_a_line_of_text_has_level_message_and_action(capsys: pytest.CaptureFixture[str]) -> None:
    log_as("text")
    logging.getLogger("bot.x").warning("chat %s rests", 7, extra={"action": "delivery.later"})
    (line,) = lines(capsys)
    assert line.endswith("WARNING chat 7 rests [delivery.later]")


def test_a_line_without_action_names_its_logger(capsys: pytest.CaptureFixture[str]) -> None:
    log_as("text")
    logging.getLogger("some.library").error("oh")
    assert lines(capsys)[0].endswith("[some.library]")


def test_a_line_for_machines_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    log_as("json")
    extra = {"action": "delivery.later", "outbox_id": 5}
    logging.getLogger("bot.x").warning('a "quoted"\nline – ü', extra=extra)
    (line,) = lines(capsys)
    content = json.loads(line)
    assert content["message"] == 'a "quoted"\nline – ü'
    assert list(content) == ["ts", "level", "logger", "action", "message", "outbox_id"]
    assert (content["level"], content["action"], content["outbox_id"]) == ("WARNING", "delivery.later", 5)
    assert datetime.fromisoformat(content["ts"]).utcoffset() == timedelta(0)


def test_the_level_counts(capsys: pytest.CaptureFixture[str]) -> None:
    log_as("text", "WARNING")
    logging.getLogger("bot.x").info("quiet")
    assert lines(capsys) == []


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("token", [TOKEN, SHORT])
def test_the_token_is_hidden_in_messages_arguments_extras_and_tracebacks(
    capsys: pytest.CaptureFixture[str], style: Style, token: str
) -> None:
    log_as(style, token=token)
    log = logging.getLogger("bot.x")
    log.error("POST https://api.telegram.org/bot%s/getMe", token)
    log.error("all of it: %s", {"url": httpx.URL(f"https://api.telegram.org/bot{token}/getMe")})
    log.error("extra", extra={"action": "x", "url": f"/bot{token}/"})
    log.error("failed", exc_info=ConnectionError(f"no way to /bot{token}/getUpdates"))
    printed = "\n".join(lines(capsys))
    assert "no way to /bot<token>/getUpdates" in printed
    assert token not in printed


@pytest.mark.parametrize("style", ["text", "json"])
def test_the_http_library_s_own_lines_do_not_show_it(capsys: pytest.CaptureFixture[str], style: Style) -> None:
    log_as(style)
    logging.getLogger("httpx").info("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)
    logging.getLogger("httpx").error("HTTP Request: POST https://api.telegram.org/bot%s/getMe", TOKEN)

    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("unreachable", request=request)

    with httpx.Client(transport=httpx.MockTransport(refuse)) as client, pytest.raises(httpx.ConnectError):
        client.get(f"https://api.telegram.org/bot{TOKEN}/getMe")
    printed = lines(capsys)
    assert len(printed) == 1, "what is not an error is too chatty to be logged"
    assert TOKEN not in printed[0]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"a {TOKEN} b", "a <token> b"),
        (f"/bot{TOKEN}/getMe", "/bot<token>/getMe"),
        ("12.30:45 and 2026-11-09T08:00:00", "12.30:45 and 2026-11-09T08:00:00"),
        ("no secret", "no secret"),
    ],
)
def test_only_what_looks_like_a_token_is_hidden(text: str, hidden: str) -> None:
    assert hide_secrets(text) == hidden


# --- the other secrets ----------------------------------------------------------------------


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize(
    "secret", [SECRET, PASSWORD, "p%40ss%2Fw%22rd%27%5Cx", DATABASE, TOKEN.partition(":")[2]], ids=str.__len__
)
def test_no_secret_passes_in_whatever_part_of_a_line(
    capsys: pytest.CaptureFixture[str], style: Style, secret: str
) -> None:
    log_as(style)
    log = logging.getLogger("some.library")
    log.error("plain %s", secret)
    log.error("nested %r", {"a": [secret]})
    log.error("extra", extra={"deep": {"list": [secret, (secret,)], secret: 1}, "thing": ValueError(secret)})
    error = OSError(f"could not reach {secret}")
    error.__cause__ = KeyError(secret)
    log.error("failed", exc_info=error)
    printed = "\n".join(lines(capsys))
    assert "could not reach" in printed
    hidden = {SECRET, PASSWORD, json.dumps(PASSWORD)[1:-1], repr(PASSWORD)[1:-1], "p%40ss", TOKEN.partition(":")[2]}
    assert not [text for text in hidden if text in printed]


def test_a_password_in_any_address_is_hidden_even_if_nobody_told_us_of_it() -> None:
    text = "no way to postgresql://sop:entah@db/sop or https://u:x@proxy:8080/"
    assert hide_secrets(text) == "no way to postgresql://sop:<secret>@db/sop or https://u:<secret>@proxy:8080/"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://sop:{}@db.example/sop",
        "postgresql://sop:{}@db.example/sop?application_name=a@b",
        "postgresql://db.example/sop?user=sop&password={}&connect_timeout=5",
    ],
)
@pytest.mark.parametrize("typed", ["p@ss%2Fword", "r@hasia/besar", "r:ahasia@%40", "r%61hasi%C3%A4", "s+and+i"])
def test_a_password_is_hidden_as_it_was_typed_too(address: str, typed: str) -> None:
    remember_secrets(Settings.model_construct(database_url=address.format(typed)))
    shown = hide_secrets(f"typed {typed} or meant {unquote(typed)}, in {address.format(typed)}")
    assert shown.startswith("typed <secret> or meant <secret>, in ")
    assert typed not in shown


def test_a_password_that_is_a_common_word_spoils_no_field_name(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.model_construct(database_url="postgresql://sop:action@db/sop", log_format="json")
    set_up(settings)
    logging.getLogger("bot.x").error("in action", extra={"action": "delivery.failed"})
    content = json.loads(lines(capsys)[0])
    assert (content["action"], content["message"]) == ("delivery.failed", "in <secret>")


# --- every line, and every error ------------------------------------------------------------


@pytest.mark.parametrize("name", LIBRARIES)
def test_each_line_of_a_library_has_an_action_too(capsys: pytest.CaptureFixture[str], name: str) -> None:
    log_as("json")
    logging.getLogger(name).debug("what people wrote, rows and addresses")
    logging.getLogger(name).error("oh")
    # A warning about what an earlier test left to the collector may be a line among them.
    spoken = [line for line in map(json.loads, lines(capsys)) if line["logger"] != "py.warnings"]
    assert [(line["message"], line["action"]) for line in spoken] == [("oh", name)]


def test_warnings_are_lines_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    log_as("json")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old way", DeprecationWarning, stacklevel=1)
    (line,) = lines(capsys)
    assert json.loads(line)["action"] == "py.warnings"


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_crash_is_a_line_without_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, style: Style
) -> None:
    for module, hook in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(module, hook, getattr(module, hook))
    log_as(style)
    log_what_nobody_caught()

    def crashes() -> None:
        raise RuntimeError(f"in a thread, with {TOKEN}")

    thread = threading.Thread(target=crashes)
    thread.start()
    thread.join()
    error = RuntimeError(f"at the top, with {DATABASE}")
    sys.excepthook(RuntimeError, error, None)
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    printed = "\n".join(lines(capsys))
    assert printed.count("app.crashed") == 2
    assert "in a thread, with <token>" in printed
    assert TOKEN not in printed
    assert "p%40ss" not in printed


def test_a_line_that_cannot_be_written_is_named_without_its_content(capsys: pytest.CaptureFixture[str]) -> None:
    log_as("json")
    logging.getLogger("bot.x").error("%d", TOKEN)
    (line,) = lines(capsys)
    assert json.loads(line)["action"] == "log.unwritable"
    assert TOKEN not in line


@pytest.mark.parametrize("style", ["text", "json"])
def test_a_database_that_is_away_is_one_line_a_minute_without_a_traceback(
    capsys: pytest.CaptureFixture[str], style: Style
) -> None:
    log_as(style)
    log = logging.getLogger("bot.x")
    away = OperationalError("SELECT 1", {}, psycopg.OperationalError("connection refused\nIs it running?"))
    for number, action in enumerate(("delivery.database", "delivery.database", "reminder.failed")):
        log.error("outbox %s not readable", number, exc_info=away, extra={"action": action})
    log.error("our own mistake", exc_info=KeyError("x"), extra={"action": "delivery.database"})
    printed = lines(capsys)
    first, other, *mistake = printed
    assert "outbox 0 not readable: connection refused" in first
    assert "outbox 2 not readable: connection refused" in other
    assert "our own mistake" in mistake[0]
    assert "KeyError" in "".join(mistake)


def test_errors_are_counted_by_their_action_and_warnings_are_not() -> None:
    log_as("json")

    def counted(kind: str) -> float:
        return REGISTRY.get_sample_value("sop_bot_errors_total", {"kind": kind}) or 0.0

    before = counted("delivery.failed"), counted("some.library"), counted("delivery.later")
    logging.getLogger("bot.x").error("a", extra={"action": "delivery.failed"})
    logging.getLogger("some.library").critical("b")
    logging.getLogger("bot.x").warning("c", extra={"action": "delivery.later"})
    after = counted("delivery.failed"), counted("some.library"), counted("delivery.later")
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 1, 0]
