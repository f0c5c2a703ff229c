"""Cards: one message per task and holder, given out, refreshed, and made up for later."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.domain.notices import CardReplaced, EmptyPosts, TaskCard
from bot.services.alerts import alert
from bot.services.outbox import Delivery, edit, tell
from bot.store import queries
from bot.store.tables import CardRow, CaseRow, OutboxRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.services.work import Work
    from bot.store.tables import PersonRow

NOWHERE = 0
"""The chat of a card whose holder was forgotten; no chat has this id."""


def hand_out(work: Work, case: CaseRow, task: TaskRow, *, cause_id: int | None) -> None:
    """Give the task's card to everyone who holds a post it waits for; report posts without a holder."""
    waiting = [row.post_id for row in queries.task_posts(work.session, task.id) if row.reported_at is None]
    for person in queries.holders_of(work.session, case.office_id, waiting, work.at, strategic=task.strategic):
        give(work, task, person, cause_id=cause_id)
    if empty_posts(work, case.office_id, waiting, strategic=task.strategic):
        opening = work.calendar_of(case).next_opening(work.at)
        alert(work, case.office_id, EmptyPosts(task.id), case_id=case.id, cause_id=cause_id, not_before=opening)


def give(work: Work, task: TaskRow, person: PersonRow, *, cause_id: int | None = None) -> None:
    """Queue a person's card of a task, unless they have it or it is on its way."""
    card = queries.card_of(work.session, task.id, person.id)
    if card is None:
        card = CardRow(task_id=task.id, person_id=person.id, chat_id=person.telegram_id)
        work.session.add(card)
        work.session.flush()
    elif card.message_id is not None:
        refresh_card(work, card)
        return
    elif _on_its_way(work, card):
        return
    placed = tell(work, person, TaskCard(task.id), anchor=_anchor(card), cause_id=cause_id)
    card.folded_at = work.at if placed is not None and placed.folded else None


def give_anew(work: Work, task: TaskRow, person: PersonRow, *, cause_id: int | None = None) -> None:
    """Queue a card of a task as a new message; one that the person got earlier only points to it."""
    card = queries.card_of(work.session, task.id, person.id)
    if card is not None and card.message_id is not None:
        edit(work, card.chat_id, CardReplaced(), person_id=person.id, message_id=card.message_id)
        # What still waits to edit the old message finds none, and is dropped.
        card.message_id = None
        work.session.flush()
    give(work, task, person, cause_id=cause_id)


def open_folded(work: Work, task_id: int, person: PersonRow) -> None:
    """Queue the card that was kept from a chief's phone: they ask for it themselves."""
    card = queries.card_of(work.session, task_id, person.id)
    if card is None or card.folded_at is None or card.message_id is not None:
        return
    kept = update(OutboxRow).where(OutboxRow.anchor == _anchor(card), OutboxRow.state == Delivery.FOLDED)
    work.session.execute(kept.values(state=Delivery.DROPPED, finished_at=work.at))
    give(work, work.session.get_one(TaskRow, task_id), person, cause_id=person.id)


def refresh(work: Work, task_id: int) -> None:
    """Queue an edit of every card of a task, so that each shows the truth."""
    for card in queries.cards_of_task(work.session, task_id):
        refresh_card(work, card)


def refresh_of(work: Work, task_id: int, person_id: int, *, not_before: datetime | None = None) -> None:
    """Queue an edit of a person's card of a task, if they have one; ``not_before`` is when it shows what is true."""
    card = queries.card_of(work.session, task_id, person_id)
    if card is not None:
        refresh_card(work, card, not_before=not_before)


def refresh_card(work: Work, card: CardRow, *, more: bool = False, not_before: datetime | None = None) -> None:
    """Queue an edit of one card, compact unless ``more``; that of somebody who was forgotten is nowhere any more."""
    if card.chat_id == NOWHERE:
        return
    notice, anchor = TaskCard(card.task_id, more), _anchor(card)
    edit(work, card.chat_id, notice, person_id=card.person_id, anchor=anchor, not_before=not_before)


def refresh_pressed(work: Work, task_id: int, person: PersonRow, message_id: int | None, *, more: bool = False) -> None:
    """Queue an edit of the card whose button a person has pressed."""
    card = queries.card_of(work.session, task_id, person.id)
    if card is None:
        return
    if card.message_id is None:
        card.message_id = message_id  # the card reached the chat but its answer was lost on the way
    refresh_card(work, card, more=more)


def make_up(work: Work, person: PersonRow) -> None:
    """Queue the cards of a person's open tasks that never reached them, in the place of those that failed."""
    for _, task in queries.open_tasks_of(work.session, person.id, work.at):
        card = queries.card_of(work.session, task.id, person.id)
        if card is None or card.message_id is None:
            if card is not None:
                _drop_failed(work, card)
            give(work, task, person)


def empty_posts(work: Work, office_id: str, posts: Collection[str], *, strategic: bool = False) -> list[str]:
    """Return those of ``posts`` for which nobody may act now."""
    at, session = work.at, work.session
    return [post for post in posts if not queries.holders_of(session, office_id, [post], at, strategic=strategic)]


def _drop_failed(work: Work, card: CardRow) -> None:
    failed = update(OutboxRow).where(
        OutboxRow.anchor == _anchor(card), OutboxRow.edit.is_(False), OutboxRow.state == Delivery.DEAD
    )
    work.session.execute(failed.values(state=Delivery.DROPPED, finished_at=work.at))


def _on_its_way(work: Work, card: CardRow) -> bool:
    waiting = select(OutboxRow.id).where(
        OutboxRow.anchor == _anchor(card),
        OutboxRow.edit.is_(False),
        OutboxRow.state.in_([Delivery.PENDING, Delivery.SENDING, Delivery.FOLDED]),
    )
    return work.session.scalar(waiting) is not None


def _anchor(card: CardRow) -> str:
    return f"card:{card.id}"
