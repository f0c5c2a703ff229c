"""Offices, posts, definitions and calendars."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, Id, JsonObject


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


class CalendarRow(Base):
    """That an office's calendar has had this content since that moment: deadlines given later can be computed again."""

    __tablename__ = "calendar"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("office.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    since: Mapped[datetime]
