"""The words of the command line and its settings; they stand in ``console.toml``."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined

# Plain text for a terminal: there is nothing to escape.
_ENVIRONMENT = Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701


def console(key: str, **values: object) -> str:
    """Return a text for the terminal, ``key`` being ``section.name``; raises KeyError for an unknown one."""
    section, _, name = key.partition(".")
    return _ENVIRONMENT.from_string(_texts()[section][name]).render(values)


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads(Path(__file__).with_name("console.toml").read_text(encoding="utf-8"))
