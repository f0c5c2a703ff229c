"""The declared schema. Everything stored is UTC; a migration exists for every change here."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bot.logs import hide_secrets


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC moment; SQLite keeps it without an offset, so the offset is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive moments and store the rest in UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "only aware datetimes are stored"
            raise ValueError(message)
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - signature of the base class
        """Return the moment as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Diagnosis(TypeDecorator[str]):
    """What went wrong, for whoever mends it. Errors quote addresses: whatever secret is in it is not stored."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - signature of the base class
        """Hide secrets before the text is stored."""
        return None if value is None else hide_secrets(value)


Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite only autoincrements INTEGER keys
JsonObject = dict[str, Any]
# Ids that stand in buttons: an old message must never act on a row that came later. PostgreSQL never reuses one.
NEVER_REUSED = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """Base of all tables; constraints are named so that migrations can drop them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        JsonObject: JSON,
        str: Text,
    }


class OfficeRow(Base):
    """An office that any definition ever named."""

    __tablename__ = "office"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    zone: Mapped[str] = mapped_column(String(8))


class PostRow(Base):
    """The name of a post of an office, kept so that a removed file leaves no nameless post."""

    __tablename__ = "post"
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"), primary_key=True)
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str]
    superior: Mapped[str | None] = mapped_column(String(64))


class SopVersionRow(Base):
    """A definition by content; running cases pin the row they began with."""

    __tablename__ = "sop_version"
    __table_args__ = (UniqueConstraint("sop_id", "content_hash"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sop_id: Mapped[str] = mapped_column(String(64))
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"))
    content_hash: Mapped[str] = mapped_column(String(64))
    definition: Mapped[JsonObject]
    created_at: Mapped[datetime]


class PersonRow(Base):
    """A person the bot knows. ``unreachable_since`` is set when Telegram refuses the chat.

    Whoever is forgotten keeps the row, without account and name: the event log refers to it.
    """

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    telegram_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    name: Mapped[str]
    created_at: Mapped[datetime]
    unreachable_since: Mapped[datetime | None]
    forgotten_at: Mapped[datetime | None]

    @property
    def account(self) -> int:
        """The person's Telegram id; raises ValueError for whoever was forgotten."""
        if self.telegram_id is None:
            raise ValueError(self.id)
        return self.telegram_id


class HoldingRow(Base):
    """A person's dated period on a post (``sekretariat`` included)."""

    __tablename__ = "holding"
    __table_args__ = (
        Index("ix_holding_post", "office_id", "post_id"),
        Index(
            "uq_holding_current",
            "office_id",
            "post_id",
            "person_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        NEVER_REUSED,
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"))
    post_id: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class InvitationRow(Base):
    """A single-use invitation to a post; only the hash of its code is kept.

    The code itself is made of ``nonce`` and the bot's token when the link is shown.
    """

    __tablename__ = "invitation"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    nonce: Mapped[str | None] = mapped_column(String(64))
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"))
    post_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str | None]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))


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


class ReminderRow(Base):
    """A planned reminder of a task; it is the schedule. ``settled_at`` is set once it is dealt with."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("task_id", "kind", "sequence"),
        Index(
            "ix_reminder_pending",
            "due_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
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


class CardRow(Base):
    """A holder's card of a task: the one message that is edited. ``message_id`` is set when sent."""

    __tablename__ = "card"
    __table_args__ = (UniqueConstraint("task_id", "person_id"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)


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


class ChatRow(Base):
    """A chat's delivery state: no message goes to it before ``blocked_until``.

    While ``lease_until`` lies ahead, ``lease_owner`` alone sends to it. A group that became a
    supergroup has ``moved_to``.
    """

    __tablename__ = "chat"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    blocked_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    moved_to: Mapped[int | None] = mapped_column(BigInteger)


class SendSlotRow(Base):
    """One of the sends a token may make within a second; free again from ``free_at`` on.

    The rows of a token are its rate budget, shared by all replicas.
    """

    __tablename__ = "send_slot"
    bot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    free_at: Mapped[datetime]


class OutboxRow(Base):
    """An outgoing message or edit: a notice (kind and ids), rendered when it is sent.

    ``anchor`` names the row that keeps the message id (``card:7``, ``question:3``); with ``edit``
    the message of that anchor, or else ``message_id``, is edited instead of a new one sent.
    ``cause_id`` is the person whose own action led to it: they may be answered at any hour.
    ``priority`` (see bot.services.outbox.Priority): the lowest of a chat goes first.
    ``first_tried_at`` is when it could first have gone out; its time to live counts from there.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_pending",
            "chat_id",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        Index(
            "ix_outbox_sending",
            "chat_id",
            sqlite_where=text("state = 'sending'"),
            postgresql_where=text("state = 'sending'"),
        ),
        Index(
            "ix_outbox_anchor",
            "anchor",
            sqlite_where=text("anchor IS NOT NULL"),
            postgresql_where=text("anchor IS NOT NULL"),
        ),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    cause_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    notice: Mapped[str] = mapped_column(String(48))
    data: Mapped[JsonObject]
    anchor: Mapped[str | None] = mapped_column(String(48))
    edit: Mapped[bool]
    silent: Mapped[bool]
    priority: Mapped[int]
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    error: Mapped[str | None] = mapped_column(Diagnosis)
    first_tried_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)


class UpdateRow(Base):
    """An update that was dealt with, so that a redelivery repeats nothing. Purged after 7 days."""

    __tablename__ = "telegram_update"
    bot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    update_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    received_at: Mapped[datetime] = mapped_column(index=True)
    failure: Mapped[str | None] = mapped_column(Diagnosis)
    body: Mapped[JsonObject | None]


class BotRow(Base):
    """The bots this database serves; the username is needed for invitation links."""

    __tablename__ = "bot"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    username: Mapped[str] = mapped_column(String(64))


class FloodRow(Base):
    """How much somebody has sent lately: a bucket that leaks with time. Purged when it is empty."""

    __tablename__ = "flood"
    telegram_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    level: Mapped[float]
    at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]


class CalendarRow(Base):
    """That an office's calendar has had this content since that moment: deadlines given later can be computed again."""

    __tablename__ = "calendar"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]


class FindingRow(Base):
    """A difference between the event log and what the database or Telegram has; open until ``resolved_at``.

    ``told_at`` is when the sekretariat heard of it; one that comes back is told again.
    """

    __tablename__ = "finding"
    __table_args__ = (UniqueConstraint("kind", "subject"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str | None] = mapped_column(ForeignKey("office.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    detail: Mapped[JsonObject]
    found_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]


class DigestRow(Base):
    """A digest of an office for a day; unique, so that no replica sends it twice."""

    __tablename__ = "digest"
    __table_args__ = (UniqueConstraint("office_id", "kind", "day"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"))
    kind: Mapped[str] = mapped_column(String(16))
    day: Mapped[date]
    data: Mapped[JsonObject]
    created_at: Mapped[datetime]


class RestorationRow(Base):
    """That the database came back from a backup: what happened between the two moments is missing."""

    __tablename__ = "restoration"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    backup_at: Mapped[datetime]
    restored_at: Mapped[datetime]
    announced_at: Mapped[datetime | None]
