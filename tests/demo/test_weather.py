"""Faults and pacing, on request only."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from telegram.error import Forbidden, NetworkError, RetryAfter

if TYPE_CHECKING:
    import telegram

    from bot.demo.telegram import Person, RunningServer
    from tests.demo.conftest import Api, Clock

pytestmark = pytest.mark.asyncio


async def test_a_fault_strikes_as_often_as_ordered(api: Api, budi: Person, server: RunningServer) -> None:
    server.fault("status", method="sendMessage", count=2, status=502)
    answers = [api("sendMessage", chat_id=budi.id, text=str(number)) for number in range(3)]
    assert [answer.status for answer in answers] == [502, 502, 200]
    assert [message.text for message in budi.new_messages()] == ["2"]


async def test_a_fault_strikes_only_its_method_and_chat(
    api: Api, budi: Person, stranger: Person, server: RunningServer
) -> None:
    stranger.says("/start")
    server.fault("status", method="SENDMESSAGE", chat=budi.id)
    assert api("sendChatAction", chat_id=budi.id, action="typing").status == 200
    assert api("sendMessage", chat_id=stranger.id, text="x").status == 200
    assert api("sendMessage", chat_id=budi.id, text="x").status == 500
    assert api("sendMessage", chat_id=budi.id, text="x").status == 200


async def test_the_library_is_told_to_come_back_later(
    bot: telegram.Bot, budi: Person, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    server.fault("retry_after", seconds=7)
    with pytest.raises(RetryAfter) as refused:
        await bot.send_message(budi.id, "x")
    assert refused.value.retry_after == timedelta(seconds=7)


async def test_a_chat_may_turn_forbidden(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    server.fault("forbidden", chat=budi.id, description="Forbidden: user is deactivated")
    with pytest.raises(Forbidden, match="user is deactivated"):
        await bot.send_message(budi.id, "x")


async def test_a_connection_may_break_before_anything_is_done(
    bot: telegram.Bot, budi: Person, server: RunningServer
) -> None:
    server.fault("drop", method="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(budi.id, "hilang")
    assert budi.new_messages() == []
    assert server.requests("sendMessage")[-1]["outcome"] == "dropped"


async def test_an_answer_may_be_lost_after_all_was_done(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    server.fault("lose", method="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(budi.id, "sampai")
    assert [message.text for message in budi.new_messages()] == ["sampai"]
    assert server.requests("sendMessage")[-1]["outcome"] == "lost"


async def test_a_delayed_request_is_overtaken(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    server.fault("delay", method="sendMessage", seconds=1)
    late = asyncio.create_task(bot.send_message(budi.id, "lambat"))
    await asyncio.to_thread(server.wait, lambda: server.requests("sendMessage")[-1]["outcome"] == "", 5, "not sent")
    await bot.send_message(budi.id, "cepat")
    await late
    assert [message.text for message in budi.new_messages()] == ["cepat", "lambat"]


async def test_cleared_faults_do_not_strike(api: Api, server: RunningServer) -> None:
    server.fault("status", count=9)
    server.clear_faults()
    assert api("getMe").status == 200


async def test_a_private_chat_takes_a_burst_and_then_one_a_second(
    api: Api, budi: Person, server: RunningServer, clock: Clock
) -> None:
    server.pace(burst=2)
    message = api("sendMessage", chat_id=budi.id, text="1").result["message_id"]
    assert api("editMessageText", chat_id=budi.id, message_id=message, text="2").status == 200
    refused = api("sendMessage", chat_id=budi.id, text="3")
    assert (refused.status, refused.description) == (429, "Too Many Requests: retry after 1")
    assert refused.body["parameters"] == {"retry_after": 1}
    assert server.state()["violations"] == 1
    clock.forward(1)
    assert api("sendMessage", chat_id=budi.id, text="3").status == 200
    assert api("sendMessage", chat_id=budi.id, text="4").status == 429
    for number in range(5):
        clock.forward(1)
        assert api("sendMessage", chat_id=budi.id, text=str(number)).status == 200


async def test_a_group_takes_twenty_a_minute(api: Api, budi: Person, server: RunningServer, clock: Clock) -> None:
    group = server.group(budi, "Sekretariat")
    server.pace()
    for number in range(20):
        assert api("sendMessage", chat_id=group, text=str(number)).status == 200
        clock.forward(1)
    assert api("sendMessage", chat_id=group, text="x").body["parameters"] == {"retry_after": 40}
    clock.forward(40)
    assert api("sendMessage", chat_id=group, text="x").status == 200


async def test_thirty_a_second_is_all(api: Api, budi: Person, stranger: Person, server: RunningServer) -> None:
    stranger.says("/start")
    server.pace(burst=100, private_per_second=100)
    for number in range(30):
        assert api("sendMessage", chat_id=budi.id, text=str(number)).status == 200
    assert api("sendMessage", chat_id=stranger.id, text="x").status == 429
    server.unpace()
    assert api("sendMessage", chat_id=stranger.id, text="x").status == 200


async def test_what_is_refused_or_not_sent_does_not_count(api: Api, budi: Person, server: RunningServer) -> None:
    server.pace(burst=1)
    assert api("sendMessage", chat_id=budi.id, text="").status == 400
    assert api("sendChatAction", chat_id=budi.id, action="typing").status == 200
    assert api("sendMessage", chat_id=budi.id, text="x").status == 200
