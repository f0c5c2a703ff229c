"""What the real library sends, and what it gets back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from telegram import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MenuButtonCommands,
    MessageEntity,
    ReplyParameters,
)

from bot.demo.telegram import Attachment
from tests.demo.conftest import picture

if TYPE_CHECKING:
    import telegram

    from bot.demo.telegram import Person, RunningServer
    from tests.demo.conftest import Api, Clock

pytestmark = pytest.mark.asyncio

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 16
TWO_BUTTONS = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Selesai", callback_data="done:1", style="success")],
        [InlineKeyboardButton("Tolak", callback_data="reject:1", style="danger")],
    ]
)


async def test_the_bot_is_the_number_in_its_token(bot: telegram.Bot, server: RunningServer) -> None:
    me = await bot.get_me()
    assert (str(me.id), me.is_bot, me.username) == (server.token.partition(":")[0], True, "sop_demo_bot")
    assert me.link == "https://t.me/sop_demo_bot"


async def test_a_message_comes_back_as_it_stands_in_the_chat(bot: telegram.Bot, budi: Person, clock: Clock) -> None:
    message = await bot.send_message(
        budi.id,
        "  <b>Langkah 9</b> 😀 &lt;mendesak&gt; /tugas\n",
        parse_mode="HTML",
        reply_markup=TWO_BUTTONS,
        disable_notification=True,
        reply_parameters=ReplyParameters(1),
    )
    assert message.text == "Langkah 9 😀 <mendesak> /tugas"
    assert message.text_html == "<b>Langkah 9</b> 😀 &lt;mendesak&gt; /tugas"
    assert message.parse_entities([MessageEntity.BOT_COMMAND]).popitem()[1] == "/tugas"
    assert message.date == clock()
    assert message.chat.id == budi.id
    assert message.reply_markup == TWO_BUTTONS
    assert message.reply_to_message is not None
    assert message.reply_to_message.text == "/start"
    [seen] = budi.new_messages()
    assert (seen.text, seen.silent, seen.reply_to, seen.labels) == (message.text, True, 1, ["Selesai", "Tolak"])
    assert [button.style for button in seen.buttons] == ["success", "danger"]
    assert seen.html == message.text_html


async def test_a_mention_by_id_names_whom_the_bot_knows(bot: telegram.Bot, budi: Person) -> None:
    text = f'<a href="tg://user?id={budi.id}">Pak Budi</a> <a href="tg://user?id=5">entah</a>'
    message = await bot.send_message(budi.id, text, parse_mode="HTML")
    [mention] = message.entities
    assert mention.user is not None
    assert (mention.type, mention.user.full_name) == ("text_mention", "Budi Santoso")


async def test_entities_may_be_given_instead_of_marked_up(bot: telegram.Bot, budi: Person) -> None:
    given = [MessageEntity(MessageEntity.BOLD, 0, 5), MessageEntity(MessageEntity.TEXT_LINK, 0, 5, url="https://go.id")]
    message = await bot.send_message(budi.id, "Kartu", entities=given)
    assert message.entities == tuple(given)


async def test_message_ids_grow_by_one_in_each_chat(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat")
    ids = [(await bot.send_message(chat, "x")).message_id for chat in (budi.id, group, budi.id, group)]
    assert ids == [2, 2, 3, 3]


async def test_an_edit_replaces_text_and_buttons(bot: telegram.Bot, budi: Person) -> None:
    message = await bot.send_message(budi.id, "Kartu", reply_markup=TWO_BUTTONS)
    edited = await bot.edit_message_text("<i>Sudah</i>", budi.id, message.message_id, parse_mode="HTML")
    assert edited.edit_date is not None  # type: ignore[union-attr]  # True comes for inline messages only
    [seen] = budi.new_messages()
    assert (seen.html, seen.labels, seen.edited) == ("<i>Sudah</i>", [], True)
    await bot.edit_message_reply_markup(budi.id, message.message_id, reply_markup=TWO_BUTTONS)
    assert budi.chat()[-1].labels == ["Selesai", "Tolak"]


async def test_a_deleted_message_is_gone_for_everybody(bot: telegram.Bot, budi: Person) -> None:
    message = await bot.send_message(budi.id, "Salah kirim")
    assert await bot.delete_message(budi.id, message.message_id)
    assert [seen.text for seen in budi.chat()] == ["/start"]


async def test_a_question_opens_the_reply_and_the_answer_points_back(bot: telegram.Bot, budi: Person) -> None:
    asked = ForceReply(input_field_placeholder="Alasan")
    question = await bot.send_message(budi.id, "Apa alasan Saudara?", reply_markup=asked)
    assert question.reply_markup is None
    [seen] = budi.new_messages()
    assert (seen.force_reply, seen.placeholder) == (True, "Alasan")
    budi.replies("Lampiran kurang")
    [update] = await bot.get_updates()
    assert update.message is not None
    assert update.message.reply_to_message == question


async def test_a_press_reaches_the_bot_and_its_notice_the_person(bot: telegram.Bot, budi: Person) -> None:
    message = await bot.send_message(budi.id, "Kartu", reply_markup=TWO_BUTTONS)
    press = budi.presses("Tolak")
    [update] = await bot.get_updates()
    query = update.callback_query
    assert query is not None
    assert (query.data, query.message, query.from_user.id) == ("reject:1", message, budi.id)
    await bot.answer_callback_query(query.id, text="Sudah dicatat", show_alert=True)
    assert press.answer() == "Sudah dicatat"
    assert budi.toasts() == ["Sudah dicatat"]


async def test_commands_are_kept_per_scope_and_language(bot: telegram.Bot, budi: Person) -> None:
    tugas, mulai = BotCommand("tugas", "Tugas saya"), BotCommand("mulai", "Memulai berkas")
    await bot.set_my_commands([tugas])
    await bot.set_my_commands([mulai, tugas], scope=BotCommandScopeAllPrivateChats(), language_code="id")
    await bot.set_my_commands([mulai], scope=BotCommandScopeChat(budi.id))
    assert await bot.get_my_commands() == (tugas,)
    assert await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats()) == ()
    assert await bot.get_my_commands(BotCommandScopeAllPrivateChats(), "id") == (mulai, tugas)
    assert await bot.get_my_commands(scope=BotCommandScopeChat(budi.id)) == (mulai,)
    await bot.delete_my_commands()
    assert await bot.get_my_commands() == ()


async def test_the_profile_is_kept(bot: telegram.Bot, budi: Person) -> None:
    await bot.set_my_description("Menggerakkan berkas SOP")
    await bot.set_my_short_description("Berkas SOP")
    assert (await bot.get_my_description()).description == "Menggerakkan berkas SOP"
    assert (await bot.get_my_short_description()).short_description == "Berkas SOP"
    assert (await bot.get_my_name()).name == "SOP Bot"
    await bot.set_chat_menu_button(budi.id, MenuButtonCommands())
    assert await bot.get_chat_menu_button(budi.id) == MenuButtonCommands()
    assert (await bot.get_chat_menu_button()).type == "default"


async def test_a_document_goes_out_and_comes_back_the_same(bot: telegram.Bot, budi: Person) -> None:
    sent = await bot.send_document(budi.id, b"isi laporan", filename="laporan.pdf", caption="<b>Laporan</b>",
                                   parse_mode="HTML", reply_markup=TWO_BUTTONS)  # fmt: skip
    assert sent.document is not None
    assert (sent.document.file_name, sent.document.file_size, sent.caption_html) == (
        "laporan.pdf",
        11,
        "<b>Laporan</b>",
    )
    [seen] = budi.new_messages()
    assert (seen.text, seen.file_name) == ("Laporan", "laporan.pdf")
    again = await bot.send_document(budi.id, sent.document.file_id)
    assert again.document == sent.document
    await bot.edit_message_caption(budi.id, sent.message_id, caption="Laporan akhir")
    assert budi.new_messages()[0].text == "Laporan akhir"


async def test_a_file_from_a_person_can_be_downloaded(bot: telegram.Bot, budi: Person) -> None:
    budi.sends(Attachment("konsep.pdf", b"%PDF-1.4 konsep"), caption="Konsep")
    budi.sends(Attachment("foto.png", PNG, "image/png", kind="photo"))
    document, photo = await bot.get_updates()
    assert document.message is not None
    assert document.message.document is not None
    assert document.message.caption == "Konsep"
    file = await bot.get_file(document.message.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"%PDF-1.4 konsep"
    assert photo.message is not None
    assert bytes(await (await photo.message.photo[-1].get_file()).download_as_bytearray()) == PNG


async def test_a_document_from_a_person_says_what_it_is(bot: telegram.Bot, budi: Person) -> None:
    asked = await bot.send_message(budi.id, "Kirim buktinya", reply_markup=ForceReply())
    budi.send_document("surat.pdf", b"%PDF surat", "Surat tugas", reply_to=asked.message_id)
    budi.send_photo(caption="Lembar disposisi")
    paper, photo = [update.message for update in await bot.get_updates()]
    assert paper is not None
    assert paper.document is not None
    assert (paper.caption, paper.reply_to_message) == ("Surat tugas", asked)
    assert (paper.document.file_name, paper.document.mime_type) == ("surat.pdf", "application/pdf")
    assert paper.document.file_size == len(b"%PDF surat")
    assert photo is not None
    assert (photo.caption, [size.width for size in photo.photo]) == ("Lembar disposisi", [90, 800])


async def test_files_sent_together_come_one_by_one_with_a_common_mark(bot: telegram.Bot, budi: Person) -> None:
    for page, caption in ((b"1", "Dua halaman"), (b"2", "")):
        budi.sends(Attachment("lembar.png", PNG + page, "image/png", "photo"), caption, album="lembar")
    first, second = [update.message for update in await bot.get_updates()]
    assert first is not None
    assert second is not None
    assert first.media_group_id == second.media_group_id == "lembar"
    assert (first.caption, second.caption) == ("Dua halaman", None)


async def test_the_same_content_is_known_by_its_unique_id_alone(budi: Person) -> None:
    first, second, other = (budi.send_document("a.pdf", content) for content in (b"%PDF 1", b"%PDF 1", b"%PDF 2"))
    assert first.file_unique_id == second.file_unique_id != other.file_unique_id
    assert len({first.file_id, second.file_id, other.file_id}) == 3


async def test_a_picture_is_sent(bot: telegram.Bot, budi: Person) -> None:
    plan = picture(1200, 1600)
    sent = await bot.send_photo(budi.id, plan, caption="Denah")
    assert sent.caption == "Denah"
    small, whole = sent.photo
    assert (small.file_size, whole.file_size) == (len(plan) // 4, len(plan))
    assert (whole.width, whole.height) == (1200, 1600)
    assert small.file_unique_id != whole.file_unique_id
    again = await bot.send_photo(budi.id, whole.file_id)
    assert again.photo == sent.photo


async def test_a_file_over_twenty_megabytes_is_not_for_bots(budi: Person, api: Api) -> None:
    limit = 20 * 1024 * 1024
    most, big = (budi.send_document("besar.zip", size=size) for size in (limit, limit + 1))
    assert api("getFile", file_id=most.file_id).result["file_size"] == limit
    assert api("getFile", file_id=big.file_id).description == "Bad Request: file is too big"


async def test_chats_members_and_pins(bot: telegram.Bot, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat", supergroup=True)
    server.make_admin(group, budi)
    message = await bot.send_message(group, "Penting")
    await bot.pin_chat_message(group, message.message_id)
    chat = await bot.get_chat(group)
    assert (chat.title, chat.type, chat.pinned_message) == ("Sekretariat", "supergroup", message)
    await bot.unpin_chat_message(group)
    assert (await bot.get_chat(group)).pinned_message is None
    assert (await bot.get_chat_member(group, budi.id)).status == "creator"
    assert (await bot.get_chat_member(group, bot.id)).status == "administrator"
    server.dismiss_admin(group, budi)
    assert (await bot.get_chat_member(group, bot.id)).status == "member"
    assert (await bot.get_chat_member(budi.id, budi.id)).status == "member"
    assert (await bot.get_chat(budi.id)).full_name == "Budi Santoso"
    assert await bot.send_chat_action(group, "typing")


async def test_parameters_come_as_json_form_query_or_multipart(api: Api, budi: Person, server: RunningServer) -> None:
    path = f"/bot{server.token}/SENDmessage"
    fields = {"chat_id": str(budi.id), "text": "x"}
    for request in ({"json": fields}, {"data": fields}, {"params": fields}, {"data": fields, "files": {"f": b"1"}}):
        assert api.post(path, **request).result["text"] == "x"
    answer = api.get(f"{path}?chat_id={budi.id}&text=halo")
    assert answer.json()["result"]["text"] == "halo"
    assert [request["method"] for request in server.requests()[-5:]] == ["sendMessage"] * 5


async def test_every_request_is_recorded_with_its_outcome(
    bot: telegram.Bot, budi: Person, server: RunningServer, api: Api
) -> None:
    before = server.state()["requests"]
    await bot.send_message(budi.id, "Kartu", reply_markup=TWO_BUTTONS)
    api("sendMessage", chat_id=budi.id, text="")
    good, bad = server.requests("sendMessage", after=before)
    assert (good["outcome"], good["parameters"]["text"], good["result"]["chat"]["id"]) == ("ok", "Kartu", budi.id)
    assert good["parameters"]["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "done:1"
    assert (bad["outcome"], bad["status"], bad["description"]) == (
        "refused",
        400,
        "Bad Request: message text is empty",
    )
    assert server.wait_for_request("sendMessage", after=before)["number"] == good["number"]
