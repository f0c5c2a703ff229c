"""The real command killed at random instants while people act: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

from tests.chaos.office import Scene
from tests.chaos.process import Forked
from tests.chaos.run import run

SEED = 20261121
SHORT = ("diskominfo-pali-pk", "kesbangpol-jateng-pk")
"""Two offices, both ways of a step with several posts, decisions."""


def test_a_bot_that_is_killed_again_and_again_ends_where_the_plan_says(url: str, tmp_path: Path) -> None:
    with Scene(tmp_path, url, SEED, cases=2, sops=SHORT) as scene, Forked(tmp_path, scene.environment(), ahead=scene.ahead) as bot:
        result = run(scene, bot, kills=12)
        assert result.verdict.problems == [], bot.log()
    print(result)
