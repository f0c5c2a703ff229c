"""The office's clock: it jumps and it plays, and everything that becomes due on the way comes at its moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.demo.page.words import word

if TYPE_CHECKING:
    from tests.demo.page.conftest import Ears, Site

SEKRETARIAT, KASUBAG = "sekretariat", "kasubag"


def shown(ears: Ears) -> datetime:
    """Return what the clock of the page shows."""
    return datetime.fromisoformat(ears.known["clock"]["now"])


@pytest.mark.parametrize(("jump", "minutes"), [("minutes", 10), ("hour", 60)])
def test_the_clock_goes_by_as_much_as_its_button_says(site: Site, jump: str, minutes: int) -> None:
    before = site.stage.clock.now()
    site.done("clock", jump=jump)
    assert site.stage.clock.now() - before == timedelta(minutes=minutes)


def test_a_working_day_later_is_a_later_day(site: Site) -> None:
    before = site.stage.clock.now()
    site.done("clock", jump="workday")
    assert site.stage.clock.now().date() > before.date()


def test_the_clock_goes_to_the_next_reminder_and_to_the_deadline_once_there_is_one(fresh_site: Site) -> None:
    site = fresh_site
    jumps = site.scene()["clock"]["jumps"]
    assert {jump["key"] for jump in jumps if not jump["possible"]} == {"reminder", "due"}
    answer = site.does("clock", jump="due")
    assert (answer.status_code, answer.json()["error"]) == (409, word("problem.nowhere"))
    kasubag, sekretariat = site.person(KASUBAG), site.person(SEKRETARIAT)
    with site.listens() as ears:
        site.says(SEKRETARIAT, "/mulai dinas-pk Renja Terlambat")
        ears.sees(kasubag, "Renja Terlambat")
        site.done("clock", jump="reminder")
        half = shown(ears.until(lambda ears: len(ears.messages[kasubag]) > 3))
        assert ears.found(kasubag, "Waktu habis") is None
        site.done("clock", jump="due")
        ears.sees(kasubag, "Waktu habis")
        ears.sees(sekretariat, "Waktu habis")
    assert site.stage.clock.now() > half


def test_a_clock_that_plays_brings_everything_due_in_order_at_its_moment(fresh_site: Site) -> None:
    site = fresh_site
    kasubag = site.person(KASUBAG)
    with site.listens() as ears:
        site.says(SEKRETARIAT, "/mulai dinas-pk Renja Berputar")
        ears.sees(kasubag, "Renja Berputar")
        began, card = site.stage.clock.now(), max(ears.messages[kasubag])
        site.done("clock", speed=600)
        ears.until(lambda ears: ears.known["clock"]["speed"] == 600)
        site.ticks.beat(0.5)
        ears.until(lambda ears: shown(ears) == began + timedelta(minutes=5))
        site.ticks.beat(3 * 24 * 6.0)  # three days in one go
        ears.until(lambda ears: shown(ears) == began + timedelta(days=3, minutes=5))
        site.done("clock", speed=0)
    told = [each for number, each in sorted(ears.messages[kasubag].items()) if number > card]
    moments = [datetime.fromtimestamp(each["date"], began.tzinfo) - began for each in told]
    assert len(moments) >= 4
    assert moments == sorted(set(moments))
    assert "Waktu habis" in next(
        each["text"] for each, at in zip(told, moments, strict=True) if at == timedelta(days=1)
    )


def test_a_pause_keeps_the_moment_and_a_jump_between_two_ticks_is_kept_too(site: Site) -> None:
    began = site.stage.clock.now()
    with site.listens() as ears:
        ears.hears()
        site.done("clock", speed=60)
        site.done("clock", jump="hour")
        site.ticks.beat(10)
        ears.until(lambda ears: shown(ears) == began + timedelta(minutes=70))
        site.done("clock", speed=0)
        site.ticks.beat(10)
        site.done("clock", speed=600)
        site.ticks.beat(1)
        ears.until(lambda ears: shown(ears) == began + timedelta(minutes=80))
        site.done("clock", speed=0)
        site.ticks.beat(1)


def test_a_clock_nobody_looks_at_does_not_play(site: Site) -> None:
    site.alone()
    answer = site.does("clock", speed=60)
    assert (answer.status_code, answer.json()["error"]) == (409, word("problem.nobody_looks"))
    with site.listens() as ears:
        ears.hears()
        site.done("clock", speed=60)
        assert site.scene()["clock"]["speed"] == 60
    began = site.stage.clock.now()
    site.alone()
    since = site.scene()["version"]
    site.ticks.beat(100)
    site.stage.office.get("/changes", {"since": since, "timeout": 5})
    assert site.scene()["clock"]["speed"] == 0
    assert site.stage.clock.now() == began
