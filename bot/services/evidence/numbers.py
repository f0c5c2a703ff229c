"""Checking that no case has vanished whole, and none appeared from nowhere: codes are drawn without gaps."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Integer, Text, cast, literal, null, select, union_all

from bot.domain import codes
from bot.services.evidence.log import Problem, Scope, Wrong
from bot.store.chains import parsed
from bot.store.tables import CaseRow, RestorationRow, SerialRow

if TYPE_CHECKING:
    from bot.services.work import Work

Series = tuple[str, str, int]
"""An office's id, an abbreviation and a year."""


def check_numbers(work: Work, scope: Scope) -> list[Problem]:
    """Check that every code that was drawn has its case, and every case a code that was drawn.

    A code is drawn in the transaction that starts its case, so there are no gaps, but for the jumps
    that restored backups have made, which are written down.
    """
    cases, drawn = _cases_and_serials(work, scope)
    jumps = _jumps(work)
    problems: list[Problem] = []
    for (office, abbreviation, year), last in drawn.items():
        series = codes.make(abbreviation, year, 0).rpartition("-")[0]
        there = cases.get((office, series), set())
        left_out = jumps[office, abbreviation, year]
        missing = (number for number in range(1, last + 1) if number not in there)
        lost = [number for number in missing if not any(number in jump for jump in left_out)]
        problems += [Problem(Wrong.CASE_MISSING, office, codes.make(abbreviation, year, number)) for number in lost]
        cases[office, series] = {number for number in there if number > last}
    surplus = [(office, f"{series}-{number:03d}") for (office, series), found in cases.items() for number in found]
    return problems + [Problem(Wrong.CASE_UNNUMBERED, *case) for case in sorted(surplus)]


def _cases_and_serials(work: Work, scope: Scope) -> tuple[dict[tuple[str, str], set[int]], dict[Series, int]]:
    """Return the numbers of the cases by series, and the last one drawn; by one statement.

    In two, a case that is started between them would have a number and no row.
    """
    unused = cast(null(), Integer)
    cases = select(literal("case"), CaseRow.office_id, CaseRow.code, unused, unused).where(*scope.conditions())
    serials = select(literal("serial"), SerialRow.office_id, SerialRow.abbreviation, SerialRow.year, SerialRow.last)
    if scope.office is not None:
        serials = serials.where(SerialRow.office_id == scope.office)
    numbers: dict[tuple[str, str], set[int]] = defaultdict(set)
    drawn: dict[Series, int] = {}
    for what, office, name, year, last in work.session.execute(union_all(cases, serials)):
        if what == "serial":
            drawn[office, name, year] = last
            continue
        series, _, number = name.rpartition("-")
        numbers[office, series].add(int(number) if number.isdecimal() else 0)
    return numbers, drawn


def _jumps(work: Work) -> dict[Series, list[range]]:
    """Return the numbers that were left out on purpose, as ``restoration`` has them."""
    found: dict[Series, list[range]] = defaultdict(list)
    for stored in work.session.scalars(select(cast(RestorationRow.jumps, Text))):
        jumps = parsed(stored)
        for jump in jumps if isinstance(jumps, list) else ():
            try:
                series = jump["office"], jump["abbreviation"], jump["year"]
                found[series].append(range(jump["from"] + 1, jump["to"] + 1))
            except (LookupError, TypeError):
                continue  # it explains nothing
    return found
