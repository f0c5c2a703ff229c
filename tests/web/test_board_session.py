"""Who gets in to the live board: whom Telegram vouched for lately, for a quarter of an hour, in any replica."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from urllib.parse import parse_qsl, quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Route

from bot.web.board.admission import Admission
from bot.web.board.sessions import Sessions
from bot.web.board.settings import Lifetimes
from tests.web.conftest import OPENED, TOKEN, Houses, Look, init_data

pytestmark = pytest.mark.enable_socket

SARI = 7001
GOOD = init_data(SARI)
OTHER_BOT = "123456789:" + "token-of-a-bot-that-is-not-this-one"
ADMISSION = Admission(TOKEN, Lifetimes())
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)


def _without(name: str) -> str:
    return urlencode([pair for pair in parse_qsl(GOOD, keep_blank_values=True) if pair[0] != name])


def _instead(name: str, value: str) -> str:
    return urlencode([(key, value if key == name else old) for key, old in parse_qsl(GOOD, keep_blank_values=True)])


FORGED = {
    "empty": "",
    "no query": "halo",
    "no hash": _without("hash"),
    "empty hash": _instead("hash", ""),
    "zero hash": _instead("hash", "0" * 64),
    "hash in capitals": _instead("hash", dict(parse_qsl(GOOD))["hash"].upper()),
    "no date": _without("auth_date"),
    "no user": _without("user"),
    "another user": _instead("user", json.dumps({"id": 7002, "first_name": "Kemal"})),
    "a date that never was": _instead("auth_date", "9" * 19),
    "a later date": _instead("auth_date", str(int(OPENED.timestamp()) + 1)),
    "signed for another bot": init_data(SARI, token=OTHER_BOT),
    "a field too many": f"{GOOD}&start_param=x",
    "the user twice": f"{GOOD}&user={quote(json.dumps({'id': 7002, 'first_name': 'Kemal'}))}",
    "the hash twice": f"{GOOD}&hash={'0' * 64}",
    "an hour and a second old": init_data(SARI, opened=OPENED - HOUR - SECOND),
    "years old": init_data(SARI, opened=OPENED - timedelta(days=900)),
    "from the future": init_data(SARI, opened=OPENED + MINUTE + SECOND),
    "signed, of nobody": init_data(SARI, user="null"),
    "signed, of a bot": init_data(SARI, user=json.dumps({"id": 7001, "first_name": "B", "is_bot": True})),
    "signed, of no number": init_data(SARI, user=json.dumps({"id": "7001", "first_name": "S"})),
    "signed, of a number below": init_data(SARI, user=json.dumps({"id": -7001, "first_name": "S"})),
    "signed, of a number beyond": init_data(SARI, user=json.dumps({"id": 2**60, "first_name": "S"})),
    "nested without end": f"{_without('user')}&user={'[' * 3000}",
    "not of this alphabet": GOOD + "&x=é",
    "nothing but signs": "&&&===",
    "a null byte": GOOD + "\0",
    "oversized": GOOD + "&x=" + "a" * 5000,
}


def test_what_telegram_signed_within_the_hour_names_who_opened_the_page() -> None:
    for opened in (OPENED, OPENED - HOUR, OPENED + MINUTE):
        assert ADMISSION.person(init_data(SARI, opened=opened).encode(), OPENED) == SARI
    # The other way to write spaces, and fields that this program does not know, are Telegram's to choose.
    assert ADMISSION.person(GOOD.replace("+", "%20").encode(), OPENED) == SARI
    assert ADMISSION.person(init_data(SARI, signature="abc_-", tomorrow="x").encode(), OPENED) == SARI


def _changed(place: int, char: str) -> str:
    return GOOD[:place] + char + GOOD[place + 1 :]


def _opens(data: str) -> bool:
    return ADMISSION.person(data.encode(), OPENED) is not None


def _says_the_same(data: str) -> bool:
    # Two ways to encode one character are no change: what was signed is what they stand for.
    return parse_qsl(data, keep_blank_values=True) == parse_qsl(GOOD, keep_blank_values=True)


def test_no_single_character_can_be_changed() -> None:
    changed = {
        _changed(place, char) for place, old in enumerate(GOOD) for char in {old.swapcase(), *"0Af&=%+ ;"} - {old}
    }
    assert not [data for data in changed if _opens(data) and not _says_the_same(data)]
    assert not [data for data in changed if not _opens(data) and _says_the_same(data)]


@given(place=st.integers(0, len(GOOD) - 1), char=st.characters())
def test_nor_into_any_other_there_is(place: int, char: str) -> None:
    try:
        data = _changed(place, char)
        assert _opens(data) == _says_the_same(data)
    except UnicodeEncodeError:  # half a character cannot even be sent
        return


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_nothing_that_telegram_did_not_sign_opens_it(data: bytes) -> None:
    assert ADMISSION.person(data, OPENED) is None


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
def test_whatever_is_wrong_the_answer_is_one_and_nothing_is_noted(look: Look, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    answers = {name: look.signs_in(data.encode()) for name, data in FORGED.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(FORGED, 401)
    said = {(a.content, *sorted((k, v) for k, v in a.headers.items() if k != "date")) for a in answers.values()}
    assert len(said) == 1
    assert next(iter(said))[0] == b""
    noted = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert not [line for line in noted if "user" in line or str(SARI) in line]


# --- sessions -------------------------------------------------------------------------------


def test_a_session_lasts_a_quarter_of_an_hour_and_is_bound_to_its_person_and_its_end() -> None:
    ours, theirs = Sessions(TOKEN, 15 * MINUTE), Sessions(OTHER_BOT, 15 * MINUTE)
    token = ours.begin(SARI, OPENED)
    found = ours.find(token, OPENED + 15 * MINUTE - SECOND)
    assert found is not None
    assert found.telegram_id == SARI
    assert ours.find(token, OPENED + 15 * MINUTE) is None
    assert theirs.find(token, OPENED) is None
    assert token != ours.begin(SARI, OPENED)
    for place, char in enumerate(token):
        for other in "0A.-_9":
            if other != char:
                assert ours.find(token[:place] + other + token[place + 1 :], OPENED) is None
    for forged in ("", ".", "1.2.3.4", token + "A", f" {token}", token.upper(), "9" * 5000, "\u0661" + token[1:]):
        assert ours.find(forged, OPENED) is None


def test_every_replica_knows_the_sessions_of_the_others_and_none_those_of_another_bot(houses: Houses) -> None:
    one, other = houses.starts(), houses.starts()
    foreign = houses.starts(token=OTHER_BOT)
    one.town.starts(title="Naskah Anggrek")
    session = one.session("Sinta")
    assert other.gets("berkas", session).json()["board"]["rows"][0]["title"] == "Naskah Anggrek"
    assert foreign.gets("berkas", session).status_code == 401


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
def test_a_session_is_renewed_for_as_long_as_the_init_data_is_fresh_and_then_the_page_must_be_opened_anew(
    look: Look,
) -> None:
    data = init_data(look.town.ids["Sinta"])
    sessions = []
    for _ in range(4):
        sessions.append(look.signs_in(data).json()["session"])
        look.hand.forward(minutes=15)
        assert look.gets("berkas", sessions[-1]).status_code == 401
    assert look.signs_in(data).status_code == 200  # sharp on the hour
    look.hand.forward(seconds=1)
    assert look.signs_in(data).status_code == 401


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
def test_without_a_session_there_is_the_page_and_nothing_else(look: Look) -> None:
    case = look.town.starts(title="Naskah Anggrek")
    reached: dict[tuple[str, str], set[int]] = {}
    for route in look.board.routes():
        assert isinstance(route, Route)
        path = route.path.replace("{case}", str(case)).replace("{name}", "board.js")
        for method in ("GET", "POST", "PUT", "DELETE"):
            for session in (None, "1.2.3.4", "x"):
                headers = {} if session is None else {"Authorization": f"Bearer {session}"}
                answer = look.http.request(method, look.url + path, headers=headers)
                assert "Anggrek" not in answer.text
                reached.setdefault((method, path), set()).add(answer.status_code)
    open_ = {key: codes for key, codes in reached.items() if codes - {401, 405}}
    assert open_ == {
        ("GET", "/papan"): {307},
        ("GET", "/papan/"): {200},
        ("GET", "/papan/statis/board.js"): {200},
    }
    for path in ("statis/nothing.js", "statis/..%2froutes.py", "statis/%2e%2e/routes.py", "rahasia", "berkas/x/y"):
        assert look.http.get(f"{look.url}/papan/{path}").status_code == 404
    member = look.session("Sinta")
    # More digits than Python makes a number of, and digits that are none of ours.
    for number in ("x", "-1", "1e3", "9" * 5000, "\u0661", "1_0", " 1"):
        path = f"berkas/{quote(number)}"
        assert [look.gets(path, session).status_code for session in (None, member)] == [401, 404]
    for header in ({"Authorization": "Basic x"}, {"Authorization": look.session("Sinta")}):
        assert look.http.get(f"{look.url}/papan/berkas", headers=header).status_code == 401
    assert look.http.get(f"{look.url}/papan/berkas?sesi={look.session('Sinta')}").status_code == 401


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
def test_the_page_is_framed_by_telegram_only_loads_nothing_from_elsewhere_and_is_kept_nowhere(look: Look) -> None:
    page = look.http.get(f"{look.url}/papan/")
    policy = dict(part.strip().split(" ", 1) for part in page.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src")} == {"'self'"}
    assert policy["frame-ancestors"].split()[0] == "https://web.telegram.org"
    assert all(origin.endswith(".telegram.org") for origin in policy["frame-ancestors"].split())
    data = look.gets("berkas", look.session("Sinta"))
    for answer in (page, data):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
    script = look.http.get(f"{look.url}/papan/statis/board.js")
    again = look.http.get(script.url, headers={"If-None-Match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
