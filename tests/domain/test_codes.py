"""Case codes as people read and type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.codes import ABBREVIATION, make, normalise


@pytest.mark.parametrize(
    ("abbreviation", "serial", "code"),
    [("PK", 1, "PK-2026-001"), ("LKJIP", 42, "LKJIP-2026-042"), ("PK", 1000, "PK-2026-1000")],
)
def test_a_code_is_abbreviation_year_and_serial(abbreviation: str, serial: int, code: str) -> None:
    assert make(abbreviation, 2026, serial) == code


@given(st.from_regex(ABBREVIATION, fullmatch=True), st.integers(2000, 9999), st.integers(1, 999_999))
def test_every_code_is_recognised_however_it_is_typed(abbreviation: str, year: int, serial: int) -> None:
    code = make(abbreviation, year, serial)
    assert [normalise(word) for word in (code, code.lower(), code.title())] == [code] * 3


@pytest.mark.parametrize(
    "word",
    [
        "PK-2026-1",
        "pk-2026-01",
        "PK-2026-001.",
        "PK-2026-0001,",
        "Pk-2026-001!",
        "PK\u20132026\u2013001",
        "(PK_2026_001)",
    ],
)
def test_a_code_typed_in_haste_is_still_that_code_and_no_remark(word: str) -> None:
    assert normalise(word) == "PK-2026-001"


@pytest.mark.parametrize(
    "word",
    [
        *("", "PK", "PK-2026", "2026-001", "PK-26-001", "PK 2026 001", "1K-2026-001"),
        *("PK-2026-1000000", "ABCDEFGHIJKLM-2026-001", "PK-2026-001\n", "Pengadaan"),
    ],
)
def test_other_words_are_no_codes(word: str) -> None:
    assert normalise(word) is None
