"""The checks of how the page looks find what they look for, and let pass what is fine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.screen import Screen, Screens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

GOOD = """
<main lang="id"><div role="log" tabindex="0" style="width: 300px">
<p style="overflow-wrap: anywhere">{long}</p>
<button style="padding: 10px">Kirim</button>
<label>Pesan <input style="height: 30px"></label><img alt="" src="data:,">
</div></main>
"""
BAD = {
    "sideways": '<div style="width: 3000px; height: 10px"></div>',
    "overflowing": f'<div role="log" style="width: 300px"><p>{"W" * 400}</p></div>',
    "covered": '<div role="log"><p>tertimpa<b class="meta" style="position: relative; left: -40px">08.00</b></p></div>',
    "nameless": '<button style="width: 40px; height: 40px"><svg></svg></button>',
    "pictures": '<img src="data:,">',
    "ids": '<p id="sama">a</p><p id="sama">b</p>',
    "tiny": '<button style="width: 12px; height: 12px; padding: 0">x</button>',
    "pale": '<p style="color: #999; background: #fff">samar</p>',
    "focused": '<button style="outline: none; height: 40px">buta</button>',
}


@pytest.fixture
def screen(browser: Browser) -> Iterator[Screen]:
    """Open an empty window."""
    screens = Screens(browser, "", "")
    yield screens.window((800, 600))
    screens.close()


@pytest.mark.parametrize("check", BAD)
def test_what_is_wrong_is_found(screen: Screen, check: str) -> None:
    screen.page.set_content(BAD[check])
    screen.page.keyboard.press("Tab")
    assert len(screen.looks(check)) == 1


def test_what_is_fine_passes(screen: Screen) -> None:
    screen.page.set_content(GOOD.replace("{long}", "W" * 4000))
    screen.page.keyboard.press("Tab")
    assert {check: screen.looks(check) for check in BAD} == {check: [] for check in BAD}
