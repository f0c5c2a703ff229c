"""The words of the command line and its settings: one file of this folder for each section."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

_FOLDER = Path(__file__).parent
# Plain text for a terminal: there is nothing to escape.
_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701


def console(key: str, **values: object) -> str:
    """Return a text for the terminal; raises KeyError for an unknown one.

    ``key`` is ``section.name`` or ``section.table.name``.
    """
    section, *names = key.split(".")
    found: Any = _texts(section)
    for name in names:
        found = found[name]
    return _ENVIRONMENT.from_string(found).render(values)


def table(section: str, name: str) -> dict[str, str]:
    """Return a table of texts as they are written; raises KeyError for an unknown one."""
    found: dict[str, str] = _texts(section)[name]
    return found


@cache
def _texts(section: str) -> dict[str, Any]:
    try:
        return tomllib.loads((_FOLDER / f"{section}.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise KeyError(section) from None
