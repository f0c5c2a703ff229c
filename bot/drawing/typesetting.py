"""Typst: templates of this package, data as JSON in ``sys.inputs``, fonts of this package and no others."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import typst

from bot.drawing.errors import NotDrawnError
from bot.drawing.paper import Form

if TYPE_CHECKING:
    from bot.drawing.paper import Paper

TEMPLATES = Path(__file__).with_name("templates")
FONTS = Path(__file__).with_name("fonts")
PIXELS_PER_INCH = 160.0
_MAIN_FAMILY = "Noto Sans"
_EPOCH = 0  # a paper tells its own date: the same data give the same bytes

_lock = Lock()


def typeset(paper: Paper) -> tuple[bytes, ...]:
    """Return the PDF, or a PNG for each page; one paper at a time, whichever thread asks. Raises NotDrawnError."""
    with _lock:
        try:
            made = compiler().compile(
                TEMPLATES / f"{paper.sheet}.typ",
                format="pdf" if paper.form is Form.PDF else "png",
                ppi=PIXELS_PER_INCH,
                sys_inputs={"data": paper.data, "form": paper.form.value},
                timestamp=_EPOCH,
            )
        except (typst.TypstError, UnicodeError) as error:
            raise NotDrawnError(f"{paper.sheet} as {paper.form}: {error}") from error
        except BaseException as error:
            # A panic inside Typst is no Exception to Python, and leaves the compiler unusable.
            if type(error).__name__ != "PanicException":
                raise
            compiler.cache_clear()
            raise NotDrawnError(f"{paper.sheet} as {paper.form}: Typst gave up") from None
    if made is None:
        raise AssertionError("Typst writes no file of its own here")
    return (made,) if isinstance(made, bytes) else tuple(made)


def fonts() -> typst.Fonts:
    """Return the fonts that papers are set in. Raises NotDrawnError where the installation has lost them."""
    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    if _MAIN_FAMILY not in found.families():
        raise NotDrawnError(f"no {_MAIN_FAMILY} in {FONTS.name}: the package is not installed whole")
    return found


@cache
def compiler() -> typst.Compiler:
    """Return the one compiler of this process; what it has read and set it remembers. Raises NotDrawnError."""
    return typst.Compiler(root=TEMPLATES, font_paths=fonts(), ignore_system_fonts=True)
