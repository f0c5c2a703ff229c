"""Tables that are written area by area and read as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def merged(what: str, parts: Iterable[Mapping[_Key, _Value]]) -> dict[_Key, _Value]:
    """Return one table of all parts; raises ValueError naming ``what`` and a key that two parts define."""
    whole: dict[_Key, _Value] = {}
    for part in parts:
        for key, value in part.items():
            if key in whole:
                raise ValueError(f"{what}: {key!r} is defined by two areas")
            whole[key] = value
    return whole
