"""``demo --auto``: every SOP played on a fast clock, and one of them to be read as a story."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from bot.demo.play import auto
from bot.settings import Settings

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

STORY = "diskominfo-pali-pk"
OTHERS = ["bkpsdm-pk", "disbudpar-tangerang-pk", "diskominfo-pali-iku", "kesbangpol-jateng-pk"]


class Story(SingleFileSnapshotExtension):
    """A text file that anybody can open."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


def _played(sop_id: str) -> tuple[bool, list[str]]:
    lines: list[str] = []
    fine = auto(Settings(_env_file=None), sop_id=sop_id, speed=0, out=lines.append)
    return fine, lines


def test_a_whole_sop_reads_as_a_story(snapshot: SnapshotAssertion) -> None:
    fine, lines = _played(STORY)
    assert fine, "\n".join(lines[-40:])
    assert "\n".join(lines) + "\n" == snapshot(extension_class=Story)


@pytest.mark.parametrize("sop_id", OTHERS)
def test_every_other_sop_plays_to_its_end_with_a_rejection_and_an_overdue_step(sop_id: str) -> None:
    fine, lines = _played(sop_id)
    assert fine, "\n".join(lines[-40:])
    told = "\n".join(lines)
    assert "Waktu habis" in told
    assert "Mohon diperbaiki" in told
    assert "sudah selesai. Terima kasih" in told
