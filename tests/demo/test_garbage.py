"""Nothing that anybody sends breaks the server."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.demo.telegram import DEMO_TOKEN, Telegram, groups, people
from bot.demo.telegram.bot_api import METHODS, carry_out, record
from bot.demo.telegram.model import User
from bot.demo.telegram.parameters import Parameters
from bot.demo.telegram.refusals import Refusal

if TYPE_CHECKING:
    from bot.demo.telegram import RunningServer
    from tests.demo.conftest import Api

THURSDAY = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    [
        *("text", "caption", "message_id", "entities", "caption_entities", "parse_mode", "reply_parameters"),
        *("commands", "scope", "language_code", "menu_button", "file_id", "document", "photo", "url", "action"),
        *("callback_query_id", "user_id", "allowed_updates", "description", "secret_token", "message_thread_id"),
    ]
)
BUTTONS = st.dictionaries(
    st.sampled_from(["text", "callback_data", "url", "style", "web_app", "copy_text", "pay", "login_url"]), JSON
)
KEYBOARDS = st.fixed_dictionaries({"inline_keyboard": st.lists(st.lists(BUTTONS, max_size=2), max_size=2)})
ENTITIES = st.lists(
    st.dictionaries(st.sampled_from(["type", "offset", "length", "url"]), JSON | st.just("bold")), max_size=2
)


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(sorted(METHODS)),
    values=st.dictionaries(FIELDS, JSON, max_size=4),
    markup=JSON | KEYBOARDS,
    entities=JSON | ENTITIES,
    chat=st.sampled_from([1001, -1]),
)
def test_every_method_answers_or_refuses_whatever_it_is_given(
    method: str, values: dict[str, object], markup: object, entities: object, chat: int
) -> None:
    telegram = Telegram(DEMO_TOKEN, lambda: THURSDAY)
    budi = people.meet(telegram, User(1001, "Budi"))
    people.say(telegram, budi, people.Draft("/start"))
    groups.open_topic(telegram, groups.create_group(telegram, budi, "Sekretariat", (), forum=True), budi, "Umum")
    where = chat if chat > 0 else min(telegram.chats)
    usual = {"chat_id": where, "text": "x", "message_id": 1, "reply_markup": markup, "entities": entities}
    parameters = Parameters({**usual, **values})
    record(telegram, method, parameters)
    # Anything but a result or a refusal is what the test looks for.
    with contextlib.suppress(Refusal):
        carry_out(telegram, method, parameters)


@pytest.mark.parametrize(
    "request_",
    [
        {"content": b"{", "headers": {"content-type": "application/json"}},
        {"content": b"[1]", "headers": {"content-type": "application/json"}},
        {"content": b'{"text": NaN}', "headers": {"content-type": "application/json"}},
        {"content": b'{"text": 1e999}', "headers": {"content-type": "application/json"}},
        {"content": b'{"text": "\\ud800"}', "headers": {"content-type": "application/json"}},
        {"content": b"[" * 100_000, "headers": {"content-type": "application/json"}},
        {"content": b"\xff\xfe", "headers": {"content-type": "application/json"}},
        {"content": b"x", "headers": {"content-type": "multipart/form-data"}},
        {"content": b"--a\r\nx", "headers": {"content-type": "multipart/form-data; boundary=a"}},
        {"content": b"%ff=%fe&chat_id=%00", "headers": {"content-type": "application/x-www-form-urlencoded"}},
        {"content": b"\x00" * 100, "headers": {"content-type": "text/plain"}},
        {"params": {"text": "\x00", "chat_id": "1" * 5000}},
    ],
)
def test_a_body_that_cannot_be_read_is_a_bad_request(
    api: Api, server: RunningServer, request_: dict[str, object]
) -> None:
    answer = api.post(f"/bot{server.token}/sendMessage", **request_)
    assert answer.status == 400
    assert answer.description.startswith("Bad Request: ")


def test_sixty_megabytes_are_enough(api: Api, server: RunningServer) -> None:
    answer = api.post(f"/bot{server.token}/sendDocument", content=b"0" * (60 * 1024 * 1024 + 1))
    assert (answer.status, answer.description) == (413, "Request Entity Too Large")


def test_only_this_machine_may_call(api: Api, server: RunningServer) -> None:
    assert server.base_url.startswith("http://127.0.0.1:")
    assert api.get("/demo/api/state", host="evil.example").status_code == 400


def test_no_page_of_another_site_may_act_for_a_person(server: RunningServer) -> None:
    with httpx.Client(base_url=server.base_url) as browser:
        for origin, status in (("https://evil.example", 403), ("null", 403), (server.base_url, 200)):
            answer = browser.delete("/demo/api/faults", headers={"origin": origin})
            assert answer.status_code // 100 == status // 100, origin
