"""What tasks say and ask: reminders, cards and questions."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import NEVER_REUSED, Base, Id, JsonObject


class ReminderRow(Base):
    """A planned reminder of a task; it is the schedule. ``settled_at`` is set once it is dealt with.

    ``plan`` is the task's when it was planned: a hold or a new deadline plans anew.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("task_id", "plan", "kind", "sequence"),
        Index(
            "ix_reminder_pending",
            "due_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    plan: Mapped[int] = mapped_column(default=1, server_default="1")
    kind: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int]
    due_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class ReminderReceiptRow(Base):
    """A reminder given to one person; the pair is unique, so nobody gets it twice."""

    __tablename__ = "reminder_receipt"
    reminder_id: Mapped[int] = mapped_column(ForeignKey("reminder.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    given_at: Mapped[datetime]


class QuietRow(Base):
    """That a person wants no reminders before ``until``: of one task, or (a meeting) of any."""

    __tablename__ = "quiet"
    __table_args__ = (Index("ix_quiet_person", "person_id", "until"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    until: Mapped[datetime]
    made_at: Mapped[datetime]


class CardRow(Base):
    """A holder's card of a task: the one message that is edited. ``message_id`` is set when sent.

    One with ``folded_at`` was kept from a chief's phone: the task stands in the chief's brief until they open it.
    """

    __tablename__ = "card"
    __table_args__ = (UniqueConstraint("task_id", "person_id"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    folded_at: Mapped[datetime | None]


class QuestionRow(Base):
    """A question the bot asked: a text it waits for, or a choice by buttons. Lapses at a moment."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_person", "person_id"), NEVER_REUSED)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(String(32))
    about: Mapped[JsonObject]
    awaits_text: Mapped[bool]
    asked_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answer: Mapped[JsonObject | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)
