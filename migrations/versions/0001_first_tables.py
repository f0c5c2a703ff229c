"""The first tables: offices, people, cases, tasks, reminders, questions and the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite only autoincrements INTEGER keys

TABLES = (
    *("office", "person", "bot", "chat", "telegram_update"),
    *("post", "holding", "invitation"),
    *("sop_version", "serial", "case", "event"),
    *("task", "task_post", "card", "reminder", "reminder_receipt"),
    *("question", "outbox"),
)
"""Every table, each after those it refers to."""


def upgrade() -> None:
    """Create every table."""
    _offices_and_people()
    _telegram()
    _posts()
    _definitions()
    _cases()
    _tasks()
    _reminders()
    _questions()
    _outbox()


def downgrade() -> None:
    """Drop every table, with its indexes."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name="_".join(("uq", table, *columns)))


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    condition = sa.text(where)
    op.create_index(name, table, columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


def _offices_and_people() -> None:
    op.create_table(
        "office",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.String(8), nullable=False),
        _key("office", "id"),
    )
    op.create_table(
        "person",
        sa.Column("id", ID, nullable=False),
        sa.Column("telegram_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        _moment("created_at"),
        _moment("unreachable_since", nullable=True),
        _key("person", "id"),
        _unique("person", "telegram_id"),
    )


def _telegram() -> None:
    op.create_table(
        "bot",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("username", sa.String(64), nullable=False),
        _key("bot", "id"),
    )
    op.create_table(
        "chat",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        _moment("blocked_until", nullable=True),
        _key("chat", "id"),
    )
    op.create_table(
        "telegram_update",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        _moment("received_at"),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("body", sa.JSON(), nullable=True),
        _key("telegram_update", "bot_id", "update_id"),
    )
    op.create_index("ix_telegram_update_received_at", "telegram_update", ["received_at"])


def _posts() -> None:
    op.create_table(
        "post",
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("superior", sa.String(64), nullable=True),
        _key("post", "office_id", "id"),
        _refers("post", "office_id", "office"),
    )
    op.create_table(
        "holding",
        sa.Column("id", ID, nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("post_id", sa.String(64), nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        _moment("since"),
        _moment("until", nullable=True),
        _key("holding", "id"),
        _refers("holding", "office_id", "office"),
        _refers("holding", "person_id", "person"),
    )
    op.create_index("ix_holding_post", "holding", ["office_id", "post_id"])
    op.create_index("ix_holding_person_id", "holding", ["person_id"])
    _partial("uq_holding_current", "holding", ["office_id", "post_id", "person_id"], "until IS NULL", unique=True)
    op.create_table(
        "invitation",
        sa.Column("id", ID, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("post_id", sa.String(64), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("created_by", ID, nullable=True),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.Column("used_by", ID, nullable=True),
        _key("invitation", "id"),
        _unique("invitation", "code_hash"),
        _refers("invitation", "office_id", "office"),
        _refers("invitation", "created_by", "person"),
        _refers("invitation", "used_by", "person"),
    )


def _definitions() -> None:
    op.create_table(
        "sop_version",
        sa.Column("id", ID, nullable=False),
        sa.Column("sop_id", sa.String(64), nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        _moment("created_at"),
        _key("sop_version", "id"),
        _unique("sop_version", "sop_id", "content_hash"),
        _refers("sop_version", "office_id", "office"),
    )
    op.create_table(
        "serial",
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("abbreviation", sa.String(16), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        _key("serial", "office_id", "abbreviation", "year"),
        _refers("serial", "office_id", "office"),
    )


def _cases() -> None:
    op.create_table(
        "case",
        sa.Column("id", ID, nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("sop_version_id", ID, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("started_by", ID, nullable=False),
        _moment("started_at"),
        _moment("ended_at", nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _key("case", "id"),
        _unique("case", "office_id", "code"),
        _refers("case", "office_id", "office"),
        _refers("case", "sop_version_id", "sop_version"),
        _refers("case", "started_by", "person"),
    )
    op.create_index("ix_case_office_status", "case", ["office_id", "status"])
    op.create_table(
        "event",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _moment("at"),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("by", ID, nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        _key("event", "id"),
        _unique("event", "case_id", "number"),
        _refers("event", "case_id", "case"),
        _refers("event", "by", "person"),
    )


def _tasks() -> None:
    op.create_table(
        "task",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        _moment("given_at"),
        _moment("due_at"),
        _moment("ended_at", nullable=True),
        sa.Column("outcome", sa.String(16), nullable=True),
        _key("task", "id"),
        _unique("task", "case_id", "number"),
        _refers("task", "case_id", "case"),
    )
    _partial("uq_task_open", "task", ["case_id"], "ended_at IS NULL", unique=True)
    op.create_table(
        "task_post",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("post_id", sa.String(64), nullable=False),
        _moment("reported_at", nullable=True),
        sa.Column("reported_by", ID, nullable=True),
        _key("task_post", "task_id", "post_id"),
        _refers("task_post", "task_id", "task"),
        _refers("task_post", "reported_by", "person"),
    )
    op.create_table(
        "card",
        sa.Column("id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        _key("card", "id"),
        _unique("card", "task_id", "person_id"),
        _refers("card", "task_id", "task"),
        _refers("card", "person_id", "person"),
    )


def _reminders() -> None:
    op.create_table(
        "reminder",
        sa.Column("id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        _moment("due_at"),
        _moment("settled_at", nullable=True),
        _key("reminder", "id"),
        _unique("reminder", "task_id", "kind", "sequence"),
        _refers("reminder", "task_id", "task"),
    )
    _partial("ix_reminder_pending", "reminder", ["due_at"], "settled_at IS NULL")
    op.create_table(
        "reminder_receipt",
        sa.Column("reminder_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        _moment("given_at"),
        _key("reminder_receipt", "reminder_id", "person_id"),
        _refers("reminder_receipt", "reminder_id", "reminder"),
        _refers("reminder_receipt", "person_id", "person"),
    )


def _questions() -> None:
    op.create_table(
        "question",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("awaits_text", sa.Boolean(), nullable=False),
        _moment("asked_at"),
        _moment("lapses_at"),
        _moment("answered_at", nullable=True),
        sa.Column("answer", sa.JSON(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        _key("question", "id"),
        _refers("question", "person_id", "person"),
    )
    op.create_index("ix_question_person", "question", ["person_id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("cause_id", ID, nullable=True),
        sa.Column("notice", sa.String(48), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("anchor", sa.String(48), nullable=True),
        sa.Column("edit", sa.Boolean(), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Boolean(), nullable=False),
        _moment("created_at"),
        _moment("not_before"),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        _moment("finished_at", nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        _key("outbox", "id"),
        _refers("outbox", "person_id", "person"),
        _refers("outbox", "cause_id", "person"),
    )
    _partial("ix_outbox_pending", "outbox", ["chat_id", "id"], "state = 'pending'")
