"""People, what they hold, and who was invited."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.store.tables.base import NEVER_REUSED, Base, Id


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
    """A person's dated period on a post (``sekretariat`` included).

    A Plh ``stands_for`` the holding of whoever is absent, whose authority rests meanwhile. The surat tugas has
    ``letter_number`` and ``letter_date``. Authority changes at ``since`` and ``until``; what lies on the desk
    moves when the office next opens: at ``moves_at`` and ``returns_at``, done at ``moved_at`` and ``returned_at``.
    """

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
    stands_for: Mapped[int | None] = mapped_column(ForeignKey("holding.id"))
    letter_number: Mapped[str | None]
    letter_date: Mapped[date | None]
    appointed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    moves_at: Mapped[datetime | None]
    moved_at: Mapped[datetime | None]
    returns_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]


class InvitationRow(Base):
    """A single-use invitation to a post; only the hash of its code is kept.

    The code itself is made of ``nonce`` and the bot's token when the link is shown. Whoever accepts one that
    ``replaces`` a holding takes the post over from its holder, who keeps it until then.
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
    replaces: Mapped[int | None] = mapped_column(ForeignKey("holding.id"))


class FloodRow(Base):
    """How much somebody has sent lately: a bucket that leaks with time. Purged when it is empty."""

    __tablename__ = "flood"
    telegram_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    level: Mapped[float]
    at: Mapped[datetime] = mapped_column(index=True)
    told_at: Mapped[datetime | None]
