"""Posts over time, the card's whole life, holds, attachments, groups and boards, and the office's own settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite only autoincrements INTEGER keys
MOMENT = sa.DateTime(timezone=True)
AGAIN = {"sqlite_autoincrement": True}  # SQLite makes the table anew, and must still never give an id twice
NEW_TABLES = ("board", "office_chat", "office_setting", "alert_thread", "attachment", "quiet", "task_seen", "tick")


def upgrade() -> None:
    """Add what is new; nothing that a running program of the former release needs goes away."""
    _monitors()
    _evidence()
    _cases_and_people()
    _tasks()


def downgrade() -> None:
    """Take it all away again; of a task whose reminders were planned anew, the last plan stays."""
    outdated = (
        sa.select(_REMINDER.c.id).join(_TASK, _TASK.c.id == _REMINDER.c.task_id).where(_REMINDER.c.plan != _TASK.c.plan)
    )
    op.execute(sa.delete(_RECEIPT).where(_RECEIPT.c.reminder_id.in_(outdated)))
    op.execute(sa.delete(_REMINDER).where(_REMINDER.c.id.in_(outdated)))
    with op.batch_alter_table("reminder") as reminder:
        reminder.drop_constraint("uq_reminder_task_id_plan_kind_sequence", type_="unique")
        reminder.create_unique_constraint("uq_reminder_task_id_kind_sequence", ["task_id", "kind", "sequence"])
        reminder.drop_column("plan")
    with op.batch_alter_table("task_post") as task_post:
        task_post.drop_constraint("fk_task_post_claimed_by_person", type_="foreignkey")
        for column in ("claimed_at", "claimed_by"):
            task_post.drop_column(column)
    with op.batch_alter_table("task", table_kwargs=AGAIN) as task:
        for column in ("real_ended_at", "plan", "held_at", "held_outside", "adjusted", "strategic"):
            task.drop_column(column)
    with op.batch_alter_table("outbox") as outbox:
        outbox.drop_column("topic")
    with op.batch_alter_table("card") as card:
        card.drop_column("folded_at")
    with op.batch_alter_table("invitation") as invitation:
        invitation.drop_constraint("fk_invitation_replaces_holding", type_="foreignkey")
        invitation.drop_column("replaces")
    with op.batch_alter_table("holding", table_kwargs=AGAIN) as holding:
        holding.drop_constraint("fk_holding_stands_for_holding", type_="foreignkey")
        holding.drop_constraint("fk_holding_appointed_by_person", type_="foreignkey")
        for column in _HOLDING:
            holding.drop_column(column)
    with op.batch_alter_table("case", table_kwargs=AGAIN) as case:
        case.drop_column("secret")
    for table in NEW_TABLES:
        op.drop_table(table)


_TASK = sa.table("task", sa.column("id"), sa.column("plan"))
_REMINDER = sa.table("reminder", sa.column("id"), sa.column("task_id"), sa.column("plan"))
_RECEIPT = sa.table("reminder_receipt", sa.column("reminder_id"))
_HOLDING = (
    "stands_for",
    "letter_number",
    "letter_date",
    "appointed_by",
    "moves_at",
    "moved_at",
    "returns_at",
    "returned_at",
)


def _monitors() -> None:
    op.create_table(
        "board",
        sa.Column("id", ID, nullable=False),
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", ID, nullable=True),
        sa.Column("topic", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("pinned_at", MOMENT, nullable=True),
        sa.Column("refused_at", MOMENT, nullable=True),
        sa.Column("shown_at", MOMENT, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_board_office_id_office"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_board_person_id_person"),
        sa.PrimaryKeyConstraint("id", name="pk_board"),
        sa.UniqueConstraint("office_id", "chat_id", name="uq_board_office_id_chat_id"),
    )
    op.create_table(
        "office_chat",
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("set_by", ID, nullable=True),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("lost_at", MOMENT, nullable=True),
        sa.Column("lost_why", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_office_chat_office_id_office"),
        sa.ForeignKeyConstraint(["set_by"], ["person.id"], name="fk_office_chat_set_by_person"),
        sa.PrimaryKeyConstraint("office_id", name="pk_office_chat"),
    )
    op.create_table(
        "office_setting",
        sa.Column("office_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("by", ID, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["by"], ["person.id"], name="fk_office_setting_by_person"),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name="fk_office_setting_office_id_office"),
        sa.PrimaryKeyConstraint("office_id", "version", name="pk_office_setting"),
    )


def _evidence() -> None:
    op.create_table(
        "alert_thread",
        sa.Column("id", ID, nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_alert_thread_case_id_case"),
        sa.PrimaryKeyConstraint("id", name="pk_alert_thread"),
        sa.UniqueConstraint("chat_id", "case_id", name="uq_alert_thread_chat_id_case_id"),
    )
    op.create_table(
        "attachment",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("file_id", sa.Text(), nullable=False),
        sa.Column("file_unique_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("photo", sa.Boolean(), nullable=False),
        sa.Column("album", sa.String(length=255), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("failed", sa.Text(), nullable=True),
        sa.Column("tried_at", MOMENT, nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name="fk_attachment_case_id_case"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_attachment_person_id_person"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_attachment_task_id_task"),
        sa.PrimaryKeyConstraint("id", name="pk_attachment"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("attachment") as batch_op:
        batch_op.create_index("ix_attachment_case_id", ["case_id"])
        batch_op.create_index("ix_attachment_task_id", ["task_id"])
    _signs()


def _signs() -> None:
    op.create_table(
        "quiet",
        sa.Column("id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("task_id", ID, nullable=True),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_quiet_person_id_person"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_quiet_task_id_task"),
        sa.PrimaryKeyConstraint("id", name="pk_quiet"),
    )
    with op.batch_alter_table("quiet") as batch_op:
        batch_op.create_index("ix_quiet_person", ["person_id", "until"])

    op.create_table(
        "task_seen",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_task_seen_person_id_person"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_task_seen_task_id_task"),
        sa.PrimaryKeyConstraint("task_id", "person_id", name="pk_task_seen"),
    )
    op.create_table(
        "tick",
        sa.Column("task_id", ID, nullable=False),
        sa.Column("item", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_tick_person_id_person"),
        sa.ForeignKeyConstraint(["task_id"], ["task.id"], name="fk_tick_task_id_task"),
        sa.PrimaryKeyConstraint("task_id", "item", name="pk_tick"),
    )


def _cases_and_people() -> None:
    with op.batch_alter_table("case", table_kwargs=AGAIN) as batch_op:
        batch_op.add_column(sa.Column("secret", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("holding", table_kwargs=AGAIN) as batch_op:
        batch_op.add_column(sa.Column("stands_for", ID, nullable=True))
        batch_op.add_column(sa.Column("letter_number", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("letter_date", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("appointed_by", ID, nullable=True))
        batch_op.add_column(sa.Column("moves_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("moved_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("returns_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("returned_at", MOMENT, nullable=True))
        batch_op.create_foreign_key("fk_holding_stands_for_holding", "holding", ["stands_for"], ["id"])
        batch_op.create_foreign_key("fk_holding_appointed_by_person", "person", ["appointed_by"], ["id"])

    with op.batch_alter_table("invitation") as batch_op:
        batch_op.add_column(sa.Column("replaces", ID, nullable=True))
        batch_op.create_foreign_key("fk_invitation_replaces_holding", "holding", ["replaces"], ["id"])


def _tasks() -> None:
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(sa.Column("topic", sa.BigInteger(), nullable=True))

    with op.batch_alter_table("card") as batch_op:
        batch_op.add_column(sa.Column("folded_at", MOMENT, nullable=True))

    with op.batch_alter_table("reminder") as batch_op:
        batch_op.add_column(sa.Column("plan", sa.Integer(), server_default="1", nullable=False))
        batch_op.drop_constraint("uq_reminder_task_id_kind_sequence", type_="unique")
        batch_op.create_unique_constraint(
            "uq_reminder_task_id_plan_kind_sequence", ["task_id", "plan", "kind", "sequence"]
        )

    with op.batch_alter_table("task", table_kwargs=AGAIN) as batch_op:
        batch_op.add_column(sa.Column("real_ended_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("plan", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("held_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("held_outside", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("adjusted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("strategic", sa.Boolean(), server_default=sa.false(), nullable=False))

    with op.batch_alter_table("task_post") as batch_op:
        batch_op.add_column(sa.Column("claimed_at", MOMENT, nullable=True))
        batch_op.add_column(sa.Column("claimed_by", ID, nullable=True))
        batch_op.create_foreign_key("fk_task_post_claimed_by_person", "person", ["claimed_by"], ["id"])
