"""Text from people: whatever it is, the message parses and fits."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from bot.messages.limits import cut_html, cut_words, shorten, units

if TYPE_CHECKING:
    from collections.abc import Callable

HOSTILE = st.text(st.one_of(st.sampled_from("<>&\"'\n\r\t\u202e\u2066\u200d😀𝌆;b/"), st.characters()), max_size=300)
MARKED = st.recursive(
    HOSTILE.map(lambda text: escape(text.encode("utf-8", "ignore").decode())),
    lambda inner: st.tuples(st.sampled_from(["b", "i", "code", "blockquote"]), inner, inner).map(
        lambda parts: f"<{parts[0]}>{parts[1]}</{parts[0]}>{parts[2]}"
    ),
    max_leaves=8,
)


@given(MARKED, st.integers(min_value=1, max_value=400))
def test_cut_html_always_parses_and_fits(strictly_read: Callable[[str], str], html: str, limit: int) -> None:
    html = html.replace("&quot;", "&#34;").replace("&#x27;", "&#39;")
    cut = cut_html(html, limit)
    assert units(cut) <= limit
    text = strictly_read(cut)
    if units(html) <= limit:
        assert cut == html
    else:
        assert text.endswith("…")
        assert strictly_read(html).startswith(text[:-1])


@given(HOSTILE, st.integers(min_value=1, max_value=200), st.integers(min_value=1, max_value=5))
def test_shortened_text_fits_and_has_no_control_characters(text: str, limit: int, lines: int) -> None:
    short = shorten(text, limit, lines=lines)
    assert units(short) <= limit
    assert short.count("\n") < lines
    assert not any(char in short for char in "\r\t\x00\u202e\u2066")
    short.encode("utf-8")


@given(HOSTILE, st.integers(min_value=1, max_value=200))
def test_words_that_are_cut_fit(text: str, limit: int) -> None:
    assert units(cut_words(text, limit)) <= limit


def test_ordinary_text_stays_as_typed() -> None:
    assert shorten("Perjanjian <b>Kinerja</b> & IKU 😀", 120) == "Perjanjian <b>Kinerja</b> & IKU 😀"


def test_a_long_title_ends_with_an_ellipsis() -> None:
    assert shorten("a" * 200, 120) == "a" * 119 + "…"


def test_an_emoji_counts_as_two_units_and_is_never_split() -> None:
    assert shorten("😀" * 10, 10) == "😀😀😀😀…"


def test_reasons_keep_a_few_lines() -> None:
    assert shorten("satu\n\n\ndua\r\ntiga\nempat", 500, lines=3) == "satu\ndua\ntiga empat"
    assert shorten("satu\ndua", 500) == "satu dua"


def test_words_are_cut_after_a_word() -> None:
    assert cut_words("Mohon segera diselesaikan hari ini", 20) == "Mohon segera…"
    assert cut_words("x" * 30, 20) == "x" * 19 + "…"


def test_tags_are_closed_and_entities_kept_whole() -> None:
    assert cut_html("<b>satu &amp; dua</b> tiga", 17) == "<b>satu…</b>"
    assert cut_html("<b>satu &amp; dua</b> tiga", 18) == "<b>satu &amp;…</b>"
