"""Coverage-guided fuzzing of every target, within bounds and from a seed: ``make fuzz``.

Each target runs in a process of its own, until it has seen ``--runs`` inputs or ``--seconds`` have passed. An
input that a parser stumbles over is written to ``found/<target>/``; commit it with the fix, for
``test_parsers.py`` looks at it ever after.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
FOUND = HERE / "found"
_DONE = re.compile(r"Done (\d+) runs in (\d+) second")
_SEEN = re.compile(r"^#(\d+)\s", re.MULTILINE)
_COVERED = re.compile(r"\bcov: (\d+)")
_GRACE_SECONDS = 180
# What guides the search. Only the parsers: to watch all that they import would take minutes to prepare.
_WATCHED = (
    *("bot.messages.actions", "bot.messages.limits", "bot.domain.codes", "bot.sop_files", "ruamel.yaml"),
    *("bot.gateway.translate", "bot.gateway.webhook", "bot.services.roster", "bot.demo.telegram.html_parser"),
    *("telegram._update", "telegram._message", "telegram._callbackquery", "telegram._user", "telegram._chat"),
)


class Outcome(NamedTuple):
    """What became of a target: how many inputs it saw, how many branches they reached, what was said."""

    name: str
    inputs: int
    covered: int
    failed: bool
    said: str


def main() -> int:
    """Fuzz the targets that are named, all by default; returns 1 where something was found."""
    chosen = _arguments()
    if chosen.one:
        _fuzz(chosen.one, chosen.rest)
        return 0
    from tests.fuzz.guided.targets import TARGETS  # noqa: PLC0415 - the child imports them instrumented

    names = chosen.targets or list(TARGETS)
    with ThreadPoolExecutor(chosen.jobs) as pool:
        outcomes = list(pool.map(lambda name: _run(name, chosen), names))
    for outcome in outcomes:
        verdict = "FOUND SOMETHING" if outcome.failed else "nothing found"
        print(f"{outcome.name:16} inputs fuzzed: {outcome.inputs:>9,}   edges: {outcome.covered:>6,}   {verdict}")
    print(f"{'total':16} inputs fuzzed: {sum(outcome.inputs for outcome in outcomes):>9,}   seed {chosen.seed}")
    for outcome in outcomes:
        if outcome.failed:
            print(f"\n{outcome.name}:\n{outcome.said[-3000:]}", file=sys.stderr)
    return int(any(outcome.failed for outcome in outcomes))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    parser.add_argument("--rest", nargs="*", default=[], help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(name: str, chosen: argparse.Namespace) -> Outcome:
    """Fuzz one target in a process of its own."""
    found = FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sop-fuzz-") as corpus:
        bounds = [f"runs={chosen.runs}", f"max_total_time={chosen.seconds}", f"seed={chosen.seed}", "max_len=4096"]
        limits = [
            "timeout=60",
            "report_slow_units=60",
            "rss_limit_mb=2048",
            f"artifact_prefix={found}/",
            "print_final_stats=1",
        ]
        command = [sys.executable, __file__, "--one", name, "--rest", corpus, *bounds, *limits]
        done = subprocess.run(  # noqa: S603 - this script itself
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=chosen.seconds + _GRACE_SECONDS,
            check=False,
        )
    said = done.stdout.decode("utf-8", "replace")
    if not any(found.iterdir()):
        found.rmdir()
    seen = _DONE.findall(said) or [(number, "") for number in _SEEN.findall(said)]
    covered = [int(number) for number in _COVERED.findall(said)]
    return Outcome(name, int(seen[-1][0]) if seen else 0, max(covered, default=0), done.returncode != 0, said)


def _fuzz(name: str, rest: list[str]) -> None:
    """Be the process that fuzzes one target; does not return."""
    import atheris  # noqa: PLC0415 - installed by `make fuzz` alone

    corpus, *options = rest
    with atheris.instrument_imports(include=list(_WATCHED), enable_loader_override=False):
        from tests.fuzz.guided.targets import TARGETS, check  # noqa: PLC0415 - instrumented while it is imported

    for number, seed in enumerate(TARGETS[name].seeds()):
        Path(corpus, f"seed-{number}").write_bytes(seed)
    atheris.Setup([sys.argv[0], corpus, *(f"-{option}" for option in options)], lambda raw: check(name, raw))
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
