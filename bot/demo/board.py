"""The live board in the demo: served beside the page, for the people of the local server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from bot.demo.page.problems import PageProblem
from bot.demo.telegram import apps
from bot.demo.telegram.people import ImpossibleForAPersonError
from bot.demo.telegram.server import DEMO_TOKEN
from bot.web.board import LiveBoard, Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.routing import BaseRoute

    from bot.demo.stage import Stage
    from bot.demo.telegram.state import Telegram
    from bot.services.work import Work

P = ParamSpec("P")
T = TypeVar("T")

_PACE = Pace(gap=0.3, tick=1.0)
"""Quicker than outside: its clock may run six hundred times as fast."""


class _OfStage:
    """Looks at whatever stands on the stage now: after a reset that is another database."""

    def __init__(self, stage: Callable[[], Stage]) -> None:
        self._stage = stage

    async def look(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case as ``Runner.look`` does; raises OSError while there is nothing to look at."""
        try:
            return await self._stage().runner.look(use_case, *args, **kwargs)
        except (PageProblem, RuntimeError):  # not open yet, or just being set anew
            raise OSError("the stage is being set") from None


def board_routes(stage: Callable[[], Stage]) -> Sequence[BaseRoute]:
    """Return the board's routes over whatever ``stage`` gives out; the demo's own page may frame them."""
    return LiveBoard(_OfStage(stage), DEMO_TOKEN, framed_by=("'self'",), pace=_PACE).routes()


def open_board(telegram: Telegram, person: int, url: str) -> str | None:
    """Return what Telegram would open for somebody's menu button, or for a button with ``url``; None for no app."""
    user = telegram.users.get(person)
    try:
        return apps.open_app(telegram, user, url) if user else None
    except ImpossibleForAPersonError:
        return None
