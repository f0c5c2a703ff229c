"""Every broken file in ``tests/data/invalid_sop`` is caught, at the lines and in the words it announces.

A file opens with comment lines ``# baris <line>: <piece of the message>``, one per expected problem.
What stands in a folder is read together; there the expectations stand in the later file.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from bot.sop_files.loader import FileProblem, load_files, load_folder
from bot.sop_files.yaml_lines import MAX_BYTES

BROKEN = Path(__file__).parents[1] / "data" / "invalid_sop"
SOUND = BROKEN / "antar-berkas-id-sama" / "a.yaml"
FILES = sorted(BROKEN.glob("*.yaml"))
FOLDERS = sorted(path for path in BROKEN.iterdir() if path.is_dir())
ANNOUNCED = re.compile(r"# baris (\d+): (.*)")


def announced(path: Path) -> list[tuple[int, str]]:
    """Return the problems that a file's first lines announce, in order of line."""
    found: list[tuple[int, str]] = []
    for line in path.read_text(encoding="latin-1").encode("latin-1").decode("utf-8", "replace").splitlines():
        match = ANNOUNCED.fullmatch(line)
        if match is None:
            break
        found.append((int(match[1]), match[2]))
    return sorted(found)


def assert_as_announced(problems: list[FileProblem], path: Path) -> None:
    expected = announced(path)
    assert expected, f"{path} announces nothing"
    rest = [(problem.line, problem.message) for problem in problems]
    for line, piece in expected:
        fitting = [found for found in rest if found[0] == line and piece in found[1]]
        assert fitting, f"baris {line}: {piece!r} is missing from {rest}"
        rest.remove(fitting[0])
    assert rest == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_broken_file_is_left_out_and_all_its_problems_are_named(path: Path) -> None:
    loaded = load_files([path])

    assert loaded.sops == ()
    assert {problem.file for problem in loaded.problems} == {str(path)}
    assert_as_announced(list(loaded.problems), path)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_of_two_files_that_disagree_the_later_is_left_out_and_names_the_earlier(folder: Path) -> None:
    loaded = load_folder(folder)

    assert [sop.id for sop in loaded.sops] == ["contoh-pk"]
    assert {problem.file for problem in loaded.problems} == {str(folder / "b.yaml")}
    assert str(folder / "a.yaml") in "".join(problem.message for problem in loaded.problems)
    assert_as_announced(list(loaded.problems), folder / "b.yaml")


def test_a_file_with_five_errors_lists_all_five_in_order_of_line() -> None:
    problems = load_files([BROKEN / "lima-masalah.yaml"]).problems

    assert len(problems) == 5
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_broken_files_never_stop_the_sound_one_beside_them(tmp_path: Path) -> None:
    for path in FILES:
        shutil.copy(path, tmp_path)
    shutil.copy(SOUND, tmp_path / "zz-baik.yaml")

    loaded = load_folder(tmp_path)

    assert [sop.id for sop in loaded.sops] == ["contoh-pk"]
    assert {Path(problem.file).name for problem in loaded.problems} == {path.name for path in FILES}


def test_a_broken_earlier_file_does_not_overrule_a_sound_later_one(tmp_path: Path) -> None:
    text = SOUND.read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(text.replace("WIB", "WIT").replace("waktu: 2 Hari", "waktu: 2"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(text.replace("id: contoh-pk", "id: contoh-iku"), encoding="utf-8")

    loaded = load_folder(tmp_path)

    assert [sop.id for sop in loaded.sops] == ["contoh-iku"]
    assert {Path(problem.file).name for problem in loaded.problems} == {"a.yaml"}
    assert any("Zona instansi" in problem.message for problem in loaded.problems)


def test_what_is_unreadable_is_no_disagreement(tmp_path: Path) -> None:
    text = SOUND.read_text(encoding="utf-8")
    unreadable = (
        text.replace("id: contoh-pk", "id: contoh-iku")
        .replace("WIB", "WIP")
        .replace("atasan: sekretaris", "atasan: []")
    )
    (tmp_path / "a.yaml").write_text(text.replace("WIB", "WIT"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text(unreadable, encoding="utf-8")

    messages = [problem.message for problem in load_folder(tmp_path).problems]

    assert len(messages) == 2
    assert not any("berbeda" in message for message in messages)


def test_rules_between_files_hold_among_the_files_given() -> None:
    folder = BROKEN / "antar-berkas-zona"

    assert load_files([folder / "b.yaml"]).problems == ()
    assert len(load_files([folder / "b.yaml", folder / "a.yaml"]).problems) == 1


def test_a_file_given_twice_is_read_once() -> None:
    loaded = load_files([SOUND, SOUND])

    assert loaded.problems == ()
    assert len(loaded.sops) == 1


@pytest.mark.parametrize(
    ("content", "piece"),
    [
        (b"", "berkas kosong"),
        (b"\n\n  \n", "berkas kosong"),
        (b"null\n", "berkas kosong"),
        (SOUND.read_text(encoding="utf-8").encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "berkas biner"),
        (SOUND.read_bytes() + b"# " + b"x" * MAX_BYTES, "berkas terlalu besar: paling banyak 256 KiB"),
    ],
    ids=["no bytes", "blank lines", "null", "utf-16", "an image", "oversized"],
)
def test_what_is_no_definition_at_all_is_one_clear_problem(tmp_path: Path, content: bytes, piece: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(content)

    loaded = load_files([path])

    assert loaded.sops == ()
    assert [piece in problem.message for problem in loaded.problems] == [True]


def test_a_byte_order_mark_simply_works(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SOUND.read_bytes().replace(b"\n", b"\r\n"))

    loaded = load_files([path])

    assert loaded.problems == ()
    assert [sop.id for sop in loaded.sops] == ["contoh-pk"]


def test_missing_files_and_folders_are_problems_not_crashes(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()

    assert [p.message for p in load_files([tmp_path / "tidak-ada.yaml"]).problems] == ["berkas tidak ditemukan"]
    assert "tidak ditemukan" in load_folder(tmp_path / "tidak-ada").problems[0].message
    assert [p.message for p in load_folder(tmp_path).problems] == ["ini bukan berkas biasa"]
    assert "tidak memuat berkas SOP" in load_folder(tmp_path / "folder.yaml").problems[0].message
