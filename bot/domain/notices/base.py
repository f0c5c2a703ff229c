"""The base of everything the bot says."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Notice:
    """Base of everything the bot says."""

    def to_data(self) -> dict[str, Any]:
        """Return the fields as JSON values."""
        return asdict(self)
