"""Any order of puts, edits, takes, deaths, answers and refusals, by several couriers, as time passes."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete

from bot.domain.notices import CardReplaced, Help
from bot.services import leases, outbox
from bot.services.deliver import Parcel, begin, give_up, postpone, sent, take
from bot.services.outbox import Delivery, Priority
from bot.services.pacing import SEND_DEADLINE, Limits, Sender
from bot.store.tables import ChatRow, OutboxRow, SendSlotRow
from tests.services.conftest import BOT_ID, Town

if TYPE_CHECKING:
    from bot.services.work import Work

LIMIT = 2
SENDERS = [Sender(name, BOT_ID, Limits(per_second=LIMIT)) for name in ("here", "there")]
CHATS = [8001, 8002, 8004, 8005, -8003]
WAITS = st.sampled_from([timedelta(seconds=seconds) for seconds in (0.1, 0.4, 0.4, 1, 8)])
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking takes minutes on a real database
END = {Delivery.SENT, Delivery.DROPPED, Delivery.DEAD}


class Outbox(RuleBasedStateMachine):
    """Two couriers, five chats, a token with two sends a second. ``town`` is set by the test."""

    town: Town

    def __init__(self) -> None:
        super().__init__()
        self.town.run(_empty)
        for sender in SENDERS:
            self.town.run(begin, sender)
        self.hands: dict[str, list[tuple[Parcel, datetime]]] = defaultdict(list)
        self.counted_until: list[datetime] = []  # the last moment at which Telegram may have counted a send
        self.put: set[int] = set()
        for chat in [*CHATS, *CHATS]:
            self.queues(chat, Priority.ORDINARY, later=0)

    # --- what happens -------------------------------------------------------------------------

    @rule(chat=st.sampled_from(CHATS), priority=st.sampled_from(Priority), later=st.sampled_from([0, 0, 0, 2]))
    def queues(self, chat: int, priority: Priority, later: int) -> None:
        not_before = self.town.at + timedelta(seconds=later)
        self.town.run(outbox.put, chat, Help(), priority=priority, not_before=not_before)
        self.put.add(self.town.mark())

    @rule(chat=st.sampled_from(CHATS))
    def edits_the_last_message(self, chat: int) -> None:
        known = [row.message_id for row in self.town.rows(OutboxRow) if row.chat_id == chat and row.message_id]
        if known:
            self.town.run(outbox.edit, chat, CardReplaced(), person_id=None, message_id=known[-1])
            self.put.add(self.town.mark())

    @rule(sender=st.sampled_from(SENDERS), limit=st.integers(1, 3))
    def takes(self, sender: Sender, limit: int) -> None:
        busy = [parcel.chat_id for parcel, _ in self.hands[sender.owner]]
        for parcel in self.town.run(take, sender, limit=limit, busy=busy).parcels:
            start = self.town.at + parcel.wait
            # Telegram counts a send at some moment between its start and its answer.
            recent = sum(moment > start - timedelta(seconds=1) for moment in self.counted_until)
            assert recent + sum(map(len, self.hands.values())) < LIMIT
            self.hands[sender.owner].append((parcel, start))

    @precondition(lambda self: any(self.hands.values()))
    @rule(data=st.data(), outcome=st.sampled_from(["sent", "sent", "later", "never"]))
    def is_answered(self, data: st.DataObject, outcome: str) -> None:
        owner = data.draw(st.sampled_from([owner for owner, held in self.hands.items() if held]))
        parcel, start = self.hands[owner].pop(0)
        self.town.at = max(self.town.at, start)
        self.counted_until.append(self.town.at)
        row = self._row(parcel.outbox_id)
        fresh = (row.state, row.attempts) == (Delivery.SENDING, parcel.attempts)
        if outcome == "sent":
            self.town.run(sent, parcel, None if parcel.edits else len(self.counted_until) + 100)
        elif outcome == "later":
            self.town.run(postpone, parcel, timedelta(seconds=2), "Bad Gateway")
        else:
            self.town.run(give_up, parcel, "Message is too long")
        assert fresh or self._row(parcel.outbox_id).attempts > parcel.attempts or row.state in END

    @rule(sender=st.sampled_from(SENDERS))
    def dies(self, sender: Sender) -> None:
        self.counted_until += [start + SEND_DEADLINE for _, start in self.hands[sender.owner]]
        self.hands[sender.owner].clear()

    @rule(sender=st.sampled_from(SENDERS))
    def renews(self, sender: Sender) -> None:
        self.town.run(leases.renew, sender, [parcel.chat_id for parcel, _ in self.hands[sender.owner]])

    @rule(wait=WAITS)
    def time_passes(self, wait: timedelta) -> None:
        self.town.at += wait
        # No send is longer than its deadline: the courier has broken it off and says so.
        for owner, held in self.hands.items():
            late = [(parcel, start) for parcel, start in held if start + SEND_DEADLINE < self.town.at]
            self.hands[owner] = [pair for pair in held if pair not in late]
            for parcel, start in late:
                self.counted_until.append(start + SEND_DEADLINE)
                ago = self.town.at - start - SEND_DEADLINE
                self.town.run(postpone, parcel, timedelta(seconds=2), "Timed out", ago=ago)

    # --- what always holds --------------------------------------------------------------------

    @invariant()
    def nobody_has_a_chat_that_somebody_else_has(self) -> None:
        live = [parcel.chat_id for held in self.hands.values() for parcel, _ in held]
        assert len(live) == len(set(live))

    @invariant()
    def nothing_is_lost(self) -> None:
        assert {row.id for row in self.town.rows(OutboxRow)} == self.put

    def teardown(self) -> None:
        """Let everything come to its end: whatever happened, all that waits goes out, in order of each chat."""
        for held in self.hands.values():
            held.clear()
        left = [row for row in self.town.rows(OutboxRow) if row.state not in END]
        order: dict[int, list[tuple[int, int]]] = defaultdict(list)
        self.town.at += timedelta(minutes=1)
        first = {row.chat_id: row.id for row in left if row.state == Delivery.SENDING}
        while left:
            for parcel in self.town.run(take, SENDERS[0], limit=5).parcels:
                row = self._row(parcel.outbox_id)
                rank = min(Priority) - 1 if first.get(parcel.chat_id) == row.id else row.priority
                order[parcel.chat_id].append((rank, row.id))
                self.town.run(sent, parcel, None if parcel.edits else 1)
            self.town.at += timedelta(seconds=5)
            before, left = left, [row for row in self.town.rows(OutboxRow) if row.state not in END]
            assert len(left) < len(before)
        assert all(row.state in END for row in self.town.rows(OutboxRow))
        assert all(taken == sorted(taken) for taken in order.values())

    def _row(self, outbox_id: int) -> OutboxRow:
        return next(row for row in self.town.rows(OutboxRow) if row.id == outbox_id)


def _empty(work: Work) -> None:
    for table in (OutboxRow, ChatRow, SendSlotRow):
        work.session.execute(delete(table))


@pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
def test_whatever_happens_order_leases_and_limits_hold_and_nothing_is_lost(staffed: Town) -> None:
    Outbox.town = staffed
    run_state_machine_as_test(
        Outbox, settings=settings(max_examples=20, stateful_step_count=30, deadline=None, phases=PHASES)
    )
