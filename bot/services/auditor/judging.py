"""One case: what its log says against what the rows say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.domain import chain
from bot.services.auditor.found import Found, Kind
from bot.services.auditor.reading import CaseRead, Misfit, TaskRead, read_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bot.domain.office_rules import OfficeRules
    from bot.domain.sop import Sop
    from bot.domain.worktime import Calendar
    from bot.services.auditor.evidence import Evidence
    from bot.store.tables import CaseRow, TaskRow

ROLLOUT = timedelta(minutes=10)
"""For how long after a new calendar another replica may still reckon with the old one."""


@dataclass(frozen=True)
class Inquiry:
    """One case being looked at, at ``at``. ``known_since``: see ``calendars.known_since``."""

    case: CaseRow
    sop: Sop
    calendar: Calendar
    rules: OfficeRules
    evidence: Evidence
    at: datetime
    known_since: datetime | None
    found: list[Found] = field(default_factory=list)

    def note(self, kind: Kind, subject: str, **detail: object) -> None:
        """Note a difference."""
        self.found.append(Found(kind, subject, self.case.office_id, self.case.id, detail))

    def reckonable(self, at: datetime) -> bool:
        """Whether what was reckoned at ``at`` was reckoned with today's calendar."""
        return self.known_since is not None and at > self.known_since + ROLLOUT


def read(inquiry: Inquiry) -> CaseRead | None:
    """Return what the log says; None, and the log is the finding, where it is not whole."""
    case, evidence = inquiry.case, inquiry.evidence
    rows = evidence.events[case.id]
    content_hash = evidence.versions[case.sop_version_id]
    genesis = chain.genesis(office_id=case.office_id, code=case.code, title=case.title, sop_hash=content_hash)
    try:
        told = read_log(rows, inquiry.sop, genesis)
    except Misfit as misfit:
        inquiry.note(Kind.LOG, f"case:{case.id}", event=misfit.number, why=misfit.why)
        return None
    if (len(rows), rows[-1].hash) != (case.events, case.head):
        inquiry.note(Kind.LOG, f"case:{case.id}", event=min(len(rows), case.events) + 1, why="head")
        return None
    return told


def judge_state(inquiry: Inquiry, told: CaseRead) -> Iterator[tuple[TaskRead, TaskRow]]:
    """Compare the case, its tasks and reports; yields the tasks that both know."""
    case = inquiry.case
    expected = (told.status, told.started_by, told.started_at, told.ended_at)
    if expected != (case.status, case.started_by, case.started_at, case.ended_at):
        inquiry.note(Kind.CASE, f"case:{case.id}", status=told.status, found=case.status)
    rows = {row.number: row for row in inquiry.evidence.tasks[case.id]}
    for task in told.tasks:
        row = rows.pop(task.number, None)
        if row is None:
            inquiry.note(Kind.TASK_MISSING, f"case:{case.id}/task:{task.number}", step=task.step.number)
            continue
        _judge_task(inquiry, task, row)
        yield task, row
    for row in rows.values():
        inquiry.note(Kind.TASK_EXTRA, f"task:{row.id}", step=row.step)


def _judge_task(inquiry: Inquiry, task: TaskRead, row: TaskRow) -> None:
    subject, step = f"task:{row.id}", task.step.number
    expected = (step, task.round, task.given_at, task.ended_at, task.outcome, task.real_ended_at)
    held_at = None if task.ended_at is not None else task.held_at
    found = (row.step, row.round, row.given_at, row.ended_at, row.outcome, row.real_ended_at)
    if (*expected, held_at, task.step.strategic) != (*found, row.held_at, row.strategic):
        inquiry.note(Kind.TASK, subject, step=step, outcome=task.outcome, found=row.outcome)
    if row.due_at != task.due_at:
        inquiry.note(Kind.TASK_DUE, subject, step=step, expected=task.due_at.isoformat(), found=row.due_at.isoformat())
    if inquiry.reckonable(task.recorded_at):
        due_at = inquiry.calendar.due(task.given_at, task.step.budget)
        if due_at != task.planned_due:
            detail = {"expected": due_at.isoformat(), "found": task.planned_due.isoformat()}
            inquiry.note(Kind.DEADLINE, subject, step=step, **detail)
    rows = inquiry.evidence.posts[row.id]
    reports = {post.post_id: (post.reported_at, post.reported_by, post.claimed_by) for post in rows}
    told = {post: (*task.reports.get(post, (None, None)), task.claims.get(post)) for post in task.posts}
    if reports != told:
        inquiry.note(Kind.REPORT, subject, step=step)
