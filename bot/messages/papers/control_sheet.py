"""Lembar kendali: a case's steps to be signed by hand while Telegram is down; of a running case or blank of a SOP."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from bot.domain.sop import Completion
from bot.drawing.paper import Form, Paper, Sheet
from bot.messages.dates import waktu
from bot.messages.labels import label
from bot.messages.papers.reading import PaperCase, clean, paper_case
from bot.store import queries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.domain.sop import PostId, Sop, Step
    from bot.messages.view import View
    from bot.store.tables import TaskRow

DONE, OPEN, AHEAD = "done", "open", "ahead"


@dataclass(frozen=True, slots=True)
class Line:
    """What one post signs; ``who``, ``given`` and ``ended`` are there where the bot knows them already."""

    post: str
    who: str = ""
    given: str = ""
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A step. ``state`` is ``done``, ``open`` (then with ``due``) or ``ahead``.

    ``reject_to`` is the number of the step that a rejection leads to, None where none does.
    """

    number: int
    activity: str
    requirements: tuple[str, ...]
    outputs: tuple[str, ...]
    waktu: str
    any_suffices: bool
    reject_to: int | None
    lines: tuple[Line, ...]
    state: str = AHEAD
    due: str = ""
    round: int = 1


def blank_sheet(sop: Sop) -> Paper:
    """Return a definition's sheet without a case, to be printed in advance."""
    rows = [_row(sop, step, [Line(clean(sop.post(post).name)) for post in step.posts]) for step in sop.steps]
    head = {"code": "", "title": "", "started": "", "starter": "", "made": "", "secret": False}
    about = {"office": clean(sop.office.name), "sop": clean(sop.name), "number": clean(sop.number)}
    return _paper({**head, **about}, rows, sop.id)


def control_sheet(view: View, case_id: int) -> Paper:
    """Return the sheet of a running case: what is done stands on it already."""
    case = paper_case(view, case_id)
    tasks = {task.number: task for task in queries.tasks_of_case(view.session, case_id)}
    done = {step: tasks[end.task] for step, end in case.story.done.items()}
    start = case.story.start
    head = {
        "code": case.row.code,
        "title": clean(case.title),
        "office": case.view.office(case.row.office_id),
        "sop": clean(case.sop.name),
        "number": "" if case.row.secret else clean(case.sop.number),
        "started": case.clock.brief(case.row.started_at),
        "starter": case.who(start.by, [start.capacity]),
        "made": case.clock.brief(view.at),
        "secret": case.row.secret,
    }
    return _paper(head, [_of_case(case, step, done) for step in case.sop.steps], case.row.code)


def _paper(head: Mapping[str, object], rows: Sequence[Row], code: str) -> Paper:
    data = {**head, "steps": [asdict(row) for row in rows]}
    name = label("paper.control_sheet", code=code)
    return Paper(Sheet.CONTROL_SHEET, Form.PDF, json.dumps(data, ensure_ascii=False), name)


def _of_case(case: PaperCase, step: Step, done: Mapping[int, TaskRow]) -> Row:
    task = case.open if case.open is not None and case.open.step == step.number else done.get(step.number)
    if task is None:
        return _row(case.sop, step, [Line(case.view.post(case.row.office_id, post)) for post in step.posts])
    row = _row(case.sop, step, [_line(case, task, post) for post in case.posts(task)])
    if task.ended_at is not None:
        return replace(row, state=DONE, round=task.round)
    due = "" if task.held_at else case.clock.brief(task.due_at)
    return replace(row, state=OPEN, round=task.round, due=due)


def _line(case: PaperCase, task: TaskRow, post: PostId) -> Line:
    """Return what is known of one post's part; nothing is filled in for what is still to be signed."""
    part = next((part for part in case.story.parts(task.number) if post in part.posts), None)
    return Line(
        post=case.view.post(case.row.office_id, post),
        who=case.acted(part) if part else "",
        given=case.clock.brief(task.given_at),
        ended=case.clock.brief(part.real_at or part.at) if part else "",
    )


def _row(sop: Sop, step: Step, lines: Sequence[Line]) -> Row:
    target = sop.reject_target(step.number)
    return Row(
        number=step.number,
        activity=clean(step.activity),
        requirements=tuple(map(clean, step.requirements)),
        outputs=tuple(map(clean, step.outputs)),
        waktu=waktu(step.budget),
        any_suffices=len(step.posts) > 1 and step.completion is Completion.ANY,
        reject_to=target.number if target else None,
        lines=tuple(lines),
    )
