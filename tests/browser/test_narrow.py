"""At 390 pixels: one phone at a time, nothing to scroll sideways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.screen import MOBILE, Screen

if TYPE_CHECKING:
    from tests.browser.screen import Screens


@pytest.fixture
def screen(screens: Screens) -> Screen:
    """Open the page on a mobile phone."""
    return screens.opens(MOBILE, has_touch=True, is_mobile=True)


def test_one_phone_fills_the_screen(screen: Screen) -> None:
    assert len(screen.phones()) == 1
    assert screen.looks("sideways") == []
    box = screen.phones()[0].region.bounding_box()
    assert box
    assert box["width"] > 0.9 * MOBILE[0]


def test_a_case_is_handed_on_from_phone_to_phone(screen: Screen) -> None:
    screen.starts("Di layar kecil")
    screen.turns_to("Kasubag Program")
    assert [phone.name.endswith("(Kasubag Program)") for phone in screen.phones()] == [True]
    screen.phone("Kasubag Program").presses("Selesai")
    screen.turns_to("Kepala Dinas")
    screen.phone("Kepala Dinas").sees("Di layar kecil")
    assert screen.looks("sideways") == []
    assert screen.looks("overflowing") == []
