"""The live board (papan langsung) in words: an office's running cases over the columns of their SOPs.

What leaves here is what a page shows, as plain text: the page puts it nowhere but into text. Of a secret case it
has the code, the posts and the times, as every chat has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.messages.dates import Clock
from bot.messages.labels import label
from bot.messages.limits import ACTIVITY_LIMIT, NAME_LIMIT, TITLE_LIMIT, shorten
from bot.messages.secrecy import withheld_sop
from bot.messages.view import Recipient, View
from bot.services.live_board import MOST_CASES, in_danger

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.domain.sop import Sop
    from bot.services.watching import Watched
    from bot.services.work import Work

NOBODY = Recipient(0, None)
"""A board shows all members of an office the same: whoever may not see it does not get it at all."""

_HOLDERS = 160


@dataclass(frozen=True, slots=True)
class Column:
    """A step as a column: its number as printed, what it is about, and the names of its posts."""

    number: int
    activity: str
    posts: str


@dataclass(frozen=True, slots=True)
class Columns:
    """A definition's steps. ``secret``: nothing in it tells what they are about."""

    name: str
    abbreviation: str
    secret: bool
    steps: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One running case. ``sop`` is the key of its columns, ``table`` that of all cases with equal columns.

    ``place`` is the open step's place among the columns, from 0; ``state`` is ``late``, ``running`` or ``held``.
    """

    id: int
    code: str
    title: str
    secret: bool
    sop: str
    table: str
    step: int
    place: int
    round: str
    holders: str
    state: str
    left: str
    due: str
    accepted: bool


@dataclass(frozen=True, slots=True)
class Board:
    """An office's board at one moment; ``counts`` by state, ``left_out`` counts the rows beyond the most."""

    office: str
    office_name: str
    counts: dict[str, int]
    left_out: int
    columns: dict[str, Columns]
    rows: tuple[Row, ...]
    now: str = field(compare=False)


@dataclass(frozen=True)
class BoardView(View):
    """The store as a board shows it: the name of a post is asked for once, not for each line that has it."""

    _posts: dict[tuple[str, str], str] = field(default_factory=dict, compare=False, repr=False)

    def post(self, office_id: str, post_id: str) -> str:
        """Return a post's name; also of the reserved ones."""
        key = office_id, post_id
        if key not in self._posts:
            self._posts[key] = super().post(office_id, post_id)
        return self._posts[key]


def board_of(work: Work, office_id: str) -> Board:
    """Return the board of an office, the most endangered case first."""
    view = BoardView(work, NOBODY)
    clock = Clock(work.calendar_for(work.offices()[office_id]), work.at)
    cases = in_danger(work, office_id)
    shown = cases[:MOST_CASES]
    holders = _holders(view, office_id, shown)
    states = [_state(case) for case in cases]
    return Board(
        office=office_id,
        office_name=view.office(office_id),
        counts={state: states.count(state) for state in ("late", "running", "held")},
        left_out=len(cases) - len(shown),
        columns={key: columns_of(sop) for key, sop in _sops(work, shown).items()},
        rows=tuple(_row(work, clock, case, holders[_desk(case)]) for case in shown),
        now=clock.moment(work.at),
    )


def columns_of(sop: Sop) -> Columns:
    """Return a definition's columns."""
    steps = (
        Column(
            step.number,
            shorten(step.activity, ACTIVITY_LIMIT),
            label("list.comma", items=[shorten(sop.post(post).name, NAME_LIMIT) for post in step.posts]),
        )
        for step in sop.steps
    )
    return Columns(shorten(sop.name, TITLE_LIMIT), sop.abbreviation, sop.secret, tuple(steps))


def _row(work: Work, clock: Clock, case: Watched, holders: str) -> Row:
    row, task = case.case, case.task
    state = _state(case)
    return Row(
        id=row.id,
        code=row.code,
        title=label("secrecy.title") if row.secret else shorten(row.title, TITLE_LIMIT),
        secret=row.secret,
        sop=_key(case),
        table=str(row.sop_version_id),
        step=task.step,
        place=work.sop_of(row).position(task.step),
        round=label("live.round", number=task.round) if task.round > 1 else "",
        holders=holders,
        state=state,
        left=_held(case) if state == "held" else clock.left(task.due_at),
        due=clock.brief(task.due_at),
        accepted=case.accepted,
    )


def _held(case: Watched) -> str:
    return label("live.held_outside" if case.task.held_outside else "span.held")


def _state(case: Watched) -> str:
    if case.held:
        return "held"
    return "late" if case.late else "running"


def _sops(work: Work, cases: Iterable[Watched]) -> dict[str, Sop]:
    """Return the definitions of the cases by key, each once; those of secret cases withheld."""
    one_of_each = {_key(case): case.case for case in cases}
    sops = {key: (work.sop_of(row), row.secret) for key, row in one_of_each.items()}
    return {key: withheld_sop(sop) if secret else sop for key, (sop, secret) in sops.items()}


def _key(case: Watched) -> str:
    version = str(case.case.sop_version_id)
    return f"{version}-rahasia" if case.case.secret else version


def _desk(case: Watched) -> tuple[tuple[str, ...], bool]:
    return case.waiting, case.task.strategic


def _holders(view: View, office_id: str, cases: Iterable[Watched]) -> dict[tuple[tuple[str, ...], bool], str]:
    """Return who holds what the cases wait for: asked once for each desk, however many cases lie on it."""
    desks = {_desk(case) for case in cases}
    return {
        (posts, strategic): shorten(view.holders(office_id, posts, strategic=strategic), _HOLDERS)
        for posts, strategic in sorted(desks)
    }
