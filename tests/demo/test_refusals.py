"""What Telegram refuses, refused here with the same status and the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.demo.telegram.bot_messages import NOT_MODIFIED, QUERY_TOO_OLD

if TYPE_CHECKING:
    from bot.demo.telegram import Person, RunningServer
    from tests.demo.conftest import Api, Clock

NO_ENTITY = "can't parse MessageEntity"
BEYOND = "entity begins after the end of the text at UTF-16 offset"
FORCE_REPLY = {"force_reply": True}
NO_RIGHT = "Bad Request: message can't be edited"


def inline(**button: object) -> dict[str, object]:
    return {"inline_keyboard": [[{"text": "Selesai", **button}]]}


@pytest.mark.parametrize(
    ("sent", "description"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": None}, "message text is empty"),
        ({"text": " \n "}, "text must be non-empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "text must be non-empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "<x>", "parse_mode": "HTML"}, 'can\'t parse entities: Unsupported start tag "x" at byte offset 0'),
        ({"parse_mode": "wiki"}, "unsupported parse_mode"),
        ({"chat_id": ""}, "chat_id is empty"),
        ({"chat_id": None}, "chat_id is empty"),
        ({"chat_id": 5}, "chat not found"),
        ({"chat_id": "@nobody"}, "chat not found"),
        ({"reply_to_message_id": 999}, "message to be replied not found"),
        ({"reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"reply_parameters": {"quote": "x"}}, 'can\'t find field "message_id"'),
        ({"reply_parameters": "x"}, "can't parse reply parameters JSON object"),
        ({"message_thread_id": 7}, "message thread not found"),
        ({"entities": [{"type": "loud", "offset": 0, "length": 1}]}, f"{NO_ENTITY}: Unsupported type specified"),
        ({"entities": [{"type": "bold", "offset": 9, "length": 1}]}, f"{BEYOND} 9"),
        ({"entities": [{"type": "bold", "offset": -1, "length": 1}]}, "receive an entity with incorrect offset -1"),
        ({"entities": [{"type": "bold", "offset": 0, "length": -1}]}, "receive an entity with incorrect length -1"),
        (
            {"entities": [{"type": "bold", "offset": 0, "length": 9}]},
            "entity beginning at UTF-16 offset 0 ends after the end of the text at UTF-16 offset 9",
        ),
        ({"entities": {}}, "expected an Array of MessageEntity"),
        ({"entities": [1]}, f"{NO_ENTITY}: expected an Object"),
        ({"entities": [{"type": "bold"}]}, f'{NO_ENTITY}: Field "offset" must be of type Number'),
        ({"reply_parameters": [1]}, "object expected as reply parameters"),
        ({"parse_mode": "MarkdownV2"}, "the local server reads parse_mode HTML only"),
        ({"entities": [{"type": "text_link", "offset": 0, "length": 1}]}, f'{NO_ENTITY}: Can\'t find field "url"'),
    ],
)
def test_a_message_telegram_would_not_send(api: Api, budi: Person, sent: dict[str, object], description: str) -> None:
    answer = api("sendMessage", **{"chat_id": budi.id, "text": "Halo", **sent})
    assert (answer.status, answer.description) == (400, f"Bad Request: {description}")
    assert answer.body["error_code"] == 400
    assert len(budi.chat()) == 1


@pytest.mark.parametrize(
    ("markup", "description"),
    [
        ("x", "can't parse reply keyboard markup JSON object"),
        ("[1]", "object expected as reply markup"),
        (inline(callback_data="x" * 65), "BUTTON_DATA_INVALID"),
        (inline(callback_data="é" * 33), "BUTTON_DATA_INVALID"),
        (inline(), "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"),
        (
            inline(callback_data=""),
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            inline(callback_data="a", url="https://go.id"),
            "can't parse inline keyboard button: exactly one action expected, found url and callback_data",
        ),
        (
            inline(callback_data=7),
            'can\'t parse inline keyboard button: Field "callback_data" must be of type String',
        ),
        (inline(callback_data="a", text=""), "inline keyboard button text must be non-empty"),
        (inline(callback_data="a", text=7), 'can\'t parse inline keyboard button: Field "text" must be of type String'),
        (
            inline(callback_data="a", text=None),
            "can't parse inline keyboard button: Can't find field \"text\"",
        ),
        (inline(callback_data="a", style="green"), "invalid button style specified"),
        (inline(url="not-a-url"), "inline keyboard button URL 'not-a-url' is invalid: Wrong HTTP URL"),
        (
            inline(url="ftp://go.id"),
            "inline keyboard button URL 'ftp://go.id' is invalid: Unsupported URL protocol",
        ),
        (
            inline(web_app={"url": "http://go.id"}),
            "inline keyboard button Web App URL 'http://go.id' is invalid: Only HTTPS links are allowed",
        ),
        (inline(copy_text={"text": ""}), "BUTTON_COPY_TEXT_INVALID"),
        (inline(pay=True), "BUTTON_TYPE_INVALID"),
        ({"inline_keyboard": "x"}, 'field "inline_keyboard" must be of type Array'),
        ({"inline_keyboard": ["x"]}, 'field "inline_keyboard" must be an Array of Arrays'),
        ({"inline_keyboard": [["x"]]}, "can't parse inline keyboard button: expected an Object"),
        ({"inline_keyboard": [[{"text": "a", "callback_data": "b"}] * 9]}, "reply markup is too long"),
        ({"inline_keyboard": [[{"text": "a", "callback_data": "b"}]] * 101}, "reply markup is too long"),
        ({"force_reply": "yes"}, 'field "force_reply" must be of type Boolean'),
        ({"force_reply": True, "input_field_placeholder": ""}, "REPLY_MARKUP_PLACEHOLDER_INVALID"),
        ({"force_reply": True, "input_field_placeholder": "x" * 65}, "REPLY_MARKUP_PLACEHOLDER_INVALID"),
        ({"keyboard": [[{"text": "a"}]], "selective": "yes"}, 'field "selective" must be of type Boolean'),
    ],
)
def test_a_keyboard_telegram_would_not_show(api: Api, budi: Person, markup: object, description: str) -> None:
    answer = api("sendMessage", chat_id=budi.id, text="Halo", reply_markup=markup)
    assert (answer.status, answer.description) == (400, f"Bad Request: {description}")


@pytest.mark.parametrize(
    "markup",
    [
        inline(callback_data="x" * 64, style="danger"),
        inline(switch_inline_query=""),
        inline(url="go.id/berkas"),
        {"inline_keyboard": []},
        {"force_reply": True, "input_field_placeholder": "x" * 64},
        {"keyboard": [["a", {"text": "b"}]], "resize_keyboard": True},
        {"remove_keyboard": True},
    ],
)
def test_a_keyboard_at_the_limit_is_taken(api: Api, budi: Person, markup: object) -> None:
    assert api("sendMessage", chat_id=budi.id, text="x" * 4096, reply_markup=markup).status == 200


def test_a_reply_to_a_lost_message_may_be_optional(api: Api, budi: Person) -> None:
    optional = {"message_id": 999, "allow_sending_without_reply": True}
    sent = api("sendMessage", chat_id=budi.id, text="Halo", reply_parameters=optional)
    assert "reply_to_message" not in sent.result


def test_nobody_hears_from_a_bot_before_pressing_start(api: Api, stranger: Person) -> None:
    answer = api("sendMessage", chat_id=stranger.id, text="Halo")
    assert (answer.status, answer.description) == (
        403,
        "Forbidden: bot can't initiate conversation with a user",
    )


def test_who_blocked_the_bot_hears_nothing_until_the_block_is_taken_back(api: Api, budi: Person) -> None:
    budi.blocks_the_bot()
    answer = api("sendMessage", chat_id=budi.id, text="Halo")
    assert (answer.status, answer.description) == (403, "Forbidden: bot was blocked by the user")
    budi.unblocks_the_bot()
    assert api("sendMessage", chat_id=budi.id, text="Halo").status == 200


def test_an_upgraded_group_says_where_it_went(api: Api, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat")
    successor = server.upgrade_group(group)
    answer = api("sendMessage", chat_id=group, text="Halo")
    assert answer.description == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer.body["parameters"] == {"migrate_to_chat_id": successor}
    assert api("sendMessage", chat_id=successor, text="Halo").status == 200


def test_a_bot_thrown_out_of_a_group_is_told_so(api: Api, budi: Person, server: RunningServer) -> None:
    group = server.group(budi, "Sekretariat", supergroup=True)
    server.remove_bot(group, by=budi)
    answer = api("sendMessage", chat_id=group, text="Halo")
    assert (answer.status, answer.description) == (403, "Forbidden: bot was kicked from the supergroup chat")


def sent(api: Api, person: Person, **more: object) -> int:
    return int(api("sendMessage", chat_id=person.id, text="Kartu", **more).result["message_id"])


@pytest.mark.parametrize(
    ("edit", "description"),
    [
        ({"text": "Kartu"}, NOT_MODIFIED),
        ({"text": " <i></i>Kartu ", "parse_mode": "HTML"}, NOT_MODIFIED),
        ({"text": "Lain", "message_id": 999}, "message to edit not found"),
        ({"text": "Lain", "message_id": 1}, "message can't be edited"),
        ({"text": "Lain", "message_id": None}, "message identifier is not specified"),
        ({"text": "x" * 4097}, "MESSAGE_TOO_LONG"),
        ({"text": ""}, "message text is empty"),
        ({"text": "Lain", "reply_markup": FORCE_REPLY}, "inline keyboard expected"),
    ],
)
def test_an_edit_telegram_would_not_make(api: Api, budi: Person, edit: dict[str, object], description: str) -> None:
    message = sent(api, budi)
    answer = api("editMessageText", **{"chat_id": budi.id, "message_id": message, **edit})
    assert (answer.status, answer.description) == (400, f"Bad Request: {description}")
    assert budi.chat()[-1].text == "Kartu"
    assert not budi.chat()[-1].edited


def test_a_question_cannot_be_edited(api: Api, budi: Person) -> None:
    message = sent(api, budi, reply_markup=FORCE_REPLY)
    assert api("editMessageText", chat_id=budi.id, message_id=message, text="Lain").description == NO_RIGHT
    assert api("editMessageReplyMarkup", chat_id=budi.id, message_id=message).description == NO_RIGHT


def test_taking_away_buttons_that_are_gone_is_no_change(api: Api, budi: Person) -> None:
    message = sent(api, budi, reply_markup=inline(callback_data="a"))
    assert api("editMessageReplyMarkup", chat_id=budi.id, message_id=message).status == 200
    again = api("editMessageReplyMarkup", chat_id=budi.id, message_id=message)
    assert again.description == f"Bad Request: {NOT_MODIFIED}"


def test_deleting_knows_its_bounds(api: Api, budi: Person, clock: Clock) -> None:
    gone, old = sent(api, budi), sent(api, budi)
    assert api("deleteMessage", chat_id=budi.id, message_id=gone).result is True
    answer = api("deleteMessage", chat_id=budi.id, message_id=gone)
    assert answer.description == "Bad Request: message to delete not found"
    clock.forward(48 * 3600 + 1)
    answer = api("deleteMessage", chat_id=budi.id, message_id=old)
    assert answer.description == "Bad Request: message can't be deleted for everyone"


def pressed(api: Api, person: Person) -> str:
    message = sent(api, person, reply_markup=inline(callback_data="a"))
    return person.presses("Selesai", in_message=message).id


def test_a_press_is_answered_once_and_in_time(api: Api, budi: Person, clock: Clock) -> None:
    too_old = f"Bad Request: {QUERY_TOO_OLD}"
    query = pressed(api, budi)
    assert api("answerCallbackQuery", callback_query_id=query).result is True
    assert api("answerCallbackQuery", callback_query_id=query).description == too_old
    assert api("answerCallbackQuery", callback_query_id="7").description == too_old
    in_time, late = pressed(api, budi), pressed(api, budi)
    clock.forward(15)
    assert api("answerCallbackQuery", callback_query_id=in_time).result is True
    clock.forward(0.1)
    assert api("answerCallbackQuery", callback_query_id=late).description == too_old


def test_a_notice_has_two_hundred_characters_at_most(api: Api, budi: Person) -> None:
    query = pressed(api, budi)
    answer = api("answerCallbackQuery", callback_query_id=query, text="x" * 201)
    assert answer.description == "Bad Request: MESSAGE_TOO_LONG"
    assert api("answerCallbackQuery", callback_query_id=query, text="x" * 200).result is True


@pytest.mark.parametrize(
    ("command", "description"),
    [
        ({"command": "Tugas", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "tu-gas", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "", "description": "x"}, "command must not be empty"),
        ({"command": "x" * 33, "description": "x"}, "command length must not exceed 32"),
        ({"command": "tugas", "description": ""}, "command description must not be empty"),
        ({"command": "tugas", "description": "x" * 257}, "command description length must not exceed 256"),
        ({"command": "tugas"}, "can't parse BotCommand: Can't find field \"description\""),
        ("tugas", "can't parse BotCommand: expected an Object"),
    ],
)
def test_a_command_telegram_would_not_list(api: Api, command: object, description: str) -> None:
    assert api("setMyCommands", commands=[command]).description == f"Bad Request: {description}"


def test_a_hundred_commands_are_the_limit(api: Api) -> None:
    command = {"command": "tugas", "description": "x"}
    assert api("setMyCommands", commands=[command] * 100).result is True
    assert api("setMyCommands", commands=[command] * 101).description == "Bad Request: BOT_COMMANDS_TOO_MUCH"
    api("deleteMyCommands")


@pytest.mark.parametrize(
    ("method", "parameters", "description"),
    [
        ("sendDocument", {}, "there is no document in the request"),
        ("sendDocument", {"document": "abc"}, "wrong remote file identifier specified: Wrong string length"),
        ("sendDocument", {"document": "BQACAgUAAxkBAA" + "x" * 57}, "wrong file identifier/HTTP URL specified"),
        ("sendDocument", {"document": "https://go.id/x.pdf"}, "failed to get HTTP URL content"),
        ("sendPhoto", {"caption": "x" * 1025}, "message caption is too long"),
        ("getFile", {}, "file_id not specified"),
        ("getFile", {"file_id": "abc"}, "invalid file_id"),
        ("sendChatAction", {"action": "dancing"}, "wrong parameter action in request"),
        ("pinChatMessage", {"message_id": 999}, "message to pin not found"),
        ("unpinChatMessage", {}, "message to unpin not found"),
        ("getChatMember", {"user_id": 5}, "PARTICIPANT_ID_INVALID"),
        ("setWebhook", {"url": "ftp://x"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        ("setWebhook", {"url": "https://x.id", "secret_token": "a b"}, "secret token contains unallowed characters"),
        ("setMyCommands", {"commands": {}}, "expected an Array of BotCommand"),
        ("setMyCommands", {"scope": {"type": "x"}}, "can't parse BotCommandScope: Unsupported type specified"),
        ("setMyCommands", {"language_code": "ind"}, "invalid language code specified"),
        ("setMyDescription", {"description": "x" * 513}, "BOT_DESCRIPTION_TOO_LONG"),
        ("setChatMenuButton", {"menu_button": {"type": "x"}}, "menu button type is invalid"),
        ("getUpdates", {"allowed_updates": "{"}, "can't parse allowed updates JSON object"),
    ],
)
def test_what_else_telegram_refuses(
    api: Api, budi: Person, method: str, parameters: dict[str, object], description: str
) -> None:
    answer = api(method, chat_id=budi.id, **parameters)
    assert (answer.status, answer.description) == (400, f"Bad Request: {description}")


def test_a_file_is_sent_again_only_as_what_it_was(api: Api, budi: Person) -> None:
    photo, paper = budi.send_photo(), budi.send_document("surat.pdf")
    answer = api("sendDocument", chat_id=budi.id, document=photo.file_id)
    assert answer.description == "Bad Request: can't use file of type Photo as Document"
    answer = api("sendPhoto", chat_id=budi.id, photo=paper.file_id)
    assert answer.description == "Bad Request: can't use file of type Document as Photo"


def test_a_caption_is_counted_after_its_marks_and_a_file_has_no_text(api: Api, budi: Person) -> None:
    paper = budi.send_document("surat.pdf").file_id
    marked = {"chat_id": budi.id, "document": paper, "parse_mode": "HTML"}
    sent = api("sendDocument", **marked, caption="<b>" + "x" * 1024 + "</b>").result["message_id"]
    assert api("sendDocument", **marked, caption="x" * 1025).description == "Bad Request: message caption is too long"
    edited = api("editMessageText", chat_id=budi.id, message_id=sent, text="x")
    assert edited.description == "Bad Request: there is no text in the message to edit"


def test_a_file_has_bounds(api: Api, budi: Person, server: RunningServer) -> None:
    def send(method: str, content: bytes) -> tuple[int, str]:
        kind = method.removeprefix("send").lower()
        path = f"/bot{server.token}/{method}"
        answer = api.post(path, data={"chat_id": budi.id}, files={kind: ("x.png", content)})
        return answer.status, answer.description

    assert send("sendDocument", b"") == (400, "Bad Request: file must be non-empty")
    assert send("sendPhoto", b"%PDF") == (400, "Bad Request: IMAGE_PROCESS_FAILED")
    big = b"\xff\xd8\xff".ljust(10 * 1024 * 1024 + 1)
    assert send("sendPhoto", big)[1].endswith("is too big for a photo; the maximum size is 10485760 bytes")


def test_an_unknown_method_and_a_wrong_token(api: Api, server: RunningServer) -> None:
    unknown = api("sendTelepathy")
    assert (unknown.status, unknown.body) == (404, {"ok": False, "error_code": 404, "description": "Not Found"})
    other = server.token[:-1] + "x"
    assert api.post(f"/bot{other}/getMe").body == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert api.post("/botnonsense/getMe").status == 404
    assert api.get(f"/file/bot{other}/x").status_code == 401
    assert api.get(f"/file/bot{server.token}/x").status_code == 404
    assert api.get("/elsewhere").status_code == 404
