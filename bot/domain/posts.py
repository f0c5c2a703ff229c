"""Posts and who holds them: dated periods, decided at the moment of acting."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
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
    """One person's dated period on one post; ``until`` is exclusive, None while it lasts.

    ``number`` is its own id, where it has one; a Plh ``stands_for`` the number of whoever is absent.
    """

    person: PersonId
    post: PostId
    since: datetime
    until: datetime | None = None
    kind: HoldingKind = HoldingKind.DEFINITIVE
    number: int | None = None
    stands_for: int | None = None

    def covers(self, at: datetime) -> bool:
        """Whether the period includes the moment."""
        return self.since <= at and (self.until is None or at < self.until)

    def meets(self, other: Holding) -> bool:
        """Whether some moment belongs to both periods."""
        starts_in_time = other.until is None or self.since < other.until
        return starts_in_time and (self.until is None or other.since < self.until) and not (self.empty or other.empty)

    @property
    def empty(self) -> bool:
        """Whether the period has no moment at all: it was taken back before it began."""
        return self.until is not None and self.until <= self.since


class Fault(StrEnum):
    """Why somebody cannot stand in as was wished."""

    BACKWARD = "backward"  # it ends before it begins
    PAST = "past"  # it begins before now
    ENDLESS = "endless"  # a Plh without an end
    NOBODY_ABSENT = "nobody_absent"  # no definitive holder to stand in for, all the time
    NOT_VACANT = "not_vacant"  # a Plt, but the post has a definitive holder then
    SELF = "self"  # the stand-in is who is absent
    HOLDS_IT = "holds_it"  # the stand-in holds that very post anyway
    OVERLAP = "overlap"  # somebody stands in there already
    STANDIN_ABSENT = "standin_absent"  # the stand-in is away then, and somebody stands in for them
    ABSENT_STANDS_IN = "absent_stands_in"  # who is absent is a Plh or Plt of another post then


@dataclass(eq=False)
class StandinRefusedError(DomainError):
    """Somebody cannot stand in so; ``other`` is the holding in the way, if one is."""

    fault: Fault
    other: Holding | None = None


def holders(holdings: Iterable[Holding], post: PostId, at: datetime) -> tuple[PersonId, ...]:
    """Return the people who hold ``post`` at ``at``, each once, in the order given."""
    people = (h.person for h in holdings if h.post == post and h.covers(at))
    return tuple(dict.fromkeys(people))


def at_it(people: Collection[PersonId], claimer: PersonId | None) -> frozenset[PersonId]:
    """Return who of a post's holders is at a task: whoever has claimed it, while they may act for the post."""
    return frozenset({claimer} if claimer is not None and claimer in people else people)


def check_standin(existing: Iterable[Holding], new: Holding, at: datetime) -> None:
    """Raise StandinRefusedError unless ``new``, a Plh or Plt, may be set at ``at``.

    ``existing`` are an office's holdings, past ones included. At no moment is anybody both absent and a stand-in:
    so there is no chain of stand-ins, and no cycle.
    """
    _check_period(new, at)
    others = [holding for holding in existing if holding.meets(new)]
    if new.kind is HoldingKind.STANDIN:
        _check_absent(others, new)
    else:
        _check_vacant(others, new)
    _check_free(others, new)


def _check_period(new: Holding, at: datetime) -> None:
    if new.empty:
        raise StandinRefusedError(Fault.BACKWARD)
    if new.since < at:
        raise StandinRefusedError(Fault.PAST)
    if new.until is None and new.kind is HoldingKind.STANDIN:
        raise StandinRefusedError(Fault.ENDLESS)


def _check_absent(others: list[Holding], new: Holding) -> None:
    absent = _first(h for h in others if h.number == new.stands_for and h.kind is HoldingKind.DEFINITIVE)
    if absent is None or not _spans(absent, new) or absent.post != new.post:
        raise StandinRefusedError(Fault.NOBODY_ABSENT)
    if absent.person == new.person:
        raise StandinRefusedError(Fault.SELF)
    _refuse(Fault.OVERLAP, (h for h in others if h.stands_for == new.stands_for))
    _refuse(
        Fault.ABSENT_STANDS_IN,
        (h for h in others if h.person == absent.person and h.kind is not HoldingKind.DEFINITIVE),
    )


def _check_vacant(others: list[Holding], new: Holding) -> None:
    on_post = [h for h in others if h.post == new.post]
    _refuse(Fault.NOT_VACANT, (h for h in on_post if h.kind is HoldingKind.DEFINITIVE))
    _refuse(Fault.OVERLAP, iter(on_post))


def _check_free(others: list[Holding], new: Holding) -> None:
    """Refuse a stand-in who holds the post anyway, or who is absent themselves."""
    _refuse(Fault.HOLDS_IT, (h for h in others if (h.person, h.post) == (new.person, new.post)))
    mine = {h.number for h in others if h.person == new.person} - {None}
    _refuse(Fault.STANDIN_ABSENT, (h for h in others if h.stands_for in mine))


def _spans(outer: Holding, inner: Holding) -> bool:
    if inner.since < outer.since:
        return False
    return outer.until is None or (inner.until is not None and inner.until <= outer.until)


def _refuse(fault: Fault, found: Iterable[Holding]) -> None:
    other = _first(found)
    if other is not None:
        raise StandinRefusedError(fault, other)


def _first(found: Iterable[Holding]) -> Holding | None:
    return next(iter(found), None)
