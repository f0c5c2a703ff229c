"""The execution report of one case: who, when, working time against the budgets, why it went back, and the evidence."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.domain import events as ev
from bot.domain.case import Status
from bot.drawing.paper import Form, Paper, Sheet
from bot.drawing.qr import qr
from bot.messages.attachments import file_size
from bot.messages.cases import budget_time, extra_time, worked_on
from bot.messages.dates import waktu, worked
from bot.messages.history import TELLERS
from bot.messages.labels import join, label
from bot.messages.papers.reading import PaperCase, clean, paper_case
from bot.services.evidence.export import case_file
from bot.services.ledger import WITHDRAWN
from bot.store import queries
from bot.store.tables import AttachmentRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from bot.messages.view import View

_HEADED = (ev.CaseStarted, ev.TaskGiven, ev.StepDone, ev.CaseFinished, ev.CaseCancelled)
"""What the headings of the paper and of its activations tell already."""


@dataclass(frozen=True, slots=True)
class Deed:
    """One event: when it was recorded, what in one line, and what somebody wrote, whole."""

    moment: str
    line: str
    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """A hold: since and until when ("" while it lasts), and the working time that does not count."""

    since: str
    until: str
    length: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One activation of a step. ``outcome`` is ``running`` or how it ended; times are working time without holds.

    ``budget`` is the waktu as working time, ``extra`` what was granted on top; ``late`` by how much it was late.
    """

    step: str
    round: int
    activity: str
    posts: str
    given: str
    due: str
    ended: str
    outcome: str
    waktu: str
    budget: str
    extra: str
    used: str
    late: str
    recorded: str
    pauses: tuple[Pause, ...]
    deeds: tuple[Deed, ...]


@dataclass(frozen=True, slots=True)
class File:
    """One piece of evidence; ``sha256`` is "" where its content was not read."""

    name: str
    size: str
    sha256: str
    step: str
    who: str
    moment: str


def case_report(view: View, case_id: int) -> Paper:
    """Return the report of a case that exists, as it stands now."""
    case = paper_case(view, case_id)
    tasks = queries.tasks_of_case(view.session, case_id)
    counted = [task for task in tasks if task.ended_at is not None and task.outcome != WITHDRAWN]
    budget = _sum(budget_time(case, task) for task in counted)
    used = _sum(worked_on(case, task) for task in counted)
    data = {
        **_identity(case),
        "legs": [asdict(_leg(case, task)) for task in tasks],
        "beside": [asdict(deed) for deed in _deeds(case, None)],
        "used": worked(used),
        "budget": worked(budget),
        "extra": extra_time(case, counted),
        "over": worked(used - budget) if used > budget else "",
        "spare": worked(budget - used) if budget > used else "",
        "rejections": len(case.story.rejections),
        "files": [asdict(file) for file in _files(case)],
        **_evidence(case),
    }
    name = label("paper.case_report", code=case.row.code)
    return Paper(Sheet.CASE_REPORT, Form.PDF, json.dumps(data, ensure_ascii=False), name)


def _identity(case: PaperCase) -> dict[str, object]:
    start, end = case.story.start, case.story.cancellation
    return {
        "code": case.row.code,
        "title": clean(case.title),
        "office": case.view.office(case.row.office_id),
        "sop": clean(case.sop.name),
        "number": "" if case.row.secret else clean(case.sop.number),
        "status": case.row.status,
        "started": case.moment(case.row.started_at),
        "starter": case.who(start.by, [start.capacity]),
        "ended": case.moment(case.row.ended_at) if case.row.ended_at else "",
        "stopped_by": case.who(end.by, [end.capacity]) if end else "",
        "reason": clean(end.reason) if end else "",
        "made": case.moment(case.view.at),
        "secret": case.row.secret,
        "steps": len(case.sop.steps),
    }


def _evidence(case: PaperCase) -> dict[str, object]:
    """Return what shows whether the log was altered since; the code holds what the command line takes."""
    found = case_file(case.view.work, case.row.id)
    claim = f"{case.row.code}={found['fingerprint']}"
    return {
        "fingerprint": found["fingerprint"],
        "head": case.row.head,
        "events": case.row.events,
        "office_id": case.row.office_id,
        "problem": found["problem"]["event"] if found["problem"] else None,
        "claim": claim,
        "qr": qr(claim),
    }


def _leg(case: PaperCase, task: TaskRow) -> Leg:
    step, open_ = case.step(task), task.ended_at is None
    end = task.real_ended_at or task.ended_at
    late = _late(case, task, end or case.view.at)
    return Leg(
        step=str(task.step),
        round=task.round,
        activity=clean(step.activity),
        posts=join([case.view.post(case.row.office_id, post) for post in case.posts(task)]),
        given=case.clock.brief(task.given_at),
        due=case.clock.brief(task.due_at),
        ended=case.clock.brief(end) if end else "",
        outcome="running" if open_ and case.row.status == Status.RUNNING else task.outcome or "",
        waktu=waktu(step.budget),
        budget=worked(budget_time(case, task)),
        extra=join([waktu(granted) for granted in case.story.granted(task.number)]),
        used=worked(worked_on(case, task, case.view.at)),
        late=worked(late) if late else "",
        recorded=case.clock.brief(task.ended_at) if task.real_ended_at and task.ended_at else "",
        pauses=_pauses(case, task, end),
        deeds=tuple(_deeds(case, task.number)),
    )


def _late(case: PaperCase, task: TaskRow, end: datetime) -> timedelta:
    """Return by how much working time a task passed its deadline; nothing while its clock stands still."""
    if task.outcome == WITHDRAWN or end <= task.due_at or task.held_at is not None:
        return timedelta()
    return case.calendar.between(task.due_at, end)


def _pauses(case: PaperCase, task: TaskRow, end: datetime | None) -> tuple[Pause, ...]:
    found = []
    for since, until in case.story.pauses(task.number):
        last = until or end
        length = worked(case.calendar.between(since, last or case.view.at))
        found.append(Pause(case.clock.brief(since), case.clock.brief(last) if last else "", length))
    return tuple(found)


def _deeds(case: PaperCase, task: int | None) -> Sequence[Deed]:
    """Return what happened to a task, oldest first; with None what happened to the case itself."""
    of_it = (event for event in case.story.log if getattr(event, "task", None) == task)
    told = ((event, TELLERS[type(event)](case, event)) for event in of_it if not isinstance(event, _HEADED))
    return [Deed(case.clock.brief(event.at), line, clean(text)) for event, (line, text) in told if line]


def _files(case: PaperCase) -> Sequence[File]:
    """Return the case's evidence in the order it came; nothing of a secret case's leaves."""
    if case.row.secret:
        return ()
    own = select(AttachmentRow).where(AttachmentRow.case_id == case.row.id, AttachmentRow.removed_at.is_(None))
    return [_file(case, row) for row in case.view.session.scalars(own.order_by(AttachmentRow.id))]


def _file(case: PaperCase, row: AttachmentRow) -> File:
    nameless = label("attachments.photo" if row.photo else "attachments.nameless")
    return File(
        name=clean(row.name) or nameless,
        size=file_size(row.size),
        sha256=row.sha256 or "",
        step=str(case.view.session.get_one(TaskRow, row.task_id).step),
        who=case.view.person(row.person_id),
        moment=case.clock.brief(row.added_at),
    )


def _sum(spans: Iterable[timedelta]) -> timedelta:
    return sum(spans, timedelta())
