"""A real Chromium before the demo's page; ``make test-browser`` runs these tests, anything else skips them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

from tests.browser.chromium import NoChromiumError, open_browser
from tests.browser.running import running
from tests.browser.screen import Screen, Screens

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser

    from bot.demo.stage import Stage

HERE = Path(__file__).parent
SOP = """
id: {id}-pk
nama: Penyusunan Perjanjian Kinerja
singkatan: PK
instansi: {{id: {id}, nama: Dinas {id}, zona: WIB}}
pelaksana:
  kepala_dinas: {{nama: Kepala Dinas}}
  kasubag: {{nama: Kasubag Program, atasan: kepala_dinas}}
langkah:
  - {{nomor: 1, kegiatan: Menyusun konsep, pelaksana: [kasubag], waktu: 2 Hari, output: [Konsep]}}
  - nomor: 2
    kegiatan: Menandatangani dokumen
    pelaksana: [kepala_dinas]
    kelengkapan: [Konsep]
    waktu: 1 Jam
    keputusan: true
    tolak_ke: 1
  - {{nomor: 3, kegiatan: Mengarsipkan, pelaksana: [kasubag], waktu: 1 Jam}}
"""
_OFFICES = 40
_failed = pytest.StashKey[bool]()
_names = (f"kantor{number:02}" for number in range(_OFFICES))


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


@dataclass(frozen=True)
class Demo:
    """A running demo, and the SOP of it that a test plays."""

    stage: Stage
    sop: str


@pytest.fixture(scope="session")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with one SOP for each of many offices: three steps, the second of which may be rejected."""
    folder = tmp_path_factory.mktemp("sop")
    (folder / "kalender").mkdir()
    for number in range(_OFFICES):
        name = f"kantor{number:02}"
        (folder / f"{name}-pk.yaml").write_text(SOP.format(id=name), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def shared_stage(offices: Path) -> Iterator[Stage]:
    """Run one demo for all tests that leave its other offices alone."""
    with running(offices) as stage:
        yield stage


@pytest.fixture
def demo(shared_stage: Stage) -> Demo:
    """Give out an office that nobody has played with; time in it may be later than in the morning."""
    return Demo(shared_stage, f"{next(_names)}-pk")


@pytest.fixture(scope="module")
def stage_of_its_own(offices: Path) -> Iterator[Stage]:
    """Run a demo for the tests of one file, which move everybody's world."""
    with running(offices) as stage:
        yield stage


@pytest.fixture
def demo_of_its_own(stage_of_its_own: Stage) -> Demo:
    """Give out an office of that demo."""
    return Demo(stage_of_its_own, f"{next(_names)}-pk")


@pytest.fixture
def screens(browser: Browser, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Screens]:
    """Give out browser windows; what is wrong in any of them fails the test, and a failure keeps what was shown."""
    screens = Screens(browser, demo.stage.office.base_url, demo.sop)
    yield screens
    if request.node.stash.get(_failed, False):
        for file in screens.keep(Path(mkdtemp(prefix="sop-browser-"))):
            print(f"kept: {file}")  # noqa: T201 - pytest shows it beside the failure
        screens.close()
        return
    screens.close()
    screens.nothing_went_wrong()


@pytest.fixture
def screen(screens: Screens) -> Screen:
    """Open the page on a laptop."""
    return screens.opens()
