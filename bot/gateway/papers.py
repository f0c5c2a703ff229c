"""Sending what is drawn at the moment it leaves: a picture, an album of its pages, or a document."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Any

import telegram
from telegram.error import BadRequest

from bot.drawing.draw import NotDrawnError, draw
from bot.drawing.paper import Form
from bot.services.papers_sent import Uploaded

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.drawing.paper import Paper
    from bot.services.deliver import Parcel

log = logging.getLogger(__name__)

LARGEST_ALBUM = 10
# In characters of its data: more fills an album's pages several times, which takes many seconds to draw for nothing.
LONGEST_PICTURE = 30_000
LARGEST_PHOTO = 10 * 1024 * 1024
LONGEST_SIDES = 10_000  # width and height of a photo together, in pixels
LONGEST_RATIO = 20
_FILE_FORGOTTEN = ("file identifier", "file_id", "file reference", "file_reference", "media_empty", "invalid file")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message that Telegram took: its id (None for an edit), the first one's of an album of so many ``messages``.

    ``uploaded`` is what the files of a paper are called from now on.
    """

    message_id: int | None
    messages: int = 1
    uploaded: Uploaded | None = None


@dataclass(frozen=True, slots=True)
class _Files:
    """What is sent: ids or contents; as photos, or as one document."""

    media: Sequence[str | telegram.InputFile]
    photos: bool


async def send_paper(bot: telegram.Bot, parcel: Parcel, paper: Paper, common: Mapping[str, Any]) -> Arrived:
    """Send a paper with the message's text as its caption. Raises TelegramError and NotDrawnError.

    What Telegram has already is neither drawn nor uploaded; what it has forgotten meanwhile is. Drawing does not keep
    the event loop from anything else.
    """
    if parcel.uploaded is not None:
        try:
            return await _send(bot, _Files(parcel.uploaded.file_ids, parcel.uploaded.photos), parcel, common)
        except BadRequest as error:
            if not any(words in error.message.lower() for words in _FILE_FORGOTTEN):
                raise
            log.warning("telegram has forgotten a file", extra=_about("delivery.file_forgotten", parcel))
    return await _send(bot, await asyncio.to_thread(_drawn, paper), parcel, common)


def _about(action: str, parcel: Parcel) -> dict[str, object]:
    return {"action": action, "outbox_id": parcel.outbox_id}


def _drawn(paper: Paper) -> _Files:
    """Draw a paper as what Telegram takes: pages that are too many or too large for photos become a PDF."""
    if paper.form is Form.PICTURE and len(paper.data) > LONGEST_PICTURE:
        paper = replace(paper, form=Form.PDF)
    files = _draw(paper)
    if paper.form is Form.PICTURE and (len(files) > LARGEST_ALBUM or not all(map(is_photo, files))):
        paper = replace(paper, form=Form.PDF)
        files = _draw(paper)
    if paper.form is not Form.PICTURE:
        return _Files([telegram.InputFile(files[0], paper.file_name)], photos=False)
    if len(files) == 1:
        return _Files([telegram.InputFile(files[0], paper.file_name)], photos=True)
    names = (f"{number}-{paper.file_name}" for number in count(1))
    return _Files([telegram.InputFile(file, next(names), attach=True) for file in files], photos=True)


def _draw(paper: Paper) -> tuple[bytes, ...]:
    try:
        return draw(paper)
    except NotDrawnError:
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of the typesetter is no Exception
        # Without its cause: that may quote what stands on the paper.
        raise NotDrawnError(f"{paper.sheet} as {paper.form}: {type(error).__name__}") from None


def is_photo(page: bytes) -> bool:
    """Whether Telegram takes a PNG as a photo."""
    width, height = int.from_bytes(page[16:20]), int.from_bytes(page[20:24])
    shaped = width + height <= LONGEST_SIDES and max(width, height) <= LONGEST_RATIO * min(width, height)
    return shaped and len(page) <= LARGEST_PHOTO


async def _send(bot: telegram.Bot, files: _Files, parcel: Parcel, common: Mapping[str, Any]) -> Arrived:
    caption, first = parcel.message.html, files.media[0]
    if not files.photos:
        return _arrived(await bot.send_document(document=first, caption=caption, **common))
    if len(files.media) == 1:
        return _arrived(await bot.send_photo(photo=first, caption=caption, **common))
    # Telegram shows the first one's caption under all of them.
    formatted = {"caption": caption, "parse_mode": common["parse_mode"]}
    rest = {key: value for key, value in common.items() if key not in {"parse_mode", "reply_markup"}}
    media = [telegram.InputMediaPhoto(file) for file in files.media]
    return _arrived(*await bot.send_media_group(media=media, **formatted, **rest))


def _arrived(*answers: telegram.Message) -> Arrived:
    photos = all(answer.photo for answer in answers)
    found = [answer.photo[-1] if answer.photo else answer.document for answer in answers]
    ids = tuple(file.file_id for file in found if file is not None)
    uploaded = Uploaded(ids, photos) if len(ids) == len(answers) else None
    return Arrived(answers[0].message_id, len(answers), uploaded)
