"""Delivery: in order per chat, today's truth, nobody held up by somebody else's trouble."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import pytest

from bot.domain.notices import Apology, Help, Notice, TaskCard
from bot.services import outbox, parcels
from bot.services.complete_task import complete_task
from bot.services.deliver import KEEP_SENT, KEEP_UPDATES, MOST_LOOKED_AT, Parcel, begin, give_up, postpone, purge, sent
from bot.services.deliver import take as take_rows
from bot.services.leases import LEASE
from bot.services.outbox import Delivery
from bot.services.parcels import MOST_LOST
from bot.services.people import identify
from bot.services.reject_task import reject_task
from bot.services.remind import fire_reminders
from bot.services.undelivered import TIME_TO_LIVE, bury
from bot.services.work import Work
from bot.store.tables import CardRow, OutboxRow, PersonRow, UpdateRow
from handlers.conversation import Kind
from tests.services.conftest import SENDER, Town, wib

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def take(town: Town, *busy: str, limit: int = 100) -> list[Parcel]:
    return town.run(take_rows, SENDER, busy=[town.ids[who] for who in busy], limit=limit).parcels


def says(town: Town, *people: str, notice: Notice | None = None, not_before: datetime | None = None) -> None:
    """Queue a message to people."""
    for who in people:
        town.run(outbox.put, town.ids[who], notice or Help(), not_before=not_before)


def states(town: Town) -> list[str]:
    return [row.state for row in town.rows(OutboxRow)]


# --- order ----------------------------------------------------------------------------------


def test_the_rows_of_a_chat_leave_one_by_one_in_order_and_chats_side_by_side(staffed: Town) -> None:
    says(staffed, "Sari", "Sari", "Kemal")
    first = take(staffed)
    assert [staffed.name(parcel.chat_id) for parcel in first] == ["Sari", "Kemal"]
    assert take(staffed, "Sari", "Kemal") == []
    staffed.run(sent, first[0], 11)
    (second,) = take(staffed, "Kemal")
    assert second.outbox_id > first[0].outbox_id


def test_the_answer_to_somebodys_own_words_goes_before_what_else_waits_for_them(staffed: Town) -> None:
    says(staffed, "Sari", "Kemal")
    staffed.run(outbox.put, staffed.ids["Sari"], Apology(), priority=outbox.Priority.ANSWER)
    assert [staffed.name(parcel.chat_id) for parcel in take(staffed)] == ["Sari", "Kemal"]
    assert [row.notice for row in staffed.rows(OutboxRow) if row.state == Delivery.SENDING] == ["Help", "Apology"]


def test_no_more_is_taken_than_may_be_sent_and_the_oldest_comes_first(staffed: Town) -> None:
    says(staffed, "Rini", "Sari", "Kemal")
    assert [staffed.name(parcel.chat_id) for parcel in take(staffed, limit=2)] == ["Rini", "Sari"]


def test_a_row_that_waits_for_its_hour_holds_up_nobody_not_even_in_its_own_chat(staffed: Town) -> None:
    says(staffed, "Sari", not_before=staffed.at + SECOND)
    says(staffed, "Sari", "Kemal", notice=Apology())
    now = take(staffed)
    assert len(now) == 2
    for parcel in now:
        staffed.run(sent, parcel, 1)
    assert take(staffed) == []
    staffed.at += SECOND
    assert len(take(staffed)) == 1


def test_what_says_nothing_any_more_does_not_hold_up_what_is_behind_it(staffed: Town) -> None:
    case = staffed.starts()
    staffed.do("Sinta", complete_task, staffed.task(case).id)  # her card was never sent and never will be
    says(staffed, "Sinta")
    people = [staffed.name(parcel.chat_id) for parcel in take(staffed)]
    assert sorted(people) == ["Bagus", "Endah", "Sinta"]


# --- today's truth --------------------------------------------------------------------------


def test_an_edit_follows_the_message_it_edits(staffed: Town) -> None:
    case = staffed.starts()
    (card,) = take(staffed)
    assert card.edits is None
    staffed.do("Sinta", complete_task, staffed.task(case).id)  # while the card is on its way
    assert take(staffed, "Sinta", "Bagus", "Endah") == []
    staffed.run(sent, card, 4711)
    (edit,) = take(staffed, "Bagus", "Endah")
    assert edit.edits == 4711
    assert [[button.label for button in row] for row in edit.message.buttons] == [["Urungkan"]]


def test_a_message_that_never_arrived_is_not_edited(staffed: Town) -> None:
    case = staffed.starts()
    (card,) = take(staffed)
    staffed.run(give_up, card, "Forbidden", unreachable=True)
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    assert take(staffed, "Bagus", "Endah", "Sari") == []
    fates = [row.state for row in staffed.rows(OutboxRow) if staffed.name(row.chat_id) == "Sinta"]
    # Whoever acts is reachable again: the card that failed gave way to one that is made up, and had nothing to say.
    # The last is the edit that takes *Urungkan* away when its time is over.
    assert fates == [Delivery.DROPPED, Delivery.DROPPED, Delivery.DROPPED, Delivery.PENDING]


def test_a_card_of_a_task_that_ended_before_it_was_sent_is_not_sent(staffed: Town) -> None:
    case = staffed.starts()
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    assert sorted(mail.to for mail in staffed.deliver()) == ["Bagus", "Endah"]
    assert states(staffed)[:2] == [Delivery.DROPPED, Delivery.DROPPED]


def test_an_edit_that_waits_says_what_a_newer_one_would(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    staffed.deliver()
    staffed.do("Bagus", complete_task, task.id)
    before = len(staffed.rows(OutboxRow))
    staffed.do("Endah", complete_task, task.id)
    edits = [row for row in staffed.rows(OutboxRow)[before:] if row.edit]
    # What is new is only the edit that takes Endah's *Urungkan* away, once its time is over.
    (later,) = edits
    assert (staffed.name(later.chat_id), later.not_before > staffed.at) == ("Endah", True)
    assert sum(mail.edits is not None for mail in staffed.deliver()) == 2


def test_an_edit_that_was_taken_just_before_a_change_is_followed_by_another(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    staffed.deliver()
    staffed.do("Bagus", complete_task, task.id)
    stale = [parcel for parcel in take(staffed) if parcel.edits]
    staffed.do("Endah", reject_task, task.id, "angka salah")
    for parcel in stale:
        staffed.run(sent, parcel, None)
    edits = [mail for mail in staffed.deliver() if mail.edits]
    assert sorted(mail.to for mail in edits) == ["Bagus", "Endah"]
    assert all("angka salah" in mail.text for mail in edits)


@pytest.mark.parametrize("lasting_store", ["postgresql"], indirect=True)
def test_an_edit_is_not_taken_while_a_use_case_relies_on_it(staffed: Town) -> None:
    """Only PostgreSQL has several writers: the row must not be rendered with what was true before the commit."""
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    staffed.deliver()
    staffed.do("Bagus", complete_task, task.id)
    rejection = staffed.as_("Endah", reject_task, task.id, "angka salah")
    taken = staffed.meanwhile(rejection, lambda work: take_rows(work, SENDER, limit=100).parcels, patience=10)
    assert taken == [[]]
    edits = [mail for mail in staffed.deliver() if mail.edits]
    assert ["angka salah" in mail.text for mail in edits] == [True, True]


def test_a_list_is_edited_where_it_was_pressed(staffed: Town) -> None:
    case = staffed.starts()
    staffed.deliver()
    staffed.says("Sinta", "/tugas")
    (listed,) = staffed.deliver()
    staffed.presses("Sinta", listed.buttons[0], message_id=listed.message_id)
    edited = {mail.edits for mail in staffed.deliver() if mail.to == "Sinta"}
    assert edited == {listed.message_id, staffed.rows(CardRow)[0].message_id}
    staffed.holds(case, 2)


# --- trouble --------------------------------------------------------------------------------


def test_a_chat_that_must_rest_rests_alone_and_its_order_stays(staffed: Town) -> None:
    says(staffed, "Sari", "Sari", "Kemal", "Kemal")
    first, other = take(staffed)
    staffed.run(postpone, first, timedelta(seconds=30), "Too Many Requests")
    staffed.run(sent, other, 5)
    assert [staffed.name(parcel.chat_id) for parcel in take(staffed)] == ["Kemal"]
    staffed.at += timedelta(seconds=30) - SECOND
    assert take(staffed, "Kemal") == []
    staffed.at += SECOND
    (again,) = take(staffed, "Kemal")
    assert (again.outbox_id, again.attempts) == (first.outbox_id, 2)
    assert staffed.rows(OutboxRow)[0].error == "Too Many Requests"


def test_a_row_a_dead_courier_was_sending_is_sent_again_in_its_place_once_its_lease_has_lapsed(
    staffed: Town, caplog: pytest.LogCaptureFixture
) -> None:
    says(staffed, "Sari", "Sari")
    staffed.run(outbox.put, staffed.ids["Sari"], Apology(), priority=outbox.Priority.ANSWER)
    (lost,) = take(staffed)
    staffed.at += LEASE - SECOND
    assert take(staffed) == []
    staffed.at += SECOND
    (again,) = take(staffed)
    assert (again.outbox_id, again.attempts) == (lost.outbox_id, 2)
    assert [record.action for record in caplog.records if hasattr(record, "action")] == ["delivery.maybe_repeated"]


def test_where_there_is_one_process_the_next_need_not_wait_for_the_lease_of_the_dead_one(staffed: Town) -> None:
    says(staffed, "Sari")
    (lost,) = take(staffed)
    assert staffed.run(begin, SENDER) == 1
    alone = staffed.store.engine.dialect.name == "sqlite"
    assert [parcel.outbox_id for parcel in take(staffed)] == [lost.outbox_id] * alone


def test_a_row_that_cannot_be_rendered_is_put_aside_and_the_others_go_out(
    staffed: Town, caplog: pytest.LogCaptureFixture
) -> None:
    says(staffed, "Rini", "Sari", notice=TaskCard(10**6))
    says(staffed, "Sari", "Kemal")
    with caplog.at_level(logging.ERROR):
        arrived = [parcel for _ in range(3) for parcel in take(staffed)]
    assert [staffed.name(parcel.chat_id) for parcel in arrived] == ["Kemal", "Sari"]
    dead = [row for row in staffed.rows(OutboxRow) if row.state == Delivery.DEAD]
    assert len(dead) == 2
    assert all(row.error for row in dead)
    assert {getattr(record, "action", "") for record in caplog.records} == {"delivery.unrendered"}


def test_even_an_alert_that_fails_holds_up_nobody(
    staffed: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def unlucky(work: Work, row: OutboxRow, error: str, *, alert: bool = True) -> None:
        if alert:
            raise ValueError
        bury(work, row, error, alert=False)

    monkeypatch.setattr(parcels, "bury", unlucky)
    says(staffed, "Sari", notice=TaskCard(10**6))
    says(staffed, "Kemal")
    assert [staffed.name(parcel.chat_id) for parcel in take(staffed)] == ["Kemal"]
    assert states(staffed) == [Delivery.DEAD, Delivery.SENDING]
    assert "delivery.untold" in {getattr(record, "action", "") for record in caplog.records}


def test_a_message_of_a_newer_version_waits_for_one_that_knows_it_for_as_long_as_any_message(staffed: Town) -> None:
    says(staffed, "Sari", "Sari")
    unknown = staffed.rows(OutboxRow)[0].id
    staffed.run(lambda work: setattr(work.session.get_one(OutboxRow, unknown), "notice", "Greeting"))
    began = staffed.at
    (other,) = take(staffed)
    assert other.outbox_id != unknown
    staffed.run(sent, other, 1)
    assert take(staffed) == []
    staffed.at = began + TIME_TO_LIVE - SECOND
    assert take(staffed) == []
    assert states(staffed) == [Delivery.PENDING, Delivery.SENT]
    staffed.at += timedelta(hours=1)
    assert take(staffed) == []
    assert states(staffed)[0] == Delivery.DEAD


def test_a_message_whose_outcome_is_never_written_is_sent_five_times_at_most_and_told_as_lost(staffed: Town) -> None:
    staffed.run(outbox.put, staffed.ids["Sinta"], Help(), person_id=staffed.person_id("Sinta"))
    (parcel,) = take(staffed)
    staffed.run(postpone, parcel, timedelta(0), "Bad Gateway")  # an outcome: the count begins after it
    for _ in range(MOST_LOST):
        (parcel,) = take(staffed)
        staffed.at += LEASE
    assert [staffed.name(parcel.chat_id) for parcel in take(staffed)] == ["Sari"]
    assert [(row.notice, row.state) for row in staffed.rows(OutboxRow)] == [
        ("Help", Delivery.DEAD),
        ("MessageUndelivered", Delivery.SENDING),
    ]


def test_thousands_of_rows_with_nothing_left_to_say_are_passed_in_many_short_transactions(
    staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    staffed.starts()
    staffed.deliver()
    card = staffed.rows(CardRow)[0]
    for _ in range(MOST_LOOKED_AT + 20):
        staffed.run(outbox.put, card.chat_id, TaskCard(card.task_id), anchor=f"card:{card.id}")
    says(staffed, "Sinta")
    with monkeypatch.context() as patch:
        patch.setattr(parcels, "render", pytest.fail)  # nothing is rendered that will not be sent
        first = staffed.run(take_rows, SENDER, limit=100)
    assert (first.parcels, first.again) == ([], timedelta(0))
    assert states(staffed).count(Delivery.DROPPED) == MOST_LOOKED_AT
    assert len(take(staffed)) == 1


def test_a_reminder_held_over_closing_time_by_an_outage_goes_out_at_the_next_opening(staffed: Town) -> None:
    staffed.at = wib(9, 14)
    staffed.starts()
    staffed.deliver()
    staffed.at = wib(9, 15, 36)
    staffed.run(fire_reminders)
    (reminder,) = take(staffed)
    staffed.run(postpone, reminder, timedelta(minutes=30), "Bad Gateway")
    staffed.at = wib(9, 16, 6)
    says(staffed, "Sinta")
    (other,) = take(staffed)
    assert other.outbox_id != reminder.outbox_id
    staffed.run(sent, other, 5)
    staffed.at = wib(10, 7, 30) - SECOND
    assert take(staffed) == []
    staffed.at = wib(10, 7, 30)
    (late,) = take(staffed)
    assert late.outbox_id == reminder.outbox_id


def test_after_days_without_telegram_each_gets_one_reminder_that_says_it_all(staffed: Town) -> None:
    staffed.starts("Sari", "dinas-sk")
    staffed.starts()
    staffed.deliver()
    for moment in (wib(9, 8, 24), wib(9, 8, 30), wib(9, 9, 36), wib(9, 10), wib(10, 7, 30), wib(11, 7, 30)):
        staffed.at = moment
        staffed.run(fire_reminders)
    staffed.at = wib(11, 8)
    mail = {item.to: item.text for item in staffed.deliver()}
    assert sorted(mail) == ["Bagus", "Kemal", "Rini", "Sari", "Sinta"]
    assert len(staffed.mail) == 2 + len(mail)
    assert all(mail["Sari"].count(code) == 1 for code in ("SK-2026-001", "PK-2026-001"))
    assert mail["Bagus"].count("SK-2026-001") == 1
    assert mail["Bagus"].count("PK-2026-001") == 1


# --- people who cannot be reached -----------------------------------------------------------


@pytest.fixture
def blocked(staffed: Town) -> Town:
    """Return the town after Telegram refused Sinta's card, on Monday at 20.00."""
    staffed.joins("Umi", "sekretariat")
    staffed.at = wib(9, 20)
    staffed.starts()
    (card,) = take(staffed)
    staffed.run(give_up, card, "Forbidden: bot was blocked by the user", unreachable=True)
    return staffed


def unreachable(town: Town) -> list[tuple[str, object]]:
    return [(row.to, row.not_before) for row in town.queued() if row.notice == "PersonUnreachable"]


def test_the_sekretariat_hears_once_at_the_next_opening_and_whoever_caused_it_at_once(blocked: Town) -> None:
    assert unreachable(blocked) == [("Sari", wib(9, 20)), ("Umi", wib(10, 7, 30))]


def test_further_refusals_and_the_block_itself_are_not_told_again(blocked: Town) -> None:
    case = blocked.starts()
    parcel = next(parcel for parcel in take(blocked) if blocked.name(parcel.chat_id) == "Sinta")
    blocked.run(give_up, parcel, "Forbidden", unreachable=True)
    blocked.hears("Sinta", Kind.BLOCKED)
    assert len(unreachable(blocked)) == 2
    assert blocked.rows(PersonRow)[5].unreachable_since == wib(9, 20)
    assert blocked.task(case).ended_at is None


def test_a_block_is_told_when_it_comes(staffed: Town) -> None:
    staffed.hears("Sinta", Kind.BLOCKED)
    assert unreachable(staffed) == [("Sari", staffed.at)]
    (alert,) = staffed.deliver()
    assert "Sinta" in alert.text


def test_who_comes_back_gets_the_cards_that_never_arrived_and_the_alert_is_withdrawn(blocked: Town) -> None:
    mark = blocked.mark()
    blocked.hears("Sinta", Kind.UNBLOCKED)
    assert blocked.told(mark) == {("Sinta", "TaskCard"): 1}
    # The card that failed is made up for: nobody has to look after it any more.
    assert Delivery.DEAD not in states(blocked)
    blocked.at = wib(10, 7, 30)
    assert [parcel.chat_id for parcel in take(blocked)] == [blocked.ids["Sinta"]]


def test_a_stranger_who_blocks_the_bot_leaves_no_trace(staffed: Town) -> None:
    staffed.stranger("Orang")
    before = staffed.counts()
    staffed.hears("Orang", Kind.BLOCKED)
    assert staffed.counts() - before == {"telegram_update": 1, "flood": 1}


def test_a_chat_without_a_person_that_refuses_is_only_noted(staffed: Town) -> None:
    staffed.run(lambda work: outbox.put(work, -100, Help()))
    (parcel,) = take(staffed)
    staffed.run(give_up, parcel, "Forbidden: bot was kicked", unreachable=True)
    assert states(staffed) == [Delivery.DEAD]


def test_a_sekretariat_who_cannot_be_reached_is_not_told_of_it(staffed: Town) -> None:
    staffed.hears("Sari", Kind.BLOCKED)
    assert unreachable(staffed) == []
    staffed.run(lambda work: identify(work, staffed.ids["Sari"], "Sari"))
    assert staffed.rows(PersonRow)[0].unreachable_since is None


# --- housekeeping ---------------------------------------------------------------------------


def test_updates_are_forgotten_after_seven_days_and_what_was_delivered_after_thirty(staffed: Town) -> None:
    staffed.says("Sari", "/bantuan")
    staffed.deliver()
    says(staffed, "Kemal", not_before=staffed.at + timedelta(days=400))
    staffed.at += KEEP_UPDATES
    assert staffed.run(purge) == 1  # how much she has sent lately
    assert len(staffed.rows(UpdateRow)) == 1
    staffed.at += SECOND
    assert staffed.run(purge) == 1
    assert staffed.rows(UpdateRow) == []
    staffed.at = wib(9, 8) + KEEP_SENT
    assert staffed.run(purge) == 0
    staffed.at += SECOND
    assert staffed.run(purge) == 1
    assert states(staffed) == [Delivery.PENDING]
