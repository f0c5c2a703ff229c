"""Cases, their tasks and their log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import NEVER_REUSED, Base, Diagnosis, Id, JsonObject


class CaseRow(Base):
    """One run of a SOP. ``version`` is the optimistic lock.

    ``events`` is the length of its log and ``head`` the hash of the last event (see bot.domain.chain). Of a
    ``secret`` one, Telegram gets the code only.
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
    secret: Mapped[bool] = mapped_column(default=False, server_default=false())
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
    """One activation of a step. At most one task of a case is open.

    ``given_at`` is when it really was given, ``ended_at`` when its end was recorded; ``real_ended_at`` is there
    where it ended earlier than that. ``plan`` counts how often its reminders were planned, ``held_at`` is since
    when its clock stands still. ``adjusted``: its deadline is not that of its plain budget any more.
    ``strategic``: for definitive holders alone.
    """

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
    real_ended_at: Mapped[datetime | None]
    plan: Mapped[int] = mapped_column(default=1, server_default="1")
    held_at: Mapped[datetime | None]
    held_outside: Mapped[bool] = mapped_column(default=False, server_default=false())
    adjusted: Mapped[bool] = mapped_column(default=False, server_default=false())
    strategic: Mapped[bool] = mapped_column(default=False, server_default=false())


class TaskPostRow(Base):
    """A post that a task waits for, who reported for it, and who of its holders is at it (ambil).

    The index of "what is on my desk".
    """

    __tablename__ = "task_post"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    claimed_at: Mapped[datetime | None]
    claimed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


class TaskSeenRow(Base):
    """That a holder has accepted a task (Terima)."""

    __tablename__ = "task_seen"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime]


class TickRow(Base):
    """An item of a task's kelengkapan (its place in the SOP, from 0) that a holder has found complete."""

    __tablename__ = "tick"
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    item: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]


class AttachmentRow(Base):
    """A file at Telegram that was added to a task as evidence. ``size`` is in bytes.

    ``sha256`` is there once its content was read; ``failed`` says why that is not possible. ``album`` is the same
    for files that were sent together.
    """

    __tablename__ = "attachment"
    __table_args__ = (NEVER_REUSED,)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    file_id: Mapped[str]
    file_unique_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str]
    mime_type: Mapped[str]
    size: Mapped[int | None]
    photo: Mapped[bool]
    album: Mapped[str | None] = mapped_column(String(255))
    sha256: Mapped[str | None] = mapped_column(String(64))
    failed: Mapped[str | None] = mapped_column(Diagnosis)
    tried_at: Mapped[datetime | None]
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


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
