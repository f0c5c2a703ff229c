"""What goes wrong when a paper is drawn."""

from __future__ import annotations


class NotDrawnError(Exception):
    """The paper's data do not fit its sheet, or the installation lacks what sheets need.

    A fault of the program, never of what people typed.
    """
