"""What is seen on the live board, by whom, and for how long: decided by the store at every look."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from bot.messages.live_board import board_of
from bot.services.complete_task import complete_task
from bot.services.holds import hold_case
from bot.services.reject_task import reject_task
from bot.services.seal_case import seal_case
from bot.store.tables import CaseRow
from bot.web.board import Bounds, looking
from bot.web.board.files import STATIC, read_words
from tests.services.conftest import wib

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.messages.live_board import Board
    from bot.services.work import Work
    from tests.services.conftest import Town
    from tests.web.conftest import Houses, Look

pytestmark = pytest.mark.enable_socket
sqlite_only = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)

HOSTILE = "<script>alert(1)</script> & \"'{{ 7*7 }} #let \u202eterbalik 😀\r\n\ndata: {}\n\nevent: end"


def hold(town: Town, case: int) -> None:
    """Stop a case's clock."""
    town.do("Sari", lambda work, actor: hold_case(work, actor, work.session.get_one(CaseRow, case), "menunggu BKN"))


def first(events: Iterator[tuple[str, Any]], kind: str) -> dict[str, Any]:
    """Return the next event of a kind."""
    found: dict[str, Any] = next(content for name, content in events if name == kind)
    return found


# --- what is seen ---------------------------------------------------------------------------


@sqlite_only
def test_the_most_endangered_case_stands_first_and_those_on_hold_last(look: Look) -> None:
    town = look.town
    held, far, late, near = (town.starts(title=title) for title in ("Dijeda", "Jauh", "Terlambat", "Dekat"))
    hold(town, held)
    for who in ("Sinta", "Bagus", "Endah"):
        town.do(who, complete_task, town.task(far).id)  # now a step of four days
    town.do("Sinta", complete_task, town.task(late).id)  # now one of half an hour
    town.at = wib(9, 9)
    board = look.sees("Kemal")
    assert [(row["title"], row["state"]) for row in board["rows"]] == [
        ("Terlambat", "late"),
        ("Dekat", "running"),
        ("Jauh", "running"),
        ("Dijeda", "held"),
    ]
    assert board["counts"] == {"late": 1, "running": 2, "held": 1}
    first_row = board["rows"][0]
    assert (first_row["step"], first_row["place"], first_row["left"]) == (2, 1, "terlambat 30 menit")
    assert first_row["holders"] == "Bagus (Kepala Subbagian); Endah (Bendahara)"
    columns = board["columns"][first_row["sop"]]
    assert [column["number"] for column in columns["steps"]] == [1, 2, 4, 5]
    assert columns["steps"][2]["posts"] == "Sekretaris, Kepala Subbagian"
    assert near


@sqlite_only
def test_a_case_tells_its_steps_done_now_and_ahead_with_time_used_and_why_it_was_sent_back(look: Look) -> None:
    town = look.town
    case = town.starts(title="Naskah")
    town.at = wib(9, 9)
    town.do("Sinta", complete_task, town.task(case).id)
    town.at = wib(9, 10)
    town.do("Endah", reject_task, town.task(case).id, "Anggaran belum <b>lengkap</b>")
    town.at = wib(9, 10, 30)
    town.do("Sinta", complete_task, town.task(case).id)
    shown = look.gets(f"berkas/{case}", look.session("Kemal")).json()
    steps = {step["number"]: step for step in shown["steps"]}
    assert {number: step["state"] for number, step in steps.items()} == {1: "done", 2: "now", 4: "ahead", 5: "ahead"}
    assert [(turn["state"], turn["who"], turn["used"]) for turn in steps[1]["turns"]] == [
        ("done", "Sinta (Staf)", "1 jam dari 2 Jam"),
        ("done", "Sinta (Staf)", "30 menit dari 2 Jam"),
    ]
    rejected, now = steps[2]["turns"]
    assert (rejected["state"], rejected["who"], rejected["over"]) == ("rejected", "Endah (Bendahara)", True)
    assert rejected["reason"] == "Anggaran belum <b>lengkap</b>"
    assert (now["state"], now["round"], now["left"]) == ("open", "putaran 2", "sisa 30 menit")
    assert shown["history"][0]["line"] == "Dimulai oleh Sari (Sekretariat)"
    assert any("ditolak oleh Endah" in entry["line"] for entry in shown["history"])


@sqlite_only
def test_what_people_typed_arrives_as_typed_in_one_event_and_never_on_the_page_itself(look: Look) -> None:
    case = look.town.starts(title=HOSTILE)
    session = look.session("Sinta")
    answer = look.gets("berkas", session)
    assert answer.headers["content-type"] == "application/json"
    title = answer.json()["board"]["rows"][0]["title"]
    assert title.startswith("<script>alert(1)</script> & \"'{{ 7*7 }} #let")
    assert "\u202e" not in title
    with look.watches(session) as events:
        kind, content = next(events)
        assert (kind, content["board"]["rows"][0]["title"]) == ("board", title)
    assert look.gets(f"berkas/{case}", session).json()["title"] == title
    assert "alert(1)" not in look.http.get(f"{look.url}/papan/").text


@sqlite_only
def test_of_a_secret_case_there_is_the_code_and_nothing_that_it_is_about(look: Look) -> None:
    town = look.town
    case = town.starts(title="pemeriksaan dugaan")
    town.do("Sinta", complete_task, town.task(case).id, "nama terlapor")
    town.do("Bagus", reject_task, town.task(case).id, "bukti belum ada")
    hold(town, case)
    town.do("Sari", seal_case, case)
    session = look.session("Kemal")
    texts = [look.gets("berkas", session).text, look.gets(f"berkas/{case}", session).text]
    words = ("pemeriksaan", "terlapor", "bukti", "BKN", "Menyusun", "Meneliti", "Mengoreksi", "Perjanjian")
    assert not [word for word in words for text in texts if word in text]
    assert all(town.case(case).code in text for text in texts)
    assert look.sees("Kemal")["rows"][0]["holders"] == "Sinta (Staf)"


# --- who sees it ----------------------------------------------------------------------------


def test_members_see_their_office_administrators_all_and_strangers_none(houses: Houses, staffed: Town) -> None:
    staffed.library = replace(staffed.library, admin_ids=frozenset({staffed.stranger("Adi")}))
    look = houses.starts()
    here, there = staffed.starts(title="Di sini"), staffed.starts("Yosef", "badan-pk", "Di sana")
    member, outsider, admin = (look.session(who) for who in ("Kemal", "Paulus", "Adi"))
    stranger = look.session("Orang")
    assert [row["title"] for row in look.sees("Kemal")["rows"]] == ["Di sini"]
    assert [row["title"] for row in look.sees("Paulus")["rows"]] == ["Di sana"]
    seen = look.gets("berkas", admin).json()
    assert [office["id"] for office in seen["offices"]] == ["badan", "dinas"]
    assert look.gets("berkas?kantor=dinas", admin).json()["board"]["rows"][0]["title"] == "Di sini"
    assert look.gets("berkas?kantor=dinas", outsider).status_code == 403
    for path in ("berkas", "alur", f"berkas/{here}"):
        answer = look.gets(path, stranger)
        assert (answer.status_code in {403, 404}, answer.content) == (True, b"")
    foreign, unknown = look.gets(f"berkas/{there}", member), look.gets(f"berkas/{10**17}", member)
    assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content) == (404, b"")
    assert look.gets(f"berkas/{10**30}", member).status_code == 404
    assert not [row for row in staffed.dump()["person"] if staffed.ids["Orang"] in row], "who only looks is not stored"


def test_who_is_removed_from_the_office_loses_sight_at_once_also_of_an_open_page(look: Look) -> None:
    town = look.town
    case = town.starts(title="Naskah Anggrek")
    session = look.session("Sinta")
    with look.watches(session) as events:
        assert first(events, "board")["board"]["rows"][0]["title"] == "Naskah Anggrek"
        town.leaves("Sinta", "staf")
        look.board.changed()
        assert first(events, "end") == {"why": "gone"}
        assert list(events) == []
    assert [look.gets(path, session).status_code for path in ("berkas", "alur", f"berkas/{case}")] == [403, 403, 404]
    town.joins("Sinta", "staf")
    assert look.gets("berkas", session).status_code == 200


@sqlite_only
def test_an_office_whose_board_fails_keeps_nobody_else_from_theirs(
    look: Look, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails_for_badan(work: Work, office_id: str) -> Board:
        if office_id == "badan":
            raise ValueError
        return board_of(work, office_id)

    monkeypatch.setattr(looking, "board_of", fails_for_badan)
    kemal, paulus = look.session("Kemal"), look.session("Paulus")
    with look.watches(paulus), look.watches(kemal) as events:
        assert first(events, "board")["board"]["rows"] == []
        look.town.leaves("Kemal", "kepala")
        look.board.changed()
        assert first(events, "end") == {"why": "gone"}
    failed = look.gets("berkas", paulus)
    assert (failed.status_code, failed.content) == (503, b"")
    assert "board.failed" in {getattr(record, "action", "") for record in caplog.records}


# --- live -----------------------------------------------------------------------------------


@sqlite_only
def test_a_page_is_told_of_each_change_whole_and_whoever_comes_back_sees_the_same_once(look: Look) -> None:
    town = look.town
    case = town.starts(title="Satu")
    session = look.session("Kemal")
    with look.watches(session) as events:
        assert len(first(events, "board")["board"]["rows"]) == 1
        town.do("Sinta", complete_task, town.task(case).id)
        assert first(events, "board")["board"]["rows"][0]["step"] == 2
        town.at = wib(9, 8, 1)
        town.starts(title="Dua")
        assert len(first(events, "board")["board"]["rows"]) == 2
    with look.watches(session) as again:
        rows = first(again, "board")["board"]["rows"]
        assert [row["id"] for row in rows] == sorted({row["id"] for row in rows}, key=[r["id"] for r in rows].index)
        assert len(rows) == 2


@sqlite_only
def test_where_nothing_changes_but_the_moment_only_the_moment_is_told(look: Look) -> None:
    look.town.at = wib(9, 20)  # while the office is closed no time is used
    look.town.starts()
    with look.watches(look.session("Kemal")) as events:
        assert first(events, "board")["now"] == "Senin, 9 Nov 20.00 WIB"
        look.town.at = wib(9, 20, 1)
        assert next(events) == ("now", {"now": "Senin, 9 Nov 20.01 WIB"})


@sqlite_only
def test_a_page_ends_with_its_session(look: Look) -> None:
    session = look.session("Kemal")
    with look.watches(session) as events:
        first(events, "board")
        look.hand.forward(minutes=15)
        look.town.starts()
        assert first(events, "end") == {"why": "session"}


@sqlite_only
def test_the_oldest_page_of_somebody_with_too_many_makes_room_and_a_full_house_asks_for_patience(
    houses: Houses, staffed: Town
) -> None:
    look = houses.starts(bounds=Bounds(streams=3, streams_each=2))
    kemal = look.session("Kemal")
    with look.watches(kemal) as oldest, look.watches(kemal) as second:
        first(oldest, "board")
        first(second, "board")
        with look.watches(kemal) as third, look.watches(look.session("Sari")):
            first(third, "board")
            assert first(oldest, "end") == {"why": "closed"}
            refused = look.gets("alur", look.session("Rini"))
            assert (refused.status_code, refused.content) == (503, b"")
            assert refused.headers["retry-after"]
    assert staffed.name(staffed.ids["Kemal"]) == "Kemal"


@sqlite_only
def test_who_asks_too_often_is_put_off_and_nobody_else_is(houses: Houses) -> None:
    look = houses.starts(bounds=Bounds(burst=3))
    kemal, rini = look.session("Kemal"), look.session("Rini")
    assert [look.gets("berkas", kemal).status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert look.gets("berkas", rini).status_code == 200


@sqlite_only
def test_pages_are_ended_before_the_server_stops(look: Look) -> None:
    with look.watches(look.session("Kemal")) as events:
        first(events, "board")
        look.board.close()
        assert first(events, "end") == {"why": "closed"}


@sqlite_only
def test_a_look_costs_the_database_as_much_for_forty_cases_as_for_four(look: Look, staffed: Town) -> None:
    counted: list[str] = []
    session = look.session("Kemal")
    event.listen(staffed.store.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))

    def statements() -> int:
        counted.clear()
        assert look.gets("berkas", session).status_code == 200
        return len(counted)

    for _ in range(4):
        staffed.starts()
    few = statements()
    for _ in range(36):
        staffed.starts()
    assert statements() == few < 30


def test_every_word_that_a_script_says_is_there() -> None:
    sources = {file.name: file.read_text(encoding="utf-8") for file in STATIC.glob("*.js")}
    said = {word for text in sources.values() for word in re.findall(r'word\("(\w+)"', text)}
    said |= {f"{kind}{end}" for kind in ("over", "closed", "stranger", "broken") for end in ("", "_title")}
    said |= {"live", "lost", "crowded", "late", "running", "held", "empty", "none_here"}
    known = read_words()["script"]
    assert said <= known.keys()
    assert not [key for key in known if key not in said and not key.startswith("state_")]


def test_nothing_on_the_page_makes_markup_of_text() -> None:
    for file in STATIC.glob("*.js"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|https?://(?!core)", text)
