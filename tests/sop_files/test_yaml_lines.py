"""The YAML reader: lines for everything, and nothing in a file makes it raise."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sop_files.yaml_lines import MAX_BYTES, Mapping, Scalar, Sequence, is_empty, parse_yaml, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

    from bot.sop_files.yaml_lines import Node

# Pieces that YAML gives a meaning to, thrown together at random.
PIECES = st.sampled_from(
    [
        *"abc019 \n\t-?:,[]{}#&*!|>'\"%@`~.\\",
        "\n  ",
        "\n- ",
        ": ",
        "---",
        "...",
        "%YAML 1.1\n",
        "<<: ",
        "!!int ",
        "\\u",
        "é",
        "\x85",
    ]
)
SOUP = st.lists(PIECES, max_size=40).map("".join)


def entry(root: Mapping | None, key: str) -> tuple[int, Node]:
    """Return the line of a key and its value."""
    assert root is not None
    found = root.get(key)
    assert found is not None
    return found.line, found.value


def test_every_key_and_value_knows_its_line() -> None:
    root, problems = parse_yaml(
        "# kop\nid: x\nlangkah:\n  - nomor: 1\n\n  - nomor: 2\n    kegiatan: >-\n      dua\n      baris\n"
    )

    assert problems == []
    assert entry(root, "id") == (2, Scalar(2, "x"))
    line, steps = entry(root, "langkah")
    assert line == 3
    assert isinstance(steps, Sequence)
    assert [step.line for step in steps.items] == [4, 6]
    second = steps.items[1]
    assert isinstance(second, Mapping)
    assert entry(second, "kegiatan") == (7, Scalar(7, "dua baris", plain=False))


def test_values_stay_text_whatever_older_yaml_would_make_of_them() -> None:
    root, problems = parse_yaml("a: no\nb: 012\nc: 2018-09-28\nd: 1_000\ne: 0x1F\nf: 12:30\n")

    assert problems == []
    assert root is not None
    assert [value.value for value in root.entries] == [
        Scalar(line, text) for line, text in enumerate(["no", "012", "2018-09-28", "1_000", "0x1F", "12:30"], start=1)
    ]


@pytest.mark.parametrize("text", ["a:", "a: ~", "a: null", "a: ''", 'a: " "'])
def test_a_value_that_says_nothing_is_empty(text: str) -> None:
    root, _ = parse_yaml(text)
    assert is_empty(entry(root, "a")[1])


def test_a_quoted_null_is_a_text() -> None:
    root, _ = parse_yaml("a: 'null'")
    assert not is_empty(entry(root, "a")[1])


def test_reading_stops_on_a_line_that_the_file_has() -> None:
    _, problems = parse_yaml("a: 1\nb: 'terbuka\nc: 3\n")

    assert [problem.line for problem in problems] == [3]
    assert problems[0].message == "Bukan YAML yang benar: tanda kutip belum ditutup (dimulai di baris 2)."


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a: & b", "tanda '&' atau '*' tidak boleh mengawali teks"),
        ("a: | b", "sesudah tanda '|' atau '>'"),
        ("a: ? b", "tanda '?' tidak pada tempatnya"),
        ("a: - b", "tanda '-' tidak pada tempatnya"),
        ("a: %b", "tanda yang tidak boleh mengawali teks"),
        ("a: !b!c d", "tag (tanda '!') tidak diizinkan"),
        ('a: "\\xZZ"', "tidak lengkap; gunakan kutip tunggal"),
        ("z: 1\na:b\nc: d", "titik dua dan spasi"),
        ("%YAML 9.9\n---\na: b", "hapus baris '%YAML'"),
        ("'a'\n'b'", "isi berkas sudah berakhir sebelum baris ini"),
        ("a: b: c", "apit teks yang memuat ': ' dengan tanda kutip"),
        ("a:\n\tb: c", "tab tidak boleh dipakai"),
        ("a: [b", "kurung '[' atau '{' belum ditutup"),
    ],
)
def test_what_stops_the_reading_is_explained_in_the_authors_terms(text: str, hint: str) -> None:
    root, problems = parse_yaml(text)

    assert root is None
    assert [hint in problem.message for problem in problems] == [True]


def test_a_problem_before_the_place_where_reading_stops_is_named_too() -> None:
    _, problems = parse_yaml("a: &x 1\nb: [\n")
    assert [problem.line for problem in problems] == [1, 2]


@given(SOUP)
def test_no_text_makes_the_reader_raise_and_none_is_read_in_silence(text: str) -> None:
    root, problems = parse_yaml(text)

    assert root is not None or problems
    assert all(1 <= problem.line <= max(1, len(text.splitlines())) for problem in problems)


@given(st.binary(max_size=60))
def test_no_bytes_make_the_reader_raise(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.yaml"
    path.write_bytes(content)

    root, problems = read_yaml(path)

    assert root is not None or problems


@pytest.mark.parametrize("piece", ["[", "{a: ", "- ", "? ", "[a, ", "'", "&a [*a, "])
def test_the_worst_file_of_the_largest_size_is_answered_in_seconds(tmp_path: Path, piece: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: " + piece * ((MAX_BYTES - 3) // len(piece)), encoding="utf-8")

    begun = perf_counter()
    root, problems = read_yaml(path)

    assert root is None
    assert problems
    assert perf_counter() - begun < 20
