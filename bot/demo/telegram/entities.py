"""Text as Telegram keeps it: plain characters and entities, counted in UTF-16 code units."""

from __future__ import annotations

import html
import re
from typing import Any

Json = dict[str, Any]
"""One JSON object of the Bot API; its fields are the API's, so nothing narrower would be true."""

_DETECTED = re.compile(
    r"(?P<url>https?://[^\s<>]+)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})\b"
)
LAST_OF_ONE_UNIT = 0xFFFF
_NOT_SEARCHED = frozenset({"code", "pre", "text_link"})
_TAGS = {
    "bold": ("<b>", "</b>"),
    "italic": ("<i>", "</i>"),
    "underline": ("<u>", "</u>"),
    "strikethrough": ("<s>", "</s>"),
    "spoiler": ("<tg-spoiler>", "</tg-spoiler>"),
    "code": ("<code>", "</code>"),
    "pre": ("<pre>", "</pre>"),
    "blockquote": ("<blockquote>", "</blockquote>"),
    "expandable_blockquote": ("<blockquote expandable>", "</blockquote>"),
}


def utf16_length(text: str) -> int:
    """Return the number of UTF-16 code units, which is how Telegram counts."""
    return len(text) + sum(1 for character in text if ord(character) > LAST_OF_ONE_UNIT)


def cut(text: str, entity: Json) -> str:
    """Return the part of ``text`` that ``entity`` covers."""
    units = text.encode("utf-16-le")
    start = 2 * int(entity["offset"])
    return units[start : start + 2 * int(entity["length"])].decode("utf-16-le", errors="replace")


def detect(text: str, given: list[Json]) -> list[Json]:
    """Return ``given`` and the commands, mentions and links that Telegram finds by itself, in order."""
    found: list[Json] = []
    for match in _DETECTED.finditer(text):
        offset, length = utf16_length(text[: match.start()]), utf16_length(match.group())
        if not any(_overlaps(entity, offset, length) for entity in given if entity["type"] in _NOT_SEARCHED):
            found.append({"type": str(match.lastgroup), "offset": offset, "length": length})
    return in_order([*given, *found])


def in_order(entities: list[Json]) -> list[Json]:
    """Return the entities sorted as Telegram sends them: by start, outer before inner."""
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Return text and entities without the white space around them, as Telegram keeps a message."""
    kept = text.strip()
    if kept == text:
        return text, entities
    lead = utf16_length(text[: len(text) - len(text.lstrip())])
    size = utf16_length(kept)
    moved = []
    for entity in entities:
        start = max(0, entity["offset"] - lead)
        end = min(size, entity["offset"] + entity["length"] - lead)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return kept, moved


def as_html(text: str, entities: list[Json]) -> str:
    """Return ``text`` with its entities as safe HTML, for showing and for snapshots."""
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for entity in in_order(entities):
        before, after = _tags(entity)
        opening.setdefault(entity["offset"], []).append(before)
        closing.setdefault(entity["offset"] + entity["length"], []).insert(0, after)
    parts: list[str] = []
    position = 0
    for character in text:
        parts += [*closing.get(position, ()), *opening.get(position, ()), html.escape(character, quote=False)]
        position += utf16_length(character)
    return "".join([*parts, *closing.get(position, ())])


def _tags(entity: Json) -> tuple[str, str]:
    if entity["type"] == "text_link":
        return f'<a href="{html.escape(entity["url"])}">', "</a>"
    return _TAGS.get(entity["type"], ("", ""))


def _overlaps(entity: Json, offset: int, length: int) -> bool:
    return int(entity["offset"]) < offset + length and offset < int(entity["offset"]) + int(entity["length"])
