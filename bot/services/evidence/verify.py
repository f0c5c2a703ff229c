"""Checking everything there is to check, a page at a time: the database may be large, and in use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.services.evidence.cases import check_cases, check_definition, check_orphans
from bot.services.evidence.digests import Told, check_digest
from bot.services.evidence.log import Problem, Scope
from bot.services.evidence.numbers import check_numbers

if TYPE_CHECKING:
    from bot.services.work import Runner


@dataclass(slots=True)
class Tally:
    """How much has been checked."""

    cases: int = 0
    events: int = 0
    digests: int = 0


def verify(runner: Runner, scope: Scope, tally: Tally) -> Iterator[Problem]:
    """Yield what is wrong, at most one problem of each case's log; counts in ``tally`` what was checked."""
    told = Told()
    for problem in _numbers(runner, scope):
        told.reported.add((problem.office, problem.code))
        yield problem
    for problem in _cases(runner, scope, tally):
        told.reported.add((problem.office, problem.code))
        yield problem
    last: int | None = 0
    while last is not None:
        last, problems = runner.run_now(check_digest, scope, last, told)
        yield from problems
        tally.digests += last is not None


def _numbers(runner: Runner, scope: Scope) -> list[Problem]:
    if scope.codes:
        return []
    orphans = runner.run_now(check_orphans) if scope.office is None else []
    return runner.run_now(check_numbers, scope) + orphans


def _cases(runner: Runner, scope: Scope, tally: Tally) -> Iterator[Problem]:
    seen: set[int] = set()
    last: int | None = 0
    while last is not None:
        page = runner.run_now(check_cases, scope, last)
        for version_id in page.versions - seen:
            yield from runner.run_now(check_definition, version_id)
        seen |= page.versions
        yield from page.problems
        tally.cases += page.cases
        tally.events += page.events
        last = page.last
