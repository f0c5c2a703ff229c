"""Intake against a strict Telegram: acknowledged after the commit, once only, whatever goes wrong."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from bot.gateway.telegram_api import make_bot
from bot.messages.actions import Action, Verb
from bot.store.tables import CaseRow, OutboxRow, UpdateRow
from handlers import registry
from tests.gateway.conftest import QUICK, Gateway, Weather

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from handlers.conversation import Incoming, Response
    from tests.services.conftest import Town


def actions(caplog: pytest.LogCaptureFixture) -> set[str]:
    return {getattr(record, "action", "") for record in caplog.records}


def first_update(gateway: Gateway) -> int:
    return int(gateway.server.telegram.updates.pending[0]["update_id"])


# --- acknowledging --------------------------------------------------------------------------


def test_an_update_is_acknowledged_only_after_its_transaction(
    gateway: Gateway, staffed: Town, weather: Weather
) -> None:
    phone = gateway.phone("Sari")
    phone.says("/mulai dinas-pk")
    update = first_update(gateway)
    weather.holds()
    gateway.takes_in()
    assert weather.waiting.wait(5)
    assert gateway.offsets() == [None]
    assert gateway.server.state()["pending_updates"] == 1
    weather.goes_on()
    gateway.server.wait_until_all_taken()
    assert gateway.offsets()[:2] == [None, str(update + 1)]
    assert len(staffed.rows(CaseRow)) == 1


def test_what_was_not_acknowledged_comes_again_and_counts_once(gateway: Gateway, staffed: Town) -> None:
    phone = gateway.phone("Sari")
    phone.says("/mulai dinas-pk")
    phone.says("/mulai dinas-sk")
    waiting = list(gateway.server.telegram.updates.pending)
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    gateway.stop()
    before = staffed.dump()
    gateway.server.telegram.updates.pending.extend(waiting)  # as if the acknowledgement had been lost
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    assert staffed.dump() == before
    assert len(staffed.rows(CaseRow)) == 2


def test_a_batch_is_dealt_with_in_order_per_chat(gateway: Gateway, staffed: Town) -> None:
    phones = [gateway.phone(who) for who in ("Sari", "Yosef")]
    for number in range(5):
        for phone, sop in zip(phones, ("dinas-pk", "badan-pk"), strict=True):
            phone.says(f"/mulai {sop} Nomor {number}")
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    for office in ("dinas", "badan"):
        cases = sorted((case.code, case.title) for case in staffed.rows(CaseRow) if case.office_id == office)
        assert cases == [(f"PK-2026-{number + 1:03d}", f"Nomor {number}") for number in range(5)]


def test_a_stop_finishes_what_is_in_hand_and_acknowledges_it(gateway: Gateway, staffed: Town, weather: Weather) -> None:
    phone = gateway.phone("Sari")
    phone.says("/mulai dinas-pk")
    weather.holds()
    intake = gateway.takes_in()
    assert weather.waiting.wait(5)
    gateway.loop.loop.call_soon_threadsafe(intake.stop)
    weather.goes_on()
    gateway.stop()
    assert len(staffed.rows(CaseRow)) == 1
    assert gateway.server.state()["pending_updates"] == 0


def test_an_idle_intake_stops_at_once_and_loses_nothing(gateway: Gateway, staffed: Town) -> None:
    phone = gateway.phone("Sari")
    gateway.takes_in()
    gateway.wait(lambda: bool(gateway.requests("getUpdates")), "not polling")
    gateway.stop()
    phone.says("/mulai dinas-pk")
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    assert len(staffed.rows(CaseRow)) == 1


# --- trouble with the database --------------------------------------------------------------


def test_trouble_with_the_database_is_waited_out_and_nothing_is_lost_or_apologised_for(
    gateway: Gateway, staffed: Town, weather: Weather, caplog: pytest.LogCaptureFixture
) -> None:
    phone = gateway.phone("Sari")
    phone.says("/mulai dinas-pk")
    weather.fails(8)
    gateway.takes_in()
    assert weather.failed.wait(10)
    gateway.server.wait_until_all_taken()
    assert len(staffed.rows(CaseRow)) == 1
    assert [row.failure for row in staffed.rows(UpdateRow)] == [None]
    assert "Apology" not in {row.notice for row in staffed.rows(OutboxRow)}
    assert "intake.database" in actions(caplog)


def test_a_stop_while_the_database_is_away_leaves_the_update_with_telegram(
    gateway: Gateway, staffed: Town, weather: Weather
) -> None:
    phone = gateway.phone("Sari")
    phone.says("/mulai dinas-pk")
    weather.fails(10**6)
    intake = gateway.takes_in(replace(QUICK, pauses=(5.0,)))
    gateway.wait(lambda: weather._failures < 10**6, "not tried")  # noqa: SLF001 - the test's own helper
    gateway.loop.loop.call_soon_threadsafe(intake.stop)
    gateway.stop()
    weather.fails(0)
    assert gateway.server.state()["pending_updates"] == 1
    assert staffed.rows(CaseRow) == []


# --- updates that fail on their own account -------------------------------------------------


def _explodes(_work: Work, _actor: Actor, _incoming: Incoming) -> Response:
    raise ValueError("boom")


def test_a_poison_update_is_kept_apologised_for_and_holds_up_nobody(
    gateway: Gateway, staffed: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("handlers.dispatch.COMMANDS", {**registry.COMMANDS, "bantuan": _explodes})
    sari, yosef = gateway.phone("Sari"), gateway.phone("Yosef")
    sari.says("/mulai dinas-pk satu")
    sari.says("/bantuan")
    sari.says("/mulai dinas-pk dua")
    yosef.says("/mulai badan-pk tiga")
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    assert sorted(case.title for case in staffed.rows(CaseRow)) == ["dua", "satu", "tiga"]
    (failed,) = [row for row in staffed.rows(UpdateRow) if row.failure]
    assert failed.failure == "ValueError('boom')"
    assert failed.body
    assert failed.body["message"]["text"] == "/bantuan"
    apologies = [row.chat_id for row in staffed.rows(OutboxRow) if row.notice == "Apology"]
    assert apologies == [sari.id]
    assert "intake.failed" in actions(caplog)


def test_an_update_that_cannot_even_be_read_is_kept_and_acknowledged(
    gateway: Gateway, staffed: Town, caplog: pytest.LogCaptureFixture
) -> None:
    phone = gateway.phone("Sari")
    updates = gateway.server.telegram.updates
    broken = updates.add("message", {"message_id": 1, "text": "\x00"})
    phone.says("/mulai dinas-pk")
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    assert broken
    kept = {row.update_id: row.body for row in staffed.rows(UpdateRow) if row.failure}
    assert kept == {broken["update_id"]: broken}
    assert len(staffed.rows(CaseRow)) == 1
    assert "intake.unreadable" in actions(caplog)


# --- Telegram's bad days --------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 500, "count": 3},
        {"kind": "status", "status": 502},
        {"kind": "drop", "count": 2},
        {"kind": "lose"},
        {"kind": "retry_after", "seconds": 1},
    ],
    ids=["500", "502", "dropped", "lost", "429"],
)
def test_polling_goes_on_after_any_trouble(
    gateway: Gateway, staffed: Town, caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    phone = gateway.phone("Sari")
    phone.says("/mulai dinas-pk")
    gateway.server.fault(method="getUpdates", **fault)
    gateway.takes_in()
    gateway.wait(lambda: bool(staffed.rows(CaseRow)), "given up")
    gateway.server.wait_until_all_taken()
    assert "intake.trouble" in actions(caplog)
    assert len(staffed.rows(CaseRow)) == 1


def _rival(gateway: Gateway) -> None:
    """Ask for updates with the same token, as another instance does."""

    async def ask() -> None:
        async with make_bot(gateway.server.token, gateway.server.base_url, connections=1) as rival:
            await rival.raw_updates(None, 0)

    gateway.loop.run(ask())


@pytest.mark.parametrize(
    ("patience", "action"), [(60.0, "intake.conflict"), (0.0, "intake.other_instance")], ids=["restart", "rival"]
)
def test_a_rival_is_complained_of_only_after_a_while_and_polling_goes_on(
    gateway: Gateway, staffed: Town, caplog: pytest.LogCaptureFixture, patience: float, action: str
) -> None:
    caplog.set_level(logging.INFO)
    gateway.takes_in(replace(QUICK, conflict=patience))
    gateway.wait(lambda: bool(gateway.requests("getUpdates")), "not polling")
    _rival(gateway)
    gateway.wait(lambda: len(gateway.requests("getUpdates")) >= 3, "given up")
    assert actions(caplog) & {"intake.conflict", "intake.other_instance"} == {action}
    phone = gateway.phone("Sari")
    phone.says("/mulai dinas-pk")
    gateway.server.wait_until_all_taken()
    assert len(staffed.rows(CaseRow)) == 1


# --- buttons --------------------------------------------------------------------------------


@pytest.fixture
def pressed(gateway: Gateway, staffed: Town) -> tuple[Gateway, int]:
    """Return the gateway with a card in Sinta's chat, and its task."""
    phone = gateway.phone("Sinta")
    case = staffed.starts()
    gateway.delivers()
    phone.waits_for("PK-2026-001")
    gateway.wait(gateway.settled, "not sent")
    gateway.stop()
    return gateway, staffed.task(case).id


def test_a_press_is_answered_once_with_the_outcome_after_the_transaction(
    pressed: tuple[Gateway, int], staffed: Town, weather: Weather
) -> None:
    gateway, task = pressed
    phone = gateway.phone_of("Sinta")
    weather.holds()
    press = phone.presses(Action(Verb.DONE, task).data())
    gateway.takes_in(replace(QUICK, answer=5.0))
    assert weather.waiting.wait(5)
    assert gateway.requests("answerCallbackQuery") == []
    weather.goes_on()
    assert "PK-2026-001" in press.answer()
    gateway.stop()
    assert len(gateway.requests("answerCallbackQuery")) == 1
    assert staffed.rows(CaseRow)[0].events == 5


def test_a_press_that_takes_long_is_answered_once_and_empty(
    pressed: tuple[Gateway, int], staffed: Town, weather: Weather
) -> None:
    gateway, task = pressed
    weather.holds()
    press = gateway.phone_of("Sinta").presses(Action(Verb.DONE, task).data())
    gateway.takes_in()
    assert press.answer() == ""
    assert staffed.rows(CaseRow)[0].events == 2
    weather.goes_on()
    gateway.server.wait_until_all_taken()
    gateway.stop()
    assert len(gateway.requests("answerCallbackQuery")) == 1
    assert staffed.rows(CaseRow)[0].events == 5


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 400}, {"kind": "drop"}, {"kind": "forbidden"}])
def test_an_answer_that_telegram_refuses_changes_nothing(
    pressed: tuple[Gateway, int], staffed: Town, fault: dict[str, Any]
) -> None:
    gateway, task = pressed
    gateway.server.fault(method="answerCallbackQuery", **fault)
    gateway.phone_of("Sinta").presses(Action(Verb.DONE, task).data())
    gateway.takes_in()
    gateway.server.wait_until_all_taken()
    gateway.stop()
    assert staffed.rows(CaseRow)[0].events == 5
    assert [row.failure for row in staffed.rows(UpdateRow)] == [None]


def test_a_slow_answer_holds_up_no_update(pressed: tuple[Gateway, int], staffed: Town) -> None:
    gateway, task = pressed
    phone = gateway.phone_of("Sinta")
    gateway.server.fault("delay", method="answerCallbackQuery", seconds=4.0)
    phone.presses(Action(Verb.MORE, task).data())
    phone.says("/selesai")
    gateway.takes_in()
    gateway.wait(lambda: staffed.rows(CaseRow)[0].events == 5, "held up")
    assert gateway.requests("answerCallbackQuery")[0]["outcome"] == ""
