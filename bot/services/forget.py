"""Use case: forget a person (UU 27/2022), without breaking the record of what was done.

Account and name go, and everything that leads to the chat. What stays is a number: the event log says that
person 12 acted, and its hashes still hold, because they never covered a name. Texts that the person wrote
into cases belong to the office's archive and stay.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, CursorResult, delete, null, or_, select, update

from bot.domain.notices import EmptyPosts
from bot.domain.posts import SECRETARIAT, HoldingKind
from bot.messages.labels import label
from bot.services import cards
from bot.services.alerts import alert
from bot.services.changeovers import break_off
from bot.services.outbox import Delivery
from bot.store import queries
from bot.store.tables import (
    Base,
    BoardRow,
    CardRow,
    CaseRow,
    ChatRow,
    FloodRow,
    HoldingRow,
    InvitationRow,
    MenuButtonRow,
    OutboxRow,
    PersonRow,
    QuestionRow,
    QuietRow,
    UpdateRow,
)

if TYPE_CHECKING:
    from bot.services.work import Work

_IDS_END = 2**63  # what an id column takes


class UnknownPersonError(Exception):
    """Nobody has this id."""


class StillAdminError(Exception):
    """ADMIN_IDS names the account: the person would be known again with their next message."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person as the operator sees them; ``telegram_id`` is None for whoever was forgotten."""

    id: int
    telegram_id: int | None
    name: str
    posts: tuple[tuple[str, str], ...]  # (office id, post id)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was taken away: the person as they were, and rows by what they are."""

    person: Known
    removed: dict[str, int]
    unwatched: tuple[str, ...]  # offices that now have no sekretariat


def list_people(work: Work) -> list[Known]:
    """Return everybody the bot knows, by id."""
    people = work.session.scalars(select(PersonRow).order_by(PersonRow.id)).all()
    return [_known(work, person) for person in people]


def forget(work: Work, person_id: int) -> Forgotten:
    """Forget a person; raises UnknownPersonError, StillAdminError.

    Once more finds messages, questions and cards that a transaction of the same moment left behind. Rows that
    know only the account (chat, bucket, failed update) cannot be found by then: the daily purge takes them.
    """
    person = work.session.get(PersonRow, person_id, with_for_update=True) if 0 < person_id < _IDS_END else None
    if person is None:
        raise UnknownPersonError(person_id)
    if person.telegram_id is not None and person.telegram_id in work.library.admin_ids:
        raise StillAdminError(person_id)
    known = _known(work, person)
    removed = _remove_traces(work, person)
    person.telegram_id, person.name = None, label("person.forgotten")
    person.forgotten_at, person.unreachable_since = person.forgotten_at or work.at, None
    held = _end_holdings(work, person)
    removed["holdings"] = len(held)
    return Forgotten(known, removed, _unwatched(work, held))


def _known(work: Work, person: PersonRow) -> Known:
    held = queries.holdings_of(work.session, person.id, work.at)
    return Known(person.id, person.telegram_id, person.name, tuple((row.office_id, row.post_id) for row in held))


def _remove_traces(work: Work, person: PersonRow) -> dict[str, int]:
    account = person.telegram_id
    session = work.session
    chat = _delete(work, ChatRow, ChatRow.id == account)  # before its rows, as delivery locks them
    mine = CardRow.person_id == person.id
    # The card stays as the record of who held what; where it was shown goes.
    shown = session.execute(update(CardRow).where(mine).values(chat_id=cards.NOWHERE, message_id=None))
    # Not by its name, which somebody else may bear: one that was never used loses it with time (see traces).
    named = (InvitationRow.used_by == person.id, InvitationRow.name.is_not(None))
    invited = update(InvitationRow).where(*named).values(name=None)
    return {
        "outbox": _forget_messages(work, or_(OutboxRow.person_id == person.id, OutboxRow.chat_id == account)),
        "questions": _delete(work, QuestionRow, QuestionRow.person_id == person.id),
        "cards": _count(shown),
        "invitations": _count(session.execute(invited)),
        "updates": _forget_updates(work, account),
        "others": chat
        + _delete(work, FloodRow, FloodRow.telegram_id == account)
        + _delete(work, BoardRow, or_(BoardRow.person_id == person.id, BoardRow.chat_id == account))
        + _delete(work, QuietRow, QuietRow.person_id == person.id)
        + _delete(work, MenuButtonRow, MenuButtonRow.telegram_id == account),
    }


def _forget_messages(work: Work, theirs: ColumnElement[bool]) -> int:
    # What is just on its way keeps its row, emptied: its number must not become another message's meanwhile.
    emptied: dict[str, Any] = {"chat_id": cards.NOWHERE, "person_id": None, "data": {}, "anchor": None, "error": None}
    sending = update(OutboxRow).where(theirs, OutboxRow.state == Delivery.SENDING)
    ended = sending.values(**emptied, message_id=None, state=Delivery.DROPPED, finished_at=work.at)
    return _count(work.session.execute(ended)) + _delete(work, OutboxRow, theirs)


def _delete(work: Work, table: type[Base], which: ColumnElement[bool]) -> int:
    return _count(work.session.execute(delete(table).where(which)))


def _count(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0


def _forget_updates(work: Work, account: int | None) -> int:
    """Empty the failed updates that came from an account; that they were dealt with stays known."""
    kept = work.session.execute(
        select(UpdateRow.bot_id, UpdateRow.update_id, UpdateRow.body).where(UpdateRow.failure.is_not(None))
    ).all()
    theirs = [(row.bot_id, row.update_id) for row in kept if account is not None and account in _ids(row.body)]
    for bot_id, update_id in theirs:
        one = update(UpdateRow).where(UpdateRow.bot_id == bot_id, UpdateRow.update_id == update_id)
        work.session.execute(one.values(body=null()))
    return len(theirs)


def _ids(body: Any) -> set[int]:
    """Return every ``id`` in a piece of JSON."""
    inner: Iterable[Any] = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    here = {body["id"]} if isinstance(body, dict) and isinstance(body.get("id"), int) else set()
    return here.union(*map(_ids, inner))


def _end_holdings(work: Work, person: PersonRow) -> list[HoldingRow]:
    """End what the person holds or would; the sekretariat hears of tasks that nobody holds now."""
    theirs = HoldingRow.person_id == person.id, queries.lasts(work.at)
    lasting = list(work.session.scalars(select(HoldingRow).where(*theirs).order_by(HoldingRow.id)))
    held = [holding for holding in lasting if holding.kind == HoldingKind.DEFINITIVE]
    for holding in held:
        holding.until = work.at
    work.session.flush()
    for holding in lasting:
        if holding not in held:
            break_off(work, holding)
    for holding in lasting:
        for task in queries.open_tasks_of_posts(work.session, holding.office_id, [holding.post_id]):
            if cards.empty_posts(work, holding.office_id, [holding.post_id]):
                case = work.session.get_one(CaseRow, task.case_id)
                opening = work.calendar_of(case).next_opening(work.at)
                alert(work, case.office_id, EmptyPosts(task.id), case_id=case.id, not_before=opening)
    return lasting


def _unwatched(work: Work, held: list[HoldingRow]) -> tuple[str, ...]:
    watched = [row.office_id for row in held if row.post_id == SECRETARIAT]
    return tuple(office for office in watched if not queries.secretariat_of(work.session, office, work.at))
