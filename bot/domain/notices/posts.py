"""Notices: posts over time: who stands in, who hands over, who holds what until when."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "StrategicOnly",
]


@dataclass(frozen=True, slots=True)
class StrategicOnly(Notice):
    """The step is for the definitive holder alone; who that is, and why."""

    task_id: int
