"""Whatever people type is shown as typed: never executed, never wider than its bubble."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.screen import LAPTOP, MOBILE

if TYPE_CHECKING:
    from tests.browser.screen import Screens

HOSTILE = (
    "<script>window.ran = 1</script>",
    '<img src=x onerror="window.ran = 1">',
    "\"><svg onload=window.ran=1>'`{{ 7*7 }} {% raw %} #set text(red) $x$",
    "&lt;b&gt; &amp; </p></section><style>*{display:none}</style>",
    "مرحبا بالعالم terbalik שלום",
    "👩\u200d👩\u200d👧\u200d👦🏳️\u200d🌈" * 5,
    "javascript:window.ran=1 http://127.0.0.1:1/'onmouseover='window.ran=1",
)
TURNED = "terbalik \u202egnp.exe\u202c"  # as a name of a file is turned around
LONG = "W" * 4000


@pytest.mark.parametrize("size", [LAPTOP, MOBILE], ids=["laptop", "mobile"])
def test_hostile_texts_are_shown_as_typed(screens: Screens, size: tuple[int, int]) -> None:
    screen = screens.opens(size)
    phone = screen.phone("Sekretariat")
    for text in HOSTILE:
        phone.says(text)
        phone.sees(text)
        screen.starts(text)  # now the bot says it, to everybody, in its own markup
        phone.bubbles.filter(has_text="sudah dimulai").filter(has_text=text).wait_for()
    phone.says(TURNED)
    phone.sees(TURNED)
    phone.says(LONG)
    phone.sees(LONG)
    assert screen.looks("overflowing") == []
    assert screen.looks("covered") == []
    assert screen.looks("sideways") == []
    assert screen.page.evaluate("window.ran") is None
