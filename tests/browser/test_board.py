"""The board in the demo: opened from a phone's menu button, live, and closed to whoever comes from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.screen import LAPTOP, MOBILE

if TYPE_CHECKING:
    from playwright.sync_api import FrameLocator

    from tests.browser.screen import Screen, Screens


def opened(screen: Screen) -> FrameLocator:
    """Open the board on the sekretariat's phone."""
    screen.phone("Sekretariat").region.get_by_role("button", name="Papan", exact=True).click()
    return screen.page.get_by_role("dialog", name="Papan berkas").frame_locator("iframe")


def test_the_board_shows_the_running_cases_and_follows_them(screens: Screens) -> None:
    watching, acting = screens.opens(), screens.opens()
    acting.starts("Berkas di papan")
    acting.phone("Kasubag Program").sees("Berkas di papan")
    rows = opened(watching).get_by_role("list", name="Berkas berjalan")
    expect(rows).to_contain_text("Berkas di papan")
    expect(rows).to_contain_text("Kasubag Program")
    acting.phone("Kasubag Program").presses("Selesai")
    expect(rows).to_contain_text("Kepala Dinas")
    acting.phone("Kepala Dinas").presses("Selesai")
    expect(rows).to_contain_text("Langkah 3 dari 3")
    acting.phone("Kasubag Program").presses("Selesai")
    expect(rows).not_to_contain_text("Berkas di papan")


def test_the_board_shows_nothing_to_whoever_does_not_come_from_telegram(screens: Screens) -> None:
    screens.opens().starts("Bukan untuk orang lewat")
    stranger = screens.window()
    stranger.page.goto(f"{stranger.base_url}/papan/")
    expect(stranger.page.get_by_role("alert")).to_contain_text("Buka papan dari Telegram")
    assert "Bukan untuk orang lewat" not in stranger.page.content()
    for path in ("berkas", "berkas/1", "alur"):
        assert stranger.context.request.get(f"{stranger.base_url}/papan/{path}").status == 401


@pytest.mark.parametrize("size", [LAPTOP, MOBILE], ids=["laptop", "mobile"])
def test_the_board_fits_and_can_be_read(screens: Screens, size: tuple[int, int]) -> None:
    screen = screens.opens(size)
    screen.starts(f"<b>{'W' * 120}</b>")
    screen.phone("Sekretariat").sees("sudah dimulai")
    opened(screen).get_by_role("list", name="Berkas berjalan").get_by_text("WWW").first.wait_for()
    board = next(frame for frame in screen.page.frames if "/papan/" in frame.url)
    checks = ("sideways", "nameless", "ids", "tiny", "pale")
    assert [f"{check}: {flaw}" for check in checks for flaw in screen.looks(check, board)] == []
