"""One SOP from first to last on the page, by clicking only, as a visitor would play it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Demo, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.stage import Stage
    from tests.browser.screen import Phone, Screen

REASON = "Tanda tangan <Sekretaris> & tanggal belum ada 🙏"
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


def whose_turn(screen: Screen) -> Phone | None:
    """Return the phone that offers Selesai, None once the sekretariat has read that the case is over."""
    waiting = screen.page.get_by_role("log").get_by_role("button", name="Selesai", exact=True)
    over = screen.phone("Sekretariat").log.get_by_text(re.compile("^Berkas selesai|berkas selesai", re.MULTILINE))
    expect(waiting.or_(over).first).to_be_visible()
    return next((phone for phone in screen.phones() if phone.button("Selesai").is_visible()), None)


def test_a_sop_is_played_from_the_first_step_to_the_last_by_clicking(screen: Screen) -> None:
    screen.starts("Perjanjian Kinerja 2027")
    screen.phone("Kepala Dinas").sees("Langkah 1 dari 14")
    completed, rejected = 0, False
    while (phone := whose_turn(screen)) is not None:
        assert completed < _MOST_TURNS
        card = phone.bubbles.filter(has=phone.button("Selesai")).last
        if not rejected and "Langkah 11 dari 14" in card.inner_text():
            rejected = True
            phone.presses("Tolak")
            phone.says(REASON)
            screen.phone("Kasubag Administrasi Umum dan Keuangan").sees(REASON)
        else:
            open_cards = phone.log.get_by_role("button", name="Selesai", exact=True)
            before = open_cards.count()
            open_cards.last.click()
            completed += 1
            expect(phone.log.get_by_role("button", name="Urungkan", exact=True).last).to_be_visible()
            del before
    assert rejected
    # Ten officials finish steps 1 to 10 (4 and 5 have three each), then 10 again, and 11 to 14.
    assert completed == 10 + 2 + 2 + 1 + 4
