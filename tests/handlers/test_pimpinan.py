"""A chief's days over HTTP: what opens them, deciding in a touch, meetings, the cap, and silence at night."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import TYPE_CHECKING

from bot.domain.office_rules import DEFAULT_RULES, QuietHours

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from tests.handlers.conftest import Cast, Desk

SOP = "dinas-arsip"


def _on_the_desk(desk: Desk, cast: Cast, title: str) -> str:
    """Bring a case to the chief's desk; returns its code."""
    code = desk.starts(cast.sekretariat, title, SOP)
    cast.kasubag.says(f"/selesai {code}")
    desk.stage.settle()
    return code


def _new(desk: Desk, who: Person, known: set[int]) -> list[str]:
    found = [message.text for key, message in desk.messages(who).items() if key not in known]
    known |= set(desk.messages(who))
    return found


def test_a_chiefs_day(desk: Desk, cast: Cast) -> None:
    kepala, known = cast.kepala, set(desk.messages(cast.kepala))
    runner = desk.stage.runner
    runner.library = replace(
        runner.library, rules={"dinas": replace(DEFAULT_RULES, quiet=QuietHours(time(17), time(7)))}
    )
    try:
        _play_the_day(desk, cast, kepala, known)
    finally:
        runner.library = replace(runner.library, rules={})


def _play_the_day(desk: Desk, cast: Cast, kepala: Person, known: set[int]) -> None:
    desk.later(hours=12)  # Monday 20.00
    first, second = (_on_the_desk(desk, cast, title) for title in ("Arsip 2010", "Arsip 2011"))
    assert _new(desk, kepala, known) == [], "where the office wants quiet, never at night"

    desk.later(hours=11, minutes=30)  # Tuesday 07.30
    [brief] = _new(desk, kepala, known)
    assert "Yth. Kartika Putri" in brief
    assert brief.index(first) < brief.index(second)
    message = desk.last(kepala)
    assert message.labels[-1] == "Sedang rapat"
    assert message.labels[:2] == ["1. Lihat berkas", "1. Selesai"]

    # The card that was not sent at night comes with the case when it is asked for.
    [_, card] = desk.talk((kepala, "[1. Lihat berkas]", f"{first} – Arsip 2010", "Mohon diselesaikan"))
    assert card.labels[0] == "Selesai"

    known |= set(desk.messages(kepala))
    kepala.presses("2. Selesai", in_message=message)
    desk.stage.settle()
    assert second in "".join(_new(desk, kepala, known))
    assert desk.last(kepala).labels == ["Urungkan"], "what was decided without a card can be taken back, too"
    assert "Sudah selesai" in desk.messages(kepala)[message.id].text

    desk.talk((kepala, "/rapat", "Pesan kami tahan sampai"))
    known |= set(desk.messages(kepala))
    third, fourth = (_on_the_desk(desk, cast, title) for title in ("Arsip 2012", "Arsip 2013"))
    assert _new(desk, kepala, known) == []
    kepala.presses("Selesai rapat")
    desk.stage.settle()
    [kept] = _new(desk, kepala, known)
    assert "Yang masuk selama pesan ditahan" in kept
    assert third in kept
    assert fourth in kept


def test_the_day_has_so_many_messages_and_the_next_one_tells_the_rest(desk: Desk, cast: Cast) -> None:
    runner = desk.stage.runner
    runner.library = replace(runner.library, rules={"dinas": replace(DEFAULT_RULES, chief_cap=2)})
    try:
        desk.later(hours=7, minutes=30)  # Monday 15.30: an hour's work is due on Tuesday
        known = set(desk.messages(cast.kepala))
        codes = [_on_the_desk(desk, cast, f"Arsip {year}") for year in (2010, 2011, 2012)]
        told = _new(desk, cast.kepala, known)
        assert [("Batas pesan hari ini tercapai" in text) for text in told] == [False, True]
        desk.later(hours=16)
        [brief] = _new(desk, cast.kepala, known)
        assert all(code in brief for code in codes)
    finally:
        runner.library = replace(runner.library, rules={})


def test_a_meeting_is_for_chiefs(desk: Desk, cast: Cast) -> None:
    desk.talk((cast.sekretaris, "/rapat", "hanya untuk pimpinan"))
