"""How one kind of notice is made into a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.domain.notices import Notice

if TYPE_CHECKING:
    from bot.messages.view import Context, View

Builder = Callable[["View", Any], "Context | None"]


@dataclass(frozen=True, slots=True)
class Entry:
    """How one kind of notice is made: the builder reads the store, the template has the words."""

    builder: Builder
    template: str


Entries = Mapping[type[Notice], Entry]
"""The notices of one area."""
