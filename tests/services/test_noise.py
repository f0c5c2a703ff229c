"""A working week, message by message against the log: nobody hears more than they need, and nothing needed is dropped.

The same simulation with more cases is counted in docs/kebisingan.md.
"""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from benchmarks.noise import naive
from benchmarks.office_week import ABSENT, PEOPLE, ZONE, Plan, Week
from bot.app import read_library
from bot.domain.office_rules import CHIEF_CAP
from bot.domain.posts import SECRETARIAT
from bot.domain.reminders import ReminderKind
from bot.services.floods import BOUNDLESS
from bot.services.outbox import Delivery
from bot.settings import Settings
from bot.store import queries
from bot.store.database import Store, open_engine
from bot.store.tables import (
    CardRow,
    CaseRow,
    DigestRow,
    EventRow,
    OutboxRow,
    ReminderReceiptRow,
    ReminderRow,
    TaskRow,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

BY_ITSELF = {"MorningDigest", "WeekSummary", "WeeklyDigest", "StandinSet", "StandinBegan", "StandinEnded"}
"""What no event of a case brings."""


@pytest.fixture(scope="module")
def week(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Week]:
    file = tmp_path_factory.mktemp("noise") / "sop.db"
    shutil.copy(request.getfixturevalue("migrated_sqlite"), file)
    store = Store(open_engine(f"sqlite:///{file}"))
    library = replace(read_library(Settings(_env_file=None)), allowance=BOUNDLESS)
    week = Week(store, library, Plan(cases=4, warm_up=3))
    week.run()
    yield week
    store.close()


def _holders(week: Week, session: Session, task: TaskRow, at: datetime) -> set[int]:
    posts = week.sop.step(task.step).posts
    return {person.id for person in queries.holders_of(session, week.sop.office.id, posts, at)}


class Reached:
    """What has reached whom, also in the one message that tells a chief all that waits."""

    def __init__(self, week: Week, session: Session) -> None:
        sent = list(session.scalars(select(OutboxRow).where(OutboxRow.state == Delivery.SENT)))
        self.told: dict[int, datetime] = {row.id: _finished(row) for row in sent}
        self._briefed: dict[tuple[int, int], datetime] = {}
        for row in sent:
            if row.notice in {"ChiefBrief", "KeptBack"}:
                self._read_brief(session, row)
        every = list(session.scalars(select(OutboxRow).where(OutboxRow.edit.is_(False))))
        self._cards = {row.anchor: row.id for row in every if row.notice == "TaskCard" and row.id in self.told}
        folded = {row.anchor: row.id for row in every if row.notice == "TaskCard"}
        self._cards = folded | self._cards
        self._reminders = [row for row in every if row.notice == "Reminders" and row.id in self.told]
        self._tasks = {row.id: row.task_id for row in session.scalars(select(ReminderRow))}
        self._accounts = {week.people[who]: account for who, account in week.accounts.items()}

    def _read_brief(self, session: Session, row: OutboxRow) -> None:
        kept = row.data.get("outbox_ids", [])
        if row.notice == "ChiefBrief":
            data = session.get_one(DigestRow, row.data["digest_id"]).data
            kept = data["kept"]
            for task_id in data["tasks"]:
                self._briefed.setdefault((row.person_id or 0, task_id), _finished(row))
        for key in kept:
            self.told.setdefault(key, _finished(row))

    def card(self, card: CardRow) -> datetime | None:
        """Return when somebody first learnt of a task."""
        moments = [
            self.told.get(self._cards.get(f"card:{card.id}", 0)),
            self._briefed.get((card.person_id, card.task_id)),
        ]
        return min((moment for moment in moments if moment), default=None)

    def reminder(self, reminder: ReminderRow, person_id: int) -> bool:
        """Whether somebody got a reminder, or the later one of the same task that took its place in the message."""
        for row in self._reminders:
            ids = row.data["reminder_ids"]
            if row.chat_id == self._accounts[person_id] and any(
                self._tasks[key] == reminder.task_id and key >= reminder.id for key in ids
            ):
                return True
        return False


def _finished(row: OutboxRow) -> datetime:
    assert row.finished_at is not None
    return row.finished_at


def test_every_holder_has_the_card_of_a_task_before_the_first_moment_to_act(week: Week) -> None:
    def look(session: Session) -> int:
        reached, checked = Reached(week, session), 0
        cards = {(card.task_id, card.person_id): card for card in session.scalars(select(CardRow))}
        given = {(e.case_id, e.data["task"]): e.at for e in session.scalars(select(EventRow)) if e.kind == "TaskGiven"}
        for task in session.scalars(select(TaskRow)):
            at = given[task.case_id, task.number]
            for person_id in _holders(week, session, task, at):
                card = cards[task.id, person_id]
                folded = card.folded_at is not None
                in_time = week.calendar.next_day_opening(at) if folded else week.calendar.next_opening(at)
                if task.ended_at is not None and task.ended_at <= in_time and folded:
                    continue  # somebody else was quicker: there is nothing left to do
                moment = reached.card(card)
                assert moment is not None, (task.id, task.step, person_id)
                assert moment <= in_time, (task.id, task.step, person_id)
                checked += 1
        return checked

    assert week.ask(lambda work: look(work.session)) > 40


def test_every_time_up_reaches_holders_and_sekretariat_and_every_escalation_its_addressee(week: Week) -> None:
    monitors = {week.people[who] for who, post in PEOPLE.items() if post == SECRETARIAT}
    superiors = {post.id: post.superior for post in week.sop.posts}

    def look(session: Session) -> Counter[str]:
        reached, checked = Reached(week, session), Counter[str]()
        for reminder in session.scalars(select(ReminderRow).where(ReminderRow.settled_at.is_not(None))):
            given = select(ReminderReceiptRow).where(ReminderReceiptRow.reminder_id == reminder.id)
            receipts = {row.person_id: row.given_at for row in session.scalars(given)}
            if not receipts:
                continue  # its task ended first
            task, at = session.get_one(TaskRow, reminder.task_id), min(receipts.values())
            if reminder.kind == ReminderKind.DUE:
                assert receipts.keys() >= _holders(week, session, task, at) | monitors
            if reminder.kind == ReminderKind.SUPERIOR:
                above = {superiors[post] for post in week.sop.step(task.step).posts} - {None}
                people = queries.holders_of(session, week.sop.office.id, [post for post in above if post], at)
                assert receipts.keys() >= {person.id for person in people} | monitors
            for person_id in receipts:
                ended = task.ended_at is not None and task.ended_at <= week.calendar.next_day_opening(at)
                assert reached.reminder(reminder, person_id) or ended, (reminder.id, reminder.kind, person_id)
            checked[reminder.kind] += 1
        return checked

    checked = week.ask(lambda work: look(work.session))
    assert checked[ReminderKind.DUE] > 0
    assert checked[ReminderKind.SUPERIOR] > 0


def test_nobody_gets_the_same_twice(week: Week) -> None:
    def look(session: Session) -> list[tuple[int, str, str]]:
        sent = select(OutboxRow).where(OutboxRow.state == Delivery.SENT, OutboxRow.edit.is_(False))
        told = Counter((row.chat_id, row.notice, str(row.data)) for row in session.scalars(sent))
        return [key for key, times in told.items() if times > 1]

    assert week.ask(lambda work: look(work.session)) == []


def test_nobody_but_who_acted_hears_a_bell_outside_working_time(week: Week) -> None:
    assert [m for m in week.sent if m.rings and not m.own and not week.calendar.is_working(m.at)] == []


def test_in_a_week_of_few_cases_the_chief_stays_below_the_stated_number_of_messages_a_day(week: Week) -> None:
    told = [m for m in week.sent if m.who == ABSENT and not (m.edit or m.own)]
    days = Counter(message.at.astimezone(ZONE).date() for message in told)
    assert max(days.values()) <= CHIEF_CAP


def test_nobody_gets_more_than_a_bot_that_says_everything_and_the_office_far_less(week: Week) -> None:
    plain = Counter(message.who for message in naive(week))
    told = Counter(m.who for m in week.sent if not (m.edit or m.own) and m.kind not in BY_ITSELF)
    assert {who: count for who, count in told.items() if count > plain[who]} == {}
    ringing = sum(message.rings and not message.own for message in week.sent)
    assert ringing * 2 < plain.total()


def test_the_good_end_of_a_case_rings_only_for_who_started_it(week: Week) -> None:
    starters = week.ask(lambda work: {row.id: row.started_by for row in work.session.scalars(select(CaseRow))})
    rows = week.ask(lambda work: {row.id: row.data for row in work.session.scalars(select(OutboxRow))})
    ends = [m for m in week.sent if m.kind == "CaseFinished"]
    assert ends
    for message in ends:
        starter = week.people[message.who] == starters[rows[message.outbox_id]["case_id"]]
        assert message.own or not message.rings or starter


def test_of_a_mondays_two_digests_one_rings(week: Week) -> None:
    assert {message.rings for message in week.sent if message.kind == "WeeklyDigest"} == {False}
    assert {message.rings for message in week.sent if message.kind == "MorningDigest"} == {True}
