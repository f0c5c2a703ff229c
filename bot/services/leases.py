"""Leases on chats: whoever holds a chat's lease is the only one who sends to it.

A lease is longer than the longest send, is renewed while its holder lives, and lapses by itself when
the holder has died. Nothing is locked while a message is on its way.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, cast, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.services.outbox import Delivery, Priority
from bot.services.pacing import SECOND, SEND_DEADLINE, SKEW
from bot.store.tables import ChatRow, OutboxRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.services.pacing import Sender
    from bot.services.work import Work

LEASE = SEND_DEADLINE + timedelta(seconds=5)

FRESH = LEASE - SEND_DEADLINE - timedelta(seconds=1)
"""How long after its take a send may begin: later it might not have ended when the lease has."""

LONGEST_REST = timedelta(hours=1)
"""For how long a chat rests at most; a Telegram that wants more says so again."""

_RANK = 2**48  # no outbox ever has that many rows


def ready(work: Work) -> ColumnElement[bool]:
    """Return the rows that may go out by themselves; one that is being sent is so once its chat's lease lapsed."""
    return or_(OutboxRow.state == Delivery.SENDING, and_(*_due(work)))


def _due(work: Work) -> tuple[ColumnElement[bool], ...]:
    # What was to go out at once does so, even where the clock was set back since.
    moment = or_(OutboxRow.not_before <= work.at, OutboxRow.not_before <= OutboxRow.created_at)
    return OutboxRow.state == Delivery.PENDING, moment


def free_chats(work: Work, sender: Sender, most: int, *, but: Collection[int]) -> dict[int, ChatRow]:
    """Return up to ``most`` chats that have something to send and nobody who sends it, locked; by the first row's id.

    The chat with the most urgent, then oldest first row comes first.
    """
    chats = _locked(work, sender, most, but)
    if len(chats) < most and _make_chats(work):
        return _locked(work, sender, most, but)
    return chats


def _locked(work: Work, sender: Sender, most: int, but: Collection[int]) -> dict[int, ChatRow]:
    free = _unheld_and_rested(work, sender)
    first = select(ChatRow.id, _first_place(work).label("place")).where(*free, ChatRow.id.not_in(but)).subquery()
    query = select(ChatRow, first.c.place).join(first, first.c.id == ChatRow.id)
    waiting = query.where(*free, first.c.place.is_not(None))
    sooner = case((ChatRow.id.in_(_long_backlogs(work, sender)), _RANK // 2), else_=0)
    locked = waiting.order_by(first.c.place - sooner).limit(most).with_for_update(of=ChatRow, skip_locked=True)
    found = work.session.execute(locked.execution_options(populate_existing=True)).all()
    return {place % _RANK: chat for chat, place in found}


def _first_place(work: Work) -> ColumnElement[int]:
    """Return where a chat's first row stands: what a dead courier was sending, then by urgency, then by age.

    Two looks into an index for each chat, however many rows wait.
    """
    here = OutboxRow.chat_id == ChatRow.id
    lost = select(func.min(OutboxRow.id) + (min(Priority) - 1) * _RANK).where(here, OutboxRow.state == Delivery.SENDING)
    place = cast(OutboxRow.priority, BigInteger) * _RANK + OutboxRow.id
    due = select(place).where(here, *_due(work)).order_by(OutboxRow.priority, OutboxRow.id).limit(1)
    parts = (query.correlate(ChatRow).scalar_subquery() for query in (lost, due))
    return func.coalesce(*parts)


def _long_backlogs(work: Work, sender: Sender) -> list[int]:
    """Return the chats whose backlog, one message after the other, lasts as long as that of all chats together.

    Among equally urgent chats they go first: in order of age alone everybody would wait for them at the end.
    """
    if sender.limits.unlimited:
        return []
    waiting = select(OutboxRow.chat_id, func.count()).where(*_due(work)).group_by(OutboxRow.chat_id)
    backlog = {chat: count for chat, count in work.session.execute(waiting)}  # noqa: C416 - rows, not pairs, for mypy
    together = timedelta(seconds=sum(backlog.values()) / sender.limits.per_second)
    if together < SECOND:
        return []
    return [chat for chat, count in backlog.items() if (count - 1) * sender.limits.gap(chat) > together - SECOND]


def _unheld_and_rested(work: Work, sender: Sender) -> tuple[ColumnElement[bool], ...]:
    unheld = or_(
        ChatRow.lease_until.is_(None), ChatRow.lease_until <= work.at, ChatRow.lease_until > work.at + LEASE + SKEW
    )
    rested = or_(
        ChatRow.blocked_until.is_(None),
        ChatRow.blocked_until <= work.at + sender.limits.ahead,
        _astray(work, ChatRow.blocked_until),
    )
    return unheld, rested


def _astray(work: Work, rest: Any) -> Any:
    """Whether a rest (a column, or its value) ends later than one can: the clock was set back since."""
    return rest > work.at + LONGEST_REST + SKEW


def _make_chats(work: Work) -> bool:
    """Make the rows of chats that have something to send for the first time; return whether there were any."""
    known = select(ChatRow.id).where(ChatRow.id == OutboxRow.chat_id)
    waiting = select(OutboxRow.chat_id).where(OutboxRow.state == Delivery.PENDING, ~known.exists()).distinct()
    missing = work.session.scalars(waiting.order_by(OutboxRow.chat_id)).all()
    if missing:
        insert = sqlite.insert if work.session.get_bind().dialect.name == "sqlite" else postgresql.insert
        work.session.execute(insert(ChatRow).values([{"id": chat} for chat in missing]).on_conflict_do_nothing())
    return bool(missing)


def claim(work: Work, sender: Sender, chat: ChatRow) -> None:
    """Lease a chat that ``free_chats`` returned."""
    chat.lease_owner, chat.lease_until = sender.owner, work.at + LEASE
    if chat.blocked_until is not None and _astray(work, chat.blocked_until):
        chat.blocked_until = None


def renew(work: Work, sender: Sender, chats: Collection[int]) -> None:
    """Hold leases a while longer; one that lapsed and went to somebody else stays there."""
    held = (ChatRow.id.in_(chats), ChatRow.lease_owner == sender.owner)
    work.session.execute(update(ChatRow).where(*held).values(lease_until=work.at + LEASE))


def end(work: Work, sender: Sender, chat_id: int, rest_until: datetime) -> None:
    """Give a chat back, to rest until then."""
    chat = work.session.get(ChatRow, chat_id, with_for_update=True, populate_existing=True)
    if chat is None:
        return
    if chat.lease_owner == sender.owner:
        chat.lease_owner = chat.lease_until = None
    rest_until = min(rest_until, work.at + LONGEST_REST)
    if chat.blocked_until is None or chat.blocked_until < rest_until or _astray(work, chat.blocked_until):
        chat.blocked_until = rest_until


def release(work: Work, sender: Sender) -> None:
    """Give back all that a courier holds, at its end."""
    ours = update(ChatRow).where(ChatRow.lease_owner == sender.owner)
    work.session.execute(ours.values(lease_owner=None, lease_until=None))


def release_all(work: Work) -> None:
    """Give back what anybody holds: for a database with a single process, where the holder has died."""
    held = update(ChatRow).where(ChatRow.lease_owner.is_not(None))
    work.session.execute(held.values(lease_owner=None, lease_until=None))


def next_free(work: Work, *, but: Collection[int]) -> datetime | None:
    """Return the earliest later moment at which a chat with something to send may be taken; None for none."""
    waits = select(OutboxRow.chat_id, func.min(OutboxRow.not_before).label("since"))
    waits = waits.where(OutboxRow.state.in_([Delivery.PENDING, Delivery.SENDING]), OutboxRow.chat_id.not_in(but))
    rows = waits.group_by(OutboxRow.chat_id).subquery()
    query = select(rows.c.since, ChatRow.blocked_until, ChatRow.lease_until)
    found = work.session.execute(query.outerjoin(ChatRow, ChatRow.id == rows.c.chat_id)).all()
    moments = (max(moment for moment in row if moment is not None) for row in found)
    return min((moment for moment in moments if moment > work.at), default=None)
