"""Typst: templates of this package, data as JSON in ``sys.inputs``, fonts of this package and no others."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import typst

from bot.drawing.paper import Form

if TYPE_CHECKING:
    from bot.drawing.paper import Paper

TEMPLATES = Path(__file__).with_name("templates")
FONTS = Path(__file__).with_name("fonts")
PIXELS_PER_INCH = 160.0
_EPOCH = 0  # a paper tells its own date: the same data give the same bytes

_lock = Lock()


def typeset(paper: Paper) -> tuple[bytes, ...]:
    """Return the PDF, or a PNG for each page. Raises typst.TypstError where data do not fit the template."""
    with _lock:  # a compiler serves one caller at a time
        made = _compiler().compile(
            TEMPLATES / f"{paper.sheet}.typ",
            format="pdf" if paper.form is Form.PDF else "png",
            ppi=PIXELS_PER_INCH,
            sys_inputs={"data": paper.data, "form": paper.form.value},
            timestamp=_EPOCH,
        )
    if made is None:
        raise AssertionError("Typst writes no file of its own here")
    return (made,) if isinstance(made, bytes) else tuple(made)


@cache
def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    return typst.Compiler(root=TEMPLATES, font_paths=fonts, ignore_system_fonts=True)
