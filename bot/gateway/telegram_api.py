"""The library's Bot, and what Telegram's refusals mean for a delivery."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

import httpx
import telegram
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, RetryAfter, TelegramError, TimedOut
from telegram.request import HTTPXRequest

from bot.gateway.papers import Arrived, send_paper
from bot.services.pacing import SEND_DEADLINE

if TYPE_CHECKING:
    from bot.messages.message import Button, Message
    from bot.services.deliver import Parcel

# The library asks at each RetryAfter; without this it warns of its coming change to timedelta.
os.environ["PTB_TIMEDELTA"] = "1"

SEND_TIMEOUT_SECONDS = SEND_DEADLINE.total_seconds()
POLL_GRACE_SECONDS = 10.0
DOWNLOAD_TIMEOUT_SECONDS = 60.0  # without a byte
MOST_DOWNLOADED = 20 * 1024 * 1024
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
_LONGEST_BACKOFF = timedelta(minutes=5)
_UNREACHABLE = ("chat not found", "user is deactivated", "peer_id_invalid", "bot was kicked", "user not found")
_NO_PREVIEW = telegram.LinkPreviewOptions(is_disabled=True)
_ALREADY_SO = ("message is not modified", "chat_not_modified")
_NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
_NOT_EDITABLE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


class FileTooLargeError(Exception):
    """Telegram gives a bot no file of this size."""


class Bot(telegram.Bot):
    """The library's Bot, with updates as Telegram sent them, and files as bytes."""

    async def raw_updates(self, offset: int | None, seconds: int) -> list[dict[str, Any]]:
        """Return what is waiting from ``offset`` on, for at most ``seconds``; raises TelegramError.

        Raw, because one update that the library cannot read must not hold up the whole batch.
        """
        asked: dict[str, Any] = {"timeout": seconds, "allowed_updates": ALLOWED_UPDATES}
        if offset is not None:
            asked["offset"] = offset
        answer: Any = await self._post("getUpdates", asked, read_timeout=seconds + POLL_GRACE_SECONDS)
        return list(answer)

    async def download(self, file_id: str) -> bytes:
        """Return a file's content, at most 20 MB; raises FileTooLargeError and TelegramError."""
        try:
            file = await self.get_file(file_id)
        except BadRequest as error:
            if "file is too big" in error.message.lower():
                raise FileTooLargeError from error
            raise
        # Before it is fetched: another server than Telegram's own may have no limit.
        if (file.file_size or 0) > MOST_DOWNLOADED:
            raise FileTooLargeError
        return bytes(await file.download_as_bytearray(read_timeout=DOWNLOAD_TIMEOUT_SECONDS))


def make_bot(token: str, api_url: str | None, *, connections: int = 64) -> Bot:
    """Return a bot for Telegram, or for another Bot API server at ``api_url`` (without ``/bot``)."""
    request = HTTPXRequest(
        connection_pool_size=connections,
        read_timeout=SEND_TIMEOUT_SECONDS,
        write_timeout=SEND_TIMEOUT_SECONDS,
        connect_timeout=10.0,
        pool_timeout=10.0,
    )
    polling = HTTPXRequest(connection_pool_size=1, connect_timeout=10.0)
    if api_url is None:
        return Bot(token, request=request, get_updates_request=polling)
    base = api_url.rstrip("/")
    return Bot(
        token,
        base_url=f"{base}/bot",
        base_file_url=f"{base}/file/bot",
        request=request,
        get_updates_request=polling,
    )


async def send(bot: telegram.Bot, parcel: Parcel) -> Arrived:
    """Send or edit, and draw what is to be drawn for it. Raises TelegramError and NotDrawnError.

    The whole takes no longer than SEND_DEADLINE: the lease on the chat would not outlast it.
    """
    try:
        async with asyncio.timeout(SEND_DEADLINE.total_seconds()):
            return await _send(bot, parcel)
    except TimeoutError as late:
        raise TimedOut from late


async def _send(bot: telegram.Bot, parcel: Parcel) -> Arrived:
    if parcel.pins is not None:
        await bot.pin_chat_message(parcel.chat_id, parcel.pins, disable_notification=True)
        return Arrived(None)
    if parcel.edits is not None:
        await _edit(bot, parcel, parcel.edits)
        return Arrived(None)
    message = parcel.message
    reply = message.reply_to and telegram.ReplyParameters(message.reply_to, allow_sending_without_reply=True)
    common: dict[str, Any] = {
        "chat_id": parcel.chat_id,
        "parse_mode": ParseMode.HTML,
        "reply_markup": _markup(message),
        "disable_notification": parcel.silent,
        "reply_parameters": reply or None,
        "message_thread_id": parcel.topic,
    }
    file = message.attachment
    if message.paper is not None:
        return await send_paper(bot, parcel, message.paper, common)
    if file is None:
        answer = await bot.send_message(text=message.html, link_preview_options=_NO_PREVIEW, **common)
    elif file.photo:
        answer = await bot.send_photo(photo=file.file_id, caption=message.html, **common)
    else:
        answer = await bot.send_document(document=file.file_id, caption=message.html, **common)
    return Arrived(answer.message_id)


async def _edit(bot: telegram.Bot, parcel: Parcel, message_id: int) -> None:
    message = parcel.message
    common: dict[str, Any] = {
        "chat_id": parcel.chat_id,
        "message_id": message_id,
        "parse_mode": ParseMode.HTML,
        "reply_markup": _keyboard(message.buttons),
    }
    if message.attachment is not None or message.paper is not None:
        # The file of a message stays what it is.
        await bot.edit_message_caption(caption=message.html, **common)
    else:
        await bot.edit_message_text(text=message.html, link_preview_options=_NO_PREVIEW, **common)


def _markup(message: Message) -> telegram.InlineKeyboardMarkup | telegram.ForceReply | None:
    if message.force_reply is not None:
        return telegram.ForceReply(input_field_placeholder=message.force_reply)
    return _keyboard(message.buttons)


def _keyboard(rows: tuple[tuple[Button, ...], ...]) -> telegram.InlineKeyboardMarkup | None:
    if not rows:
        return None
    return telegram.InlineKeyboardMarkup([[_button(button) for button in row] for row in rows])


def _button(button: Button) -> telegram.InlineKeyboardButton:
    return telegram.InlineKeyboardButton(
        button.label, url=button.url, callback_data=button.action, style=button.style.value or None
    )


class Verdict(Enum):
    """What a refused delivery means."""

    DONE = auto()  # the message is as it should be
    LATER = auto()  # the chat rests, then the same row again
    GONE = auto()  # the message to edit is not there any more, or too old
    MOVED = auto()  # the group has a new id
    ASTRAY = auto()  # the topic is closed or gone
    NEVER = auto()  # this row will never be accepted
    UNREACHABLE = auto()  # nothing reaches this chat


@dataclass(frozen=True, slots=True)
class Refused:
    """A verdict; for LATER with how long the chat rests, and whether the message may have arrived."""

    verdict: Verdict
    rest: timedelta = timedelta(0)
    uncertain: bool = False


def judge(error: TelegramError, attempts: int, jitter: float) -> Refused:
    """Classify a refusal; ``attempts`` counts from 1, ``jitter`` in [0, 1) spreads the retries."""
    if isinstance(error, RetryAfter):
        rest = error.retry_after
        return Refused(Verdict.LATER, rest if isinstance(rest, timedelta) else timedelta(seconds=rest))
    text = error.message.lower()
    if isinstance(error, Forbidden) or any(words in text for words in _UNREACHABLE):
        return Refused(Verdict.UNREACHABLE)
    if isinstance(error, ChatMigrated):
        return Refused(Verdict.MOVED)
    if any(words in text for words in _NOT_EDITABLE):
        return Refused(Verdict.GONE)
    if any(words in text for words in _NO_TOPIC):
        return Refused(Verdict.ASTRAY)
    if isinstance(error, BadRequest):
        return Refused(Verdict.DONE if any(words in text for words in _ALREADY_SO) else Verdict.NEVER)
    backoff = min(timedelta(seconds=2 ** min(attempts, 12)), _LONGEST_BACKOFF)
    return Refused(Verdict.LATER, backoff * (0.75 + jitter / 2), uncertain=_may_have_arrived(error))


def _may_have_arrived(error: TelegramError) -> bool:
    """Whether the connection ended after the request had left: then only Telegram knows."""
    cause = error.__cause__
    return isinstance(cause, (httpx.HTTPError, TimeoutError)) and not isinstance(cause, _NEVER_LEFT)
