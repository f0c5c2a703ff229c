"""The demo as ``sop-bot demo`` runs it, but on a clock that moves only when it is told to, and with no long pauses."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.demo.board import open_board
from bot.demo.clock import SteppedClock
from bot.demo.page import Page
from bot.demo.play import OPENING
from bot.demo.serve import BESIDE
from bot.demo.stage import Stage
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_TIMES_FASTER = 20


async def hurried(seconds: float) -> float:
    """Let a tour go on as if its pauses had passed: nobody reads along."""
    await asyncio.sleep(seconds / _TIMES_FASTER)
    return seconds


@contextmanager
def running(sop_dir: Path, sop: str | None = None) -> Iterator[Stage]:
    """Run the demo over the SOPs of a folder, page and board; it opens with ``sop``, or the first one."""
    page = Page(open_app=open_board, pauses=hurried)
    routes = [*page.routes(), *(route for beside in BESIDE for route in beside(page.stage))]
    settings = Settings(_env_file=None, bot_token=None, sop_dir=sop_dir)
    with Stage(settings, SteppedClock(OPENING), routes=routes, board=True) as stage:
        page.open(stage, sop)
        yield stage
