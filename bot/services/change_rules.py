"""Use case: change what an office has set. What it means is shown first; it applies to what is true by then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.errors import DomainError
from bot.domain.notices import DeadlinesEarlier, SettingsChanged
from bot.domain.office_rules import (
    Fault,
    OfficeRules,
    RuleProblem,
    check_rules,
    next_speaking,
    patched,
    rules_to_dict,
)
from bot.services.auditor.calendars import note_calendar
from bot.services.moving_deadlines import Comparison, Move, follow, hold_office, moves_under
from bot.services.office_rules import read_anew, setting_of
from bot.services.outbox import tell
from bot.store import queries
from bot.store.tables import OfficeSettingRow, PersonRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from bot.domain.sop import OfficeId
    from bot.services.work import Work


class RulesRefusedError(Exception):
    """The rules cannot be; ``problems`` says why."""

    def __init__(self, problems: Sequence[RuleProblem]) -> None:
        """Carry all of them."""
        super().__init__(problems)
        self.problems = tuple(problems)


class RulesMovedOnError(Exception):
    """Somebody else has changed the office's rules since they were shown."""


@dataclass(frozen=True, slots=True)
class Applied:
    """The rules that count now, by the number of their state; and what moved. The same number: nothing was changed."""

    version: int
    moves: tuple[Move, ...] = ()
    changed: bool = True


def rules_with(work: Work, office_id: OfficeId, patch: Mapping[str, object]) -> OfficeRules:
    """Return the office's present rules with a change made to them; raises RulesRefusedError where they cannot be."""
    new = patched(work.rules_of(office_id), patch)
    refuse_impossible(work, office_id, new)
    return new


def refuse_impossible(work: Work, office_id: OfficeId, rules: OfficeRules) -> None:
    """Raise RulesRefusedError, with every problem, for what an office cannot set."""
    base = work.library.calendars.for_office(work.offices()[office_id])
    problems = check_rules(rules, work.library.of_office(office_id), base)
    if problems:
        raise RulesRefusedError(problems)


def preview(work: Work, office_id: OfficeId, rules: OfficeRules) -> list[Move]:
    """Return which open deadlines would move; raises RulesRefusedError where there would be no working time."""
    try:
        return moves_under(work, office_id, rules)
    except DomainError as error:
        raise RulesRefusedError([RuleProblem(Fault.NO_HOURS, "hours")]) from error


def apply_patch(
    work: Work, office_id: OfficeId, patch: Mapping[str, object], *, by: PersonRow, version: int
) -> Applied:
    """Make a change that was thought of with the rules numbered ``version``.

    Raises RulesMovedOnError where those do not count any more, and RulesRefusedError.
    """
    hold_office(work, office_id)
    read_anew(work)
    if setting_of(work, office_id).version != version:
        raise RulesMovedOnError
    return _apply(work, office_id, rules_with(work, office_id, patch), by=by, note=None)


def apply_rules(work: Work, office_id: OfficeId, rules: OfficeRules, *, note: str | None = None) -> Applied:
    """Let these rules, from a file, count; raises RulesRefusedError."""
    hold_office(work, office_id)
    read_anew(work)
    refuse_impossible(work, office_id, rules)
    return _apply(work, office_id, rules, by=None, note=note)


def _apply(work: Work, office_id: OfficeId, rules: OfficeRules, *, by: PersonRow | None, note: str | None) -> Applied:
    before = setting_of(work, office_id)
    if rules == before.rules:
        return Applied(before.version, changed=False)
    row = OfficeSettingRow(
        office_id=office_id,
        version=before.version + 1,
        data=rules_to_dict(rules),
        by=by.id if by else None,
        at=work.at,
        note=note,
    )
    try:
        # A refusal is an answer, and commits: nothing of what was tried may be left.
        with work.session.begin_nested():
            moves = _carry_out(work, row, before.rules, rules)
    except DomainError as error:
        read_anew(work)
        raise RulesRefusedError([RuleProblem(Fault.NO_HOURS, "hours")]) from error
    _tell(work, office_id, row, moves)
    return Applied(row.version, tuple(moves))


def _carry_out(work: Work, row: OfficeSettingRow, before: OfficeRules, rules: OfficeRules) -> list[Move]:
    work.session.add(row)
    work.session.flush()
    read_anew(work)
    note_calendar(work, work.offices()[row.office_id])
    return follow(work, row.office_id, Comparison(work, before, rules), row.by)


def _tell(work: Work, office_id: OfficeId, row: OfficeSettingRow, moves: Sequence[Move]) -> None:
    """Tell the sekretariat once, and whoever has less time than before; all others see it on their cards."""
    opening = _opening(work, office_id)
    told = SettingsChanged(office_id, row.version, len(moves))
    for person in queries.secretariat_of(work.session, office_id, work.at):
        if person.id != row.by:
            tell(work, person, told, not_before=opening)
    for person_id, task_ids in _hurried(work, office_id, moves).items():
        if person_id != row.by:
            notice = DeadlinesEarlier(tuple(task_ids), row.version)
            tell(work, work.session.get_one(PersonRow, person_id), notice, not_before=opening)


def _hurried(work: Work, office_id: OfficeId, moves: Sequence[Move]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for move in moves:
        if not move.earlier:
            continue
        task = work.session.get_one(TaskRow, move.task_id)
        waiting = [row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None]
        for person in queries.holders_of(work.session, office_id, waiting, work.at, strategic=task.strategic):
            found.setdefault(person.id, []).append(task.id)
    return found


def _opening(work: Work, office_id: OfficeId) -> datetime:
    calendar = work.calendar_for(work.offices()[office_id])
    return next_speaking(work.rules_of(office_id), calendar, work.at)
