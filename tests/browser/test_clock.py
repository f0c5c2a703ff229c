"""The clock bar: time on the page passes when it is told to, and brings what it brings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.screen import Screen


def jump(screen: Screen, label: str) -> None:
    screen.clock.get_by_role("button", name=re.compile(label)).click()


def test_a_jump_to_the_next_moment_brings_its_reminder(screen: Screen) -> None:
    office, kasubag = screen.phone("Sekretariat"), screen.phone("Kasubag Program")
    office.says("/mulai dinas-pk Terlambat")
    expect(kasubag.button("Selesai")).to_be_visible()
    jump(screen, "tenggat")
    kasubag.sees("sudah habis")
    jump(screen, "1 hari kerja")
    jump(screen, "1 hari kerja")
    screen.phone("Kepala Dinas").sees("Terlambat")


def test_a_jump_shows_the_new_moment(screen: Screen) -> None:
    before = screen.clock.inner_text()
    jump(screen, "1 jam")
    expect(screen.clock).to_contain_text(re.compile(r"Senin, 9 Nov.* 09\.00"))
    assert screen.clock.inner_text() != before


def test_nothing_ahead_cannot_be_jumped_to(screen: Screen) -> None:
    expect(screen.clock.get_by_role("button", name=re.compile("tenggat"))).to_be_disabled()
