"""Notices: secret cases."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = ["CaseSealed", "SecretWithheld"]


@dataclass(frozen=True, slots=True)
class CaseSealed(Notice):
    """Answer to whoever made a case secret: what is withheld from now on, and what is not."""

    case_id: int


@dataclass(frozen=True, slots=True)
class SecretWithheld(Notice):
    """Notes and files of a secret case are not taken; where they go instead."""

    case_id: int
