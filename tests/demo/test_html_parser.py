"""Telegram's HTML parse mode, tag by tag and refusal by refusal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.demo.telegram.entities import as_html, cut, utf16_length
from bot.demo.telegram.html_parser import parse_html
from bot.demo.telegram.refusals import Refusal

UNMATCHED = "Unicode characters after decoding HTML entities, check for unmatched surrogate code units"
TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}


@pytest.mark.parametrize(("tag", "kind"), TAGS.items())
def test_each_simple_tag_becomes_its_entity(tag: str, kind: str) -> None:
    assert parse_html(f"a<{tag}>bc</{tag}>") == ("abc", [{"type": kind, "offset": 1, "length": 2}])


def test_offsets_count_utf16_units() -> None:
    text, entities = parse_html("😀<b>é</b>")
    assert entities == [{"type": "bold", "offset": 2, "length": 1}]
    assert cut(text, entities[0]) == "é"


def test_nested_entities_come_outer_first() -> None:
    _, entities = parse_html("<b>a<i>b</i></b>")
    assert [entity["type"] for entity in entities] == ["bold", "italic"]


@pytest.mark.parametrize(
    ("source", "entity"),
    [
        ('<a href="https://go.id/?a=1&amp;b=2">x</a>', {"type": "text_link", "url": "https://go.id/?a=1&b=2"}),
        ("<a>https://go.id</a>", {"type": "text_link", "url": "https://go.id"}),
        ('<a href="tg://user?id=42">x</a>', {"type": "text_mention", "user_id": 42}),
        ('<span class="tg-spoiler">x</span>', {"type": "spoiler"}),
        ("<blockquote expandable>x</blockquote>", {"type": "expandable_blockquote"}),
        ('<tg-emoji emoji-id="5368324170671202286">x</tg-emoji>', {"custom_emoji_id": "5368324170671202286"}),
        ('<pre><code class="language-py">x</code></pre>', {"type": "pre", "language": "py"}),
        ('<code class="language-py"><pre>x</pre></code>', {"type": "pre", "language": "py"}),
        ('<code class="language-py">x</code>', {"type": "code"}),
    ],
)
def test_attributes_say_what_telegram_lets_them_say(source: str, entity: dict[str, object]) -> None:
    _, [found] = parse_html(source)
    assert entity.items() <= found.items()
    assert "class" not in found


def test_a_link_that_leads_nowhere_is_plain_text() -> None:
    assert parse_html('<a href="not a url">x</a>') == ("x", [])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("&lt;b&gt; &amp;amp; &quot;", '<b> &amp; "'),
        ("&#65;&#x42;", "AB"),
        ("&amp", "&"),
        ("&nbsp; &hellip; & &;", "&nbsp; &hellip; & &;"),
        ("&#0; &#x110000;", "&#0; &#x110000;"),
        ("1 > 0", "1 > 0"),
    ],
)
def test_only_four_named_references_are_decoded(source: str, text: str) -> None:
    assert parse_html(source) == (text, [])


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<script>x</script>", 'Unsupported start tag "script" at byte offset 0'),
        ("é<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a <", "Unclosed start tag at byte offset 2"),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b><i>test</b></i>", 'Unmatched end tag at byte offset 10, expected "</i>", found "</b>"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ("<a href=a/b>x</a>", "Unexpected end of name token at byte offset 8"),
        ('<a ="x">x</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ('<tg-emoji emoji-id="x">x</tg-emoji>', "Invalid custom emoji identifier specified"),
        (
            "&#xd800;",
            f"Text contains invalid {UNMATCHED}",
        ),
    ],
)
def test_broken_html_is_refused_in_telegrams_words(source: str, reason: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_html(source)
    assert refused.value.description == f"Bad Request: can't parse entities: {reason}"


@given(st.text(st.characters(codec="utf-8")))
def test_escaped_text_comes_through_as_typed(text: str) -> None:
    assert parse_html(as_html(text, [])) == (text, [])


@given(st.text(st.sampled_from("<>/&;#x\"'= abi😀é")))
def test_any_text_is_either_parsed_or_refused(source: str) -> None:
    try:
        text, entities = parse_html(source)
    except Refusal:
        return
    assert all(entity["offset"] + entity["length"] <= utf16_length(text) for entity in entities)


def test_showing_as_html_gives_back_what_was_parsed() -> None:
    source = '<b>a <i>b</i></b> <a href="https://go.id">c</a> <blockquote expandable>&lt;</blockquote>'
    assert as_html(*parse_html(source)) == source
