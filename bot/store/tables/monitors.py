"""Where an office's sekretariat watches, and what it has set."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, Id, JsonObject


class OfficeChatRow(Base):
    """The group (and its topic) that an office's alerts go to, as long as ``lost_at`` is empty."""

    __tablename__ = "office_chat"
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"), primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    topic: Mapped[int | None] = mapped_column(BigInteger)
    title: Mapped[str]
    set_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    set_at: Mapped[datetime]
    lost_at: Mapped[datetime | None]
    lost_why: Mapped[str | None] = mapped_column(String(32))


class AlertThreadRow(Base):
    """The first alert about a case in a chat: later ones reply to it. ``message_id`` is set when it is sent."""

    __tablename__ = "alert_thread"
    __table_args__ = (UniqueConstraint("chat_id", "case_id"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat_id: Mapped[int] = mapped_column(BigInteger)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    message_id: Mapped[int | None] = mapped_column(BigInteger)


class BoardRow(Base):
    """The one living message that shows an office's running cases in a chat: edited, and pinned where possible.

    ``digest`` is that of what it shows; ``shown_at`` when it was last brought up to date.
    """

    __tablename__ = "board"
    __table_args__ = (UniqueConstraint("office_id", "chat_id"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"))
    chat_id: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    topic: Mapped[int | None] = mapped_column(BigInteger)
    message_id: Mapped[int | None] = mapped_column(BigInteger)
    pinned_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]
    shown_at: Mapped[datetime | None]
    digest: Mapped[str | None] = mapped_column(String(64))


class OfficeSettingRow(Base):
    """One state of an office's own settings; the highest ``version`` counts."""

    __tablename__ = "office_setting"
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[JsonObject]
    by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    note: Mapped[str | None]
