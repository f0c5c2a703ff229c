"""Notices: pictures of a SOP and of a case, as the swimlane table that officials know."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = ["CasePicture", "SopPicture"]


@dataclass(frozen=True, slots=True)
class SopPicture(Notice):
    """A SOP's table. ``shape``: ``tall`` for phones, ``wide`` as it is printed, or ``pdf``."""

    sop_id: str
    shape: str = "tall"


@dataclass(frozen=True, slots=True)
class CasePicture(Notice):
    """The table of a case's SOP with how far it is when it is sent. ``shape`` as of SopPicture."""

    case_id: int
    shape: str = "tall"
