"""The process kills itself exactly before and after its commits, sends and migration's statements."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.migrating import die_while_migrating
from tests.chaos.office import Scene
from tests.chaos.process import SMALL_SOPS
from tests.chaos.run import die_everywhere

SEED = 4


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # the other one takes as long again: `make chaos`
def test_a_crash_around_the_commit_of_an_update_or_a_reminder_repeats_nothing(url: str, tmp_path: Path) -> None:
    with (
        Scene(tmp_path, url, SEED, cases=1, sops=SMALL_SOPS, calm=True, hurry=True) as scene,
        scene.bot() as bot,
    ):
        deaths = die_everywhere(scene, bot, place="around_commit", only="dispatch,fire_reminders", outage=25)
        assert deaths.verdict.problems == [], bot.log()
        assert deaths.verdict.repeats == 0
    before = {name.removeprefix("before commit: ") for name in deaths.names if name.startswith("before")}
    after = {name.removeprefix("after commit: ") for name in deaths.names if name.startswith("after")}
    assert before == after


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_a_crash_after_a_send_repeats_that_message_and_no_other(url: str, tmp_path: Path) -> None:
    with (
        Scene(tmp_path, url, SEED, cases=1, sops=SMALL_SOPS, calm=True, hurry=True) as scene,
        scene.bot() as bot,
    ):
        deaths = die_everywhere(scene, bot, place="after_send")
        assert deaths.verdict.problems == [], bot.log()
    sends = [name for name in deaths.names if name.startswith("sent")]
    assert deaths.verdict.repeats == len(sends) == len(set(sends)) > 8


def test_a_crash_in_a_migration_leaves_the_old_schema_or_the_new_one(empty_url: str, tmp_path: Path) -> None:
    assert die_while_migrating(tmp_path, empty_url, stride=36) >= 4
