"""A phone behaves as Telegram does: cards change, questions wait for their answer, files open."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import expect

if TYPE_CHECKING:
    from tests.browser.screen import Phone, Screen


@pytest.fixture
def kasubag(screen: Screen) -> Phone:
    """Return the phone of the first official, with a case's first card on it."""
    screen.starts("Perjanjian Kinerja 2027")
    phone = screen.phone("Kasubag Program")
    expect(phone.button("Selesai")).to_be_visible()
    return phone


def test_a_card_that_was_dealt_with_loses_its_buttons(screen: Screen, kasubag: Phone) -> None:
    kasubag.presses("Selesai")
    expect(kasubag.button("Urungkan")).to_be_visible()
    expect(kasubag.button("Selesai")).to_have_count(0)
    screen.clock.get_by_role("button", name=re.compile("10 menit")).click()
    expect(kasubag.log.get_by_role("button", name="Urungkan", exact=True)).to_have_count(0)
    kasubag.sees("Selesai – oleh")


def test_a_question_takes_the_next_text_for_its_answer(screen: Screen, kasubag: Phone) -> None:
    kasubag.presses("Selesai")
    screen.phone("Kepala Dinas").presses("Selesai")
    kasubag.presses("Tolak")  # step 3 hands nothing over that could be named as missing: the reason is typed
    expect(kasubag.region.get_by_role("button", name="Batal membalas")).to_be_visible()
    placeholder = kasubag.field.get_attribute("placeholder") or ""
    assert placeholder
    assert placeholder != screen.phone("Sekretariat").field.get_attribute("placeholder")
    kasubag.says("Belum ditandatangani")
    screen.phone("Kepala Dinas").sees("Belum ditandatangani")
    assert kasubag.field.get_attribute("placeholder") != placeholder


def test_a_press_is_answered_over_the_chat(kasubag: Phone) -> None:
    kasubag.presses("Selesai")
    expect(kasubag.region.get_by_text("Langkah 1 berkas PK-2026-001 selesai")).to_be_visible()


def test_the_command_menu_lists_what_the_official_may_and_sends_it(kasubag: Phone) -> None:
    kasubag.region.get_by_role("button", name="Menu perintah", exact=True).click()
    offered = kasubag.region.get_by_role("group", name="Daftar perintah").get_by_role("button")
    expect(offered.filter(has_text="/tugas")).to_be_visible()
    expect(offered.filter(has_text="/undang")).to_have_count(0)  # the sekretariat's
    offered.filter(has_text="/tugas").click()
    expect(kasubag.bubbles.last).to_contain_text("PK-2026-001")


def test_a_picture_opens_large_and_closes_again(screen: Screen, kasubag: Phone, tmp_path: Path) -> None:
    Image.new("RGB", (1200, 800), "teal").save(tmp_path / "bukti.png")
    kasubag.attaches(tmp_path / "bukti.png")
    thumbnail = kasubag.log.get_by_role("img").last
    expect(thumbnail).to_be_visible()
    small = thumbnail.bounding_box()
    thumbnail.click()
    large = screen.page.get_by_role("dialog").get_by_role("img")
    expect(large).to_be_visible()
    box = large.bounding_box()
    assert small
    assert box
    assert box["width"] > 1.5 * small["width"]
    screen.page.keyboard.press("Escape")
    expect(screen.page.get_by_role("dialog")).to_be_hidden()


def test_a_document_is_downloaded_as_it_was_sent(screen: Screen, kasubag: Phone, tmp_path: Path) -> None:
    content = b"%PDF-1.4\n<script>alert(1)</script>\n"
    (tmp_path / "Konsep <b> PK.pdf").write_bytes(content)
    kasubag.attaches(tmp_path / "Konsep <b> PK.pdf")
    with screen.page.expect_download() as download:
        kasubag.log.get_by_role("link", name=re.compile(r"Konsep <b> PK\.pdf")).click()
    assert Path(download.value.path()).read_bytes() == content
