"""Leases, send slots, priorities, hash chains, findings, digests, floods and forgotten people."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite only autoincrements INTEGER keys
NEW_TABLES = ("send_slot", "flood", "finding", "digest", "restoration", "calendar")


def upgrade() -> None:
    """Add what is new and give every event that exists its hash."""
    _new_tables_of_delivery()
    _new_tables_of_operations()
    _people()
    _delivery()
    _chains()
    _lasting_ids()


def downgrade() -> None:
    """Take it all away again; people who were forgotten have no account to go back to and stay without."""
    with op.batch_alter_table("event") as event:
        event.drop_column("hash")
    with op.batch_alter_table("case") as case:
        case.drop_column("head")
    _undo_delivery()
    with op.batch_alter_table("invitation") as invitation:
        invitation.drop_column("nonce")
    # An account is needed again: the negative id of the person is nobody's.
    op.execute(sa.text("UPDATE person SET telegram_id = -id WHERE telegram_id IS NULL"))
    with op.batch_alter_table("person") as person:
        person.drop_column("forgotten_at")
        person.alter_column("telegram_id", existing_type=sa.BigInteger(), nullable=False)
    for table in NEW_TABLES:
        op.drop_table(table)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _refers(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def _new_tables_of_delivery() -> None:
    op.create_table(
        "send_slot",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _moment("free_at"),
        _key("send_slot", "bot_id", "number"),
    )
    op.create_table(
        "flood",
        sa.Column("telegram_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        _moment("at"),
        _moment("told_at", nullable=True),
        _key("flood", "telegram_id"),
    )
    op.create_index("ix_flood_at", "flood", ["at"])


def _new_tables_of_operations() -> None:
    op.create_table(
        "finding",
        sa.Column("id", ID, nullable=False),
        sa.Column("office_id", sa.String(64), nullable=True),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        _moment("found_at"),
        _moment("told_at", nullable=True),
        _moment("resolved_at", nullable=True),
        _key("finding", "id"),
        sa.UniqueConstraint("kind", "subject", name="uq_finding_kind_subject"),
        _refers("finding", "office_id", "office"),
        _refers("finding", "case_id", "case"),
    )
    op.create_table(
        "digest",
        sa.Column("id", ID, nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        _moment("created_at"),
        _key("digest", "id"),
        sa.UniqueConstraint("office_id", "kind", "day", name="uq_digest_office_id_kind_day"),
        _refers("digest", "office_id", "office"),
    )
    op.create_table(
        "restoration",
        sa.Column("id", ID, nullable=False),
        _moment("backup_at"),
        _moment("restored_at"),
        _moment("announced_at", nullable=True),
        sa.Column("jumps", sa.JSON(), nullable=False),
        _key("restoration", "id"),
    )
    op.create_table(
        "calendar",
        sa.Column("id", ID, nullable=False),
        sa.Column("office_id", sa.String(64), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        _moment("since"),
        _key("calendar", "id"),
        _refers("calendar", "office_id", "office"),
    )
    op.create_index("ix_calendar_office_id", "calendar", ["office_id"])


def _people() -> None:
    with op.batch_alter_table("person") as person:
        person.alter_column("telegram_id", existing_type=sa.BigInteger(), nullable=True)
        person.add_column(_moment("forgotten_at", nullable=True))
    with op.batch_alter_table("invitation") as invitation:
        invitation.add_column(sa.Column("nonce", sa.String(64), nullable=True))
    _forget_codes(op.get_bind())


def _forget_codes(connection: sa.Connection) -> None:
    """Take the codes out of invitation links that still wait: from now on a link is made when it is sent."""
    outbox = sa.table("outbox", sa.column("id"), sa.column("notice"), sa.column("data", sa.JSON()))
    links = sa.select(outbox.c.id, outbox.c.data).where(outbox.c.notice == "InvitationLink")
    for row_id, data in connection.execute(links).all():
        kept = {"invitation_id": data["invitation_id"]}
        connection.execute(sa.update(outbox).where(outbox.c.id == row_id).values(data=kept))


def _delivery() -> None:
    with op.batch_alter_table("chat") as chat:
        chat.add_column(sa.Column("lease_owner", sa.String(64), nullable=True))
        chat.add_column(_moment("lease_until", nullable=True))
        chat.add_column(sa.Column("moved_to", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("priority", sa.Integer(), nullable=True))
        outbox.add_column(sa.Column("lost", sa.Integer(), nullable=True))
        outbox.add_column(_moment("first_tried_at", nullable=True))
    op.execute(sa.text("UPDATE outbox SET lost = 0, priority = CASE WHEN answer THEN 0 ELSE 1 END"))
    op.drop_index("ix_outbox_pending", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("priority", existing_type=sa.Integer(), nullable=False)
        outbox.alter_column("lost", existing_type=sa.Integer(), nullable=False)
        outbox.drop_column("answer")
    pending = sa.text("state = 'pending'")
    columns = ["chat_id", "priority", "id"]
    op.create_index("ix_outbox_pending", "outbox", columns, sqlite_where=pending, postgresql_where=pending)
    sending = sa.text("state = 'sending'")
    op.create_index("ix_outbox_sending", "outbox", ["chat_id"], sqlite_where=sending, postgresql_where=sending)
    anchored = sa.text("anchor IS NOT NULL")
    op.create_index("ix_outbox_anchor", "outbox", ["anchor"], sqlite_where=anchored, postgresql_where=anchored)


def _undo_delivery() -> None:
    op.drop_index("ix_outbox_anchor", "outbox")
    op.drop_index("ix_outbox_sending", "outbox")
    op.drop_index("ix_outbox_pending", "outbox")
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("answer", sa.Boolean(), nullable=True))
    op.execute(sa.text("UPDATE outbox SET answer = (priority = 0), state = replace(state, 'held', 'dead')"))
    with op.batch_alter_table("outbox") as outbox:
        outbox.alter_column("answer", existing_type=sa.Boolean(), nullable=False)
        outbox.drop_column("priority")
        outbox.drop_column("lost")
        outbox.drop_column("first_tried_at")
    pending = sa.text("state = 'pending'")
    op.create_index("ix_outbox_pending", "outbox", ["chat_id", "id"], sqlite_where=pending, postgresql_where=pending)
    with op.batch_alter_table("chat") as chat:
        chat.drop_column("lease_owner")
        chat.drop_column("lease_until")
        chat.drop_column("moved_to")


def _chains() -> None:
    with op.batch_alter_table("case") as case:
        case.add_column(sa.Column("head", sa.String(64), nullable=True))
    with op.batch_alter_table("event") as event:
        event.add_column(sa.Column("hash", sa.String(64), nullable=True))
    _fill_chains(op.get_bind())
    with op.batch_alter_table("case") as case:
        case.alter_column("head", existing_type=sa.String(64), nullable=False)
    with op.batch_alter_table("event") as event:
        event.alter_column("hash", existing_type=sa.String(64), nullable=False)


def _lasting_ids() -> None:
    """Let SQLite, too, never give an id twice that stood in a button; PostgreSQL's sequences do not.

    Left as it is by the way back: it takes nothing away.
    """
    if op.get_bind().dialect.name != "sqlite":
        return
    for table in ("holding", "case", "task", "question"):
        with op.batch_alter_table(table, recreate="always", table_kwargs={"sqlite_autoincrement": True}):
            pass


# --- the chain as it was defined when this migration was written; it never changes ------------

_MOMENT = sa.DateTime(timezone=True)
_CASE = sa.table("case", *(sa.column(name) for name in ("id", "office_id", "code", "title", "sop_version_id", "head")))
_VERSION = sa.table("sop_version", sa.column("id"), sa.column("content_hash"))
_EVENT = sa.table(
    "event",
    *(sa.column(name) for name in ("id", "case_id", "number", "kind", "by", "hash")),
    sa.column("at", _MOMENT),
    sa.column("data", sa.JSON()),
)


def _fill_chains(connection: sa.Connection) -> None:
    identity = sa.select(_CASE, _VERSION.c.content_hash).join(_VERSION, _VERSION.c.id == _CASE.c.sop_version_id)
    for case in connection.execute(identity).mappings().all():
        content = {"office": case["office_id"], "code": case["code"], "title": case["title"]}
        head = _digest({**content, "sop": case["content_hash"]})
        log = sa.select(_EVENT).where(_EVENT.c.case_id == case["id"]).order_by(_EVENT.c.number)
        for event in connection.execute(log).mappings().all():
            head = _digest(_content(head, event))
            connection.execute(sa.update(_EVENT).where(_EVENT.c.id == event["id"]).values(hash=head))
        connection.execute(sa.update(_CASE).where(_CASE.c.id == case["id"]).values(head=head))


def _content(previous: str, event: Any) -> dict[str, Any]:
    at: datetime = event["at"]
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    moment = at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    kept = {name: event[name] for name in ("number", "kind", "by", "data")}
    return {"previous": previous, "at": moment, **kept}


def _digest(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()
