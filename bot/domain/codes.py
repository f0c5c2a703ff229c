"""Case codes such as ``PK-2026-001``: how they are written and recognised."""

from __future__ import annotations

import re

# Phones turn a hyphen into a dash; in a hurry it becomes an underscore.
_SHAPE = re.compile("([A-Za-z][A-Za-z0-9]{0,11})[-_\u2010-\u2015]([0-9]{4})[-_\u2010-\u2015]([0-9]{1,6})")
_AROUND = ".,;:!?()[]\"'\u2018\u2019\u201c\u201d"
ABBREVIATION = re.compile(r"[A-Z][A-Z0-9]{0,11}")
"""The form of a SOP's abbreviation (``singkatan``): it opens every code of its cases."""


def make(abbreviation: str, year: int, serial: int) -> str:
    """Return the code of the ``serial``-th case (1-based) of an abbreviation in a year."""
    return f"{abbreviation}-{year:04d}-{serial:03d}"


def normalise(word: str) -> str | None:
    """Return the code a word is shaped like, or None for any other text.

    Lower case, dashes, a number without its zeros and punctuation around it are forgiven: a code typed
    in haste should not be taken for a remark on whatever task happens to be open.
    """
    match = _SHAPE.fullmatch(word.strip(_AROUND))
    return make(match[1].upper(), int(match[2]), int(match[3])) if match else None
