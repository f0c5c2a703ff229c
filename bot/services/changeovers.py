"""Use case: when a stand-in begins or ends, what lies on the desks moves at the office's next opening.

Authority itself changes at local midnight, by the dates alone (see ``queries.in_force``): nothing has to happen
for that. Here only cards and words follow, once, whoever looks first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from bot.domain.notices import EmptyPosts, PostLost, StandinBegan, StandinEnded
from bot.domain.posts import HoldingKind
from bot.services import cards
from bot.services.alerts import alert
from bot.services.outbox import tell
from bot.store import queries
from bot.store.tables import HoldingRow, OfficeRow, PersonRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.domain.notices import Notice
    from bot.services.work import Work


def changeovers(work: Work) -> int:
    """Move what is due to move, in offices that are open now; return how many stand-ins began or ended.

    Any number of replicas may try at once: each change is made by the one that holds its row.
    """
    due = select(HoldingRow).where(or_(_begins(work.at), _ends(work.at))).order_by(HoldingRow.id)
    if work.session.scalar(due.with_only_columns(HoldingRow.id).limit(1)) is None:
        return 0
    # Whoever works on one of them just now (a removal) settles it, or leaves it to the next sweep.
    locked = due.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    rows = [row for row in work.session.scalars(locked) if _is_open(work, row.office_id)]
    for office_id in sorted({row.office_id for row in rows}):
        hold_office(work, office_id)
    ended = [row for row in rows if row.until is not None and row.until <= work.at]
    for row in ended:  # first: where one stand-in follows another, the desk passes to the second
        finish(work, row)
    for row in rows:
        if row.moved_at is None:
            begin(work, row)
    return len(rows)


def next_changeover(work: Work, after: datetime) -> datetime | None:
    """Return the earliest moment after ``after`` at which a stand-in's desk is planned to move."""
    begins = select(func.min(HoldingRow.moves_at)).where(HoldingRow.moved_at.is_(None), HoldingRow.moves_at > after)
    ends = select(func.min(HoldingRow.returns_at)).where(
        HoldingRow.returned_at.is_(None), HoldingRow.returns_at > after
    )
    moments = [work.session.scalar(begins), work.session.scalar(ends)]
    return min((moment for moment in moments if moment is not None), default=None)


def _begins(at: datetime) -> ColumnElement[bool]:
    return and_(HoldingRow.moves_at.is_not(None), HoldingRow.moved_at.is_(None), HoldingRow.since <= at)


def _ends(at: datetime) -> ColumnElement[bool]:
    return and_(HoldingRow.returns_at.is_not(None), HoldingRow.returned_at.is_(None), HoldingRow.until <= at)


def _is_open(work: Work, office_id: str) -> bool:
    # Asked of the calendar as it is now: a holiday announced since then moves the change, too.
    return work.calendar_for(work.offices()[office_id]).is_working(work.at)


def hold_office(work: Work, office_id: str) -> None:
    """Let no task be given, and nobody else take or lose a post of the office, before this transaction ends.

    Whoever locks a holding, too, does that first.
    """
    work.session.get(OfficeRow, office_id, with_for_update={"key_share": True})


def begin(work: Work, row: HoldingRow) -> None:
    """Give the stand-in the cards of what waits for the post, and tell both once."""
    row.moved_at = work.at
    standin = work.session.get_one(PersonRow, row.person_id)
    for task in _tasks(work, row):
        cards.refresh(work, task.id)
        _give(work, task, standin, row.since)
    # The cards ring, or a chief's start-of-day message: this only says why they come.
    _tell(work, {standin.id, *absent_of(work, row)}, StandinBegan(row.id), silent=True)


def finish(work: Work, row: HoldingRow) -> None:
    """Give the cards back to who was absent, tell both once, and say where nobody holds the post now.

    Of a stand-in that has come and gone while the office was closed nobody hears.
    """
    heard = row.moved_at is not None
    empty = cards.empty_posts(work, row.office_id, [row.post_id])
    for task in _hand_back(work, row):
        if empty:
            alert(work, row.office_id, EmptyPosts(task.id), case_id=task.case_id)
    if heard:
        _tell(work, {row.person_id, *absent_of(work, row)}, StandinEnded(row.id), silent=True)


def _hand_back(work: Work, row: HoldingRow) -> list[TaskRow]:
    """Give the cards back to who was absent, if they have the post now; return the tasks."""
    row.moved_at, row.returned_at = row.moved_at or work.at, work.at
    work.session.flush()
    holders = queries.holders_of(work.session, row.office_id, [row.post_id], work.at)
    back = [person for person in holders if person.id in absent_of(work, row)]
    tasks = _tasks(work, row)
    for task in tasks:
        cards.refresh(work, task.id)
        for person in back:
            _give(work, task, person, row.until or work.at)
    return tasks


def break_off(work: Work, row: HoldingRow) -> None:
    """End a stand-in now (the row is locked), or take back one that has not begun; nobody is told of it here."""
    begun = row.since <= work.at
    row.until = work.at if begun else row.since
    work.session.flush()
    if begun:
        _hand_back(work, row)
    else:
        row.moved_at = row.returned_at = work.at


def break_off_all(work: Work, rows: Iterable[HoldingRow]) -> None:
    """End stand-ins for which there is no reason any more, and tell those who stood in."""
    for row in rows:
        break_off(work, row)
        _tell(work, {row.person_id}, PostLost(row.id))


def standins_for(work: Work, holding_id: int) -> list[HoldingRow]:
    """Return the present and coming stand-ins for a holding."""
    query = select(HoldingRow).where(HoldingRow.stands_for == holding_id, queries.lasts(work.at))
    return list(work.session.scalars(query.order_by(HoldingRow.id)))


def acting_on(work: Work, office_id: str, post_id: str) -> list[HoldingRow]:
    """Return the present and coming Plt of a post, and the Plh whose absent holder has left it meanwhile."""
    on_post = HoldingRow.office_id == office_id, HoldingRow.post_id == post_id
    absent = aliased(HoldingRow)
    gone = exists().where(absent.id == HoldingRow.stands_for, absent.until <= work.at)
    acting = or_(HoldingRow.kind == HoldingKind.ACTING, gone)
    return list(work.session.scalars(select(HoldingRow).where(*on_post, acting, queries.lasts(work.at))))


def _give(work: Work, task: TaskRow, person: PersonRow, since: datetime) -> None:
    """Give a card anew, unless the task was given when the person had the post already: theirs is at the bottom."""
    if task.given_at > since:
        cards.give(work, task, person)
    else:
        cards.give_anew(work, task, person)


def _tasks(work: Work, row: HoldingRow) -> list[TaskRow]:
    """Return the open tasks that follow a stand-in: strategic ones stay with the definitive holder."""
    waiting = queries.open_tasks_of_posts(work.session, row.office_id, [row.post_id])
    return [task for task in waiting if not task.strategic]


def absent_of(work: Work, row: HoldingRow) -> set[int]:
    """Return the person whom a Plh stands in for, if it is one (person ids)."""
    if row.stands_for is None:
        return set()
    return {work.session.get_one(HoldingRow, row.stands_for).person_id}


def _tell(work: Work, people: set[int], notice: Notice, *, silent: bool = False) -> None:
    for person_id in sorted(people):
        tell(work, work.session.get_one(PersonRow, person_id), notice, silent=silent)
