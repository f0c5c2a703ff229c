"""What argparse says by itself, in the words of the console.

Argparse asks gettext under the names ``_`` and ``ngettext`` of its own module, and takes no other catalogue:
these names are lent ours while a command line is read. What has no words of ours stays English.
"""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.console import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@contextmanager
def in_indonesian() -> Iterator[None]:
    """Let argparse speak Indonesian; parsers must be made, and used, within."""
    names: dict[str, Callable[..., str]] = {"_": _words, "ngettext": _counted}
    before = {name: getattr(argparse, name) for name in names}
    _lend(names)
    try:
        yield
    finally:
        _lend(before)


def _lend(names: Mapping[str, Callable[..., str]]) -> None:
    for name, said in names.items():
        setattr(argparse, name, said)


def _words(message: str) -> str:
    return table("cli", "argparse").get(message, message)


def _counted(one: str, many: str, count: int) -> str:
    # Indonesian has one form for any number.
    return table("cli", "argparse").get(many, one if count == 1 else many)
