"""The short texts: button labels, toasts, words inside sentences. They stand in ``labels.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import DictLoader, Environment, StrictUndefined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_FILE = Path(__file__).with_name("labels.toml")


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
    return tuple(_command(name) for name in _raw()["roles"][Role(role)])


def _command(name: str) -> Command:
    return Command(name, label(f"command.{name}.use"), label(f"command.{name}.about"))


@cache
def _raw() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def _labels() -> dict[str, str]:
    return dict(_flat("", _raw()))


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
