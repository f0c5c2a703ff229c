"""A SOP definition as the office's document states it: posts, steps, budgets, decisions."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.domain.budget import Budget
from bot.domain.errors import UnknownStep

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.domain.reminders import Ladder

PostId = str
"""A post's id inside its office, such as ``kepala_dinas``. A post is (office, id), never a person."""
OfficeId = str
SopId = str


class Zone(StrEnum):
    """The three Indonesian time zones, by the names printed on documents (Keppres 41/1987)."""

    WIB = "WIB"
    WITA = "WITA"
    WIT = "WIT"

    @property
    def iana(self) -> str:
        """The IANA name of the zone."""
        return _IANA[self]


_IANA = {Zone.WIB: "Asia/Jakarta", Zone.WITA: "Asia/Makassar", Zone.WIT: "Asia/Jayapura"}


class Completion(StrEnum):
    """When a step with several posts is done."""

    ALL = "all"  # every post has reported
    ANY = "any"  # the first report ends it


class Field(StrEnum):
    """A field of a definition that can be inferred (``perkiraan``) or repaired (``teks_asli``)."""

    OFFICE = "office"
    OFFICE_NAME = "office_name"
    ZONE = "zone"
    NAME = "name"
    APPROVED_BY = "approved_by"
    SUPERIOR = "superior"
    ACTIVITY = "activity"
    POSTS = "posts"
    COMPLETION = "completion"
    REQUIREMENTS = "requirements"
    BUDGET = "budget"
    OUTPUTS = "outputs"
    DECISION = "decision"
    REJECT_TO = "reject_to"
    RELATED = "related"
    LEGAL_BASIS = "legal_basis"
    QUALIFICATIONS = "qualifications"
    EQUIPMENT = "equipment"
    WARNINGS = "warnings"
    RECORDS = "records"
    REMEDIES = "remedies"
    NUMBER = "number"
    DATES = "dates"


@dataclass(frozen=True, slots=True)
class Reading:
    """How sure the reading of one block of the document is.

    ``unconfirmed`` names inferred fields that the office has to confirm, ``original`` keeps the
    document's (OCR) text where a value was repaired, ``note`` says why.
    """

    unconfirmed: tuple[Field, ...] = ()
    original: Mapping[Field, str] = field(default_factory=dict)
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Office:
    """An office (OPD) with its zone."""

    id: OfficeId
    name: str
    zone: Zone
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True)
class Post:
    """A post (jabatan) of an office. ``superior`` is the post its lateness is escalated to."""

    id: PostId
    name: str
    superior: PostId | None = None
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the SOP table. ``number`` is as printed; numbers ascend but may skip.

    A ``strategic`` step is for the definitive holder alone: neither Plh nor Plt may decide or act on what
    is strategic and changes legal status (UU 30/2014 Pasal 14 ayat 7).
    """

    number: int
    activity: str
    posts: tuple[PostId, ...]
    budget: Budget
    completion: Completion = Completion.ALL
    requirements: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    decision: bool = False
    reject_to: int | None = None
    related: str | None = None
    strategic: bool = False
    reading: Reading = Reading()


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates in the document's heading, where it prints them."""

    made: date | None = None
    revised: date | None = None
    approved: date | None = None
    effective: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sop:
    """A whole SOP document. Steps stand in document order; exactly one post has no superior.

    Of the cases of a ``secret`` one (rahasia), Telegram gets the code only.
    """

    id: SopId
    name: str
    abbreviation: str
    office: Office
    posts: tuple[Post, ...]
    steps: tuple[Step, ...]
    number: str | None = None
    dates: Dates = Dates()
    approved_by: str | None = None
    legal_basis: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    equipment: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    remedies: tuple[str, ...] = ()
    ladder: Ladder | None = None
    source: str | None = None
    secret: bool = False
    reading: Reading = Reading()

    @property
    def first(self) -> Step:
        """The step a case begins with."""
        return self.steps[0]

    @property
    def head(self) -> Post:
        """The head of the office: the post without a superior."""
        return next(post for post in self.posts if post.superior is None)

    @property
    def needs_confirmation(self) -> bool:
        """Whether any reading in it is inferred and not yet confirmed by the office."""
        blocks = [self.reading, self.office.reading]
        blocks += [post.reading for post in self.posts]
        blocks += [step.reading for step in self.steps]
        return any(block.unconfirmed for block in blocks)

    def step(self, number: int) -> Step:
        """Return the step printed as ``number``; raises UnknownStep."""
        return self.steps[self.position(number)]

    def post(self, post_id: PostId) -> Post:
        """Return the post with this id; raises KeyError where the definition was not checked."""
        for post in self.posts:
            if post.id == post_id:
                return post
        raise KeyError(post_id)

    def position(self, number: int) -> int:
        """Return the 0-based place of a step in document order; raises UnknownStep."""
        for index, step in enumerate(self.steps):
            if step.number == number:
                return index
        raise UnknownStep(sop=self.id, number=number)

    def next_after(self, number: int) -> Step | None:
        """Return the step after ``number``, or None when it is the last."""
        index = self.position(number) + 1
        return self.steps[index] if index < len(self.steps) else None

    def reject_target(self, number: int) -> Step | None:
        """Return where a rejection of step ``number`` leads, or None on the first step.

        The step's own ``reject_to``, else the step before it.
        """
        index = self.position(number)
        if index == 0:
            return None
        target = self.steps[index].reject_to
        return self.steps[index - 1] if target is None else self.step(target)

    def missable(self, number: int) -> tuple[str, ...]:
        """Return what a rejection of step ``number`` can name as missing: its kelengkapan, else what it was to get."""
        step, target = self.step(number), self.reject_target(number)
        return step.requirements or (target.outputs if target else ())
