"""Logs: one line per event with its action; the token in none of them, whoever logs it and however."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Literal

import httpx
import pytest

from bot.logs import hide_secrets, set_up
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

TOKEN = "123456789:" + "Aa1_-" * 7
Style = Literal["text", "json"]
SHORT = "7:abcdef"
"""Shaped unlike any real token, but configured as one."""


@pytest.fixture(autouse=True)
def _root_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in ("httpx", "httpcore", "telegram")}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def log_as(style: Style, level: Literal["DEBUG", "WARNING"] = "DEBUG", token: str = TOKEN) -> None:
    """Set logging up as the program does."""
    set_up(Settings.model_construct(bot_token=token, log_level=level, log_format=style))


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
    assert (content["levelname"], content["action"], content["outbox_id"]) == ("WARNING", "delivery.later", 5)


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
