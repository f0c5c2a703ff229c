"""Two offices with work on their desks, on both databases, and an ear for everything that is logged."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.services.floods import BOUNDLESS
from tests.services.conftest import Town, beginnings, lasting_store, no_waiting, staffed

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["beginnings", "lasting_store", "no_waiting", "staffed"]  # fixtures


class Ear(logging.Handler):
    """Hears what the program logs: records that count as trouble."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        self.heard.append(record)

    def trouble(self) -> list[str]:
        """Return errors and tracebacks, and forget them."""
        heard, self.heard = self.heard, []
        line = logging.Formatter("%(levelname)s %(name)s %(message)s")
        return [line.format(record) for record in heard if record.levelno >= logging.ERROR or record.exc_info]


@pytest.fixture
def ear() -> Iterator[Ear]:
    ear = Ear()
    root = logging.getLogger()
    root.addHandler(ear)
    yield ear
    root.removeHandler(ear)


@pytest.fixture
def busy(staffed: Town) -> Town:
    """Two offices at work: cases at every sort of step, an ended one, a code that both offices have.

    Nobody is turned away for asking too much.
    """
    staffed.library = replace(staffed.library, allowance=BOUNDLESS)
    _, later, ended = (
        staffed.starts("Sari", "dinas-pk", title) for title in ("Semester 1 <b>&</b>", "Semester 2", None)
    )
    staffed.to_step(later, 4)
    staffed.finish(ended)
    staffed.starts("Bagus", "dinas-sk", "Tim")
    staffed.starts("Yosef", "badan-pk", "Lain kantor")
    return staffed
