"""Pieces of the messages about a file: what stands in it, what was meant, and the file's own name."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_QUOTED = 40
_LISTED = 40
_COMPARED = 100  # comparing takes time, and a hostile file can name thousands of posts


def visible(text: str) -> str:
    """Return a text in which what no one could see stands as its code: ``<U+200B>``."""
    return "".join(letter if letter.isprintable() else f"<U+{ord(letter):04X}>" for letter in text)


def shown(text: str) -> str:
    """Return a piece of the file fit for a message: one line, quoted, not too long."""
    line = visible(" ".join(text.split()))
    return f"'{line if len(line) <= _QUOTED else line[: _QUOTED - 1] + '…'}'"


def advice(word: str, known: Collection[str]) -> str:
    """Return what the author may have meant: a close known word, else the known ones."""
    names = [shown(name)[1:-1] for name in islice(known, _COMPARED)]
    close = get_close_matches(word, names, n=1) if len(word) <= _QUOTED else []
    if close:
        return f"mungkin maksudnya '{close[0]}'"
    return f"yang dikenal: {', '.join(names[:_LISTED])}{', …' if len(known) > _LISTED else ''}"


def file_name(path: Path) -> str:
    """Return a path as text that every terminal and JSON can hold, on one line."""
    return visible(str(path))
