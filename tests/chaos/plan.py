"""What has to come of it: drawn before anything runs, from the paper and a seed, without the bot.

A case follows the table of its SOP. Who acts how, and how often a decision goes against it, is drawn; what the log
of the case must then say follows from that alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.end_to_end.conftest import Paper, Row

_REJECT = 0.4
_MOST_REJECTIONS = 2


@dataclass(frozen=True)
class Visit:
    """One activation of a step: who is to act, and whether they send it back."""

    row: Row
    round: int
    rejects: bool
    posts: tuple[str, ...]
    """The posts whose holders act, in this order; one of several where that one settles it."""


@dataclass
class CasePlan:
    """One case from its beginning to its end."""

    paper: Paper
    title: str
    visits: list[Visit] = field(default_factory=list)

    def log(self) -> list[tuple[object, ...]]:
        """Return the events that must stand in the case's log: kind, step and what else is known beforehand."""
        events: list[tuple[object, ...]] = [("CaseStarted",)]
        for visit in self.visits:
            step = visit.row.number
            events.append(("TaskGiven", step, visit.round))
            if visit.rejects:
                events.append(("StepRejected", step, visit.row.reject_to, visit.posts[0]))
                continue
            events += [("PartDone", step, post) for post in sorted(visit.posts)]
            events.append(("StepDone", step))
        return [*events, ("CaseFinished",)]


def seeded(*key: object) -> Random:
    """Return chance that comes out the same for the same key."""
    return Random(" ".join(map(str, key)))  # noqa: S311 - to be reproduced, not to be guessed


def draw(paper: Paper, title: str, random: Random) -> CasePlan:
    """Draw a case's way through its SOP: each decision goes against it at most twice."""
    plan, place, rounds, rejections = CasePlan(paper, title), 0, Counter[int](), Counter[int]()
    numbers = [row.number for row in paper.rows]
    while place < len(paper.rows):
        row = paper.rows[place]
        rounds[row.number] += 1
        may_reject = row.decision and rejections[row.number] < _MOST_REJECTIONS
        rejects = may_reject and random.random() < _REJECT
        rejections[row.number] += rejects
        posts = list(row.posts)
        random.shuffle(posts)
        acting = tuple(posts[:1] if rejects or row.any_suffices else posts)
        plan.visits.append(Visit(row, rounds[row.number], rejects, acting))
        place = numbers.index(row.reject_to) if rejects else place + 1
    return plan
