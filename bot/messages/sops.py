"""SOPs: the list, one SOP in full, and what in it the office has yet to confirm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import func, select

from bot.domain.sop import Completion
from bot.messages.actions import SHAPES, Action, Verb
from bot.messages.dates import waktu
from bot.messages.keyboards import button
from bot.messages.labels import join, label
from bot.messages.limits import NAME_LIMIT, TITLE_LIMIT, shorten
from bot.messages.view import Context
from bot.store.tables import SopVersionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from bot.domain import notices as n
    from bot.domain.sop import Field, Reading, Sop, Step
    from bot.messages.message import Button
    from bot.messages.view import Rows, View

HINTS_SHOWN = 10
_SOPS_SHOWN = 30
_ACTIVITY = 130
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Hints:
    """What has to be confirmed, a line each; ``left_out`` lines are only counted."""

    lines: tuple[str, ...]
    left_out: int


@dataclass(frozen=True, slots=True)
class SopItem:
    """One SOP in the list."""

    id: str
    abbreviation: str
    name: str
    steps: int
    unconfirmed: bool


@dataclass(frozen=True, slots=True)
class OfficeSops:
    """The SOPs of one office; ``office`` only where there are several."""

    office: str | None
    items: tuple[SopItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SopListContext(Context):
    """Empty where no SOP is served."""

    offices: tuple[OfficeSops, ...]


@dataclass(frozen=True, slots=True)
class StepItem:
    """One row of the SOP table. ``reject_to`` is set on decisions."""

    number: int
    activity: str
    posts: str
    waktu: str
    any_suffices: bool
    decision: bool
    reject_to: int | None
    unconfirmed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SopDetailContext(Context):
    """``steps`` is empty where the SOP is not served any more, and so is ``id``."""

    name: str
    id: str = ""
    office: str = ""
    number: str | None = None
    effective: str | None = None
    approved_by: str | None = None
    steps: tuple[StepItem, ...] = ()
    hints: Hints | None = None


def sop_list(view: View, _notice: n.SopList) -> SopListContext:
    """Return the SOPs of the recipient's offices, one button each."""
    offices = [(office, view.work.library.of_office(office)) for office in view.offices]
    shown = [(office, sops) for office, sops in offices if sops]
    return SopListContext(
        offices=tuple(
            OfficeSops(view.office(office) if view.several_offices else None, tuple(map(_item, sops)))
            for office, sops in shown
        ),
        buttons=tuple(row for _, sops in shown for row in _sop_buttons(view, sops))[:_SOPS_SHOWN],
    )


def _item(sop: Sop) -> SopItem:
    return SopItem(sop.id, sop.abbreviation, shorten(sop.name, TITLE_LIMIT), len(sop.steps), sop.needs_confirmation)


def _sop_buttons(view: View, sops: Sequence[Sop]) -> list[tuple[Button, ...]]:
    found = [(sop, _version(view, sop)) for sop in sops]
    return [(button(sop_label(view, sop), Action(Verb.SOP, row)),) for sop, row in found if row is not None]


def sop_label(view: View, sop: Sop) -> str:
    """Return the text of a button for a SOP."""
    values = {"abbreviation": sop.abbreviation, "name": shorten(sop.name, NAME_LIMIT)}
    if view.several_offices:
        return label("button.sop_office", office=shorten(sop.office.name, NAME_LIMIT), **values)
    return label("button.sop", **values)


def _version(view: View, sop: Sop) -> int | None:
    return view.session.scalar(select(func.max(SopVersionRow.id)).where(SopVersionRow.sop_id == sop.id))


def sop_detail(view: View, notice: n.SopDetail) -> SopDetailContext:
    """Return one SOP with its steps."""
    sop = view.work.library.sops.get(notice.sop_id)
    if sop is None:
        return SopDetailContext(name=shorten(notice.sop_id, NAME_LIMIT))
    return SopDetailContext(
        name=shorten(sop.name, TITLE_LIMIT),
        id=sop.id,
        office=shorten(sop.office.name, TITLE_LIMIT),
        number=shorten(sop.number, NAME_LIMIT) if sop.number else None,
        effective=_date(sop.dates.effective),
        approved_by=shorten(sop.approved_by, NAME_LIMIT) if sop.approved_by else None,
        steps=tuple(_step(sop, step) for step in sop.steps),
        hints=hints(sop),
        buttons=_papers(view, sop),
    )


def _papers(view: View, sop: Sop) -> Rows:
    """Return a button for each other form in which the SOP may be had."""
    row = _version(view, sop)
    if row is None:
        return ()
    wide = button(label("button.picture_wide"), Action(Verb.SOP_PICTURE, row, SHAPES.index("wide")))
    return ((wide, button(label("button.sop_document"), Action(Verb.SOP_DOCUMENT, row))),)


def _date(day: date | None) -> str | None:
    if day is None:
        return None
    return label("date.full", day=day.day, month=label(f"date.month.{day.month}"), year=day.year)


def _step(sop: Sop, step: Step) -> StepItem:
    target = sop.reject_target(step.number)
    return StepItem(
        number=step.number,
        activity=shorten(step.activity, _ACTIVITY),
        posts=join([sop.post(post).name for post in step.posts]),
        waktu=waktu(step.budget),
        any_suffices=step.completion is Completion.ANY and len(step.posts) > 1,
        decision=step.decision,
        reject_to=target.number if step.decision and target else None,
        unconfirmed=bool(step.reading.unconfirmed),
    )


def hints(sop: Sop) -> Hints | None:
    """Return what the office has yet to confirm in a SOP, or None where it is all certain."""
    lines = [*_document_hints(sop), *_post_hints(sop), *_step_hints(sop)]
    if not lines:
        return None
    return Hints(tuple(lines[:HINTS_SHOWN]), max(0, len(lines) - HINTS_SHOWN))


def step_hints(step: Step) -> str:
    """Return the unconfirmed fields of one step in words; empty where there are none."""
    return join([_field(name) for name in step.reading.unconfirmed])


def _document_hints(sop: Sop) -> list[str]:
    names = [*sop.office.reading.unconfirmed, *sop.reading.unconfirmed]
    return [label("verify.document", items=join([_field(name) for name in names]))] if names else []


def _post_hints(sop: Sop) -> list[str]:
    found = _by_field((shorten(post.name, NAME_LIMIT), post.reading) for post in sop.posts)
    return [label("verify.posts", field=_field(name), items=join(posts)) for name, posts in found.items()]


def _step_hints(sop: Sop) -> list[str]:
    found = _by_field((step.number, step.reading) for step in sop.steps)
    return [
        label("verify.steps", field=_field(name), items=join(_ranges(sop, numbers))) for name, numbers in found.items()
    ]


def _by_field(readings: Iterable[tuple[_T, Reading]]) -> dict[Field, list[_T]]:
    found: dict[Field, list[_T]] = {}
    for thing, reading in readings:
        for name in reading.unconfirmed:
            found.setdefault(name, []).append(thing)
    return found


def _ranges(sop: Sop, numbers: Sequence[int]) -> list[str]:
    """Return step numbers with neighbours drawn together: "1-4", "7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and sop.position(number) == sop.position(runs[-1][-1]) + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return [str(run[0]) if len(run) == 1 else label("list.range", first=run[0], last=run[-1]) for run in runs]


def _field(name: Field) -> str:
    return label(f"field.{name}")
