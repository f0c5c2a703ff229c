"""Days as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from bot.services.day_text import read_day, read_letter

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("27-11-2026", date(2026, 11, 27)),
        (" 7/1/2027 ", date(2027, 1, 7)),
        ("27.11.2026", date(2026, 11, 27)),
        ("27 - 11 - 2026", date(2026, 11, 27)),
        ("20-11", TODAY),
        ("19/11", date(2027, 11, 19)),
        ("29-2-2028", date(2028, 2, 29)),
        ("29-2-2027", None),
        ("31-11-2026", None),
        ("2026-11-27", None),
        ("27-11-26", None),
        ("27 November 2026", date(2026, 11, 27)),
        ("27 Nov", date(2026, 11, 27)),
        ("7 nopember 2027", date(2027, 11, 7)),
        ("17 Ags. 2027", date(2027, 8, 17)),
        ("31 November 2026", None),
        ("27 Novum 2026", None),
        ("27 No 2026", None),
        ("0-0-0000", None),
        ("\u0662\u0667-11-2026", None),
        ("besok", None),
        ("", None),
    ],
)
def test_a_day_is_read_or_is_none(text: str, day: date | None) -> None:
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "letter"),
    [
        ("800/123/2026, 25-11-2026", ("800/123/2026", date(2026, 11, 25))),
        ("800/1, lampiran 2, 1/11", ("800/1, lampiran 2", date(2026, 11, 1))),
        ("800/123/2026, 25 November 2026", ("800/123/2026", date(2026, 11, 25))),
        ("800/123/2026", ("800/123/2026", None)),
        ("800/123, menyusul", ("800/123, menyusul", None)),
        (", 25-11-2026", (", 25-11-2026", None)),
        ("a\n b", ("a b", None)),
    ],
)
def test_a_letter_is_its_number_and_the_day_behind_the_last_comma(text: str, letter: tuple[str, date | None]) -> None:
    assert read_letter(text, TODAY) == letter
