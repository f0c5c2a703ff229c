"""The short texts: button labels, toasts, words inside sentences. They stand in this folder, one file for each area.

Each value is a Jinja template for plain text; longer texts stand in ``templates/``. Files may add to the same table,
but a key belongs to one of them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import DictLoader, Environment, StrictUndefined

from bot.merging import merged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FOLDER = Path(__file__).parent


class Role(StrEnum):
    """Whose list of commands is meant."""

    STRANGER = "stranger"
    MEMBER = "member"
    SECRETARIAT = "sekretariat"


@dataclass(frozen=True, slots=True)
class Command:
    """A command as it is listed: ``name`` without the slash, ``use`` with its arguments."""

    name: str
    use: str
    about: str


def label(key: str, **values: object) -> str:
    """Return a short plain text (not escaped); raises KeyError for an unknown key."""
    if key not in _labels():
        raise KeyError(key)
    return _environment().get_template(key).render(values)


def join(items: Sequence[str]) -> str:
    """Return an enumeration in words; empty for no items."""
    return label("list.and", items=items) if items else ""


def command_list(role: Role | str) -> tuple[Command, ...]:
    """Return the commands of a role in the order they are listed; raises ValueError for no role."""
    return tuple(_command(name) for name in _roles()[Role(role)])


def _command(name: str) -> Command:
    return Command(name, label(f"command.{name}.use"), label(f"command.{name}.about"))


@cache
def _files() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(file.read_text(encoding="utf-8")) for file in sorted(_FOLDER.glob("*.toml")))


@cache
def _roles() -> dict[str, list[str]]:
    return merged("roles", (file.get("roles", {}) for file in _files()))


@cache
def _labels() -> dict[str, str]:
    return merged("labels", (dict(_flat("", file)) for file in _files()))


@cache
def _environment() -> Environment:
    # Labels are plain text: whoever puts one into HTML escapes it there.
    return Environment(loader=DictLoader(_labels()), undefined=StrictUndefined, autoescape=False)  # noqa: S701


def _flat(prefix: str, table: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        elif isinstance(value, str):
            yield prefix + key, value
