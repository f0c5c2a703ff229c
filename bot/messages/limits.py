"""Telegram's limits and text from people: measured in UTF-16 units, cut where nothing breaks."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import escape

MESSAGE_LIMIT = 4096
CAPTION_LIMIT = 1024
TOAST_LIMIT = 200
BUTTON_LIMIT = 60
TITLE_LIMIT = 120
NAME_LIMIT = 80
ACTIVITY_LIMIT = 300
NOTE_LIMIT = 300
REASON_LIMIT = 500
REASON_LINES = 5
ELLIPSIS = "…"

_TOKEN = re.compile(r"<[^<>]*>|&#?\w+;|.", re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z-]+)[^<>]*>")
_JOINERS = "\u200d\ufe0f"  # left at a cut, they would claim a character that is gone
# Embeddings, overrides and isolates would turn the text around them; letters need none of them.
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_END = re.compile("\r\n|[\r\n\v\f\x85\u2028\u2029]")


def units(text: str) -> int:
    """Return the length as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def html_units(*texts: str) -> int:
    """Return the length that texts will have together once they stand in a message, escaped."""
    return sum(units(str(escape(text))) for text in texts)


def shorten(text: str, limit: int, *, lines: int = 1) -> str:
    """Return text from people made fit to stand in a message: at most ``limit`` units.

    Control characters become spaces, line breaks beyond ``lines`` too; whatever changes the
    direction of writing goes; text that is cut ends with an ellipsis.
    """
    cleaned = _keep_lines(_LINE_END.sub("\n", _DIRECTION.sub("", text)), lines)
    return _cut(cleaned, limit)


def cut_words(text: str, limit: int) -> str:
    """Return plain text of at most ``limit`` units, cut after a word where one ends in time."""
    short = _cut(text, limit)
    if short == text:
        return text
    head, space, _ = short.rpartition(" ")
    return head.rstrip(" ,;:–-") + ELLIPSIS if space and units(head) * 2 > limit else short


def cut_html(html: str, limit: int) -> str:
    """Return HTML of at most ``limit`` units: cut outside tags and entities, with every tag closed.

    What is cut ends with an ellipsis.
    """
    if units(html) <= limit:
        return html
    kept: list[str] = []
    opened: list[str] = []
    room = limit - units(ELLIPSIS)
    for token in _TOKEN.findall(html):
        room -= units(token)
        after = _opened_after(opened, token)
        if room < units(_closing(after)):
            break
        kept.append(token)
        opened = after
    return "".join(kept).rstrip(_JOINERS + " \n") + ELLIPSIS + _closing(opened)


def _opened_after(opened: list[str], token: str) -> list[str]:
    tag = _TAG.fullmatch(token)
    if tag is None:
        return opened
    return opened[:-1] if tag[1] else [*opened, tag[2]]


def _closing(opened: list[str]) -> str:
    return "".join(f"</{name}>" for name in reversed(opened))


def _keep_lines(text: str, lines: int) -> str:
    rows = [row for part in text.split("\n") if (row := _printable(part).strip())]
    kept, rest = rows[: lines - 1], rows[lines - 1 :]
    return "\n".join([*kept, " ".join(rest)]) if rest else "\n".join(kept)


def _printable(text: str) -> str:
    return "".join(_SUBSTITUTES.get(unicodedata.category(char), char) for char in text)


_SUBSTITUTES = {"Cc": " ", "Cs": "\ufffd"}  # a lone surrogate cannot be sent at all


def _cut(text: str, limit: int) -> str:
    if units(text) <= limit:
        return text
    room = limit - units(ELLIPSIS)
    kept = text[:room]
    while units(kept) > room or (kept and unicodedata.combining(text[len(kept)])):
        kept = kept[:-1]
    return kept.rstrip(_JOINERS + " \n") + ELLIPSIS
