"""Mini Apps on the strict server: which addresses it takes, and what it signs for whoever opens one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from init_data_py import is_valid_by_hash, validate_by_hash

from bot.demo.telegram import NotSeenError
from bot.demo.telegram.apps import init_data

if TYPE_CHECKING:
    from bot.demo.telegram import RunningServer
    from tests.demo.conftest import Api

HTTPS = "https://bot.example/papan/"
ONLY_HTTPS = "Bad Request: menu button Web App URL '{}' is invalid: Only HTTPS links are allowed"


def _opens(url: object, text: object = "Papan") -> dict[str, object]:
    return {"type": "web_app", "text": text, "web_app": {"url": url}}


@pytest.mark.parametrize(
    "url", ["http://bot.example/papan/", "http://127.0.0.1:8080/papan/", "ftp://bot.example/", "bot.example"]
)
def test_a_menu_button_leads_to_https_only(server: RunningServer, api: Api, url: str) -> None:
    person = server.person(4711, "Sari")
    answer = api("setChatMenuButton", chat_id=person.id, menu_button=_opens(url))
    assert (answer.status, answer.description) == (400, ONLY_HTTPS.format(url))
    assert api("getChatMenuButton", chat_id=person.id).result == {"type": "default"}


@pytest.mark.parametrize("button", [_opens("", "Papan"), _opens(HTTPS, " "), {"type": "web_app", "text": "Papan"}])
def test_a_menu_button_needs_a_text_and_an_address(server: RunningServer, api: Api, button: object) -> None:
    person = server.person(4711, "Sari")
    assert api("setChatMenuButton", chat_id=person.id, menu_button=button).status == 400


def test_in_a_local_demo_an_app_may_be_on_this_machine_and_nowhere_else(server: RunningServer, api: Api) -> None:
    person = server.person(4711, "Sari")
    server.telegram.local_apps = True
    try:
        assert api("setChatMenuButton", chat_id=person.id, menu_button=_opens("http://127.0.0.1:1/papan/")).result
        refused = api("setChatMenuButton", chat_id=person.id, menu_button=_opens("http://bot.example/"))
        assert refused.description == ONLY_HTTPS.format("http://bot.example/")
    finally:
        server.telegram.local_apps = False
        server.telegram.profile.menu_buttons.clear()


def test_a_group_has_no_menu_button(server: RunningServer, api: Api) -> None:
    chat = server.group(server.person(4711, "Sari"), "Grup")
    answer = api("setChatMenuButton", chat_id=chat, menu_button=_opens(HTTPS))
    assert (answer.status, answer.description) == (400, "Bad Request: invalid chat_id specified")


def test_whoever_opens_the_app_is_vouched_for_as_telegram_would(server: RunningServer, api: Api) -> None:
    sari, budi = server.person(4711, "Sari & <Dewi> 😀"), server.person(4712, "Budi")
    api("setChatMenuButton", chat_id=sari.id, menu_button=_opens(HTTPS))
    url = server.post(f"/people/{sari.id}/open_app", {"theme": "dark"})["url"]
    assert url.startswith(f"{HTTPS}#tgWebAppData=")
    opened = {name: values[0] for name, values in parse_qs(urlsplit(url).fragment).items()}
    data = validate_by_hash(opened["tgWebAppData"], server.token, expires_in=60)
    assert data.user is not None
    assert (data.user.id, data.user.first_name) == (sari.id, "Sari")
    assert data.user.last_name == "& <Dewi> 😀"
    assert '"bg_color":"#17212b"' in opened["tgWebAppThemeParams"]
    assert not is_valid_by_hash(opened["tgWebAppData"], server.token[:-1] + "x")
    with pytest.raises(NotSeenError, match="no button that opens an app"):
        server.post(f"/people/{budi.id}/open_app", {})
    with pytest.raises(NotSeenError, match="no button that opens an app"):
        server.post(f"/people/{sari.id}/open_app", {"url": "https://lain.example/"})


def test_what_was_opened_long_ago_is_dated_so(server: RunningServer) -> None:
    server.person(4711, "Sari")
    user = server.telegram.users[4711]
    data = init_data(server.telegram, user, now=datetime(2026, 1, 1, tzinfo=UTC))
    assert is_valid_by_hash(data, server.token, expires_in=None)
    assert not is_valid_by_hash(data, server.token)
