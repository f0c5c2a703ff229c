"""``make audit``: asks the public database of vulnerabilities about every pinned dependency.

Exit code 1 for a known vulnerability. Where the database cannot be asked (no network, or a plain package
index only) that is said in so many words, and is no failure: a checkout without a network must be testable.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements" / "dev.txt"  # run.txt and the tools
_SECONDS_PER_REQUEST, _SECONDS = 10, 60

ACCEPTED: Mapping[str, str] = {}
"""Vulnerabilities that do not concern this program, by id, with the reason; reviewed with every `make requirements`."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the database said: ``vulnerable`` are lines to read, ``unasked`` counts packages it said nothing about."""

    asked: int
    unasked: int
    vulnerable: tuple[str, ...]
    why: str = ""


def judge(report: str, complaint: str = "") -> Verdict:
    """Read pip-audit's JSON; anything else means that nothing could be asked, for the reason complained of."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return Verdict(0, 0, (), (complaint.strip().splitlines() or ["pip-audit tidak menjawab"])[-1])
    skipped = [package["skip_reason"] for package in packages if "skip_reason" in package]
    found = [
        f"{package['name']} {package['version']}: {flaw['id']}, diperbaiki di {', '.join(flaw['fix_versions']) or '–'}"
        for package in packages
        for flaw in package.get("vulns", ())
        if not ACCEPTED.keys() & {flaw["id"], *flaw.get("aliases", ())}
    ]
    return Verdict(len(packages) - len(skipped), len(skipped), tuple(found), skipped[0] if skipped else "")


def ask(requirements: Path = REQUIREMENTS) -> Verdict:
    """Ask about every pin of a requirements file, for a minute at most."""
    options = ["--disable-pip", "--require-hashes", "--format", "json", "--progress-spinner", "off"]
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        *options,
        "--timeout",
        str(_SECONDS_PER_REQUEST),
        "-r",
        str(requirements),
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own arguments
    except subprocess.TimeoutExpired:
        return Verdict(0, 0, (), f"tidak ada jawaban dalam {_SECONDS} detik")
    return judge(done.stdout, done.stderr)


def told(verdict: Verdict) -> str:
    """Return the verdict in words."""
    if verdict.vulnerable:
        return "Kerentanan yang dikenal pada dependensi:\n" + "\n".join(f"  {line}" for line in verdict.vulnerable)
    if not verdict.asked:
        return f"Basis data kerentanan TIDAK dapat ditanya ({verdict.why}); dependensi belum diperiksa terhadapnya."
    unasked = f"; {verdict.unasked} paket tidak dapat ditanyakan" if verdict.unasked else ""
    return f"Tidak ada kerentanan yang dikenal pada {verdict.asked} paket{unasked}."


if __name__ == "__main__":
    outcome = ask()
    sys.stdout.write(told(outcome) + "\n")
    sys.exit(1 if outcome.vulnerable else 0)
