"""Checking that no case has vanished whole, and none appeared from nowhere: codes are drawn without gaps."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import Text, select, type_coerce

from bot.domain import codes
from bot.services.evidence.log import Problem, Scope, Wrong, moment
from bot.store.tables import CaseRow, RestorationRow, SerialRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.services.work import Work

Started = dict[int, "datetime | None"]
"""When the case of each number was started."""


def check_numbers(work: Work, scope: Scope) -> list[Problem]:
    """Check that every code that was drawn has its case, and every case a code that was drawn.

    A code is drawn in the transaction that starts its case, so there are no gaps, but for the jump
    that follows a restored backup.
    """
    cases = _cases(work, scope)
    restored = [(row.backup_at, row.restored_at) for row in work.session.scalars(select(RestorationRow))]
    wanted = [] if scope.office is None else [SerialRow.office_id == scope.office]
    problems: list[Problem] = []
    for serial in work.session.scalars(select(SerialRow).where(*wanted)):
        office, series = serial.office_id, codes.make(serial.abbreviation, serial.year, 0).rpartition("-")[0]
        started = cases.get((office, series), {})
        missing = _unexplained(started, serial.last, restored)
        lost = [codes.make(serial.abbreviation, serial.year, number) for number in missing]
        problems += [Problem(Wrong.CASE_MISSING, office, code) for code in lost]
        cases[office, series] = {number: at for number, at in started.items() if number > serial.last}
    surplus = [(office, f"{series}-{number:03d}") for (office, series), found in cases.items() for number in found]
    return problems + [Problem(Wrong.CASE_UNNUMBERED, *case) for case in sorted(surplus)]


def _cases(work: Work, scope: Scope) -> dict[tuple[str, str], Started]:
    columns = CaseRow.office_id, CaseRow.code, type_coerce(CaseRow.started_at, Text)
    found: dict[tuple[str, str], Started] = defaultdict(dict)
    for office, code, started in work.session.execute(select(*columns).where(*scope.conditions())):
        series, _, number = code.rpartition("-")
        found[office, series][int(number) if number.isdecimal() else 0] = moment(started)
    return found


def _unexplained(
    started: Mapping[int, datetime | None], last: int, restored: Sequence[tuple[datetime, datetime]]
) -> list[int]:
    numbers = sorted(started)
    missing = (number for number in range(1, last + 1) if number not in started)
    return [number for number in missing if not _jumped(started, numbers, number, restored)]


def _jumped(
    started: Mapping[int, datetime | None],
    numbers: Sequence[int],
    missing: int,
    restored: Sequence[tuple[datetime, datetime]],
) -> bool:
    """Whether a backup was restored between the cases before and after a missing number."""
    place = bisect(numbers, missing)
    before = started[numbers[place - 1]] if place else None
    after = started[numbers[place]] if place < len(numbers) else None
    return any(
        (before is None or before <= backup_at) and (after is None or after >= restored_at)
        for backup_at, restored_at in restored
    )
