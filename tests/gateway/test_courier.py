"""The courier against a strict Telegram in every weather: in order per chat, side by side across chats."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from bot.domain.notices import Apology, Help, Notice
from bot.gateway import delivery, telegram_api
from bot.messages.message import Message
from bot.messages.render import Recipient, render
from bot.services import outbox, parcels
from bot.services.complete_task import complete_task
from bot.services.deliver import Taken, sent, take
from bot.services.leases import LEASE
from bot.services.outbox import Delivery
from bot.services.pacing import Limits
from bot.services.work import Work
from bot.store.tables import CardRow, ChatRow, OutboxRow
from tests.gateway.conftest import Gateway, Weather
from tests.services.conftest import SENDER, Town

pytestmark = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)


def says(town: Town, *people: str, notice: Notice | None = None) -> None:
    for who in people:
        town.run(outbox.put, town.ids[who], notice or Help(), person_id=town.person_id(who))


def states(town: Town) -> list[str]:
    return [row.state for row in town.rows(OutboxRow)]


# --- good weather ---------------------------------------------------------------------------


def test_what_waits_is_sent_and_the_card_knows_its_message(gateway: Gateway, staffed: Town) -> None:
    phone = gateway.phone("Sinta")
    staffed.starts()
    gateway.delivers()
    card = phone.waits_for("PK-2026-001")
    gateway.wait(gateway.settled, "not sent")
    assert [row.message_id for row in staffed.rows(CardRow)] == [card.id]
    assert "Selesai" in card.labels[0]


def test_a_commit_wakes_the_courier_and_the_card_is_edited(gateway: Gateway, staffed: Town) -> None:
    phones = {who: gateway.phone(who) for who in ("Sinta", "Bagus", "Endah")}
    courier = gateway.delivers()
    case = staffed.starts()
    gateway.wake(courier)
    card = phones["Sinta"].waits_for("PK-2026-001")
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    gateway.wake(courier)
    edited = phones["Sinta"].waits_for("PK-2026-001")
    assert (edited.id, edited.labels) == (card.id, ["Urungkan"])
    for who in ("Bagus", "Endah"):
        phones[who].waits_for("PK-2026-001")


def test_messages_of_one_chat_arrive_in_order(gateway: Gateway, staffed: Town) -> None:
    phone = gateway.phone("Sari")
    says(staffed, *["Sari"] * 3)
    says(staffed, "Sari", notice=Apology())
    says(staffed, *["Sari"] * 3)
    gateway.server.fault("delay", method="sendMessage", seconds=0.1)
    gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    texts = [message.text for message in phone.chat()]
    assert len(texts) == 7
    assert [text != texts[0] for text in texts] == [False, False, False, True, False, False, False]


def test_a_slow_chat_does_not_hold_up_the_others(gateway: Gateway, staffed: Town) -> None:
    phones = {who: gateway.phone(who) for who in ("Sari", "Kemal", "Rini")}
    gateway.server.fault("delay", method="sendMessage", chat=phones["Sari"].id, seconds=0.8)
    says(staffed, "Sari", "Kemal", "Rini", "Kemal")
    gateway.delivers()
    for who in ("Rini", "Kemal"):
        phones[who].waits_for("/", timeout=5)
    assert phones["Sari"].chat() == []
    phones["Sari"].waits_for("/")


def test_a_row_with_nothing_left_to_say_does_not_hold_up_the_next(gateway: Gateway, staffed: Town) -> None:
    phone = gateway.phone("Sinta")
    case = staffed.starts()
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    says(staffed, "Sinta", notice=Apology())
    gateway.delivers()
    phone.waits_for("", timeout=5)
    assert len(phone.chat()) == 1


def test_telegram_s_limits_are_kept(gateway: Gateway, staffed: Town) -> None:
    phones = [gateway.phone(who) for who in ("Sari", "Kemal")]
    # The gap is three times what the server asks for: a busy machine lets two requests arrive closer than they left.
    gateway.server.pace(private_per_second=10, burst=1, overall_per_second=30)
    says(staffed, *["Sari", "Kemal"] * 4)
    gateway.clock.runs_since = time.monotonic()
    gateway.delivers(Limits(private_gap=0.3))
    gateway.wait(gateway.settled, "not sent")
    assert [len(phone.chat()) for phone in phones] == [4, 4]
    assert gateway.server.state()["violations"] == 0


# --- bad weather ----------------------------------------------------------------------------


def test_a_flood_wait_is_obeyed_by_that_chat_alone_and_nothing_is_lost(
    gateway: Gateway, staffed: Town, caplog: pytest.LogCaptureFixture
) -> None:
    phones = {who: gateway.phone(who) for who in ("Sari", "Kemal")}
    gateway.server.fault("retry_after", method="sendMessage", chat=phones["Sari"].id, seconds=7)
    says(staffed, "Sari", "Kemal", "Sari")
    courier = gateway.delivers()
    phones["Kemal"].waits_for("/")
    gateway.wait(lambda: states(staffed) == [Delivery.PENDING, Delivery.SENT, Delivery.PENDING], "not put back")
    assert phones["Sari"].chat() == []
    assert [record for record in caplog.records if getattr(record, "action", "") == "delivery.later"]
    staffed.at += timedelta(seconds=7)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not sent")
    assert len(phones["Sari"].chat()) == 2
    assert [row.attempts for row in staffed.rows(OutboxRow)] == [2, 1, 1]


@pytest.mark.parametrize(
    "fault", [{"kind": "status", "status": 500}, {"kind": "status", "status": 502}, {"kind": "drop"}]
)
def test_trouble_on_the_way_is_tried_again_later(gateway: Gateway, staffed: Town, fault: dict[str, Any]) -> None:
    phone = gateway.phone("Sari")
    gateway.server.fault(method="sendMessage", **fault)
    says(staffed, "Sari")
    courier = gateway.delivers()
    gateway.wait(lambda: bool(staffed.rows(OutboxRow)[0].error), "not put back")
    assert phone.chat() == []
    staffed.at += timedelta(seconds=3)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not sent")
    assert len(phone.chat()) == 1


def test_an_edit_whose_answer_was_lost_is_done_when_it_is_done(gateway: Gateway, staffed: Town) -> None:
    phone = gateway.phone("Sinta")
    case = staffed.starts()
    courier = gateway.delivers()
    phone.waits_for("PK-2026-001")
    gateway.wait(gateway.settled, "not sent")
    gateway.server.fault("lose", method="editMessageText", chat=phone.id)
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    gateway.wake(courier)
    edit = next(row.id for row in staffed.rows(OutboxRow) if row.edit)

    def row() -> OutboxRow:
        return next(row for row in staffed.rows(OutboxRow) if row.id == edit)

    gateway.wait(lambda: bool(row().error), "not put back")
    staffed.at += timedelta(seconds=5)
    gateway.wake(courier)
    gateway.wait(lambda: row().state == Delivery.SENT, "not settled")
    assert len(gateway.requests("editMessageText")) == 2


def test_who_never_pressed_start_or_blocked_the_bot_is_reported_once(gateway: Gateway, staffed: Town) -> None:
    sari = gateway.phone("Sari")
    gateway.phone("Sinta", started=False)
    gateway.phone("Kemal").blocks_the_bot()
    says(staffed, "Sinta", "Kemal", "Sinta")
    gateway.delivers()
    sari.waits_for("Sinta")
    sari.waits_for("Kemal")
    gateway.wait(gateway.settled, "not settled")
    assert len(sari.chat()) == 2
    assert states(staffed).count(Delivery.DEAD) == 3


def test_a_database_that_goes_away_after_a_message_was_sent_does_not_send_it_twice(
    gateway: Gateway, staffed: Town, weather: Weather, caplog: pytest.LogCaptureFixture
) -> None:
    phone = gateway.phone("Sari")
    gateway.server.fault("delay", method="sendMessage", seconds=0.3)
    says(staffed, "Sari")
    courier = gateway.delivers()
    gateway.wait(lambda: bool(gateway.requests("sendMessage")), "not sent")
    weather.fails(1)
    phone.waits_for("/")
    assert weather.failed.wait(5)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not written down")
    assert len(phone.chat()) == 1
    assert "delivery.database" in {getattr(record, "action", "") for record in caplog.records}


def test_an_outbox_that_cannot_be_read_is_read_later(gateway: Gateway, staffed: Town, weather: Weather) -> None:
    phone = gateway.phone("Sari")
    courier = gateway.delivers()
    gateway.wait(lambda: courier.idle, "busy")
    weather.fails(1)
    gateway.wake(courier)
    assert weather.failed.wait(5)
    says(staffed, "Sari")
    gateway.wake(courier)
    phone.waits_for("/")


def test_a_courier_that_slept_since_its_take_sends_nothing_and_takes_again(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    moments = iter([0.0])  # the first take, then 23 seconds of sleep
    monkeypatch.setattr(delivery, "awake_or_not", lambda: next(moments, 23.0))
    phone = gateway.phone("Sari")
    says(staffed, "Sari")
    gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    assert len(phone.chat()) == 1
    assert len(gateway.requests("sendMessage")) == 1
    assert [(row.attempts, row.state) for row in staffed.rows(OutboxRow)] == [(2, Delivery.SENT)]
    assert "delivery.stale" in {getattr(record, "action", "") for record in caplog.records}


@pytest.mark.parametrize("error", [ValueError(), IntegrityError("UPDATE", {}, sqlite3.IntegrityError("card"))])
def test_an_outcome_that_cannot_be_written_silences_no_chat(
    gateway: Gateway,
    staffed: Town,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    failures = iter([error])

    def unlucky(*args: Any, **kwargs: Any) -> None:
        for failure in failures:
            raise failure
        sent(*args, **kwargs)

    monkeypatch.setattr(delivery, "sent", unlucky)
    phone = gateway.phone("Sari")
    says(staffed, "Sari", "Sari")
    courier = gateway.delivers()
    gateway.wait(lambda: "delivery.lost" in {getattr(record, "action", "") for record in caplog.records}, "not lost")
    staffed.at += LEASE
    gateway.wake(courier)
    gateway.wait(gateway.settled, "silent")
    assert len(phone.chat()) == 3  # the first one again: nobody could know


@pytest.mark.parametrize("error", [ValueError(), DataError("SELECT", {}, sqlite3.DataError("out of range"))])
def test_a_row_that_breaks_the_taking_is_put_aside_and_the_others_go_out(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def unlucky(work: Work, notice: Notice, recipient: Recipient) -> Message | None:
        if isinstance(notice, Apology):
            raise error
        return render(work, notice, recipient)

    monkeypatch.setattr(parcels, "render", unlucky)
    phone = gateway.phone("Kemal")
    says(staffed, "Sari", notice=Apology())
    says(staffed, "Kemal")
    gateway.delivers()
    phone.waits_for("/")
    assert states(staffed)[0] == Delivery.DEAD


def test_a_look_that_fails_for_whatever_reason_is_not_the_last(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([KeyError("lost")])
    failed = threading.Event()

    def unlucky(*args: Any, **kwargs: Any) -> Taken:
        for failure in failures:
            failed.set()
            raise failure
        return take(*args, **kwargs)

    monkeypatch.setattr(delivery, "take", unlucky)
    phone = gateway.phone("Sari")
    says(staffed, "Sari")
    courier = gateway.delivers()
    assert failed.wait(5)
    says(staffed, "Sari")
    gateway.wake(courier)
    phone.waits_for("/")


# --- stopping and starting ------------------------------------------------------------------


def test_a_stop_finishes_what_is_being_sent_and_takes_nothing_more(gateway: Gateway, staffed: Town) -> None:
    phone = gateway.phone("Sari")
    gateway.server.fault("delay", method="sendMessage", seconds=0.3)
    says(staffed, "Sari", "Sari")
    gateway.delivers()
    gateway.wait(lambda: bool(gateway.requests("sendMessage")), "not sent")
    gateway.stop()
    assert states(staffed) == [Delivery.SENT, Delivery.PENDING]
    assert len(phone.chat()) == 1


def test_what_a_dead_process_was_sending_is_sent_by_the_next(
    gateway: Gateway, staffed: Town, caplog: pytest.LogCaptureFixture
) -> None:
    phone = gateway.phone("Sari")
    says(staffed, "Sari")
    staffed.run(take, SENDER, limit=5)  # and then the power went
    assert states(staffed) == [Delivery.SENDING]
    with caplog.at_level(logging.INFO):
        gateway.delivers()
        phone.waits_for("/")
    gateway.wait(gateway.settled, "not settled")


# --- Telegram's bad days --------------------------------------------------------------------


def test_a_group_that_became_a_supergroup_gets_its_messages_there(gateway: Gateway, staffed: Town) -> None:
    phone = gateway.phone("Sari")
    group = gateway.server.group(phone, "Sekretariat")
    successor = gateway.server.upgrade_group(group)
    for _ in range(2):
        staffed.run(outbox.put, group, Help())
    gateway.delivers()
    gateway.wait(gateway.settled, "not sent")
    assert states(staffed) == [Delivery.SENT, Delivery.SENT]
    assert {chat.id: chat.moved_to for chat in staffed.rows(ChatRow)} == {group: successor, successor: None}
    sent = [message for message in gateway.server.telegram.chats[successor].messages.values() if not message.service]
    assert len(sent) == 2


@pytest.mark.parametrize("words", ["message can't be edited", "message to edit not found"])
def test_a_card_that_cannot_be_edited_any_more_is_given_anew(gateway: Gateway, staffed: Town, words: str) -> None:
    phones = {who: gateway.phone(who) for who in ("Bagus", "Endah")}
    task = staffed.to_step(staffed.starts(), 2)
    courier = gateway.delivers()
    for phone in phones.values():
        phone.waits_for("PK-2026-001")
    gateway.wait(gateway.settled, "not sent")
    refusal = {"status": 400, "description": f"Bad Request: {words}"}
    gateway.server.fault("status", method="editMessageText", chat=phones["Endah"].id, **refusal)
    staffed.do("Bagus", complete_task, task.id)
    gateway.wake(courier)
    gateway.wait(lambda: len(phones["Endah"].chat()) == 2, "no new card")
    gateway.wait(gateway.settled, "not settled")
    assert phones["Endah"].chat()[-1].buttons
    (card,) = [row for row in staffed.rows(CardRow) if row.chat_id == phones["Endah"].id and row.task_id == task.id]
    assert card.message_id == phones["Endah"].chat()[-1].id


def test_a_send_without_an_answer_is_broken_off_before_its_lease_ends_and_may_be_a_repeat(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(telegram_api, "SEND_DEADLINE", timedelta(seconds=0.3))
    phone = gateway.phone("Sari")
    gateway.server.fault("delay", method="sendMessage", seconds=1)
    says(staffed, "Sari")
    courier = gateway.delivers()
    gateway.wait(lambda: bool(staffed.rows(OutboxRow)[0].error), "not broken off")
    assert states(staffed) == [Delivery.PENDING]
    assert "delivery.maybe_repeated" in {getattr(record, "action", "") for record in caplog.records}
    staffed.at += timedelta(seconds=3)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not sent")
    gateway.wait(lambda: all(request["outcome"] for request in gateway.requests("sendMessage")), "not carried out")
    assert len(phone.chat()) == 2  # Telegram carried the first one out after all


def test_an_hour_without_telegram_loses_nothing_and_keeps_the_order(gateway: Gateway, staffed: Town) -> None:
    phones = [gateway.phone(who) for who in ("Sari", "Kemal", "Rini")]
    gateway.server.fault("status", method="sendMessage", status=502, count=10_000)
    courier = gateway.delivers()
    began = staffed.at
    while staffed.at < began + timedelta(hours=1):
        if staffed.at < began + timedelta(minutes=20):
            says(staffed, "Sari", "Kemal", "Rini")
        gateway.wake(courier)
        gateway.wait(lambda: resting(staffed), "not refused")
        staffed.at += timedelta(minutes=5)
    assert gateway.server.state()["requests"] - gateway.first_request < 3 * 15  # no hammering
    gateway.server.clear_faults()
    staffed.at += timedelta(minutes=10)
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not sent")
    assert [len(phone.chat()) for phone in phones] == [4, 4, 4]
    for phone in phones:
        sent = [row.message_id or 0 for row in staffed.rows(OutboxRow) if row.chat_id == phone.id]
        assert sent == sorted(sent)


def resting(town: Town) -> bool:
    """Whether every chat with something to send rests."""
    waiting = {row.chat_id for row in town.rows(OutboxRow) if row.state in {Delivery.PENDING, Delivery.SENDING}}
    rests = {chat.id for chat in town.rows(ChatRow) if chat.blocked_until and chat.blocked_until > town.at}
    return waiting <= rests


def test_a_message_that_is_refused_for_good_is_told_to_the_sekretariat(gateway: Gateway, staffed: Town) -> None:
    sari = gateway.phone("Sari")
    kemal = gateway.phone("Kemal")
    refusal = {"status": 400, "description": "Bad Request: message is too long"}
    gateway.server.fault("status", method="sendMessage", chat=kemal.id, **refusal)
    says(staffed, "Kemal")
    gateway.delivers()
    sari.waits_for("Kemal")


# --- another version's schema ---------------------------------------------------------------


def at_revision(town: Town, revision: str) -> str:
    """Let the database be at another revision, as a newer program leaves it; returns where it was."""

    def change(work: Work) -> str:
        before = str(work.session.scalar(text("SELECT version_num FROM alembic_version")))
        work.session.execute(text("UPDATE alembic_version SET version_num = :new"), {"new": revision})
        return before

    return town.run(change)


@pytest.mark.parametrize("error", [ValueError(), DataError("SELECT", {}, sqlite3.DataError("out of range"))])
def test_an_older_program_on_a_newer_schema_buries_nothing(
    gateway: Gateway,
    staffed: Town,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    healed, failed = threading.Event(), threading.Event()

    def foreign(work: Work, notice: Notice, recipient: Recipient) -> Message | None:
        if not healed.is_set():
            failed.set()
            raise error
        return render(work, notice, recipient)

    monkeypatch.setattr(parcels, "render", foreign)
    ours = at_revision(staffed, "9999")
    phone = gateway.phone("Sari")
    says(staffed, "Sari")
    courier = gateway.delivers()
    assert failed.wait(5)
    for _ in range(3):
        gateway.wake(courier)
        gateway.loop.run(asyncio.sleep(0))
    gateway.wait(lambda: {"delivery.schema", "delivery.unknown"} & logged(caplog) != set(), "not said")
    assert states(staffed) == [Delivery.PENDING]
    at_revision(staffed, ours)
    healed.set()
    staffed.at += timedelta(minutes=5)
    gateway.wake(courier)
    phone.waits_for("/")


def test_an_outcome_that_a_newer_schema_does_not_take_is_written_later_and_nothing_is_sent_twice(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    healed = threading.Event()

    def foreign(*args: Any, **kwargs: Any) -> None:
        if not healed.is_set():
            raise IntegrityError("UPDATE", {}, sqlite3.IntegrityError("outbox"))
        sent(*args, **kwargs)

    monkeypatch.setattr(delivery, "sent", foreign)
    ours = at_revision(staffed, "9999")
    phone = gateway.phone("Sari")
    says(staffed, "Sari")
    courier = gateway.delivers()
    gateway.wait(lambda: "delivery.schema" in logged(caplog), "not said")
    at_revision(staffed, ours)
    healed.set()
    gateway.wake(courier)
    gateway.wait(gateway.settled, "not written down")
    assert (len(phone.chat()), states(staffed)) == (1, [Delivery.SENT])


def logged(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {getattr(record, "action", "") for record in caplog.records}
