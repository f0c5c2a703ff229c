"""The stream of news: everybody hears everything once, at their own pace, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from starlette.concurrency import run_in_threadpool

from bot.demo.page import news, stream
from bot.demo.page.director import Director
from bot.demo.page.stream import EventStream, Place, event, place_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Message

    from bot.demo.page.director import Look
    from tests.demo.page.conftest import Site

SEKRETARIAT, KASUBAG = "sekretariat", "kasubag"


def test_the_first_event_is_complete_and_the_next_ones_say_only_what_is_new(site: Site) -> None:
    sekretariat = site.person(SEKRETARIAT)
    site.stage.settle()
    with site.listens() as ears:
        first = ears.hears().data
        assert first["chats"].keys() == site.scene()["chats"].keys()
        assert {"clock", "tour", "officials", "version", "epoch"} <= first.keys()
        assert "reset" not in first
        before = set(ears.messages[sekretariat])
        site.says(SEKRETARIAT, "/status")
        second = ears.hears()
    assert second.id == f"{second.data['epoch']}:{second.data['version']}"
    assert second.data["version"] > first["version"]
    assert set(second.data["chats"]) == {str(sekretariat)}
    assert {each["id"] for each in second.data["chats"][str(sekretariat)]["messages"]}.isdisjoint(before)


def test_two_listeners_hear_the_same(site: Site) -> None:
    kasubag = site.person(KASUBAG)
    with site.listens() as one, site.listens() as other:
        one.hears()
        other.hears()
        site.says(SEKRETARIAT, "/mulai dinas-pk Renja Berdua")
        assert one.sees(kasubag, "Renja Berdua") == other.sees(kasubag, "Renja Berdua")


def test_who_reconnects_hears_what_was_missed_and_nothing_twice(site: Site) -> None:
    sekretariat = site.person(SEKRETARIAT)
    site.stage.settle()
    with site.listens() as ears:
        last = ears.hears().id
        known = set(ears.messages[sekretariat])
    site.says(SEKRETARIAT, "/bantuan")
    site.stage.settle()
    with site.listens(last=last) as ears:
        missed = ears.hears().data
        messages = [each["id"] for chat in missed["chats"].values() for each in chat["messages"]]
        last = ears.heard[-1].id
    assert "reset" not in missed
    assert len(messages) == 2
    assert known.isdisjoint(messages)
    with site.listens(last=last) as ears:
        assert ears.hears().data["chats"] == {}


@pytest.mark.parametrize("last", ["0badc0de:3", "{epoch}:999999999", "0:0"])
def test_who_comes_from_another_life_of_the_demo_begins_anew(site: Site, last: str) -> None:
    scene = site.at_rest()
    with site.listens(last=last.format(epoch=scene["epoch"])) as ears:
        first = ears.hears().data
    assert first["reset"] is True
    assert {person: len(chat["messages"]) for person, chat in first["chats"].items()} == {
        person: len(chat["messages"]) for person, chat in scene["chats"].items()
    }


@pytest.mark.parametrize("last", ["", "x", "a:b:c", "-1:-1", "é", "a:" + "9" * 400])
def test_nonsense_instead_of_a_place_is_no_place(last: str) -> None:
    assert place_of(last) is None
    assert place_of(str(Place("abc", 7))) == Place("abc", 7)


def test_whatever_people_type_an_event_is_three_lines() -> None:
    said = event("change", {"text": "a\nb\r\n\ndata: x\u2028\x85"}, Place("a", 1))
    assert [line.partition(":")[0] for line in said.splitlines()] == ["event", "id", "data", ""]


def test_a_reader_that_goes_leaves_nothing_behind(site: Site) -> None:
    for _ in range(3):
        with site.listens() as ears:
            ears.hears()
    site.alone()


def test_one_reader_too_many_is_asked_to_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.alone()
    monkeypatch.setattr(news, "MOST_READERS", 1)
    with site.listens() as ears:
        ears.hears()
        answer = site.http.get("/page/events")
    assert (answer.status_code, "Terlalu banyak" in answer.json()["error"]) == (503, True)


def test_who_takes_nothing_holds_up_nobody(site: Site) -> None:
    kepala = site.person("kepala_dinas")
    with site.listens() as sleeping, site.listens() as awake:
        awake.hears()
        for number in range(10):
            site.done("say", person=kepala, text=f"{number} " + "x" * 4000)
        site.done("say", person=kepala, text="/status")
        awake.until(lambda ears: any(each["text"] == "/status" for each in ears.messages[kepala].values()))
        sleeping.hears()
        sleeping.until(lambda ears: any(each["text"] == "/status" for each in ears.messages[kepala].values()))
        assert len(sleeping.heard) <= len(awake.heard)


def test_a_stream_is_given_up_when_its_reader_takes_nothing_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "_PATIENCE_SECONDS", 0.01)
    left = []

    async def events() -> AsyncIterator[str]:
        try:
            while True:
                yield ":\n\n"
        finally:
            left.append(True)

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def respond() -> None:
        async with asyncio.timeout(5):
            await EventStream(events())({"type": "http", "asgi": {"spec_version": "2.3"}}, receive, send)

    asyncio.run(respond())
    assert left == [True]


def test_a_reader_of_an_unknown_sop_is_told_so(site: Site) -> None:
    answer = site.http.get("/page/events", params={"sop": "x"})
    assert (answer.status_code, "“x” tidak ada" in answer.json()["error"]) == (404, True)


def test_whose_turn_it_is_was_looked_up_no_earlier_than_what_the_chats_say(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "HEARTBEAT_SECONDS", 1000.0)
    site.sop = "dinas-iku"
    sekretariat, looked, late = site.person(SEKRETARIAT), Director.look, [True]

    async def overtaken(director: Director, sop_id: str) -> Look:
        """Look, and be slow to tell: meanwhile a case begins."""
        look = await looked(director, sop_id)
        if late:
            late.clear()
            said = {"text": "/mulai dinas-iku Renja Menyusul"}
            await run_in_threadpool(site.stage.office.post, f"/people/{sekretariat}/say", said)
            await run_in_threadpool(site.stage.settle)
        return look

    monkeypatch.setattr(Director, "look", overtaken)
    with site.listens() as ears:
        ears.until(lambda ears: site.official(KASUBAG, ears.known)["waiting"])
