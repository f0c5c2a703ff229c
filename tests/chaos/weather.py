"""Telegram's bad days: faults ordered at random while people act."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.chaos.office import Scene

_METHODS = (*["sendMessage"] * 5, *["editMessageText"] * 2, "answerCallbackQuery", "getUpdates")
_FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("status", {"status": 500}),
    ("status", {"status": 502}),
    ("retry_after", {"seconds": 1}),
    ("drop", {}),
    ("lose", {}),
    ("delay", {"seconds": 1.0}),
)


class Weather:
    """Orders a fault now and then; called at every look of the crowd."""

    def __init__(self, scene: Scene, random: Random, *, chance: float) -> None:
        """Take the server; ``chance`` is that of a fault at a look."""
        self._server = scene.server
        self._random = random
        self._chance = chance
        self._ordered = 0
        self._at_the_end = 0

    def __call__(self) -> None:
        """Perhaps order a fault, one at a time: many for one message in a row are an outage, which others test."""
        self._at_the_end = len(self._server.telegram.faults.waiting)
        if not self._at_the_end and self._random.random() < self._chance:
            kind, details = self._random.choice(_FAULTS)
            self._server.fault(kind, method=self._random.choice(_METHODS), **details)
            self._ordered += 1

    def survived(self) -> int:
        """Return how many have struck."""
        return self._ordered - self._at_the_end
