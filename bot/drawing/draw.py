"""From a paper to its bytes; what was drawn lately is kept."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

from bot.drawing import typesetting
from bot.drawing.calendar_files import calendar_file
from bot.drawing.errors import NotDrawnError
from bot.drawing.paper import Form
from bot.drawing.workbooks import workbook

if TYPE_CHECKING:
    from bot.drawing.paper import Paper

__all__ = ["NotDrawnError", "draw"]

KEPT_BYTES = 32 * 1024 * 1024

_kept: OrderedDict[str, tuple[bytes, ...]] = OrderedDict()
_lock = Lock()
_drawing = Lock()


def draw(paper: Paper) -> tuple[bytes, ...]:
    """Return the paper's files: a picture's pages, else one. Takes a few tenths of a second; any thread may call.

    Who asks again for what is just being drawn waits for that instead of having it drawn once more: a sender whose
    time was too short for a very long paper finds it at its next attempt. Raises NotDrawnError.
    """
    files = _find(paper.digest)
    if files is not None:
        return files
    with _drawing:
        files = _find(paper.digest)
        if files is None:
            files = _drawn(paper)
            _keep(paper.digest, files)
    return files


def _find(key: str) -> tuple[bytes, ...] | None:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _keep(key: str, files: tuple[bytes, ...]) -> None:
    with _lock:
        _kept[key] = files
        while sum(map(len, (file for kept in _kept.values() for file in kept))) > KEPT_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)


def _drawn(paper: Paper) -> tuple[bytes, ...]:
    if paper.form in {Form.PICTURE, Form.PDF}:
        return typesetting.typeset(paper)
    return (workbook(paper) if paper.form is Form.XLSX else calendar_file(paper),)
