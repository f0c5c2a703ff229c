"""The swimlane table of a SOP-AP (Permenpan RB 35/2012): of a definition, and of a case with how far it is."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from bot.domain.sop import Completion
from bot.drawing.flow import CaseHead, Flow, FlowStep, Heading, Shape, State, StepProgress
from bot.drawing.paper import Form, Paper, Sheet
from bot.messages.dates import waktu
from bot.messages.labels import label

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from bot.domain.sop import Sop, Step

_AHEAD = StepProgress(State.AHEAD)


def flow_paper(flow: Flow, form: Form, *, portrait: bool, name: str) -> Paper:
    """Return a flow as something to draw: wide as it is printed, or upright as a phone shows it."""
    sheet = Sheet.FLOW_PORTRAIT if portrait else Sheet.FLOW
    return Paper(sheet, form, json.dumps(asdict(flow), ensure_ascii=False, sort_keys=True), name)


def sop_flow(sop: Sop) -> Flow:
    """Return the flow of a definition, as the office's document states it."""
    return Flow(_heading(sop), tuple(post.name for post in sop.posts), tuple(_row(sop, step) for step in sop.steps))


def case_flow(sop: Sop, states: Mapping[int, StepProgress], *, code: str, title: str = "", summary: str = "") -> Flow:
    """Return the flow of a case by its definition: ``states`` by the steps' numbers, the others are ahead.

    ``title`` is "" where it must not leave; ``summary`` says in one line how the case stands, and as of when.
    """
    flow = sop_flow(sop)
    steps = tuple(replace(step, progress=states.get(step.number, _AHEAD)) for step in flow.steps)
    return replace(flow, steps=steps, case=CaseHead(code, title, summary))


def _heading(sop: Sop) -> Heading:
    dates = sop.dates
    return Heading(
        office=sop.office.name,
        name=sop.name,
        number=sop.number or "",
        made=_date(dates.made),
        revised=_date(dates.revised),
        effective=_date(dates.effective),
        approved_by=sop.approved_by or "",
    )


def _row(sop: Sop, step: Step) -> FlowStep:
    target = sop.reject_target(step.number) if step.decision or step.reject_to is not None else None
    places = {post.id: place for place, post in enumerate(sop.posts)}
    return FlowStep(
        number=step.number,
        activity=step.activity,
        actors=tuple(sorted(places[post] for post in step.posts)),
        shape=_shape(sop, step),
        requirements=step.requirements,
        waktu=waktu(step.budget),
        outputs=step.outputs,
        remarks=(step.related,) if step.related else (),
        reject_to=target.number if target else None,
        any_suffices=len(step.posts) > 1 and step.completion is Completion.ANY,
        unconfirmed=tuple(label(f"field.{field}") for field in step.reading.unconfirmed),
    )


def _shape(sop: Sop, step: Step) -> Shape:
    if step.decision or step.reject_to is not None:
        return Shape.DECISION
    return Shape.TERMINATOR if step in (sop.steps[0], sop.steps[-1]) else Shape.PROCESS


def _date(day: date | None) -> str:
    if day is None:
        return ""
    return label("date.full", day=day.day, month=label(f"date.month.{day.month}"), year=day.year)
