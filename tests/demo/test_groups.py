"""Groups: coming and going, rights, topics, the move to a supergroup, pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeChat, ChatMemberAdministrator, ForceReply
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.demo.telegram import NotSeenError

if TYPE_CHECKING:
    import telegram

    from bot.demo.telegram import Person, RunningServer
    from tests.demo.conftest import Api

pytestmark = pytest.mark.asyncio

ONE_BUTTON = {"inline_keyboard": [[{"text": "Setuju", "callback_data": "yes"}]]}
NO_PIN = "Bad Request: not enough rights to manage pinned messages in the chat"
GONE = "Bad Request: message thread not found"


async def heard(bot: telegram.Bot) -> list[telegram.Update]:
    """Return what the bot has been told since last asked."""
    updates = await bot.get_updates()
    if updates:
        await bot.get_updates(offset=updates[-1].update_id + 1)
    return list(updates)


async def said(bot: telegram.Bot) -> list[telegram.Message]:
    return [update.message for update in await heard(bot) if update.message]


def text_of(message: telegram.Message | None) -> str:
    return (message.text or "") if message else ""


async def test_coming_going_and_rank_are_told_to_the_bot(
    bot: telegram.Bot, budi: Person, server: RunningServer
) -> None:
    group = server.group(budi, "Sekretariat", supergroup=True, with_bot=False)
    assert await heard(bot) == []
    with pytest.raises(BadRequest, match="Chat not found"):
        await bot.send_message(group, "Halo")
    server.add_bot(group, budi)
    server.make_admin(group, budi)
    server.make_admin(group, budi, can_pin_messages=False)
    server.dismiss_admin(group, budi)
    server.remove_bot(group, budi, banned=False)
    server.add_bot(group, budi)
    server.remove_bot(group, budi)
    updates = await heard(bot)
    changes = [update.my_chat_member for update in updates if update.my_chat_member]
    assert [(change.old_chat_member.status, change.new_chat_member.status) for change in changes] == [
        ("left", "member"),
        ("member", "administrator"),
        ("administrator", "administrator"),
        ("administrator", "member"),
        ("member", "left"),
        ("left", "member"),
        ("member", "kicked"),
    ]
    ranks = [change.new_chat_member for change in changes]
    rights = [rank.can_pin_messages for rank in ranks if isinstance(rank, ChatMemberAdministrator)]
    assert rights == [True, False]
    assert changes[0].from_user.id == budi.id
    taken_in = [update.message for update in updates if update.message]
    assert [message.new_chat_members[0].id for message in taken_in] == [bot.id, bot.id]


@pytest.mark.parametrize(("supergroup", "kind"), [(False, "group"), (True, "supergroup")])
@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("sendMessage", {"text": "x"}),
        ("sendDocument", {"document": "x"}),
        ("editMessageText", {"message_id": 2, "text": "x"}),
        ("deleteMessage", {"message_id": 2}),
        ("pinChatMessage", {"message_id": 2}),
        ("getChat", {}),
        ("getChatMember", {"user_id": 5}),
    ],
)
async def test_who_is_thrown_out_can_do_nothing_there(
    api: Api,
    budi: Person,
    server: RunningServer,
    *,
    method: str,
    parameters: dict[str, object],
    supergroup: bool,
    kind: str,
) -> None:
    group = server.group(budi, "Sekretariat", supergroup=supergroup)
    api("sendMessage", chat_id=group, text="Papan", reply_markup=ONE_BUTTON)
    server.remove_bot(group, budi)
    answer = api(method, chat_id=group, **parameters)
    assert (answer.status, answer.description) == (403, f"Forbidden: bot was kicked from the {kind} chat")
    server.telegram.updates.pending.clear()
    budi.in_group(group).says("/status")
    budi.in_group(group).presses("Setuju")
    assert server.telegram.updates.pending == []


async def test_who_left_is_no_member(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat", supergroup=True)
    server.remove_bot(group, budi, banned=False)
    with pytest.raises(Forbidden, match="bot is not a member of the supergroup chat"):
        await bot.send_message(group, "Halo")


async def test_members_come_go_and_rise(
    bot: telegram.Bot, budi: Person, stranger: Person, server: RunningServer
) -> None:
    group = server.group(budi, "Sekretariat")
    with pytest.raises(NotSeenError, match="Siti Aminah is in no chat"):
        stranger.says("/status", chat=group)
    server.add_member(group, stranger, by=budi)
    assert (await bot.get_chat_member(group, stranger.id)).status == "member"
    with pytest.raises(NotSeenError, match="Siti Aminah is no administrator"):
        server.remove_bot(group, stranger)
    with pytest.raises(NotSeenError, match="in a plain group an administrator may everything"):
        server.make_admin(group, budi, can_pin_messages=False)
    server.make_admin(group, budi, stranger)
    assert (await bot.get_chat_member(group, stranger.id)).status == "administrator"
    server.remove_member(group, stranger, by=stranger)
    assert (await bot.get_chat_member(group, stranger.id)).status == "left"
    arrived, left = (await said(bot))[1:]
    assert arrived.new_chat_members[0].id == stranger.id
    assert left.left_chat_member is not None


async def test_privacy_keeps_talk_from_the_bot_until_it_is_an_administrator(
    bot: telegram.Bot, budi: Person, server: RunningServer
) -> None:
    group = server.group(budi, "Sekretariat")
    there = budi.in_group(group)
    await heard(bot)
    there.says("lihat /status dulu")
    there.send_document("surat.pdf", caption="untuk semua")
    there.says("/status@sop_demo_bot")
    server.make_admin(group, budi)
    there.says("obrolan biasa")
    assert [text_of(message) for message in await said(bot)] == ["/status@sop_demo_bot", "obrolan biasa"]


async def test_a_question_in_a_group_is_answered_there(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    there = budi.in_group(server.group(budi, "Sekretariat"))
    await heard(bot)
    there.says("/sekretariat")
    [command] = await said(bot)
    await bot.send_message(command.chat.id, "Alasan?", reply_markup=ForceReply(selective=True))
    there.replies("Karena libur")
    [answer] = await said(bot)
    assert answer.reply_to_message is not None
    assert (answer.text, answer.reply_to_message.text, answer.chat.id) == ("Karena libur", "Alasan?", command.chat.id)


async def test_a_notice_over_a_group_is_for_the_one_who_pressed(
    api: Api, budi: Person, stranger: Person, server: RunningServer
) -> None:
    group = server.group(budi, "Sekretariat", stranger)
    api("sendMessage", chat_id=group, text="Papan", reply_markup=ONE_BUTTON)
    press = stranger.in_group(group).presses("Setuju")
    api("answerCallbackQuery", callback_query_id=press.id, text="Dicatat")
    assert (stranger.in_group(group).toasts(), budi.in_group(group).toasts()) == (["Dicatat"], [])


async def test_a_group_moves_and_says_where(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat")
    server.make_admin(group, budi)
    board = await bot.send_message(group, "Papan")
    await heard(bot)
    successor = server.upgrade_group(group)
    gone, joined, come = await heard(bot)
    assert gone.message is not None
    assert (gone.message.chat.id, gone.message.migrate_to_chat_id) == (group, successor)
    assert joined.my_chat_member is not None
    assert (joined.my_chat_member.chat.id, joined.my_chat_member.new_chat_member.status) == (successor, "administrator")
    assert come.message is not None
    assert (come.message.chat.id, come.message.migrate_from_chat_id) == (successor, group)
    with pytest.raises(ChatMigrated) as refused:
        await bot.edit_message_text("Papan 2", group, board.message_id)
    assert refused.value.new_chat_id == successor
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await bot.edit_message_text("Papan 2", successor, board.message_id)
    there = await bot.send_message(successor, "Papan")
    assert await bot.pin_chat_message(successor, there.message_id)
    with pytest.raises(NotSeenError, match="only a plain group becomes a supergroup"):
        server.upgrade_group(successor)


async def test_topics_keep_what_is_said_in_them_apart(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    forum = server.group(budi, "Sekretariat", forum=True)
    alerts = server.open_topic(forum, budi, "Peringatan")
    there = budi.in_group(forum, alerts)
    there.says("/sekretariat")
    *_, opened, command = await said(bot)
    assert command.chat.is_forum
    assert (command.message_thread_id, command.is_topic_message) == (alerts, True)
    assert opened.forum_topic_created is not None
    assert opened.message_id == alerts
    # What is said in a topic shows as a reply to the topic's beginning: no answer to anything of the bot's.
    assert command.reply_to_message is not None
    assert command.reply_to_message.forum_topic_created is not None
    sent = await bot.send_message(forum, "Papan", message_thread_id=alerts)
    assert (sent.message_thread_id, sent.is_topic_message) == (alerts, True)
    await bot.send_message(forum, "Umum")
    threaded = await bot.send_document(forum, b"%PDF", caption="Bukti", reply_to_message_id=sent.message_id)
    assert threaded.message_thread_id == alerts
    assert [message.text for message in there.chat()] == ["/sekretariat", "Papan", "Bukti"]
    assert [message.topic for message in budi.in_group(forum).chat()] == [alerts, alerts, None, alerts]


async def test_a_topic_that_is_not_there(api: Api, budi: Person, server: RunningServer) -> None:
    forum = server.group(budi, "Sekretariat", forum=True)
    alerts = server.open_topic(forum, budi, "Peringatan")
    paper = budi.send_document("surat.pdf").file_id

    def write(topic: int, chat: int = forum) -> list[str]:
        to = {"chat_id": chat, "message_thread_id": topic}
        answers = [api("sendMessage", **to, text="x"), api("sendDocument", **to, document=paper)]
        return [answer.description for answer in answers]

    assert write(alerts) == ["", ""]
    assert write(1) == write(alerts + 1) == [GONE, GONE]
    assert write(2, server.group(budi, "Tanpa topik", supergroup=True)) == [GONE, GONE]
    server.close_topic(forum, alerts, budi)
    assert write(alerts) == ["Bad Request: TOPIC_CLOSED"] * 2
    server.make_admin(forum, budi)
    assert write(alerts) == ["", ""]
    server.dismiss_admin(forum, budi)
    server.reopen_topic(forum, alerts, budi)
    assert write(alerts) == ["", ""]
    server.delete_topic(forum, alerts, budi)
    assert write(alerts) == [GONE, GONE]
    assert budi.in_group(forum).chat() == []


async def test_a_chain_of_replies_has_a_number_that_is_no_topic(
    bot: telegram.Bot, budi: Person, server: RunningServer
) -> None:
    group = server.group(budi, "Sekretariat", supergroup=True)
    ours = await bot.send_message(group, "Peringatan")
    await heard(bot)
    budi.in_group(group).says("Siap", reply_to=ours.message_id)
    [reply] = await said(bot)
    assert (reply.message_thread_id, reply.is_topic_message) == (ours.message_id, None)
    with pytest.raises(BadRequest, match="Message thread not found"):
        await bot.send_message(group, "x", message_thread_id=reply.message_thread_id)


async def test_pinning_needs_the_right_in_a_group(api: Api, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat", supergroup=True)
    board, other = (api("sendMessage", chat_id=group, text=text).result["message_id"] for text in ("Papan", "Lain"))

    def pin(method: str, message: int | None) -> str:
        return api(f"{method}ChatMessage", chat_id=group, message_id=message).description

    assert pin("pin", 999) == "Bad Request: message to pin not found"
    assert pin("pin", board) == NO_PIN
    server.make_admin(group, budi, can_pin_messages=False)
    assert pin("pin", board) == NO_PIN
    server.make_admin(group, budi)
    assert pin("pin", 1) == "Bad Request: service messages can't be pinned"
    assert [pin("pin", other), pin("pin", board)] == ["", ""]
    assert pin("pin", board) == "Bad Request: CHAT_NOT_MODIFIED"
    assert [message.text for message in budi.in_group(group).pinned()] == ["Papan", "Lain"]
    assert api("getChat", chat_id=group).result["pinned_message"]["text"] == "Lain"
    assert pin("unpin", None) == ""
    assert pin("unpin", other) == "Bad Request: CHAT_NOT_MODIFIED"
    server.make_admin(group, budi, can_pin_messages=False)
    assert pin("unpin", board) == NO_PIN
    assert [message.id for message in budi.in_group(group).pinned()] == [board]


async def test_a_pin_in_private_needs_no_right_and_comes_back_as_an_update(bot: telegram.Bot, budi: Person) -> None:
    card = await bot.send_message(budi.id, "Kartu")
    await bot.pin_chat_message(budi.id, card.message_id)
    [told] = await said(bot)
    assert told.pinned_message == card
    assert told.from_user is not None
    assert told.from_user.id == bot.id
    [pinned] = budi.pinned()
    budi.unpins(pinned)
    assert budi.pinned() == []


async def test_people_delete_and_pin_as_far_as_they_may(
    api: Api, budi: Person, stranger: Person, server: RunningServer
) -> None:
    group = server.group(budi, "Sekretariat", stranger)
    api("sendMessage", chat_id=group, text="Papan")
    [board] = budi.in_group(group).chat()
    for forbidden in (stranger.deletes, stranger.pins):
        with pytest.raises(NotSeenError, match="Siti Aminah may not"):
            forbidden(board)
    budi.pins(board)
    budi.deletes(board)
    assert budi.in_group(group).chat() == []
    gone = api("editMessageText", chat_id=group, message_id=board.id, text="Papan 2")
    assert gone.description == "Bad Request: message to edit not found"
    assert "pinned_message" not in api("getChat", chat_id=group).result
    theirs = stranger.in_group(group).says("halo")
    answer = api("deleteMessage", chat_id=group, message_id=theirs.id)
    assert answer.description == "Bad Request: message can't be deleted"
    server.make_admin(group, budi)
    assert api("deleteMessage", chat_id=group, message_id=theirs.id).result is True


async def test_groups_have_command_lists_of_their_own(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat")
    papan, tugas = BotCommand("papan", "Papan berkas"), BotCommand("tugas", "Tugas saya")
    await bot.set_my_commands([papan], scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands([papan, tugas], scope=BotCommandScopeChat(group))
    assert await bot.get_my_commands(BotCommandScopeAllGroupChats()) == (papan,)
    assert await bot.get_my_commands(BotCommandScopeChat(group)) == (papan, tugas)
    assert await bot.get_my_commands() == ()
    await bot.delete_my_commands(BotCommandScopeAllGroupChats())
