"""A real Chromium before the demo's page; ``make test-browser`` runs these tests, anything else skips them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.demo.clock import SteppedClock
from bot.demo.page import Page
from bot.demo.play import OPENING
from bot.demo.stage import Stage
from bot.settings import Settings
from tests.browser.chromium import NoChromiumError, open_browser
from tests.browser.screen import Screen, Screens

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser

HERE = Path(__file__).parent
SOP = """
id: dinas-pk
nama: Penyusunan Perjanjian Kinerja
singkatan: PK
instansi: {id: dinas, nama: Dinas Arsip, zona: WIB}
pelaksana:
  kepala_dinas: {nama: Kepala Dinas}
  kasubag: {nama: Kasubag Program, atasan: kepala_dinas}
langkah:
  - {nomor: 1, kegiatan: Menyusun konsep, pelaksana: [kasubag], waktu: 2 Hari, output: [Konsep]}
  - nomor: 2
    kegiatan: Menandatangani dokumen
    pelaksana: [kepala_dinas]
    kelengkapan: [Konsep]
    waktu: 1 Jam
    keputusan: true
    tolak_ke: 1
  - {nomor: 3, kegiatan: Mengarsipkan, pelaksana: [kasubag], waktu: 1 Jam}
"""
_failed = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of this folder talk to the loopback, and skip them unless they were asked for."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.enable_socket)
            if not os.environ.get("BROWSER_TESTS"):
                item.add_marker(pytest.mark.skip(reason="in a real browser: `make test-browser`"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure for the fixtures that then keep what was to be seen."""
    del call
    report = yield
    item.stash[_failed] = item.stash.get(_failed, False) or report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run one Chromium for the tests of this process."""
    try:
        with open_browser() as browser:
            yield browser
    except NoChromiumError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture
def sop_dir(tmp_path: Path) -> Path:
    """Return a folder with one SOP of three steps, the second of which may be rejected."""
    folder = tmp_path / "sop"
    (folder / "kalender").mkdir(parents=True)
    (folder / "dinas-pk.yaml").write_text(SOP, encoding="utf-8")
    return folder


@pytest.fixture
def stage(sop_dir: Path) -> Iterator[Stage]:
    """Run the demo as ``sop-bot demo`` does, but on a clock that only moves when the page is told to."""
    page = Page()
    settings = Settings(_env_file=None, bot_token=None, sop_dir=sop_dir)
    with Stage(settings, SteppedClock(OPENING), routes=page.routes()) as stage:
        page.open(stage, None)
        yield stage


@pytest.fixture
def screens(browser: Browser, stage: Stage, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Screens]:
    """Give out browser windows; what is wrong in any of them fails the test, and a failure keeps what was shown."""
    screens = Screens(browser, stage.office.base_url)
    yield screens
    if request.node.stash.get(_failed, False):
        for file in screens.keep(tmp_path):
            print(f"kept: {file}")  # noqa: T201 - pytest shows it beside the failure
        screens.close()
        return
    screens.close()
    screens.nothing_went_wrong()


@pytest.fixture
def screen(screens: Screens) -> Screen:
    """Open the page on a laptop."""
    return screens.opens()
