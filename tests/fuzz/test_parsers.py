"""No parser raises what it does not promise, whatever bytes it gets: mutations of sound and of broken inputs."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.effort import inputs
from tests.fuzz.guided.targets import TARGETS, check

FOUND = Path(__file__).parent / "guided" / "found"
_SNIPPETS = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\t", b"\r", b"\x85", b"\xe2\x80\xa8", b"\x7f"),
    *(b"&a [*a, *a]", b"*a", b"!!python/object:os.system", b"%YAML 9.9\n", b"---\n", b"? ", b"|9\n", b"{", b"[", b"]"),
    *(b"'", b'"', b'"\\U00110000"', b'"\\xd8"', b"0" * 5000, b"-1", b"1e999", b".nan", b"=", b"<", b"&#", b"</", b":"),
    *(b"- " * 100, b"[" * 2000, b"a: " * 50, b" " * 5000, "٣".encode(), "\uff44".encode(), b"\n", b"\n" * 300, b"#"),
)


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """Return a seed with some of it cut out, repeated, or replaced by what breaks readers."""
    raw = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        begin = draw(st.integers(0, len(raw)))
        end = min(len(raw), begin + draw(st.sampled_from([0, 0, 1, 2, 8, 64])))
        piece = draw(st.sampled_from(_SNIPPETS) | st.binary(max_size=8) | st.just(raw[begin:end] * 2))
        raw = raw[:begin] + piece + raw[end:]
    return raw


@pytest.mark.parametrize("name", TARGETS)
def test_a_parser_takes_any_mutation_of_what_it_knows(name: str) -> None:
    @inputs(15 if name == "calendars" else 60)
    @given(mutated(list(TARGETS[name].seeds())) | st.binary(max_size=100))
    def look(raw: bytes) -> None:
        check(name, raw)

    for seed in TARGETS[name].seeds():
        check(name, seed)
    look()


@pytest.mark.parametrize("path", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_a_fuzzer_once_found_stays_mended(path: Path) -> None:
    check(path.parent.name, path.read_bytes())


@pytest.mark.parametrize(
    "raw",
    [
        b"a: &a [x, x, x, x]\n"
        + b"".join(b"b%d: &b%d [*a, *a, *a, *a, *b%d]\n" % (n, n, n - 1) for n in range(1, 300)),
        b"[" * 4_000,
        b"- " * 9_000,
        b"a: {" * 4_000,
        b"a: " + b"x" * 19_000,
        b"a: |\n" + b" \n" * 3_000,
        b"".join(b"k%d: 1\n" % n for n in range(300)),
        b"? " * 6_000,
        b'"' + b"\\x41" * 4_000 + b'"',
    ],
    ids=["aliases", "lists", "dashes", "blocks", "scalar", "lines", "keys", "complex keys", "escapes"],
)
def test_a_bomb_in_a_definition_costs_little_memory(raw: bytes) -> None:
    check("sop_files", b"a: 1\n")
    tracemalloc.start()
    try:
        check("sop_files", raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 40 * 1024 * 1024
