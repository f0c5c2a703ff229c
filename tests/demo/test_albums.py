"""Pictures and albums: what Telegram takes, what it refuses, and what is seen of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import telegram
from telegram import InputMediaDocument, InputMediaPhoto

from bot.demo.telegram import Attachment
from bot.demo.telegram.pacing import Pace
from tests.demo.conftest import picture

if TYPE_CHECKING:
    from bot.demo.telegram import Person, RunningServer
    from tests.demo.conftest import Answer, Api, Clock

PAGE = picture(90, 120)
PHOTO = {"type": "photo", "media": "attach://one"}
# A JPEG's beginning: JFIF, a table, then the frame with its height and width.
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\0" + bytes(9) + b"\xff\xdb\x00\x03\x00\xff\xc0\x00\x0b\x08\x02\x58\x03\x20\x01"


def album(api: Api, server: RunningServer, chat: int, media: object, **more: object) -> Answer:
    """Send what may or may not be an album, with one picture and one text as the files ``one`` and ``two``."""
    fields = {"chat_id": chat, **({} if media is None else {"media": json.dumps(media)}), **more}
    files = {"one": ("1.png", PAGE), "two": ("2.txt", b"halo")}
    return api.post(f"/bot{server.token}/sendMediaGroup", data=fields, files=files)


async def test_pages_sent_together_are_one_album_whose_caption_stands_once(bot: telegram.Bot, budi: Person) -> None:
    asked = await bot.send_message(budi.id, "Berkas")
    pages = [InputMediaPhoto(picture(300 + n, 400), filename=f"{n}.png") for n in range(10)]
    sent = await bot.send_media_group(
        budi.id, pages, caption="<b>Sepuluh</b> lembar", parse_mode="HTML", reply_to_message_id=asked.message_id
    )
    assert [message.photo[-1].width for message in sent] == [*range(300, 310)]
    assert len({message.media_group_id for message in sent}) == 1
    assert [message.caption for message in sent] == ["Sepuluh lembar", *[None] * 9]
    shown = budi.chat()[-10:]
    assert {message.album for message in shown} == {sent[0].media_group_id}
    assert [message.sides for message in shown] == [(width, 400) for width in range(300, 310)]
    assert {message.reply_to for message in shown} == {asked.message_id}
    again = await bot.send_media_group(budi.id, [InputMediaPhoto(m.photo[-1].file_id) for m in sent])
    assert [m.photo[-1].file_unique_id for m in again] == [m.photo[-1].file_unique_id for m in sent]
    assert again[0].media_group_id != sent[0].media_group_id


async def test_documents_make_an_album_and_one_file_alone_makes_none(bot: telegram.Bot, budi: Person) -> None:
    papers = await bot.send_media_group(budi.id, [InputMediaDocument(b"a"), InputMediaDocument(b"b")])
    assert papers[0].media_group_id == papers[1].media_group_id is not None
    [single] = await bot.send_media_group(budi.id, [InputMediaPhoto(PAGE)])
    assert single.media_group_id is None


def test_an_album_has_no_keyboard_and_names_who_answers_what(api: Api, server: RunningServer, budi: Person) -> None:
    keyboard = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
    sent = album(api, server, budi.id, [PHOTO, PHOTO], reply_markup=json.dumps(keyboard)).result
    assert all("reply_markup" not in message for message in sent)
    assert [message.buttons for message in budi.chat()[-2:]] == [[], []]


@pytest.mark.parametrize(
    ("media", "description"),
    [
        (None, 'parameter "media" is required'),
        ("x", "expected an Array of InputMedia"),
        ([], "there are no messages to send"),
        ([PHOTO] * 11, "too many messages to send as an album"),
        (["x", PHOTO], "can't parse InputMedia: expected an Object"),
        ([PHOTO, {"type": "photo"}], "can't parse InputMedia: media not found"),
        ([PHOTO, {"type": "photo", "media": "attach://three"}], "can't parse InputMedia: media not found"),
        ([PHOTO, {"type": "sticker", "media": "x"}], 'can\'t parse InputMedia: type "sticker" is unsupported'),
        (
            [PHOTO, {"type": "animation", "media": "x"}],
            "can't parse InputMedia: type \"animation\" can't be used in sendMediaGroup",
        ),
        ([PHOTO, {"type": "document", "media": "attach://two"}], "document can't be mixed with other media types"),
        ([PHOTO, {"type": "photo", "media": "attach://two"}], "IMAGE_PROCESS_FAILED"),
        ([PHOTO, {"type": "photo", "media": "abc"}], "wrong remote file identifier specified: Wrong string length"),
        (
            [PHOTO, {"type": "photo", "media": "AgACAgUAAxkBAA" + "x" * 57}],
            "wrong file identifier/HTTP URL specified",
        ),
        ([PHOTO, {**PHOTO, "caption": "x" * 1025}], "message caption is too long"),
    ],
)
def test_an_album_telegram_would_not_send_leaves_nothing_behind(
    api: Api, server: RunningServer, budi: Person, media: object, description: str
) -> None:
    answer = album(api, server, budi.id, media)
    assert (answer.status, answer.description) == (400, f"Bad Request: {description}")
    assert len(budi.chat()) == 1


def test_an_album_counts_as_many_messages_as_it_has_files(
    api: Api, server: RunningServer, budi: Person, clock: Clock
) -> None:
    server.telegram.pacing.switch(Pace())
    assert album(api, server, budi.id, [PHOTO] * 5).status == 200
    late = api("sendMessage", chat_id=budi.id, text="x")
    assert (late.status, late.body["parameters"]) == (429, {"retry_after": 3})
    clock.forward(3)
    assert api("sendMessage", chat_id=budi.id, text="x").status == 200


@pytest.mark.parametrize(
    ("content", "description"),
    [
        (b"GIF89a\x01\x00", "IMAGE_PROCESS_FAILED"),
        (PAGE[:20], "IMAGE_PROCESS_FAILED"),
        (JPEG[:30], "IMAGE_PROCESS_FAILED"),
        (picture(0, 9), "IMAGE_PROCESS_FAILED"),
        (picture(9_000, 1_001), "PHOTO_INVALID_DIMENSIONS"),
        (picture(101, 5), "PHOTO_INVALID_DIMENSIONS"),
    ],
)
def test_what_is_no_photo_for_telegram(
    api: Api, server: RunningServer, budi: Person, content: bytes, description: str
) -> None:
    path = f"/bot{server.token}/sendPhoto"
    answer = api.post(path, data={"chat_id": budi.id}, files={"photo": ("x.png", content)})
    assert answer.description == f"Bad Request: {description}"


@pytest.mark.parametrize(
    ("content", "sides"), [(picture(9_000, 1_000), (9000, 1000)), (picture(100, 5), (100, 5)), (JPEG, (800, 600))]
)
async def test_what_is_a_photo_for_telegram(
    bot: telegram.Bot, budi: Person, content: bytes, sides: tuple[int, int]
) -> None:
    await bot.send_photo(budi.id, content)
    assert budi.chat()[-1].sides == sides


def test_a_phone_may_send_what_is_no_picture(budi: Person) -> None:
    budi.sends(Attachment("foto.jpg", b"\xff\xd8\xff foto", "image/jpeg", "photo"))
    assert budi.chat()[-1].sides == (800, 600)
