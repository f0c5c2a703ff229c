"""What an operator runs the bot with: image, compose file and units say what the program can do, and no more.

There is no container engine and no systemd where tests run, so the files are read instead.
"""

from __future__ import annotations

import configparser
import fnmatch
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from bot.app import _LAST_SENDS_SECONDS
from bot.gateway.reception import Timing
from bot.settings import HEALTH_PATH, METRICS_PATH, Settings
from bot.web.server import LAST_ANSWERS_SECONDS

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "deploy").glob("*.service"))
KNOWN = {name.upper() for name in Settings.model_fields}
_NOT_OURS = {"PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONUTF8"}
# One after the other: posted updates are finished, buttons answered, messages sent; then a moment for the database.
_STOP_SECONDS = LAST_ANSWERS_SECONDS + Timing().answer + _LAST_SENDS_SECONDS + 10
_SECRETS = {"BOT_TOKEN", "WEBHOOK_SECRET", "POSTGRES_PASSWORD", "DATABASE_URL"}


def _instructions() -> list[tuple[str, str]]:
    """Return the lines of the Dockerfile as (instruction, rest), continued ones joined."""
    lines = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
    return [
        (word, rest) for word, _, rest in (line.partition(" ") for line in lines if line and not line.startswith("#"))
    ]


def _compose() -> dict[str, Any]:
    content: dict[str, Any] = YAML(typ="safe").load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return content


def _unit(file: Path) -> dict[str, dict[str, list[str]]]:
    """Return a unit's directives by section; one that is repeated has several values."""
    sections: dict[str, dict[str, list[str]]] = {}
    found: dict[str, list[str]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            found = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, line
            found.setdefault(name, []).append(value)
    return sections


def _variables(unit: dict[str, dict[str, list[str]]]) -> dict[str, str]:
    words = " ".join(unit["Service"]["Environment"]).split()
    return dict(word.split("=", 1) for word in words)


# --- every name is a setting ----------------------------------------------------------------


def test_every_variable_of_the_example_file_is_a_setting_and_every_setting_is_explained() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?([A-Z][A-Z_]+)=", text, re.MULTILINE)) == KNOWN


def test_every_variable_of_the_units_is_a_setting() -> None:
    assert UNITS
    for file in UNITS:
        assert set(_variables(_unit(file))) - _NOT_OURS <= KNOWN, file.name


def test_every_variable_of_the_image_and_of_the_compose_file_is_a_setting() -> None:
    in_image = {name for word, rest in _instructions() if word == "ENV" for name in re.findall(r"(\w+)=", rest)}
    assert in_image - _NOT_OURS - {"PIP_DISABLE_PIP_VERSION_CHECK", "PIP_NO_CACHE_DIR"} <= KNOWN
    assert set(_compose()["services"]["bot"]["environment"]) <= KNOWN


# --- the image ------------------------------------------------------------------------------


def test_the_image_copies_only_what_is_here_and_what_is_not_ignored() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    allowed = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert "*" in ignored
    sources = [source for word, rest in _instructions() if word == "COPY" for source in rest.split()[:-1]]
    copied = [source for source in sources if not source.startswith(("--from", "/"))]
    assert {"bot", "handlers", "migrations", "sop_data", "requirements/run.txt"} <= set(copied)
    for source in copied:
        assert (ROOT / source).exists(), source
        assert source in allowed, source
    assert not any(fnmatch.fnmatch(".env", pattern) for pattern in allowed)


def test_the_image_takes_pinned_wheels_only_and_names_no_index() -> None:
    [install, *others] = [rest for word, rest in _instructions() if word == "RUN" and "pip install" in rest]
    assert "--require-hashes" in install
    assert all("--no-deps" in other for other in others)
    pins = (ROOT / "requirements/run.txt").read_text(encoding="utf-8")
    assert "index-url" not in pins + (ROOT / "Dockerfile").read_text(encoding="utf-8")
    named = [line for line in pins.splitlines() if line and not line.startswith((" ", "#"))]
    assert named
    assert all("==" in line for line in named)
    assert all(f"{line}\n    --hash=sha256:" in pins for line in named)


def test_the_container_is_nobody_in_particular_and_says_whether_it_is_well() -> None:
    last = {word: rest for word, rest in _instructions()}  # noqa: C416 - the last of each instruction counts
    user = last["USER"].partition(":")[0]
    assert user.isdigit()
    assert int(user) > 0
    assert HEALTH_PATH in last["HEALTHCHECK"]
    assert last["STOPSIGNAL"] == "SIGTERM"
    # The list form: a shell in between would keep the signal to itself.
    assert last["ENTRYPOINT"] == '["sop-bot"]'
    assert sum(word == "FROM" for word, _ in _instructions()) == 2


# --- compose --------------------------------------------------------------------------------


def test_compose_waits_for_the_database_and_confines_the_bot() -> None:
    bot = _compose()["services"]["bot"]
    assert bot["depends_on"]["db"]["condition"] == "service_healthy"
    assert "pg_isready" in str(_compose()["services"]["db"]["healthcheck"]["test"])
    assert HEALTH_PATH in str(bot["healthcheck"]["test"])
    assert bot["read_only"] is True
    assert bot["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in bot["security_opt"]
    assert "ports" not in bot
    assert int(bot["stop_grace_period"].removesuffix("s")) >= _STOP_SECONDS
    port = bot["environment"]["LISTEN"].rpartition(":")[2]
    assert bot["expose"] == [port]
    assert f"dynamic a bot {port}" in _compose()["configs"]["caddyfile"]["content"]


def test_compose_holds_no_secret_and_keeps_health_and_figures_inside() -> None:
    for service in _compose()["services"].values():
        for name in _SECRETS & set(service.get("environment", {})):
            assert "${" in service["environment"][name], name
    assert f"path {HEALTH_PATH} {METRICS_PATH}" in _compose()["configs"]["caddyfile"]["content"]
    assert ".env" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


# --- systemd --------------------------------------------------------------------------------

_CONFINED = {
    "DynamicUser": "yes",
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "PrivateUsers": "yes",
    "CapabilityBoundingSet": "",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "MemoryDenyWriteExecute": "yes",
    "StateDirectory": "sop-bot",
    "UMask": "0077",
}


@pytest.mark.parametrize("file", UNITS, ids=lambda file: file.stem)
def test_a_unit_is_confined_to_its_own_folder(file: Path) -> None:
    service = _unit(file)["Service"]
    assert {name: service[name][-1] for name in _CONFINED} == _CONFINED
    assert service["SystemCallFilter"][0] == "@system-service"
    assert "@privileged" in service["SystemCallFilter"][1]
    assert service["EnvironmentFile"] == ["/etc/sop-bot.env"]
    assert not _SECRETS & set(_variables(_unit(file))) - {"DATABASE_URL"}
    assert "@" not in _variables(_unit(file))["DATABASE_URL"]


def test_the_service_comes_back_by_itself_and_may_finish_what_is_in_hand() -> None:
    unit = _unit(ROOT / "deploy/sop-bot.service")
    service = unit["Service"]
    assert service["Restart"] == ["always"]
    assert unit["Unit"]["StartLimitIntervalSec"] == ["0"]
    # A setting that is wrong stays wrong (bot.cli.common.NOT_SET_UP).
    assert service["RestartPreventExitStatus"] == ["2"]
    assert int(service["TimeoutStopSec"][0]) >= _STOP_SECONDS
    assert service["KillSignal"] == ["SIGTERM"]


def test_units_and_timer_are_read_without_complaint(tmp_path: Path) -> None:
    for file in (ROOT / "deploy").iterdir():
        parser = configparser.ConfigParser(strict=False, interpolation=None)
        parser.optionxform = str  # type: ignore[method-assign,assignment]  # the documented way to keep upper case
        parser.read_string(file.read_text(encoding="utf-8"))
        assert parser.sections()
        here = file.read_text(encoding="utf-8").replace("/opt/sop-bot/.venv/bin/sop-bot", "/bin/true")
        (tmp_path / file.name).write_text(here, encoding="utf-8")
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here")
    files = [tmp_path / "sop-bot.service", tmp_path / "sop-bot-backup.timer"]
    done = subprocess.run([program, "verify", *files], capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    assert done.returncode == 0, done.stderr
    assert "sop-bot" not in done.stderr
