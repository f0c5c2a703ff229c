"""The guided tour: a SOP's whole story by itself, to be stopped, stepped through and taken over anywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from bot.demo.page import tour
from bot.demo.page.director import Director
from bot.demo.plot import rejected_step, route, where
from bot.demo.telegram import people
from bot.store import queries
from bot.store.tables import CaseRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.demo.page.scene import Scene
    from bot.services.work import Work
    from tests.demo.page.conftest import Ears, Json, Site

SEKRETARIAT, KASUBAG, KEPALA = "sekretariat", "kasubag", "kepala_dinas"


def visited(work: Work) -> tuple[list[int], str]:
    """Return the steps of the youngest case and how it stands."""
    case = work.session.scalars(select(CaseRow).order_by(CaseRow.id.desc())).first()
    assert case is not None
    return [task.step for task in queries.tasks_of_case(work.session, case.id)], case.status


def state(ears: Ears) -> str:
    """Return where the tour stands."""
    return str(ears.known.get("tour", {}).get("state"))


def test_stepped_through_the_story_has_a_caption_and_a_phone_for_each_act(fresh_site: Site) -> None:
    site = fresh_site
    sop = site.stage.runner.library.sops[site.sop]
    story = list(steps_through(site))
    assert site.stage.ask(visited) == (route(sop, rejected_step(sop)), "finished")
    assert {tour["person"] for tour in story} == {site.person(post) for post in (SEKRETARIAT, KASUBAG, KEPALA)}
    assert {tour["state"] for tour in story[:-1]} == {"stopped"}
    acts = ["memulai berkas", "mengingatkan", "habis", "terlambat", "atasan", "selesai", "menekan Tolak", "alasannya"]
    found = [next(number for number, tour in enumerate(story) if act in tour["caption"]) for act in acts]
    assert found == sorted(found)
    assert "PK-2026-001" in story[-1]["caption"]
    assert (story[-1]["step"], story[-1]["of"]) == (5, 5)
    assert [tour["of"] for tour in story] == [5] * len(story)
    assert site.scene("dinas-lkj")["tour"]["state"] == "idle"


def steps_through(site: Site) -> Iterator[Json]:
    """Let the tour do one act after the other, to the end."""
    for _ in range(30):
        site.done("tour", action="next")
        tour = site.scene()["tour"]
        yield tour
        if tour["state"] == "finished":
            return
    pytest.fail("the story has no end")


def test_every_other_act_may_be_done_by_hand(site: Site) -> None:
    site.sop = "dinas-lkj"
    for number, _ in enumerate(steps_through(site)):
        if number % 2:
            by_hand(site)
    steps, status = site.stage.ask(visited)
    assert status == "finished"
    assert set(steps) == {1, 2, 3}


def by_hand(site: Site) -> None:
    """Complete the task of the tour's case as somebody whose turn it is."""
    site.stage.settle()
    now = site.stage.ask(lambda work: where(work, site.stage.runner.library.sops[site.sop]))
    if now is not None:
        site.says(now.waiting[0], f"/selesai {now.code}")
        site.stage.settle()


def test_a_hand_stops_the_tour_and_later_it_goes_on_from_there(site: Site) -> None:
    site.sop = "dinas-iku"
    kasubag = site.person(KASUBAG)
    with site.listens() as ears:
        site.done("tour", action="start")
        card = ears.sees(kasubag, "IKU-2026-001")
        site.presses(KASUBAG, card, "Selesai")
        ears.until(lambda ears: state(ears) == "stopped")
        site.stage.settle()
        assert site.stage.ask(visited) == ([1, 2], "running")
        site.pauses.is_free = True
        site.done("tour", action="start")
        ears.until(lambda ears: state(ears) == "playing")
        ears.until(lambda ears: state(ears) == "finished")
    assert site.stage.ask(visited) == ([1, 2, 1, 2, 3], "finished")


def test_the_tour_never_does_what_somebody_has_just_done(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.sop = "dinas-rka"
    kasubag = site.person(KASUBAG)
    for told in steps_through(site):
        if "atasan" in told["caption"]:  # what comes next is that the holder completes
            break
    site.stage.settle()
    travel, quicker, pressed = Director.travel, [True], len(site.stage.office.telegram.presses)

    async def interrupted(director: Director, scene: Scene, to: datetime) -> None:
        await travel(director, scene, to)
        if quicker:
            quicker.clear()
            # On a phone of its own, of which the page hears nothing.
            said = {"text": "/selesai RKA-2026-001"}
            await run_in_threadpool(site.stage.office.post, f"/people/{kasubag}/say", said)

    monkeypatch.setattr(Director, "travel", interrupted)
    site.done("tour", action="next")
    site.stage.settle()
    assert not quicker
    assert site.stage.ask(visited) == ([1, 2], "running")
    assert len(site.stage.office.telegram.presses) == pressed
    texts = [each["text"] for each in site.scene()["chats"][str(kasubag)]["messages"] if not each["from_bot"]]
    assert texts[-1] == "/selesai RKA-2026-001"
    assert sum("RKA-2026-001" in text for text in texts) == 1


def test_where_the_case_cannot_go_on_the_tour_stops_and_says_who_is_awaited(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.sop = "dinas-lkj"
    kasubag = site.person(KASUBAG)
    site.done("tour", action="next")
    monkeypatch.setattr(people, "press", lambda *_: None)
    monkeypatch.setattr(tour.Tour, "_says", lambda *_: None)
    site.pauses.is_free = True
    with site.listens() as ears:
        site.done("tour", action="start")
        ears.until(lambda ears: state(ears) == "stopped" and "berhenti" in ears.known["tour"]["caption"])
    assert ears.known["tour"]["person"] == kasubag
    assert site.stage.ask(visited) == ([1], "running")
