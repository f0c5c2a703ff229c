"""What a swimlane table shows: plain values, already in words. Whoever draws it reads them as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a step of a case is."""

    DONE = "done"
    NOW = "now"
    LATE = "late"  # running, its waktu used up
    HELD = "held"
    AHEAD = "ahead"


class Shape(StrEnum):
    """The SOP-AP symbol of a step: the first and the last are terminators unless they decide."""

    TERMINATOR = "terminator"
    PROCESS = "process"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class StepProgress:
    """What has become of one step in a case, in its newest round (``round`` counts its activations from 1).

    ``used`` is the working time used in words, ``share`` that time over the waktu (1.0 is all of it; None where it
    cannot be told), ``who`` acted or has it, ``note`` one line more: until when, or why not.
    """

    state: State
    used: str = ""
    share: float | None = None
    who: str = ""
    round: int = 1
    note: str = ""


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One row. ``actors`` are places in ``Flow.actors``; ``reject_to`` is the number of an earlier step.

    ``unconfirmed`` names what the office has yet to confirm; ``progress`` is None where no case is shown.
    """

    number: int
    activity: str
    actors: tuple[int, ...]
    shape: Shape
    requirements: tuple[str, ...]
    waktu: str
    outputs: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    reject_to: int | None = None
    any_suffices: bool = False
    unconfirmed: tuple[str, ...] = ()
    progress: StepProgress | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """The block above the table; what the document leaves open is "" and stays open to be filled in by hand."""

    office: str
    name: str
    number: str = ""
    made: str = ""
    revised: str = ""
    effective: str = ""
    approved_by: str = ""


@dataclass(frozen=True, slots=True)
class CaseHead:
    """Whose progress is shown: a case's code and title ("" where it is withheld), and how it stands as of when."""

    code: str
    title: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A heading, the actors' names in columns, and the steps; ``case`` is None for a definition.

    The fixed words of the form (labels of columns, legend …) stand in the template.
    """

    heading: Heading
    actors: tuple[str, ...]
    steps: tuple[FlowStep, ...]
    case: CaseHead | None = None
