"""Posts and who holds them: dated periods, decided at the moment of acting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.events import PersonId
    from bot.domain.sop import PostId

SECRETARIAT = "sekretariat"
"""The reserved post id of the office's monitors; no SOP file may define it."""


class HoldingKind(StrEnum):
    """How a post is held (UU 30/2014 Pasal 14 on Plt and Plh)."""

    DEFINITIVE = "definitive"
    ACTING = "acting"  # Plt: the post is vacant
    STANDIN = "standin"  # Plh: the holder is absent


@dataclass(frozen=True, slots=True)
class Holding:
    """One person's dated period on one post; ``until`` is exclusive, None while it lasts."""

    person: PersonId
    post: PostId
    since: datetime
    until: datetime | None = None
    kind: HoldingKind = HoldingKind.DEFINITIVE

    def covers(self, at: datetime) -> bool:
        """Whether the period includes the moment."""
        return self.since <= at and (self.until is None or at < self.until)


def holders(holdings: Iterable[Holding], post: PostId, at: datetime) -> tuple[PersonId, ...]:
    """Return the people who hold ``post`` at ``at``, each once, in the order given."""
    people = (h.person for h in holdings if h.post == post and h.covers(at))
    return tuple(dict.fromkeys(people))
