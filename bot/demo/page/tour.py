"""The guided tour (stub: idle)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.demo.page.director import Director, Rest
    from bot.demo.telegram.entities import Json


class Tour:
    """Plays the story of a SOP by itself."""

    def __init__(self, director: Director, pauses: Rest) -> None:
        self._director = director
        self._pauses = pauses

    def view(self, sop_id: str) -> Json:
        return {"state": "idle", "step": 0, "of": 0, "caption": "", "person": None}

    def taken_over(self) -> None:
        return

    def stop(self) -> None:
        return

    def forget(self) -> None:
        return

    async def start(self, sop_id: str) -> None:
        return

    async def next(self, sop_id: str) -> None:
        return
