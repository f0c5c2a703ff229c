"""Notices: posts over time: who stands in, who hands over, who holds what until when."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = [
    "AskFirstDay",
    "AskLastDay",
    "AskLetter",
    "ChooseAbsent",
    "ChooseMove",
    "ChooseStandin",
    "ChooseSuccessor",
    "ClaimTold",
    "ConfirmMove",
    "ConfirmStandin",
    "DayUnclear",
    "Handover",
    "InviteFirst",
    "NobodyToStandIn",
    "PostMoved",
    "StandinBegan",
    "StandinEnded",
    "StandinRefused",
    "StandinSet",
    "StrategicOnly",
]


@dataclass(frozen=True, slots=True)
class StrategicOnly(Notice):
    """The step is for the definitive holder alone; who that is, and why."""

    task_id: int


# --- Plh and Plt ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChooseAbsent(Notice):
    """Who is absent, or which vacant post is it? One button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseStandin(Notice):
    """Who stands in? One button each, and one for somebody new."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskFirstDay(Notice):
    """From which day on? A button or my next text."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskLastDay(Notice):
    """To which day, included? A button or my next text."""

    question_id: int


@dataclass(frozen=True, slots=True)
class AskLetter(Notice):
    """Number and date of the surat tugas? My next text, or the button that goes on without."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ConfirmStandin(Notice):
    """Really set this Plh or Plt? Two buttons."""

    question_id: int


@dataclass(frozen=True, slots=True)
class InviteFirst(Notice):
    """Somebody new is invited first: how."""


@dataclass(frozen=True, slots=True)
class NobodyToStandIn(Notice):
    """There is nobody else in the office."""

    office_id: str


@dataclass(frozen=True, slots=True)
class DayUnclear(Notice):
    """The text is no day; how to write one. The question stays open."""


@dataclass(frozen=True, slots=True)
class StandinRefused(Notice):
    """Why somebody cannot stand in so, and what to do. ``why`` is a Fault or ``unreachable``.

    ``holding_id`` is the holding in the way, ``person_id`` who was to stand in; 0 where there is none.
    """

    why: str
    holding_id: int = 0
    person_id: int = 0


@dataclass(frozen=True, slots=True)
class StandinSet(Notice):
    """To whoever set it, the stand-in, who is absent and the sekretariat: who stands in for whom, when."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class StandinBegan(Notice):
    """To the stand-in and who is absent, once: it has begun, and which open tasks have moved."""

    holding_id: int


@dataclass(frozen=True, slots=True)
class StandinEnded(Notice):
    """To the stand-in and who was absent, once: it is over, and which open tasks are back."""

    holding_id: int


# --- moving a post ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ChooseMove(Notice):
    """Which post of whom moves? One button each."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ChooseSuccessor(Notice):
    """Who takes it? One button each, and one that invites somebody new."""

    question_id: int


@dataclass(frozen=True, slots=True)
class ConfirmMove(Notice):
    """Really move the post? Two buttons."""

    question_id: int


@dataclass(frozen=True, slots=True)
class Handover(Notice):
    """To the former and the new holder: the post has moved, with the open tasks that go with it."""

    former_id: int
    holding_id: int


@dataclass(frozen=True, slots=True)
class PostMoved(Notice):
    """To the sekretariat: a post has moved from one person to another. Both are holdings."""

    former_id: int
    holding_id: int


# --- several holders of one post ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ClaimTold(Notice):
    """Answer to *Ambil* and *Lepas*: who has the task now."""

    task_id: int
