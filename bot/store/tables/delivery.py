"""What goes to Telegram and comes from it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, Diagnosis, Id, JsonObject


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

    ``anchor`` names the row that keeps the message id (``card:7``, ``question:3``, ``board:2``, ``alert:5``); with
    ``edit`` the message of that anchor, or else ``message_id``, is edited instead of a new one sent.
    ``cause_id`` is the person whose own action led to it: they may be answered at any hour.
    ``priority`` (see bot.services.outbox.Priority): the lowest of a chat goes first.
    ``first_tried_at`` is when it could first have gone out; its time to live counts from there.
    ``lost`` is how many attempts in a row have ended without an outcome. ``topic`` is that of a forum group.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index(
            "ix_outbox_pending",
            "chat_id",
            "priority",
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
    topic: Mapped[int | None] = mapped_column(BigInteger)
    lost: Mapped[int] = mapped_column(default=0)
    first_tried_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    message_id: Mapped[int | None] = mapped_column(BigInteger)


class PaperSentRow(Base):
    """What one bot calls the files of a paper (its content, as drawn by this release): sent again without an upload.

    ``file_ids`` are a picture's pages as photos (``photos``), or one document. Purged some time after ``used_at``.
    """

    __tablename__ = "paper_sent"
    bot_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    photos: Mapped[bool]
    file_ids: Mapped[list[str]] = mapped_column(JSON)
    used_at: Mapped[datetime] = mapped_column(index=True)


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
