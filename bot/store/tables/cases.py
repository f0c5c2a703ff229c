"""Cases, their tasks and their log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import NEVER_REUSED, Base, Id, JsonObject


class CaseRow(Base):
    """One run of a SOP. ``version`` is the optimistic lock.

    ``events`` is the length of its log and ``head`` the hash of the last event (see bot.domain.chain).
    """

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("office_id", "code"),
        Index("ix_case_office_status", "office_id", "status"),
        NEVER_REUSED,
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"))
    code: Mapped[str] = mapped_column(String(40))
    sop_version_id: Mapped[int] = mapped_column(ForeignKey("sop_version.id"))
    title: Mapped[str]
    status: Mapped[str] = mapped_column(String(16))
    started_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    events: Mapped[int]
    head: Mapped[str] = mapped_column(String(64), default="")
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy's own declaration form


class SerialRow(Base):
    """The last case number given for an abbreviation in a year."""

    __tablename__ = "serial"
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"), primary_key=True)
    abbreviation: Mapped[str] = mapped_column(String(16), primary_key=True)
    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    last: Mapped[int]


class TaskRow(Base):
    """One activation of a step. At most one task of a case is open."""

    __tablename__ = "task"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index(
            "uq_task_open",
            "case_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        NEVER_REUSED,
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    step: Mapped[int]
    round: Mapped[int]
    given_at: Mapped[datetime]
    due_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))


class TaskPostRow(Base):
    """A post that a task waits for, and who reported for it. The index of "what is on my desk"."""

    __tablename__ = "task_post"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class EventRow(Base):
    """The append-only log. ``data`` is the event without its moment, type and actor.

    ``hash`` covers the event and the hash before it.
    """

    __tablename__ = "event"
    __table_args__ = (UniqueConstraint("case_id", "number"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    data: Mapped[JsonObject]
    hash: Mapped[str] = mapped_column(String(64))
