"""Which file a request sends: one uploaded with it, or one that Telegram has already, by its file_id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.demo.telegram.images import is_photo, size_of
from bot.demo.telegram.refusals import TOO_LARGE, Refusal, bad_request

if TYPE_CHECKING:
    from bot.demo.telegram.model import StoredFile
    from bot.demo.telegram.parameters import Parameters, Upload
    from bot.demo.telegram.state import Telegram

MAX_DOCUMENT = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024

_LOOKS_LIKE_A_FILE_ID = re.compile(r"[A-Za-z0-9_-]{40,}$")


def chosen_file(telegram: Telegram, parameters: Parameters, kind: str) -> StoredFile:
    """Return the file to send as ``kind``; raises Refusal for none, an unknown one or one Telegram would not take."""
    upload = parameters.upload(kind)
    if upload is None:
        return _known_file(telegram, parameters.text(kind), kind)
    _check_upload(upload, kind)
    return telegram.store(kind, upload)


def _check_upload(upload: Upload, kind: str) -> None:
    size = len(upload.content)
    if not size:
        raise bad_request("file must be non-empty")
    if kind == "document" and size > MAX_DOCUMENT:
        raise Refusal(TOO_LARGE, "Request Entity Too Large")
    if kind == "photo" and size > MAX_PHOTO:
        raise bad_request(f"file of size {size} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes")
    if kind == "photo":
        _check_picture(upload)


def _check_picture(upload: Upload) -> None:
    picture = size_of(upload.content)
    if picture is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if not is_photo(picture):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _known_file(telegram: Telegram, file_id: str, kind: str) -> StoredFile:
    if not file_id:
        raise bad_request(f"there is no {kind} in the request")
    if "://" in file_id:
        raise bad_request("failed to get HTTP URL content")
    file = telegram.files.get(file_id)
    if file is None and _LOOKS_LIKE_A_FILE_ID.match(file_id):
        # The form is right and the file is not there: that is also how the file_id of another bot looks.
        raise bad_request("wrong file identifier/HTTP URL specified")
    if file is None:
        raise bad_request("wrong remote file identifier specified: Wrong string length")
    if file.kind != kind:
        raise bad_request(f"can't use file of type {file.kind.title()} as {kind.title()}")
    return file
