"""The demo begins, begins anew and ends: at one address, at once, and with nothing left behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from bot.demo.bot_run import BotGoneError
from bot.demo.clock import SteppedClock
from bot.demo.page import Page
from bot.demo.page.words import word
from bot.demo.play import OPENING, UnknownSopError
from bot.demo.serve import DemoRefusedError, serve
from bot.demo.stage import Stage
from bot.services.remind import next_wake

if TYPE_CHECKING:
    from bot.settings import Settings
    from tests.demo.page.conftest import Ears, Site

ROOT = Path(__file__).parents[3]
SATURDAY = OPENING.replace(day=14, hour=20)
_LONGEST_STOP = 10.0  # seconds; a moment on a machine that has nothing else to do


def begins_anew(before: str, ears: Ears) -> bool:
    """Whether a page has been told that the life it knew is over."""
    return bool(ears.known["epoch"] != before)


def bots() -> int:
    """Return how many bots run in this process."""
    return sum(thread.name == "demo-bot" for thread in threading.enumerate())


def test_a_reset_ends_the_tour_and_begins_anew_at_the_same_address_as_often_as_wanted(site: Site) -> None:
    kasubag, running = site.person("kasubag"), bots()
    begun = []
    with site.listens() as ears, site.listens() as other:
        for number in range(2):
            site.says("sekretariat", "/mulai dinas-pk Renja Hilang")
            card = ears.sees(kasubag, "Renja Hilang")
            other.sees(kasubag, "Renja Hilang")
            site.done("clock", jump="workday")
            site.done("tour", action="start")
            ears.until(lambda ears: ears.known["tour"]["state"] == "playing")
            gone, before = site.stage._run, ears.known["epoch"]  # noqa: SLF001 - what a reset replaces
            lost = Path(gone.runner.store.engine.url.database or "")
            assert lost.is_file()
            site.done("reset")
            for each in (ears, other):
                each.until(partial(begins_anew, before))
                assert each.heard[-1].data["reset"] is True
                assert each.found(kasubag, "Renja Hilang") is None
                assert each.known["tour"]["state"] == "idle"
            site.pauses.release()
            button = card["buttons"][0][0]["callback_data"]
            assert site.does("press", person=kasubag, message=card["id"], button=button).status_code == 409
            assert not lost.parent.exists()
            with pytest.raises(BotGoneError):
                gone.ask(next_wake)
            begun.append(site.at_rest())
            assert len({scene["epoch"] for scene in begun}) == number + 1
    first, again = begun
    assert all(again[part] == first[part] for part in ("clock", "officials", "tour"))
    assert first["clock"]["text"] == "Senin, 9 Nov 08.00 WIB"
    assert (first["tour"]["state"], {official["waiting"] for official in first["officials"]}) == ("idle", {False})
    assert [len(chat["messages"]) for chat in again["chats"].values()] == [2, 2, 2]
    assert bots() == running
    with site.listens("badan-pk") as ears:
        assert [ears.hears().name, ears.hears().name] == ["preparing", "change"]


def test_until_it_is_open_the_page_asks_for_patience_and_it_opens_when_the_office_does(
    page_settings: Settings,
) -> None:
    page = Page()
    with (
        Stage(page_settings, SteppedClock(SATURDAY), routes=page.routes()) as stage,
        httpx.Client(base_url=stage.office.base_url, trust_env=False) as http,
    ):
        early = [
            http.get("/"),
            http.get("/page/scene"),
            http.get("/page/events"),
            http.post("/page/reset", json={}),
        ]
        page.open(stage, None)
        clock = http.get("/page/scene").json()["clock"]
    assert [answer.status_code for answer in early] == [503] * 4
    assert all(word("problem.starting") in answer.text for answer in early)
    assert (clock["text"], clock["working"]) == ("Senin, 16 Nov 07.30 WIB", True)


def test_a_taken_port_is_named_in_one_line(site: Site, page_settings: Settings) -> None:
    port = int(site.stage.office.base_url.rpartition(":")[2])
    with pytest.raises(DemoRefusedError, match=rf"^Port {port} tidak dapat dipakai: sedang dipakai program lain\..*$"):
        serve(page_settings, port=port, sop_id=None)


def test_a_port_that_is_none_is_named(page_settings: Settings) -> None:
    with pytest.raises(DemoRefusedError, match="nomornya harus"):
        serve(page_settings, port=70000, sop_id=None)


def test_an_unknown_sop_stops_the_demo_with_the_known_ones(page_settings: Settings) -> None:
    with pytest.raises(UnknownSopError, match=r"'x' tidak ada\. Yang ada: badan-pk, dinas-iku, dinas-lkj, dinas-pk"):
        serve(page_settings, port=0, sop_id="x")


def test_told_to_stop_the_command_ends_open_streams_at_once_and_leaves_nothing_behind(
    page_settings: Settings, tmp_path: Path
) -> None:
    environment = os.environ | {"SOP_DIR": str(page_settings.sop_dir), "TMPDIR": str(tmp_path), "BOT_TOKEN": ""}
    command = [sys.executable, "-m", "bot", "demo", "--port", "0", "--sop", "dinas-lkj"]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        lines = [demo.stdout.readline(), demo.stdout.readline()]
        address = re.search(r"http://127\.0\.0\.1:\d+", lines[1])
        assert address, lines
        with httpx.stream("GET", f"{address[0]}/page/events", trust_env=False, timeout=30) as stream:
            heard = stream.iter_lines()
            while not next(heard).startswith("data: "):
                pass
            scene = httpx.get(f"{address[0]}/page/scene", trust_env=False, timeout=30).json()
            asked = {"sop": "dinas-lkj", "action": "start"}
            httpx.post(f"{address[0]}/page/tour", json=asked, trust_env=False, timeout=30)
            told = time.monotonic()
            demo.send_signal(signal.SIGTERM)
            for _ in heard:  # what was under way, and then the end
                pass
        _, errors = demo.communicate(timeout=30)
        took = time.monotonic() - told
    assert scene["sop"]["name"] == "Laporan Kinerja"
    assert scene["clock"]["working"]
    assert demo.returncode == 0
    assert not re.search("Traceback|WARNING|ERROR", errors)
    assert took < _LONGEST_STOP
    assert list(tmp_path.glob("sop-demo-*")) == []
