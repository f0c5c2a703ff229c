"""One SOP from first to last on the page, by clicking only, as a visitor would play it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo
from tests.browser.running import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator

    from bot.demo.stage import Stage
    from tests.browser.screen import Phone, Screen, Screens

REASON = "Tanda tangan <Sekretaris> & tanggal belum ada 🙏"
WIDE = (2400, 1000)
_MOST_TURNS = 40


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Run the demo over the repository's SOPs."""
    with running(Path(__file__).parents[2] / "sop_data") as stage:
        yield stage


@pytest.fixture
def demo(stage: Stage) -> Demo:
    """Play a SOP of fourteen steps, two of them with several officials."""
    return Demo(stage, "diskominfo-pali-pk")


def over(screen: Screen) -> Locator:
    return screen.phone("Sekretariat").log.get_by_text(re.compile("Berkas .* sudah selesai"))


def whose_turn(screen: Screen) -> Phone | None:
    """Return the phone that offers Selesai, None once the sekretariat has read that the case is over."""
    waiting = screen.page.get_by_role("log").get_by_role("button", name="Selesai", exact=True)
    expect(waiting.or_(over(screen)).first).to_be_visible()
    return screen.takes_turns()


def test_a_sop_is_played_from_the_first_step_to_the_last_by_clicking(screens: Screens) -> None:
    screen = screens.opens(WIDE)
    screen.starts("Perjanjian Kinerja 2027")
    steps: list[int] = []
    while (phone := whose_turn(screen)) is not None:
        card = phone.bubbles.filter(has=screen.page.get_by_role("button", name="Selesai", exact=True)).last
        if "Langkah 11 dari 14" in card.inner_text() and REASON not in " ".join(phone.messages()):
            phone.presses("Tolak")
            phone.says(REASON)
            screen.phone("Kasubag Administrasi Umum dan Keuangan").sees(REASON)
        else:
            steps.append(int(re.findall(r"Langkah (\d+) dari 14", phone.completes())[0]))
        assert len(steps) < _MOST_TURNS
    # Three officials each complete steps 4 and 5; step 11 was rejected once, back to step 10.
    assert steps == [1, 2, 3, 4, 4, 4, 5, 5, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14]
    expect(over(screen).last).to_be_visible()
