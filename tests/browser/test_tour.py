"""The guided tour plays the story by itself; whoever watches may stop it and play on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Demo
    from tests.browser.screen import Screen

_A_WHOLE_TOUR = 90_000


@pytest.fixture
def demo(demo_of_its_own: Demo) -> Demo:
    """Play in a demo of its own: a tour moves the clock by days, and starting over ends everything."""
    return demo_of_its_own


def test_the_tour_plays_to_the_end(screen: Screen) -> None:
    screen.button("Putar cerita").click()
    expect(screen.phone("Sekretariat").log).to_contain_text("sudah selesai", timeout=_A_WHOLE_TOUR)
    expect(screen.button("Putar cerita")).to_be_visible()


def test_the_tour_is_stopped_and_taken_over(screen: Screen) -> None:
    screen.button("Putar cerita").click()
    kasubag = screen.phone("Kasubag Program")
    kasubag.sees("Mohon diselesaikan")
    screen.button("Ambil alih").click()
    expect(screen.button("Ambil alih")).to_be_hidden()
    if kasubag.button("Selesai").is_visible():
        kasubag.presses("Selesai")
    screen.phone("Kepala Dinas").sees("Mohon diselesaikan")
    screen.phone("Kepala Dinas").presses("Selesai")
    kasubag.presses("Selesai")
    screen.phone("Sekretariat").sees("sudah selesai")


def test_starting_over_gives_a_fresh_page(screen: Screen) -> None:
    screen.starts("Dilupakan")
    screen.phone("Kasubag Program").sees("Dilupakan")
    screen.button("Mulai dari awal").click()
    screen.page.get_by_role("dialog", name="Mulai dari awal?").get_by_role(
        "button", name="Hapus dan mulai lagi"
    ).click()
    expect(screen.phone("Kasubag Program").log).not_to_contain_text("Dilupakan")
    screen.starts("Yang baru")
    screen.phone("Kasubag Program").sees("Yang baru")
