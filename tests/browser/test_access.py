"""For whoever uses a keyboard, a screen reader, or weak eyes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser.screen import LAPTOP, MOBILE

if TYPE_CHECKING:
    from tests.browser.screen import Screen, Screens

CHECKS = ("nameless", "pictures", "ids", "tiny", "pale")


def flaws(screen: Screen) -> list[str]:
    return [f"{check}: {flaw}" for check in CHECKS for flaw in screen.looks(check)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [LAPTOP, MOBILE], ids=["laptop", "mobile"])
def test_everything_has_a_name_and_can_be_read(screens: Screens, size: tuple[int, int], scheme: str) -> None:
    screen = screens.opens(size, color_scheme=scheme)
    screen.starts("Dapat dibaca")
    screen.phone("Sekretariat").sees("sudah dimulai")
    assert flaws(screen) == []
    screen.turns_to("Kasubag Program")
    phone = screen.phone("Kasubag Program")
    expect(phone.button("Selesai")).to_be_visible()
    phone.region.get_by_role("button", name="Menu perintah", exact=True).click()
    assert flaws(screen) == []


def test_the_keyboard_alone_starts_writes_and_presses(screen: Screen) -> None:
    office, kasubag = screen.phone("Sekretariat"), screen.phone("Kasubag Program")
    screen.reaches(office.field)
    screen.page.keyboard.press("Control+A")
    screen.page.keyboard.type(f"/mulai {screen.sop} Tanpa tetikus")
    screen.page.keyboard.press("Enter")
    expect(kasubag.button("Selesai")).to_be_visible()
    screen.reaches(kasubag.button("Selesai"))
    screen.page.keyboard.press("Enter")
    screen.phone("Kepala Dinas").sees("Tanpa tetikus")


def test_the_keyboard_alone_starts_the_tour(screen: Screen) -> None:
    screen.reaches(screen.button("Putar cerita"))
    screen.page.keyboard.press("Enter")
    expect(screen.button(re.compile("Ambil alih"))).to_be_visible()
