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


def draw(paper: Paper) -> tuple[bytes, ...]:
    """Return the paper's files: a picture's pages, else one. Takes a few hundredths of a second; any thread may call.

    Raises NotDrawnError.
    """
    key = paper.digest
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    files = _drawn(paper)
    with _lock:
        _kept[key] = files
        while sum(map(len, (file for kept in _kept.values() for file in kept))) > KEPT_BYTES and len(_kept) > 1:
            _kept.popitem(last=False)
    return files


def _drawn(paper: Paper) -> tuple[bytes, ...]:
    if paper.form in {Form.PICTURE, Form.PDF}:
        return typesetting.typeset(paper)
    return (workbook(paper) if paper.form is Form.XLSX else calendar_file(paper),)
