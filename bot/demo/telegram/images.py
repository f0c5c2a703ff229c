"""How large a picture is, and which pictures Telegram takes as photos."""

from __future__ import annotations

from typing import NamedTuple

MAX_SIDES = 10_000
MAX_RATIO = 20
_PNG, _HEADER = b"\x89PNG\r\n\x1a\n", b"IHDR"
_JPEG = b"\xff\xd8"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})  # markers with nothing behind them


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int


UNKNOWN = Size(800, 600)
"""What is shown of a photo from a phone of the tests, whose content is no picture."""


def size_of(content: bytes) -> Size | None:
    """Return the size of a PNG or JPEG, None for anything else."""
    if content.startswith(_PNG) and content[12:16] == _HEADER and len(content) >= 24:  # noqa: PLR2004 - PNG's header
        return _whole(Size(int.from_bytes(content[16:20]), int.from_bytes(content[20:24])))
    return _jpeg(content) if content.startswith(_JPEG) else None


def is_photo(size: Size) -> bool:
    """Whether Telegram takes a picture of this size as a photo."""
    return sum(size) <= MAX_SIDES and max(size) <= MAX_RATIO * min(size)


def _jpeg(content: bytes) -> Size | None:
    """Walk through the segments up to the one that begins the frame."""
    at = len(_JPEG)
    while at + 9 <= len(content) and content[at] == 0xFF:  # noqa: PLR2004 - a JPEG marker's first byte
        marker = content[at + 1]
        if marker in _FRAMES:
            return _whole(Size(int.from_bytes(content[at + 7 : at + 9]), int.from_bytes(content[at + 5 : at + 7])))
        at += 2 if marker in _ALONE else 2 + max(2, int.from_bytes(content[at + 2 : at + 4]))
    return None


def _whole(size: Size) -> Size | None:
    return size if min(size) > 0 else None
