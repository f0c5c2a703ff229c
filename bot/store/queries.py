"""Questions to the database that several use cases and messages ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased

from bot.domain.case import Case, Status, replay
from bot.domain.posts import SECRETARIAT, HoldingKind
from bot.store.mapping import event_of
from bot.store.tables import (
    CardRow,
    CaseRow,
    EventRow,
    HoldingRow,
    PersonRow,
    PostRow,
    QuestionRow,
    TaskPostRow,
    TaskRow,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from bot.domain.events import Event


_STANDIN = aliased(HoldingRow)


def covers(at: datetime) -> ColumnElement[bool]:
    """Return the condition for holdings whose period includes ``at``: their people belong to the office."""
    return _within(HoldingRow, at)


def in_force(at: datetime) -> ColumnElement[bool]:
    """Return the condition for holdings that give authority at ``at``: a Plh rests that of whoever is absent."""
    return and_(_within(HoldingRow, at), ~exists().where(_STANDIN.stands_for == HoldingRow.id, _within(_STANDIN, at)))


def in_force_for(at: datetime, *, strategic: bool) -> ColumnElement[bool]:
    """Return the condition for authority over a task: a ``strategic`` one is the definitive holder's, even absent."""
    return and_(covers(at), HoldingRow.kind == HoldingKind.DEFINITIVE) if strategic else in_force(at)


def lasts(at: datetime) -> ColumnElement[bool]:
    """Return the condition for holdings that are not over at ``at``: present ones, and those still to come."""
    return or_(HoldingRow.until.is_(None), and_(HoldingRow.until > at, HoldingRow.until > HoldingRow.since))


def _within(row: type[HoldingRow], at: datetime) -> ColumnElement[bool]:
    return and_(row.since <= at, or_(row.until.is_(None), row.until > at))


# --- people and posts -----------------------------------------------------------------------


def person_by_telegram_id(session: Session, telegram_id: int) -> PersonRow | None:
    """Return the person behind a Telegram account, if known."""
    return session.scalar(select(PersonRow).where(PersonRow.telegram_id == telegram_id))


def holdings_of(session: Session, person_id: int, at: datetime) -> Sequence[HoldingRow]:
    """Return everything a person holds at ``at``, in all offices, in the order it was given; also while absent."""
    query = select(HoldingRow).where(HoldingRow.person_id == person_id, covers(at)).order_by(HoldingRow.id)
    return session.scalars(query).all()


def posts_of(session: Session, person_id: int, office_id: str, at: datetime) -> frozenset[str]:
    """Return the post ids that give a person authority in one office at ``at``."""
    return frozenset(kinds_of(session, person_id, office_id, at))


def kinds_of(session: Session, person_id: int, office_id: str, at: datetime) -> dict[str, HoldingKind]:
    """Return how a person holds the posts that give them authority in one office at ``at``; definitif outranks Plt."""
    mine = HoldingRow.person_id == person_id, HoldingRow.office_id == office_id, in_force(at)
    rows = session.execute(select(HoldingRow.post_id, HoldingRow.kind).where(*mine))
    found: dict[str, HoldingKind] = {}
    for post_id, kind in rows:
        if kind == HoldingKind.DEFINITIVE or post_id not in found:
            found[post_id] = HoldingKind(kind)
    return found


def definitive_posts_of(session: Session, person_id: int, office_id: str, at: datetime) -> frozenset[str]:
    """Return the post ids a person is the definitive holder of, absent or not: those of strategic tasks."""
    mine = HoldingRow.person_id == person_id, HoldingRow.office_id == office_id
    return frozenset(session.scalars(select(HoldingRow.post_id).where(*mine, in_force_for(at, strategic=True))))


def offices_of(session: Session, person_id: int, at: datetime) -> tuple[str, ...]:
    """Return the offices a person belongs to at ``at``, each once."""
    return tuple(dict.fromkeys(h.office_id for h in holdings_of(session, person_id, at)))


def office_holdings(session: Session, office_id: str, at: datetime) -> Sequence[HoldingRow]:
    """Return who holds what in an office at ``at``, absent or not."""
    query = select(HoldingRow).where(HoldingRow.office_id == office_id, covers(at)).order_by(HoldingRow.id)
    return session.scalars(query).all()


def lasting_holdings(session: Session, office_id: str, at: datetime) -> Sequence[HoldingRow]:
    """Return who holds what in an office at ``at`` or will, absent or not."""
    query = select(HoldingRow).where(HoldingRow.office_id == office_id, lasts(at)).order_by(HoldingRow.id)
    return session.scalars(query).all()


def acting_holdings(session: Session, office_id: str, at: datetime) -> Sequence[HoldingRow]:
    """Return the holdings of an office that give authority at ``at``."""
    query = select(HoldingRow).where(HoldingRow.office_id == office_id, in_force(at)).order_by(HoldingRow.id)
    return session.scalars(query).all()


def holders_of(
    session: Session, office_id: str, posts: Collection[str], at: datetime, *, strategic: bool = False
) -> Sequence[PersonRow]:
    """Return the people who may act for any of ``posts`` at ``at``, each once; ``strategic``: see in_force_for."""
    held = select(HoldingRow.person_id).where(
        HoldingRow.office_id == office_id, HoldingRow.post_id.in_(posts), in_force_for(at, strategic=strategic)
    )
    return session.scalars(select(PersonRow).where(PersonRow.id.in_(held)).order_by(PersonRow.id)).all()


def holders_by_kind(
    session: Session, office_id: str, post_id: str, at: datetime, *, strategic: bool = False
) -> dict[HoldingKind, list[PersonRow]]:
    """Return who may act for a post at ``at``, by how they hold it, each once: definitif outranks Plt and Plh."""
    held = HoldingRow.office_id == office_id, HoldingRow.post_id == post_id, in_force_for(at, strategic=strategic)
    query = select(PersonRow, HoldingRow.kind).join(HoldingRow, HoldingRow.person_id == PersonRow.id).where(*held)
    kinds: dict[PersonRow, HoldingKind] = {}
    for person, kind in session.execute(query.order_by(PersonRow.id)):
        if kind == HoldingKind.DEFINITIVE or person not in kinds:
            kinds[person] = HoldingKind(kind)
    return {kind: people for kind in HoldingKind if (people := [who for who, held in kinds.items() if held is kind])}


def secretariat_of(session: Session, office_id: str, at: datetime) -> Sequence[PersonRow]:
    """Return the office's monitors at ``at``."""
    return holders_of(session, office_id, [SECRETARIAT], at)


def post_names(session: Session, office_id: str) -> dict[str, str]:
    """Return the names of all posts an office ever had, by id."""
    rows = session.scalars(select(PostRow).where(PostRow.office_id == office_id))
    return {row.id: row.name for row in rows}


# --- cases ----------------------------------------------------------------------------------


def log_of(session: Session, case_id: int) -> list[Event]:
    """Return a case's whole event log, oldest first."""
    rows = session.scalars(select(EventRow).where(EventRow.case_id == case_id).order_by(EventRow.number))
    return [event_of(row) for row in rows]


def state_of(session: Session, case_id: int) -> Case:
    """Return a case's state, rebuilt from its log."""
    return replay(log_of(session, case_id))


def case_by_code(session: Session, office_ids: Collection[str], code: str) -> Sequence[CaseRow]:
    """Return the cases with this code in the given offices (several only where offices differ)."""
    query = select(CaseRow).where(CaseRow.code == code, CaseRow.office_id.in_(office_ids)).order_by(CaseRow.id)
    return session.scalars(query).all()


def running_cases(session: Session, office_ids: Collection[str]) -> Sequence[tuple[CaseRow, TaskRow]]:
    """Return the running cases of offices with their open task, soonest due first."""
    query = (
        select(CaseRow, TaskRow)
        .join(TaskRow, TaskRow.case_id == CaseRow.id)
        .where(CaseRow.office_id.in_(office_ids), CaseRow.status == Status.RUNNING, TaskRow.ended_at.is_(None))
        .order_by(TaskRow.due_at, CaseRow.id)
    )
    return [(case, task) for case, task in session.execute(query)]


def tasks_of_case(session: Session, case_id: int) -> Sequence[TaskRow]:
    """Return all activations of a case's steps, oldest first."""
    return session.scalars(select(TaskRow).where(TaskRow.case_id == case_id).order_by(TaskRow.number)).all()


def open_task(session: Session, case_id: int) -> TaskRow | None:
    """Return the open task of a case, or None when it has ended."""
    return session.scalar(select(TaskRow).where(TaskRow.case_id == case_id, TaskRow.ended_at.is_(None)))


def task_posts(session: Session, task_id: int) -> Sequence[TaskPostRow]:
    """Return the posts a task was given to, with their reports."""
    return session.scalars(select(TaskPostRow).where(TaskPostRow.task_id == task_id)).all()


def open_tasks_of(session: Session, person_id: int, at: datetime) -> Sequence[tuple[CaseRow, TaskRow]]:
    """Return the tasks that wait for a post the person may act for now, soonest due first."""
    mine = (
        select(TaskRow.id)
        .join(CaseRow, CaseRow.id == TaskRow.case_id)
        .join(TaskPostRow, TaskPostRow.task_id == TaskRow.id)
        .join(HoldingRow, and_(HoldingRow.office_id == CaseRow.office_id, HoldingRow.post_id == TaskPostRow.post_id))
        .where(
            HoldingRow.person_id == person_id,
            or_(
                and_(TaskRow.strategic, in_force_for(at, strategic=True)),
                and_(~TaskRow.strategic, in_force(at)),
            ),
            TaskRow.ended_at.is_(None),
            TaskPostRow.reported_at.is_(None),
        )
    )
    query = (
        select(CaseRow, TaskRow)
        .join(TaskRow, TaskRow.case_id == CaseRow.id)
        .where(TaskRow.id.in_(mine))
        .order_by(TaskRow.due_at, TaskRow.id)
    )
    return [(case, task) for case, task in session.execute(query)]


def open_tasks_of_posts(session: Session, office_id: str, posts: Collection[str]) -> Sequence[TaskRow]:
    """Return the open tasks of an office that wait for any of ``posts``."""
    query = (
        select(TaskRow)
        .join(CaseRow, CaseRow.id == TaskRow.case_id)
        .join(TaskPostRow, TaskPostRow.task_id == TaskRow.id)
        .where(
            CaseRow.office_id == office_id,
            TaskPostRow.post_id.in_(posts),
            TaskRow.ended_at.is_(None),
            TaskPostRow.reported_at.is_(None),
        )
        .order_by(TaskRow.due_at, TaskRow.id)
        .distinct()
    )
    return session.scalars(query).all()


def cards_of_task(session: Session, task_id: int) -> Sequence[CardRow]:
    """Return every card that was given out for a task."""
    return session.scalars(select(CardRow).where(CardRow.task_id == task_id).order_by(CardRow.id)).all()


def card_of(session: Session, task_id: int, person_id: int) -> CardRow | None:
    """Return a person's card of a task, if they ever got one."""
    return session.scalar(select(CardRow).where(CardRow.task_id == task_id, CardRow.person_id == person_id))


def card_by_message(session: Session, chat_id: int, message_id: int) -> CardRow | None:
    """Return the card that a message in a chat shows, if it shows one."""
    return session.scalar(select(CardRow).where(CardRow.chat_id == chat_id, CardRow.message_id == message_id))


# --- questions ----------------------------------------------------------------


def open_text_questions(session: Session, person_id: int) -> Sequence[QuestionRow]:
    """Return the questions that still wait for a text of the person."""
    query = select(QuestionRow).where(
        QuestionRow.person_id == person_id, QuestionRow.awaits_text, QuestionRow.answered_at.is_(None)
    )
    return session.scalars(query.order_by(QuestionRow.id)).all()


def text_question(session: Session, person_id: int, message_id: int | None = None) -> QuestionRow | None:
    """Return the question that a person's text answers: the one they reply to, else the latest asked.

    The latest counts only while it is open: what is said after its answer answers no older one.
    """
    asked = select(QuestionRow).where(QuestionRow.person_id == person_id, QuestionRow.awaits_text)
    if message_id is not None:
        replied = session.scalar(asked.where(QuestionRow.message_id == message_id))
        if replied is not None:
            return replied if replied.answered_at is None else None
    latest = session.scalar(asked.order_by(QuestionRow.id.desc()).limit(1))
    return latest if latest is not None and latest.answered_at is None else None
