"""The words of the demo that stand in no template; they come from ``words.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path


def word(key: str, **values: object) -> str:
    """Return a text, ``key`` being ``section.name``; raises KeyError for an unknown one."""
    section, _, name = key.partition(".")
    return _texts()[section][name].format(**values)


def table(section: str) -> dict[str, str]:
    """Return the texts of a section as they stand in the file, empty where there is none."""
    return _texts().get(section, {})


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
