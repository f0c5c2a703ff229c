"""What an update says, whoever sent it and however odd it is."""

from __future__ import annotations

from typing import Any

import pytest
from telegram.error import TelegramError

from bot.gateway.translate import UnreadableUpdateError, translate
from handlers.conversation import Incoming, IncomingFile, Kind

SITI = {"id": 7, "is_bot": False, "first_name": "Siti", "last_name": "Aminah"}
PRIVATE = {"id": 7, "type": "private", "first_name": "Siti"}
GROUP = {"id": -5, "type": "group", "title": "Sekretariat"}


def message(text: str | None = None, chat: dict[str, Any] = PRIVATE, **more: Any) -> dict[str, Any]:
    content = {} if text is None else {"text": text}
    return {"message_id": 3, "date": 1, "chat": chat, "from": SITI, **content, **more}


def heard(kind: str = "message", **content: Any) -> Incoming:
    incoming = translate({"update_id": 9, kind: content})
    assert incoming is not None
    return incoming


@pytest.mark.parametrize(
    ("text", "command", "rest"),
    [
        ("/selesai", "selesai", ""),
        ("/selesai PK-2026-001  sudah rapi", "selesai", "PK-2026-001  sudah rapi"),
        ("/Selesai@sop_bot PK-2026-001", "selesai", "PK-2026-001"),
        ("/tolak\nangka salah\nlagi", "tolak", "angka salah\nlagi"),
        ("/start kode_123-x", "start", "kode_123-x"),
        ("/@sop_bot", "?", ""),
        ("/é", "é", ""),
    ],
)
def test_a_slash_makes_a_command_with_its_rest(text: str, command: str, rest: str) -> None:
    incoming = heard(**message(text))
    assert (incoming.kind, incoming.command, incoming.text) == (Kind.COMMAND, command, rest)


@pytest.mark.parametrize("text", ["halo", "/", "/ selesai", " /selesai", "lihat /selesai"])
def test_anything_else_is_a_text_as_typed(text: str) -> None:
    incoming = heard(**message(text))
    assert (incoming.kind, incoming.command, incoming.text) == (Kind.TEXT, "", text)


def test_who_wrote_and_where_is_told() -> None:
    incoming = heard(**message("halo"))
    assert (incoming.update_id, incoming.chat_id, incoming.user_id, incoming.name, incoming.private) == (
        9,
        7,
        7,
        "Siti Aminah",
        True,
    )
    assert incoming.body == {"update_id": 9, "message": message("halo")}
    assert (incoming.message_id, incoming.callback_id) == (3, None)


def test_what_no_database_stores_is_left_out() -> None:
    incoming = heard(**message("a\x00b\ud83dc😀", **{"from": {**SITI, "first_name": "Si\x00ti\ud800"}}))
    assert (incoming.text, incoming.name) == ("abc😀", "Siti Aminah")


def test_somebody_without_a_name_is_called_by_the_number() -> None:
    nameless = {"id": 7, "is_bot": False, "first_name": "\x00"}
    assert heard(**message("halo", **{"from": nameless})).name == "7"


def test_a_group_is_not_private() -> None:
    incoming = heard(**message("/mulai", GROUP))
    assert (incoming.private, incoming.chat_id, incoming.user_id) == (False, -5, 7)


@pytest.mark.parametrize("command", ["/mulai pk", "halo"])
def test_an_edited_message_is_told_apart_with_its_command(command: str) -> None:
    incoming = heard("edited_message", **message(command), edit_date=2)
    assert incoming.kind is Kind.EDITED
    assert incoming.command == ("mulai" if command.startswith("/") else "")


@pytest.mark.parametrize(
    "shown",
    [
        {"message": message("Kartu")},
        {"message": {"message_id": 3, "date": 0, "chat": PRIVATE}},  # too old to be accessible
    ],
)
def test_a_button_is_its_data_on_its_message(shown: dict[str, Any]) -> None:
    incoming = heard("callback_query", id="55", chat_instance="1", data="1:done:4", **{"from": SITI}, **shown)
    assert (incoming.kind, incoming.text, incoming.message_id, incoming.callback_id) == (
        Kind.BUTTON,
        "1:done:4",
        3,
        "55",
    )
    assert (incoming.user_id, incoming.chat_id, incoming.private) == (7, 7, True)


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": {"file_id": "a", "file_unique_id": "b", "type": "regular", "width": 1, "height": 1,
                     "is_animated": False, "is_video": False}},
        {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}, "caption": "/selesai"},
        {"location": {"latitude": 1.0, "longitude": 2.0}},
    ],
)  # fmt: skip
def test_what_is_neither_text_nor_command_is_something_else(content: dict[str, Any]) -> None:
    incoming = heard(**message(**content))
    assert (incoming.kind, incoming.command, incoming.text) == (Kind.OTHER, "", "")


DOCUMENT = {"file_id": "BQAC1", "file_unique_id": "AQ1", "file_name": "Nota\u202e dinas.pdf",
            "mime_type": "application/pdf", "file_size": 12_345}  # fmt: skip


def _size(mark: str, side: int) -> dict[str, Any]:
    return {"file_id": mark, "file_unique_id": f"u{mark}", "width": side, "height": side, "file_size": side * 100}


def test_a_document_is_told_with_its_caption_and_what_it_replies_to() -> None:
    replied = {"message_id": 2, "date": 1, "chat": PRIVATE, "text": "Kartu"}
    incoming = heard(**message(document=DOCUMENT, caption="/ini nota", reply_to_message=replied))
    assert (incoming.kind, incoming.command, incoming.text, incoming.reply_to) == (Kind.FILE, "", "/ini nota", 2)
    assert incoming.file == IncomingFile("BQAC1", "AQ1", "Nota dinas.pdf", "application/pdf", 12_345)


def test_a_photo_is_its_largest_size_and_an_album_holds_together() -> None:
    incoming = heard(**message(photo=[_size("a", 90), _size("c", 1280), _size("b", 320)], media_group_id="77"))
    expected = IncomingFile("c", "uc", mime_type="image/jpeg", size=128_000, photo=True, album="77")
    assert (incoming.kind, incoming.text, incoming.file) == (Kind.FILE, "", expected)


@pytest.mark.parametrize("wrong", [{"file_id": ""}, {"file_id": "a\x00"}, {"file_unique_id": "é"},
                                   {"file_id": "x" * 256}, {"file_size": -1}, {"file_size": "5"},
                                   {"file_name": 5}])  # fmt: skip
def test_a_file_that_no_database_could_keep_is_unreadable(wrong: dict[str, Any]) -> None:
    with pytest.raises(UnreadableUpdateError):
        heard(**message(document=DOCUMENT | wrong))


def test_a_file_among_others_is_none_of_ours() -> None:
    assert heard(**message(chat=GROUP, document=DOCUMENT)).kind is Kind.OTHER


FORUM = {"id": -1009, "type": "supergroup", "title": "Sekre\x00tariat", "is_forum": True}


def test_a_command_in_a_forum_tells_its_topic_and_the_beginning_of_the_topic_is_no_reply() -> None:
    begun = {"message_id": 40, "date": 1, "chat": FORUM, "forum_topic_created": {"name": "Berkas", "icon_color": 1}}
    incoming = heard(**message("/papan", FORUM, message_thread_id=40, is_topic_message=True, reply_to_message=begun))
    assert (incoming.topic, incoming.forum, incoming.chat_title, incoming.reply_to) == (40, True, "Sekretariat", None)


def test_a_thread_of_replies_in_an_ordinary_group_is_no_topic() -> None:
    incoming = heard(**message("/papan", {**FORUM, "is_forum": False}, message_thread_id=40))
    assert (incoming.topic, incoming.forum) == (None, False)


def _membership(status: str, chat: dict[str, Any] = PRIVATE) -> dict[str, Any]:
    bot = {"id": 1, "is_bot": True, "first_name": "SOP"}
    after = {"user": bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}
    return {"chat": chat, "from": SITI, "date": 1, "old_chat_member": {"user": bot, "status": "member"},
            "new_chat_member": after}  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), [("kicked", Kind.BLOCKED), ("member", Kind.UNBLOCKED)])
def test_a_block_and_its_end_are_heard(status: str, kind: Kind) -> None:
    assert heard("my_chat_member", **_membership(status)).kind is kind


RESTRICTED = dict.fromkeys(
    [f"can_{what}" for what in ("send_messages", "send_audios", "send_documents", "send_photos", "send_videos",
     "send_video_notes", "send_voice_notes", "send_polls", "send_other_messages", "add_web_page_previews",
     "change_info", "invite_users", "pin_messages", "manage_topics", "edit_tag", "react_to_messages")], True
)  # fmt: skip


@pytest.mark.parametrize(
    ("status", "kind", "more"),
    [
        ("kicked", Kind.GROUP_LEFT, {}),
        ("left", Kind.GROUP_LEFT, {}),
        ("member", Kind.GROUP_JOINED, {}),
        ("restricted", Kind.GROUP_LEFT, {"is_member": False, "until_date": 0, **RESTRICTED}),
        ("restricted", Kind.GROUP_JOINED, {"is_member": True, "until_date": 0, **RESTRICTED}),
    ],
)
def test_what_becomes_of_the_bot_in_a_group_is_heard_whoever_did_it(
    status: str, kind: Kind, more: dict[str, Any]
) -> None:
    change = _membership(status, GROUP)
    change["new_chat_member"] |= more
    incoming = heard("my_chat_member", **change)
    assert (incoming.kind, incoming.chat_id, incoming.user_id, incoming.private) == (kind, -5, 7, False)
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    incoming = heard("my_chat_member", **{**change, "from": anonymous})
    assert (incoming.kind, incoming.user_id) == (kind, 0)


def test_a_group_that_became_a_supergroup_tells_its_new_id() -> None:
    incoming = heard(**message(chat=GROUP, migrate_to_chat_id=-1005))
    assert (incoming.kind, incoming.chat_id, incoming.moved_to) == (Kind.GROUP_MOVED, -5, -1005)
    assert translate({"update_id": 1, "message": message(chat=FORUM, migrate_from_chat_id=-5)}) is None


@pytest.mark.parametrize(
    "update",
    [
        {"update_id": 1},
        {"update_id": 1, "channel_post": message("halo", {"id": -9, "type": "channel", "title": "Kanal"})},
        {"update_id": 1, "message": message("halo", **{"from": {"id": 8, "is_bot": True, "first_name": "Bot"}})},
        {"update_id": 1, "message": message(None, GROUP, new_chat_title="Baru")},
        {"update_id": 1, "something_new": {"from": SITI}},
    ],
)  # fmt: skip
def test_what_concerns_nobody_is_passed_over(update: dict[str, Any]) -> None:
    assert translate(update) is None


@pytest.mark.parametrize(
    "update",
    [{}, {"update_id": 1, "message": {"message_id": 3}}, {"update_id": 1, "callback_query": {"id": "5", "from": SITI}}],
)
def test_a_malformed_update_is_an_error_to_be_kept(update: dict[str, Any]) -> None:
    with pytest.raises((TelegramError, KeyError, TypeError, ValueError)):
        translate(update)
