"""Sending what is drawn at the moment it leaves: a picture, an album of its pages, or a document."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import telegram

from bot.drawing.draw import draw
from bot.drawing.paper import Form

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.drawing.paper import Paper
    from bot.messages.message import Message

LARGEST_ALBUM = 10


async def send_paper(bot: telegram.Bot, message: Message, paper: Paper, common: Mapping[str, Any]) -> telegram.Message:
    """Draw and send a paper with the message's text as its caption; return the (first) message. Raises TelegramError.

    Drawing does not keep the event loop from anything else. What has more pages than an album takes leaves as PDF.
    """
    files = await asyncio.to_thread(draw, paper)
    if paper.form is Form.PICTURE and len(files) == 1:
        return await bot.send_photo(photo=telegram.InputFile(files[0], paper.file_name), caption=message.html, **common)
    if paper.form is Form.PICTURE and len(files) <= LARGEST_ALBUM:
        return await _send_album(bot, files, paper, message, common)
    if paper.form is Form.PICTURE:
        paper = replace(paper, form=Form.PDF)
        files = await asyncio.to_thread(draw, paper)
    return await bot.send_document(
        document=telegram.InputFile(files[0], paper.file_name), caption=message.html, **common
    )


async def _send_album(
    bot: telegram.Bot, files: tuple[bytes, ...], paper: Paper, message: Message, common: Mapping[str, Any]
) -> telegram.Message:
    """Send pages together; Telegram shows the first one's caption under all of them."""
    media = [
        telegram.InputMediaPhoto(file, filename=f"{number}-{paper.file_name}")
        for number, file in enumerate(files, start=1)
    ]
    formatted = {"caption": message.html, "parse_mode": common["parse_mode"]}
    rest = {key: value for key, value in common.items() if key not in {"parse_mode", "reply_markup"}}
    answers = await bot.send_media_group(media=media, **formatted, **rest)
    return answers[0]
