"""What people do, what the bot hears of it, and what a test can see and wait for."""

from __future__ import annotations

import asyncio
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.demo.telegram import DEMO_TOKEN, NotSeenError, Telegram

if TYPE_CHECKING:
    import telegram

    from bot.demo.telegram import Person, RunningServer
    from tests.demo.conftest import Api, Clock

pytestmark = pytest.mark.asyncio

ONE_BUTTON = {"inline_keyboard": [[{"text": "Selesai", "callback_data": "done"}]]}


async def test_a_deep_link_arrives_as_start_with_its_payload(bot: telegram.Bot, stranger: Person) -> None:
    stranger.says("/start KODE-7")
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.text == "/start KODE-7"
    assert [(entity.type, entity.offset, entity.length) for entity in update.message.entities] == [
        ("bot_command", 0, 6)
    ]
    assert update.effective_user is not None
    assert (update.effective_user.full_name, update.effective_user.username) == ("Siti Aminah", "siti_a")
    assert update.effective_user.language_code == "id"


async def test_an_edited_message_arrives_as_such(bot: telegram.Bot, budi: Person) -> None:
    said = budi.says("/selesia")
    budi.edits(said, "/selesai")
    _, update = await bot.get_updates()
    assert update.edited_message is not None
    assert (update.edited_message.text, update.edited_message.message_id) == ("/selesai", said.id)


async def test_blocking_and_coming_back_are_told_to_the_bot(bot: telegram.Bot, budi: Person) -> None:
    budi.blocks_the_bot()
    budi.says("/start")
    blocked, back, start = await bot.get_updates()
    assert blocked.my_chat_member is not None
    assert blocked.my_chat_member.new_chat_member.status == "kicked"
    assert back.my_chat_member is not None
    assert back.my_chat_member.new_chat_member.status == "member"
    assert start.message is not None


async def test_in_a_group_the_bot_hears_what_is_meant_for_it(
    bot: telegram.Bot, budi: Person, stranger: Person, server: RunningServer
) -> None:
    group = server.group(budi, "Sekretariat", stranger)
    ours = await bot.send_message(group, "Halo semua")
    budi.says("obrolan biasa", chat=group)
    budi.says("/status@other_bot", chat=group)
    stranger.says("/status", chat=group)
    stranger.says("halo @sop_demo_bot", chat=group)
    budi.says("balasan", reply_to=ours.message_id, chat=group)
    created, joined, *heard = await bot.get_updates()
    assert created.message is not None
    assert created.message.group_chat_created
    assert joined.my_chat_member is not None
    assert [update.message.text for update in heard if update.message] == ["/status", "halo @sop_demo_bot", "balasan"]
    assert stranger.chat(group)[0].text == "Halo semua"


async def test_writing_in_a_group_takes_no_block_back(api: Api, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat")
    budi.blocks_the_bot()
    budi.says("/status", chat=group)
    assert api("sendMessage", chat_id=budi.id, text="x").status == 403


async def test_a_press_may_come_without_its_message(bot: telegram.Bot, api: Api, budi: Person) -> None:
    message = api("sendMessage", chat_id=budi.id, text="Kartu", reply_markup=ONE_BUTTON).result["message_id"]
    budi.office.post(f"/people/{budi.id}/press", {"message_id": message, "button": "done", "inaccessible": True})
    [update] = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.message is not None
    assert not update.callback_query.message.is_accessible
    assert (update.callback_query.data, update.callback_query.message.message_id) == ("done", message)


async def test_a_member_presses_in_a_group(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat")
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Selesai", callback_data="done")]])
    await bot.send_message(group, "Kartu", reply_markup=keyboard)
    budi.presses("Selesai", chat=group)
    query = (await bot.get_updates())[-1].callback_query
    assert query is not None
    assert query.message is not None
    assert query.message.chat.id == group


async def test_a_phone_may_still_show_a_button_that_is_gone(bot: telegram.Bot, api: Api, budi: Person) -> None:
    message = api("sendMessage", chat_id=budi.id, text="Kartu", reply_markup=ONE_BUTTON).result["message_id"]
    api("editMessageText", chat_id=budi.id, message_id=message, text="Selesai oleh Siti")
    with pytest.raises(NotSeenError, match="sees no button 'Selesai'"):
        budi.presses("Selesai")
    budi.presses_stale("done", message)
    api("deleteMessage", chat_id=budi.id, message_id=message)
    budi.presses_stale("done", message)
    stale, gone = await bot.get_updates()
    assert stale.callback_query is not None
    assert stale.callback_query.data == "done"
    assert gone.callback_query is not None
    assert gone.callback_query.message is not None
    assert not gone.callback_query.message.is_accessible


async def test_waiting_ends_as_soon_as_the_message_is_there(bot: telegram.Bot, budi: Person) -> None:
    waiting = asyncio.create_task(asyncio.to_thread(budi.waits_for, "berkas", timeout=10))
    await bot.send_message(budi.id, "Halo")
    await bot.send_message(budi.id, "Ada berkas baru")
    assert (await asyncio.wait_for(waiting, 5)).text == "Ada berkas baru"


async def test_what_was_read_is_not_seen_twice_until_it_changes(api: Api, budi: Person) -> None:
    first = api("sendMessage", chat_id=budi.id, text="Tugas 1").result["message_id"]
    api("sendMessage", chat_id=budi.id, text="Tugas 2")
    assert budi.waits_for("Tugas").text == "Tugas 1"
    assert budi.waits_for("Tugas").text == "Tugas 2"
    assert budi.new_messages() == []
    api("editMessageText", chat_id=budi.id, message_id=first, text="Tugas 1 selesai")
    assert budi.waits_for("Tugas").text == "Tugas 1 selesai"


async def test_waiting_can_begin_after_a_message_or_a_moment(api: Api, budi: Person, server: RunningServer) -> None:
    first = api("sendMessage", chat_id=budi.id, text="Tugas 1").result["message_id"]
    assert budi.waits_for("Tugas", after=first - 1).id == first
    mark = server.marker()
    api("editMessageText", chat_id=budi.id, message_id=first, text="Tugas 1 selesai")
    assert budi.waits_for("Tugas", after=mark).edited
    with pytest.raises(NotSeenError):
        budi.waits_for("Tugas", after=first, timeout=0)


async def test_waiting_in_vain_prints_the_chat(api: Api, budi: Person) -> None:
    api("sendMessage", chat_id=budi.id, text="Kartu", reply_markup=ONE_BUTTON)
    with pytest.raises(NotSeenError) as failure:
        budi.waits_for("Laporan", timeout=0.05)
    assert str(failure.value) == (
        "Budi Santoso did not see 'Laporan' within 0.05 s. The chat:\n"
        "#1 Budi Santoso: /start\n#2 SOP Bot: Kartu\n    [Selesai]"
    )


async def test_what_no_hand_could_do_is_said_plainly(api: Api, budi: Person, server: RunningServer) -> None:
    message = api("sendMessage", chat_id=budi.id, text="Kartu", reply_markup=ONE_BUTTON).result["message_id"]
    for impossible, complaint in (
        (lambda: budi.says("  "), "an empty message cannot be sent"),
        (lambda: budi.says("x", reply_to=999), "there is no message 999 in the chat"),
        (lambda: budi.says("x", chat=-5), "Budi Santoso is in no chat -5"),
        (lambda: budi.presses("Tolak", in_message=message), "has no button 'Tolak'; its buttons: Selesai"),
        (lambda: budi.edits(budi.chat()[-1], "x"), "only one's own message can be edited"),
        (lambda: budi.replies("x"), "Budi Santoso was asked nothing"),
        (lambda: server.post("/people/5/say", {"text": "x"}), "nobody has the id 5"),
        (lambda: server.post("/people", {"id": "x"}), "a person needs an id and a first_name"),
        (lambda: server.fault("earthquake"), "is not a valid FaultKind"),
        (lambda: server.get("/chats/abc"), "there is no such chat"),
        (lambda: server.get("/presses/1"), "there was no such press"),
    ):
        with pytest.raises(NotSeenError, match=complaint):
            impossible()


async def test_a_press_the_bot_ignores_is_not_answered(api: Api, budi: Person) -> None:
    api("sendMessage", chat_id=budi.id, text="Kartu", reply_markup=ONE_BUTTON)
    with pytest.raises(NotSeenError, match="the bot did not answer the press"):
        budi.presses("Selesai").answer(timeout=0)


async def test_the_servers_clock_can_be_put_forward(api: Api, budi: Person, server: RunningServer) -> None:
    before = api("sendMessage", chat_id=budi.id, text="x").result["date"]
    server.shift_clock(90)
    assert api("sendMessage", chat_id=budi.id, text="x").result["date"] == before + 90
    server.shift_clock(-90)


async def test_a_person_known_already_is_renamed(budi: Person, server: RunningServer) -> None:
    server.person(budi.id, "Budi Hartono")
    assert budi.chat()[0].sender == "Budi Hartono"


async def test_a_change_from_another_thread_is_not_missed(server: RunningServer) -> None:
    def shift() -> None:
        server.telegram.shift_clock(timedelta(0))

    since = server.state()["version"]
    threading.Timer(0.05, shift).start()
    assert (await asyncio.to_thread(server.get, "/changes", {"since": since, "timeout": 5}))["version"] > since


async def test_a_token_has_telegrams_form(clock: Clock) -> None:
    with pytest.raises(ValueError, match="35 characters after the colon"):
        Telegram("123:short", clock)
    assert Telegram(DEMO_TOKEN, clock).bot.id == 987654321
