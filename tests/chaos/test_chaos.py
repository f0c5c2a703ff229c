"""The real command killed at random instants while people act: nothing lost, nothing doubled."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.office import Scene
from tests.chaos.plan import seeded
from tests.chaos.process import SMALL_SOPS
from tests.chaos.relay import Relay
from tests.chaos.run import Killer, run
from tests.chaos.weather import Weather

SEED = 20261121


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # the other one takes twice as long: `make chaos`
def test_a_bot_that_is_killed_again_and_again_ends_where_the_plan_says(url: str, tmp_path: Path) -> None:
    with Scene(tmp_path, url, SEED, cases=2, sops=SMALL_SOPS, hurry=True) as scene, scene.bot() as bot:
        result = run(scene, Killer(scene, bot, kills=6))
        assert result.kills > 2
        assert result.verdict.problems == [], bot.log()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_replicas_that_are_killed_in_turn_keep_order_and_pace(url: str, tmp_path: Path) -> None:
    with Scene(tmp_path, url, SEED, cases=2, sops=SMALL_SOPS) as scene, scene.replicas(3) as replicas:
        result = run(scene, Relay(scene, replicas, deaths=2))
        assert result.verdict.problems == [], replicas.log()
        assert result.verdict.violations == 0
        assert result.kills == 2


@pytest.mark.parametrize("url", ["sqlite"], indirect=True)
def test_kills_in_bad_weather_lose_and_double_nothing(url: str, tmp_path: Path) -> None:
    with Scene(tmp_path, url, SEED, cases=2, sops=SMALL_SOPS, hurry=True) as scene, scene.bot() as bot:
        weather = Weather(scene, seeded(SEED), chance=0.1)
        result = run(scene, Killer(scene, bot, kills=1), weather=weather)
        assert result.verdict.problems == [], bot.log()
        assert weather.survived() > 5
