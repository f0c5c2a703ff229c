"""What the board needs of the store: to look, nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Concatenate, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.services.work import Work

P = ParamSpec("P")
T = TypeVar("T")


class Looker(Protocol):
    """A bot.services.work.Runner, or what stands for one."""

    async def look(self, use_case: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use case that only reads, and return its result."""
