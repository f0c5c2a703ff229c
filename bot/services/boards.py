"""The living board of an office: one message in its group, and one for each monitor who wants it in private.

Looked at by every sweep. What happened shows within a minute or so, the passing of time every quarter of a working
hour, and what would read the same is not sent at all: an edit counts as much as a message with Telegram.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select, update

from bot.domain.errors import DomainError
from bot.domain.notices import Board, BoardClosed
from bot.domain.posts import SECRETARIAT
from bot.messages.board import board_shown
from bot.messages.view import Recipient, View
from bot.services import outbox
from bot.services.groups import chat_for
from bot.services.outbox import Delivery, Priority
from bot.store import queries
from bot.store.races import insert_new
from bot.store.tables import BoardRow, OutboxRow, PersonRow

if TYPE_CHECKING:
    from bot.messages.board import Shown
    from bot.services.work import Work

AT_MOST_EVERY = timedelta(minutes=1)
"""However much happens, a board is not edited more often."""

TIME_PASSES = timedelta(minutes=15)
"""Working time after which a board on which nothing happened shows the time that is left anew."""

_HALF = 32  # hexadecimal digits


def post(
    work: Work,
    office_id: str,
    chat_id: int,
    *,
    topic: int | None = None,
    person_id: int | None = None,
    priority: Priority = Priority.DIGEST,
) -> None:
    """Show the board in a chat as a new message, to be pinned; one that is there already ends."""
    mine = select(BoardRow).where(BoardRow.office_id == office_id, BoardRow.chat_id == chat_id)
    insert_new(work.session, BoardRow, office_id=office_id, chat_id=chat_id)
    board = work.session.scalars(mine.with_for_update().execution_options(populate_existing=True)).one()
    if board.message_id is not None:
        outbox.edit(work, chat_id, BoardClosed(), person_id=board.person_id, message_id=board.message_id)
    board.topic, board.person_id = topic, person_id
    board.message_id = board.pinned_at = board.refused_at = None
    _show(work, board, _look(work, board), priority)


def close(work: Work, office_id: str, chat_id: int, *, reachable: bool = True) -> bool:
    """End the board of a chat; its message says so where the chat can be reached. False where there is none."""
    mine = select(BoardRow).where(BoardRow.office_id == office_id, BoardRow.chat_id == chat_id)
    board = work.session.scalar(mine.with_for_update())
    if board is None:
        return False
    _end(work, board, reachable=reachable)
    return True


def _end(work: Work, board: BoardRow, *, reachable: bool) -> None:
    waiting = OutboxRow.anchor == _anchor(board), OutboxRow.state == Delivery.PENDING
    dropped = update(OutboxRow).where(*waiting).values(state=Delivery.DROPPED, finished_at=work.at)
    work.session.execute(dropped, execution_options={"synchronize_session": "fetch"})
    if reachable and board.message_id is not None:
        outbox.edit(work, board.chat_id, BoardClosed(), person_id=board.person_id, message_id=board.message_id)
    work.session.delete(board)
    work.session.flush()


def without_topic(work: Work, chat_id: int, topic: int) -> None:
    """Note that a topic is closed or gone: the board is shown in the group's general one next time."""
    there = BoardRow.chat_id == chat_id, BoardRow.topic == topic
    anew = update(BoardRow).where(*there).values(topic=None, message_id=None, pinned_at=None, digest=None)
    work.session.execute(anew, execution_options={"synchronize_session": "fetch"})


def refresh_boards(work: Work) -> int:
    """Bring up to date what has to be; return how many boards are being edited or sent. Replicas may try at once."""
    due = select(BoardRow).where(_is_due(work)).order_by(BoardRow.id).with_for_update(skip_locked=True)
    return sum(_refresh(work, board) for board in work.session.scalars(due).all())


def _is_due(work: Work) -> ColumnElement[bool]:
    return or_(BoardRow.shown_at.is_(None), BoardRow.shown_at <= work.at - AT_MOST_EVERY)


def _refresh(work: Work, board: BoardRow) -> bool:
    if not _is_wanted(work, board):
        _end(work, board, reachable=True)
        return False
    if _cannot_be_read(work, board) or _under_way(work, board):
        return False
    shown = _look(work, board)
    if board.message_id is not None and not _worth_an_edit(work, board, shown):
        return False
    _show(work, board, shown)
    return True


def _is_wanted(work: Work, board: BoardRow) -> bool:
    """Whether the chat is still the office's group, or its owner still a monitor of the office."""
    if board.person_id is None:
        group = chat_for(work, board.office_id)
        return group is not None and group.lost_at is None and group.chat_id == board.chat_id
    person = work.session.get_one(PersonRow, board.person_id)
    if person.telegram_id in work.library.admin_ids:
        return True
    return SECRETARIAT in queries.posts_of(work.session, person.id, board.office_id, work.at)


def _cannot_be_read(work: Work, board: BoardRow) -> bool:
    person = work.session.get(PersonRow, board.person_id) if board.person_id else None
    return person is not None and person.unreachable_since is not None


def _under_way(work: Work, board: BoardRow) -> bool:
    """Whether the board is on its way: rendered when it is sent, it shows what is true then."""
    waiting = OutboxRow.anchor == _anchor(board), OutboxRow.state.in_([Delivery.PENDING, Delivery.SENDING])
    return work.session.scalar(select(OutboxRow.id).where(*waiting).limit(1)) is not None


def _worth_an_edit(work: Work, board: BoardRow, shown: Shown) -> bool:
    before = board.digest or ""
    if before[:_HALF] != _digest(shown.facts):
        return True
    if before[_HALF:] == _digest(shown.text) or board.shown_at is None:
        return False
    calendar = work.calendar_for(work.offices()[board.office_id])
    try:
        return calendar.between(board.shown_at, work.at) >= TIME_PASSES
    except DomainError:
        return False  # a calendar without working time: no time passes


def _look(work: Work, board: BoardRow) -> Shown:
    return board_shown(View(work, Recipient(board.chat_id, board.person_id)), board.office_id)


def _show(work: Work, board: BoardRow, shown: Shown, priority: Priority = Priority.DIGEST) -> None:
    board.shown_at, board.digest = work.at, _digest(shown.facts) + _digest(shown.text)
    work.session.flush()
    notice = Board(board.office_id)
    if board.message_id is not None:
        outbox.edit(
            work,
            board.chat_id,
            notice,
            person_id=board.person_id,
            anchor=_anchor(board),
            priority=Priority.DIGEST,
        )
        return
    outbox.put(
        work,
        board.chat_id,
        notice,
        person_id=board.person_id,
        anchor=_anchor(board),
        silent=True,
        priority=priority,
        topic=board.topic,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:_HALF]


def _anchor(board: BoardRow) -> str:
    return f"board:{board.id}"
