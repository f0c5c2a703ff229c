"""What the program is built from: pinned with hashes, installed as pinned, freely licensed, from no named place."""

from __future__ import annotations

import json
import re
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.supply.audit import judge, told

ROOT = Path(__file__).resolve().parents[2]
PINNED = ("run.txt", "dev.txt")

ALLOWED = re.compile(
    r"\b(MIT|BSD|Apache|MPL|Mozilla Public|PSF|PSFL|Python Software Foundation|ISC|LGPL|GNU Lesser)\b", re.IGNORECASE
)
"""LGPL: used as a library that can be exchanged, not built in. No GPL, no AGPL."""

NOT_OURS = {".git", ".venv", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".import_linter_cache", "htmlcov", "var"}
PLACE = re.compile(r"--(?:extra-)?index-url|--find-links|--trusted-host|\bPIP_INDEX_URL\b|https?://\S+/simple\b")


def pins(file: str) -> dict[str, tuple[str, int, bool]]:
    """Return version, number of hashes and whether it is meant for this machine, for each pin of a file."""
    text = (ROOT / "requirements" / file).read_text(encoding="utf-8").replace("\\\n", " ")
    found: dict[str, tuple[str, int, bool]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("#"):
            continue
        requirement = Requirement(line.partition("--hash")[0])
        [specifier] = requirement.specifier
        assert specifier.operator == "==", line
        here = requirement.marker is None or requirement.marker.evaluate()
        found[canonicalize_name(requirement.name)] = (specifier.version, line.count("--hash=sha256:"), here)
    return found


@pytest.mark.parametrize("file", PINNED)
def test_every_pin_has_hashes_and_is_what_is_installed(file: str) -> None:
    pinned = pins(file)
    assert len(pinned) > 30
    assert [name for name, (_, hashes, _) in pinned.items() if not hashes] == []
    wanted = {name: version for name, (version, _, here) in pinned.items() if here}
    assert {name: metadata.version(name) for name in wanted} == wanted


def test_the_tools_are_tested_with_the_versions_that_run() -> None:
    run, dev = pins("run.txt"), pins("dev.txt")
    assert {name: pin for name, pin in dev.items() if name in run} == run


def test_everything_is_under_a_licence_that_an_office_may_use() -> None:
    def licence(name: str) -> str:
        about = metadata.metadata(name)
        stated = {field: about.get_all(field) or [] for field in ("License-Expression", "Classifier", "License")}
        stated["Classifier"] = [text for text in stated["Classifier"] if text.startswith("License ::")]
        return " ".join(next(filter(None, stated.values()), []))

    found = {name: licence(name) for name, (_, _, here) in pins("dev.txt").items() if here}
    assert {name: text for name, text in found.items() if not ALLOWED.search(text)} == {}
    copyleft = re.compile(r"\bA?GPL|(?<!Lesser )(General Public License)", re.IGNORECASE)
    assert {name: text for name, text in found.items() if copyleft.search(text)} == {}


def test_no_file_names_a_package_index() -> None:
    tops = [path for path in ROOT.iterdir() if path.name not in NOT_OURS and path.suffix != ".egg-info"]
    files = [file for top in tops for file in ([top] if top.is_file() else sorted(top.rglob("*"))) if file.is_file()]
    texts = [file for file in files if "__pycache__" not in file.parts and file != Path(__file__)]
    assert len(texts) > 300
    named = [file for file in texts if PLACE.search(file.read_text(encoding="utf-8", errors="replace"))]
    assert [str(file.relative_to(ROOT)) for file in named] == []


# --- what make audit makes of the answers -----------------------------------------------------

FLAW = {"id": "PYSEC-1", "fix_versions": ["1.2"], "aliases": ["CVE-1"], "description": ""}
SOUND = {"name": "a", "version": "1.0", "vulns": []}
FLAWED = {"name": "b", "version": "1.1", "vulns": [FLAW]}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found on PyPI and could not be audited: c (1.0)"}


@pytest.mark.parametrize(
    ("packages", "asked", "words"),
    [
        ([SOUND], 1, "Tidak ada kerentanan yang dikenal pada 1 paket."),
        ([SOUND, SKIPPED], 1, "1 paket tidak dapat ditanyakan"),
        ([SKIPPED], 0, "TIDAK dapat ditanya"),
        ([SOUND, FLAWED, SKIPPED], 2, "b 1.1: PYSEC-1, diperbaiki di 1.2"),
    ],
)
def test_the_audit_says_what_was_found_and_what_could_not_be_asked(
    packages: list[object], asked: int, words: str
) -> None:
    verdict = judge(json.dumps({"dependencies": packages}))
    assert verdict.asked == asked
    assert bool(verdict.vulnerable) == (FLAWED in packages)
    assert words in told(verdict)


def test_without_any_answer_the_reason_is_said() -> None:
    assert "ConnectionError: x" in told(judge("", "Traceback\nConnectionError: x"))
    assert "TIDAK dapat ditanya" in told(judge("{}"))
