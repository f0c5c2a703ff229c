"""The clock bar: time on the page passes when it is told to, and brings what it brings."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.conftest import Demo
    from tests.browser.screen import Screen, Screens

JAKARTA = ZoneInfo("Asia/Jakarta")


@pytest.fixture
def demo(demo_of_its_own: Demo) -> Demo:
    """Play in a demo of its own: the days pass."""
    return demo_of_its_own


def jump(screen: Screen, label: str) -> None:
    before = screen.clock.locator("time").get_attribute("datetime") or ""
    screen.clock.get_by_role("button", name=re.compile(label)).click()
    expect(screen.clock.locator("time")).not_to_have_attribute("datetime", before)


def shown(screen: Screen) -> datetime:
    return datetime.fromisoformat(screen.clock.locator("time").get_attribute("datetime") or "")


def test_a_jump_puts_the_clock_forward_for_everybody(screens: Screens) -> None:
    one, other = screens.opens(), screens.opens()
    later = shown(one) + timedelta(hours=1)
    jump(one, "1 jam")
    for screen in (one, other):
        expect(screen.clock.locator("time")).to_contain_text(re.compile(rf"{later.astimezone(JAKARTA):%H\.%M}"))
        assert shown(screen) == later


def test_nothing_ahead_cannot_be_jumped_to(screen: Screen) -> None:
    expect(screen.clock.get_by_role("button", name=re.compile("jatuh tempo berikutnya"))).to_be_disabled()


def test_jumps_bring_the_reminders_on_the_way(screen: Screen) -> None:
    kasubag = screen.phone("Kasubag Program")
    screen.starts("Terlambat")
    expect(kasubag.button("Selesai")).to_be_visible()
    jump(screen, "jatuh tempo berikutnya")
    kasubag.sees("Waktu habis")
    jump(screen, "1 hari kerja")
    jump(screen, "1 hari kerja")
    screen.phone("Kepala Dinas").sees("belum selesai sampai batas waktunya")  # the superior hears of it
