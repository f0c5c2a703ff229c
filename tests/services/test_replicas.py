"""Several couriers on one database: one sender to a chat, one budget for a token, no outcome from the past."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from bot.domain.notices import Help
from bot.metrics import REGISTRY
from bot.services import leases, outbox
from bot.services.deliver import Parcel, begin, give_up, postpone, put_back, sent, take
from bot.services.leases import FRESH, LEASE, LONGEST_REST
from bot.services.outbox import Delivery
from bot.services.pacing import AHEAD, SECOND, SEND_DEADLINE, UNLIMITED, Limits, Sender
from bot.store.tables import ChatRow, OutboxRow, SendSlotRow
from tests.services.conftest import BOT_ID, SENDER, Town

OTHER = Sender("there", BOT_ID)
MOMENT = timedelta(milliseconds=1)


def says(town: Town, *people: str) -> None:
    for who in people:
        town.run(outbox.put, town.ids[who], Help(), person_id=town.person_id(who))


def takes(town: Town, sender: Sender = SENDER, limit: int = 100) -> list[Parcel]:
    return town.run(take, sender, limit=limit).parcels


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("sop_bot_deliveries_total", {"outcome": outcome}) or 0.0


# --- leases ---------------------------------------------------------------------------------


def test_a_lease_outlasts_the_longest_send() -> None:
    assert FRESH + SEND_DEADLINE < LEASE
    assert AHEAD < FRESH


def test_a_chat_is_one_courier_s_until_the_outcome_is_written(staffed: Town) -> None:
    says(staffed, "Sari", "Sari", "Kemal")
    first, _ = takes(staffed)
    assert takes(staffed, OTHER) == []
    staffed.run(sent, first, 1)
    (second,) = takes(staffed, OTHER)
    assert second.chat_id == staffed.ids["Sari"]


def test_a_renewed_lease_does_not_lapse_and_a_lapsed_one_that_went_on_is_not_taken_back(staffed: Town) -> None:
    says(staffed, "Sari")
    takes(staffed)
    staffed.at += LEASE - MOMENT
    staffed.run(leases.renew, SENDER, [staffed.ids["Sari"]])
    staffed.at += LEASE - MOMENT
    assert takes(staffed, OTHER) == []
    staffed.at += MOMENT
    assert len(takes(staffed, OTHER)) == 1
    staffed.run(leases.renew, SENDER, [staffed.ids["Sari"]])
    assert [chat.lease_owner for chat in staffed.rows(ChatRow)] == [OTHER.owner]


def test_a_courier_that_stops_gives_its_chats_back(staffed: Town) -> None:
    says(staffed, "Sari", "Kemal")
    takes(staffed)
    staffed.run(leases.release, SENDER)
    assert len(takes(staffed, OTHER)) == 2


def test_the_courier_itself_does_not_take_back_what_it_still_has_in_hand(staffed: Town) -> None:
    """Its database was away for longer than the lease: the outcome is known and about to be written."""
    says(staffed, "Sari")
    (parcel,) = takes(staffed)
    staffed.at += LEASE
    assert staffed.run(take, SENDER, limit=5, busy=[parcel.chat_id]).parcels == []
    staffed.run(sent, parcel, 7)
    assert [row.state for row in staffed.rows(OutboxRow)] == [Delivery.SENT]


@pytest.mark.parametrize("outcome", ["sent", "postponed", "given up", "put back"])
def test_an_outcome_that_comes_after_another_courier_took_over_changes_nothing(
    staffed: Town, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    says(staffed, "Sari")
    (late,) = takes(staffed)
    staffed.at += LEASE
    repeats = counted("repeated")
    (again,) = takes(staffed, OTHER)
    assert counted("repeated") - repeats == 1
    before = [(row.state, row.attempts, row.error, row.message_id) for row in staffed.rows(OutboxRow)]
    match outcome:
        case "sent":
            staffed.run(sent, late, 4711)
        case "postponed":
            staffed.run(postpone, late, timedelta(0), "Bad Gateway")
        case "put back":
            staffed.run(put_back, late)
        case _:
            staffed.run(give_up, late, "Forbidden", unreachable=True)
    assert [(row.state, row.attempts, row.error, row.message_id) for row in staffed.rows(OutboxRow)] == before
    assert [chat.lease_owner for chat in staffed.rows(ChatRow)] == [OTHER.owner]
    assert "delivery.fenced" in {getattr(record, "action", "") for record in caplog.records}
    staffed.run(sent, again, 4712)
    assert [row.message_id for row in staffed.rows(OutboxRow)] == [4712]


@pytest.mark.parametrize("lasting_store", ["postgresql"], indirect=True)
def test_couriers_that_take_at_the_same_moment_never_get_the_same_chat_and_leave_none(staffed: Town) -> None:
    chats, replicas = range(9000, 9060), 4
    for chat in chats:
        staffed.run(outbox.put, chat, Help())
        staffed.run(outbox.put, chat, Help())
    starting = Barrier(replicas)
    taken: list[list[Parcel]] = [[] for _ in range(replicas)]

    def run(number: int) -> None:
        starting.wait()
        while got := takes(staffed, Sender(f"replica {number}", BOT_ID), limit=5):
            taken[number] += got

    threads = [Thread(target=run, args=(number,)) for number in range(replicas)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = Counter(parcel.chat_id for parcels in taken for parcel in parcels)
    assert counts == dict.fromkeys(chats, 1)


# --- the token's budget ---------------------------------------------------------------------

FEW = Limits(per_second=3)


def paced(town: Town, *names: str) -> list[Sender]:
    senders = [Sender(name, BOT_ID, FEW) for name in names]
    for sender in senders:
        town.run(begin, sender)
    return senders


def test_replicas_together_have_as_many_slots_as_one(staffed: Town) -> None:
    here, there = paced(staffed, "here", "there")
    says(staffed, "Sari", "Kemal", "Rini", "Bagus", "Endah")
    assert [len(takes(staffed, here, limit=2)), len(takes(staffed, there))] == [2, 1]
    assert takes(staffed, there) == []
    assert len(staffed.rows(SendSlotRow)) == 3


def test_a_slot_is_free_a_second_after_the_answer_however_long_that_took(staffed: Town) -> None:
    (here,) = paced(staffed, "here")
    says(staffed, "Sari", "Kemal", "Rini", "Bagus")
    parcels = takes(staffed, here)
    staffed.at += timedelta(seconds=9)
    staffed.run(sent, parcels[0], 1, ago=timedelta(seconds=0.25))
    free_at = staffed.at - timedelta(seconds=0.25) + SECOND
    staffed.at = free_at - AHEAD - MOMENT
    assert takes(staffed, here) == []
    staffed.at = free_at - AHEAD
    (parcel,) = takes(staffed, here)
    assert parcel.wait == AHEAD  # the transaction is done when the slot is free, and the courier waits for it


def test_the_slot_of_a_dead_courier_is_free_when_its_send_must_have_ended(staffed: Town) -> None:
    here, there = paced(staffed, "here", "there")
    says(staffed, "Sari", "Kemal", "Rini", "Bagus")
    assert len(takes(staffed, here)) == 3
    staffed.at += SEND_DEADLINE + SECOND - MOMENT
    assert takes(staffed, there) == []
    staffed.at += AHEAD + MOMENT
    assert [parcel.chat_id for parcel in takes(staffed, there)] == [staffed.ids["Bagus"]]


def test_an_answer_that_comes_after_its_slot_has_passed_on_does_not_free_it(staffed: Town) -> None:
    here, there = paced(staffed, "here", "there")
    says(staffed, "Sari", "Kemal", "Rini", "Bagus", "Endah", "Sinta", "Yosef")
    late = takes(staffed, here)
    staffed.at += SEND_DEADLINE + 2 * SECOND
    assert len(takes(staffed, there)) == 3
    for parcel in late:
        staffed.run(sent, parcel, 1)
    staffed.at += 2 * SECOND
    assert takes(staffed, here) == []


def test_a_private_chat_rests_a_second_after_the_answer_and_a_group_three(staffed: Town) -> None:
    (here,) = paced(staffed, "here")
    staffed.run(outbox.put, -100, Help())
    staffed.run(outbox.put, -100, Help())
    says(staffed, "Sari", "Sari")
    for parcel in takes(staffed, here):
        staffed.run(sent, parcel, 1)
    answered = staffed.at
    for chat, rest in ((staffed.ids["Sari"], 1), (-100, 3)):
        staffed.at = answered + timedelta(seconds=rest) - AHEAD - MOMENT
        assert takes(staffed, here) == []
        staffed.at += MOMENT
        (parcel,) = takes(staffed, here)
        assert (parcel.chat_id, parcel.wait) == (chat, AHEAD)
        staffed.run(sent, parcel, 1)


def test_where_the_budget_binds_answers_pass_cards_and_cards_pass_digests(staffed: Town) -> None:
    (here,) = paced(staffed, "here")
    urgency = {"Sari": outbox.Priority.DIGEST, "Kemal": outbox.Priority.ORDINARY, "Rini": outbox.Priority.ANSWER}
    for who, priority in (urgency | {"Bagus": outbox.Priority.DIGEST, "Endah": outbox.Priority.ANSWER}).items():
        staffed.run(outbox.put, staffed.ids[who], Help(), priority=priority)
    assert [staffed.name(parcel.chat_id) for parcel in takes(staffed, here)] == ["Rini", "Endah", "Kemal"]


def test_the_courier_is_told_when_to_look_again(staffed: Town) -> None:
    (here,) = paced(staffed, "here")
    assert staffed.run(take, here, limit=9).again is None
    says(staffed, "Sari", "Sari")
    (parcel,) = takes(staffed, here)
    assert staffed.run(take, here, limit=9).again == LEASE - AHEAD  # should this courier die
    assert staffed.run(take, here, limit=9, busy=[parcel.chat_id]).again is None
    staffed.run(postpone, parcel, timedelta(seconds=40), "Too Many Requests")
    assert staffed.run(take, here, limit=9).again == timedelta(seconds=40) - AHEAD
    assert UNLIMITED.ahead == timedelta(0)


def test_what_was_not_sent_after_all_frees_its_chat_and_its_slot_at_once(staffed: Town) -> None:
    here, there = paced(staffed, "here", "there")
    says(staffed, "Sari", "Kemal", "Rini")
    parcels = takes(staffed, here)
    for parcel in parcels:
        staffed.run(put_back, parcel)
    again = takes(staffed, there)
    assert [(parcel.outbox_id, parcel.attempts) for parcel in again] == [(parcel.outbox_id, 2) for parcel in parcels]
    assert [parcel.wait for parcel in again] == [timedelta(0)] * 3


def test_a_clock_that_is_set_back_silences_nobody(staffed: Town) -> None:
    (here,) = paced(staffed, "here")
    says(staffed, "Sari", "Sari", "Kemal", "Kemal", "Rini", "Rini")
    rests, answers, _ = takes(staffed, here)  # the third is under way when its courier dies
    staffed.run(postpone, rests, timedelta(minutes=2), "Too Many Requests")
    staffed.run(sent, answers, 1)
    staffed.at -= timedelta(hours=5)
    parcels = takes(staffed, here)
    assert len(parcels) == 3
    assert {parcel.wait for parcel in parcels} == {timedelta(0)}
    for parcel in parcels:
        staffed.run(sent, parcel, 2)
    assert takes(staffed, here) == []  # and the limits hold as ever
    staffed.at += SECOND
    assert len(takes(staffed, here)) == 2


def test_a_chat_rests_for_an_hour_at_most(staffed: Town) -> None:
    says(staffed, "Sari")
    staffed.run(postpone, takes(staffed)[0], timedelta(days=2), "Too Many Requests")
    staffed.at += LONGEST_REST - MOMENT
    assert takes(staffed) == []
    staffed.at += MOMENT
    assert len(takes(staffed)) == 1


def test_a_courier_without_a_free_slot_does_not_spin_nor_count_on_slots_above_the_limit(staffed: Town) -> None:
    (here,) = paced(staffed, "here")
    says(staffed, "Sari", "Kemal", "Rini", "Bagus")
    assert len(takes(staffed, here)) == 3
    fewer = Sender("here", BOT_ID, Limits(per_second=2))
    parcels = staffed.rows(SendSlotRow)
    staffed.run(lambda work: setattr(work.session.get_one(SendSlotRow, (BOT_ID, 2)), "free_at", staffed.at))
    taken = staffed.run(take, fewer, limit=9)
    assert (taken.parcels, taken.again) == ([], timedelta(milliseconds=250))
    staffed.at = parcels[0].free_at - AHEAD - MOMENT  # a slot is free in a moment, or another has just taken it
    again = staffed.run(take, fewer, limit=9).again
    assert again is not None
    assert again >= timedelta(milliseconds=30)


def test_of_two_chats_the_one_whose_backlog_lasts_longest_goes_first_unless_the_other_is_more_urgent(
    staffed: Town,
) -> None:
    here = Sender("here", BOT_ID, Limits(per_second=2))
    staffed.run(begin, here)
    says(staffed, "Kemal", *["Sari"] * 5)
    (first,) = takes(staffed, here, limit=1)
    assert staffed.name(first.chat_id) == "Sari"
    staffed.run(sent, first, 1)
    staffed.run(outbox.put, staffed.ids["Kemal"], Help(), priority=outbox.Priority.ANSWER)
    staffed.at += 2 * SECOND
    assert [staffed.name(parcel.chat_id) for parcel in takes(staffed, here, limit=1)] == ["Kemal"]
