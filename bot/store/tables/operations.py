"""What the program notes about itself."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import Base, Id, JsonObject


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
    """That the database came back from a backup: what happened between the two moments is missing.

    ``jumps`` are the numbers of cases that were left out for it: ``office``, ``abbreviation``, ``year``,
    ``from`` (the last one drawn before) and ``to`` (the last one left out).
    """

    __tablename__ = "restoration"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    backup_at: Mapped[datetime]
    restored_at: Mapped[datetime]
    announced_at: Mapped[datetime | None]
    jumps: Mapped[list[JsonObject]] = mapped_column(JSON, default=list)
