"""What Telegram calls the pictures it has already, and which chats open the live board."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NEW_TABLES = ("paper_sent", "menu_button")


def upgrade() -> None:
    """Add what is new; nothing that a running program of the former release needs goes away."""
    _pictures()
    _board()


def downgrade() -> None:
    """Take it all away again: every picture is drawn anew."""
    for table in NEW_TABLES:
        op.drop_table(table)


def _pictures() -> None:
    op.create_table(
        "paper_sent",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("photos", sa.Boolean(), nullable=False),
        sa.Column("file_ids", sa.JSON(), nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "digest", name="pk_paper_sent"),
    )
    op.create_index("ix_paper_sent_used_at", "paper_sent", ["used_at"])


def _board() -> None:
    op.create_table(
        "menu_button",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bot_id", "telegram_id", name="pk_menu_button"),
    )
