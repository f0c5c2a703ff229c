"""``demo --auto --skenario pekan``: two weeks of an office, to be read as each of its people saw them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from bot.demo.week.play import STORIES, Told, tell
from bot.demo.week.story import StoryError, read_story
from bot.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion

PEOPLE = ["ahmad", "ratna", "bambang", "dewi", "hendra", "sri", "grup"]


class Story(SingleFileSnapshotExtension):
    """A text file that anybody can open."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


@pytest.fixture(scope="module")
def told() -> Told:
    return tell(Settings(_env_file=None), "pekan")


def test_the_week_goes_as_scripted(told: Told) -> None:
    assert told.problems == ()
    assert list(told.chats) == PEOPLE


@pytest.mark.parametrize("who", PEOPLE)
def test_everybody_reads_their_own_week(told: Told, who: str, snapshot: SnapshotAssertion) -> None:
    assert told.chats[who] == snapshot(extension_class=Story)


def test_nobody_hears_anything_on_the_holiday(told: Told) -> None:
    assert [who for who, text in told.chats.items() if "[Kam 19 Nov" in text] == []


@pytest.mark.parametrize(
    "beats",
    ['{ at = "09.00", who = "sri" }', '{ at = "09.00", says = "/tugas" }, { at = "08.00", says = "/tugas" }'],
    ids=["nothing is done", "time goes back"],
)
def test_what_is_no_story_is_refused(tmp_path: Path, beats: str) -> None:
    head, _, _ = STORIES["pekan"].read_text(encoding="utf-8").partition("[[day]]")
    file = tmp_path / "story.toml"
    file.write_text(f"{head}[[day]]\ndate = 2026-11-16\nbeats = [{beats}]\n", encoding="utf-8")
    with pytest.raises(StoryError):
        read_story(file)
