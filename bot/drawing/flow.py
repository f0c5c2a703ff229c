"""What a swimlane table shows: plain values, already in words. Whoever draws it reads them as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a step of a case is; "" where no case is shown."""

    NONE = ""
    DONE = "done"
    NOW = "now"
    LATE = "late"
    HELD = "held"
    AHEAD = "ahead"


class Shape(StrEnum):
    """The SOP-AP symbol of a step: the first and the last are terminators unless they decide."""

    TERMINATOR = "terminator"
    PROCESS = "process"
    DECISION = "decision"


@dataclass(frozen=True, slots=True)
class FlowStep:
    """One row. ``actors`` are places in ``Flow.actors``; ``reject_to`` is the number of an earlier step.

    Of a case: ``used`` is the working time used in words, ``share`` that time over the budget (1.0 is all of it),
    ``who`` acted or has it, ``round`` counts its activations from 1.
    """

    number: int
    activity: str
    actors: tuple[int, ...]
    shape: Shape
    requirements: tuple[str, ...]
    waktu: str
    outputs: tuple[str, ...]
    remarks: tuple[str, ...]
    reject_to: int | None = None
    any_suffices: bool = False
    unconfirmed: bool = False
    state: State = State.NONE
    used: str = ""
    share: float | None = None
    who: str = ""
    round: int = 1


@dataclass(frozen=True, slots=True)
class Flow:
    """A header block of (what, value) pairs, the actors' names in columns, the steps, and every word of the sheet.

    ``words`` are the sheet's own texts by key (labels of columns, legend …): templates hold none of them.
    """

    title: str
    office: str
    header: tuple[tuple[str, str], ...]
    actors: tuple[str, ...]
    steps: tuple[FlowStep, ...]
    words: dict[str, str]
    case: str = ""
    caption: str = ""
