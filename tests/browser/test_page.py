"""What a visitor of the demo's page relies on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.screen import Screen, Screens


def test_every_official_has_a_phone_and_a_place_to_write(screen: Screen) -> None:
    assert len(screen.phones()) == 3
    for phone in screen.phones():
        expect(phone.field).to_be_editable()
        assert re.fullmatch(r".+ \(.+\)", phone.name)


def test_two_browsers_see_the_same(screens: Screens) -> None:
    one, other = screens.opens(), screens.opens()
    one.starts("Dilihat berdua")
    for screen in (one, other):
        screen.phone("Kasubag Program").sees("Dilihat berdua")
    other.phone("Kasubag Program").presses("Selesai")
    one.phone("Kepala Dinas").sees("Dilihat berdua")
    assert one.phone("Kepala Dinas").messages() == other.phone("Kepala Dinas").messages()
