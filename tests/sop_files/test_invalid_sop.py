"""Every broken file in ``tests/data/invalid_sop`` is caught, at the lines and in the words it announces.

A file opens with comment lines ``# baris <line>: <piece of the message>``, one per expected problem.
What stands in a folder is read together; there the expectations stand in the later file.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from time import perf_counter

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
    assert all(re.fullmatch(r"[A-Z'].*\.", problem.message) for problem in loaded.problems)
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


def test_a_file_given_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "tautan.yaml").symlink_to(SOUND)
    loaded = load_files([SOUND, BROKEN / ".." / "invalid_sop" / SOUND.relative_to(BROKEN), tmp_path / "tautan.yaml"])

    assert loaded.problems == ()
    assert len(loaded.sops) == 1


@pytest.mark.parametrize(
    ("content", "piece"),
    [
        (b"", "Berkas kosong"),
        (b"\n\n  \n", "Berkas kosong"),
        (b"null\n", "Berkas kosong"),
        (SOUND.read_text(encoding="utf-8").encode("utf-16"), "UTF-16"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Berkas biner"),
        (SOUND.read_bytes() + b"# " + b"x" * MAX_BYTES, "Berkas terlalu besar; paling banyak 256 KiB"),
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

    assert [p.message for p in load_files([tmp_path / "tidak-ada.yaml"]).problems] == [
        "Berkas tidak ditemukan; periksa nama dan foldernya."
    ]
    assert "tidak ditemukan" in load_folder(tmp_path / "tidak-ada").problems[0].message
    assert [p.message for p in load_folder(tmp_path).problems] == ["Ini bukan berkas biasa; berikan berkas teks."]
    assert "tidak memuat berkas SOP" in load_folder(tmp_path / "folder.yaml").problems[0].message


def test_links_in_a_circle_and_endless_names_are_problems_not_crashes(tmp_path: Path) -> None:
    circle, endless = tmp_path / "a.yaml", tmp_path / f"{'b' * 300}.yaml"
    circle.symlink_to(circle)

    assert [p.message for p in load_files([circle, endless]).problems] == [
        "Berkas tidak dapat dibaca: tautannya berputar.",
        "Berkas tidak dapat dibaca: namanya terlalu panjang.",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_says_what_to_look_at(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("id: x\n", encoding="utf-8")
    path.chmod(0)

    assert [p.message for p in load_files([path]).problems] == ["Berkas tidak boleh dibaca; periksa izin aksesnya."]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.yaml")
    assert [p.message for p in load_folder(tmp_path).problems] == ["Ini bukan berkas biasa; berikan berkas teks."]


@pytest.mark.parametrize(("name", "told"), [("a\nb.yaml", "a<U+000A>b.yaml"), ("\udcff.yaml", "<U+DCFF>.yaml")])
def test_a_file_name_that_cannot_be_printed_is_spelled_out(tmp_path: Path, name: str, told: str) -> None:
    (problem,) = load_files([tmp_path / name]).problems
    assert problem.file == f"{tmp_path}/{told}"


def test_letter_case_of_the_suffix_does_not_hide_a_file(tmp_path: Path) -> None:
    shutil.copy(SOUND, tmp_path / "A.YAML")
    assert [sop.id for sop in load_folder(tmp_path).sops] == ["contoh-pk"]


def test_what_no_one_can_see_in_a_word_is_spelled_out(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(SOUND.read_text(encoding="utf-8").replace("contoh-pk", "contoh-pk\u200b"), encoding="utf-8")

    (problem,) = load_files([path]).problems
    assert "'contoh-pk<U+200B>'" in problem.message


def with_posts(posts: str) -> str:
    return SOUND.read_text(encoding="utf-8").replace("langkah:", posts + "langkah:")


@pytest.mark.parametrize(
    ("superior", "pieces"),
    [
        ("sekretaris", []),
        ("p3999", ["Atasan berputar: p0 → p3999 → p3998"]),
    ],
    ids=["a chain", "a circle"],
)
def test_thousands_of_posts_are_checked_in_seconds(tmp_path: Path, superior: str, pieces: list[str]) -> None:
    chain = "".join(f"  p{number}: {{nama: P, atasan: p{number - 1}}}\n" for number in range(1, 4000))
    path = tmp_path / "a.yaml"
    path.write_text(with_posts(f"  p0: {{nama: P, atasan: {superior}}}\n{chain}"), encoding="utf-8")

    begun = perf_counter()
    problems = load_files([path]).problems

    assert [piece in problem.message for piece, problem in zip(pieces, problems, strict=True)] == [True] * len(pieces)
    assert all(len(problem.message) < 200 for problem in problems)
    assert perf_counter() - begun < 20


def test_a_long_list_of_known_posts_is_cut_short(tmp_path: Path) -> None:
    many = "".join(f"  jabatan_{number}: {{nama: J, atasan: staf}}\n" for number in range(500))
    path = tmp_path / "a.yaml"
    path.write_text(with_posts(many).replace("pelaksana: [staf]", "pelaksana: [zz]"), encoding="utf-8")

    (problem,) = load_files([path]).problems
    assert problem.message.endswith("jabatan_36, ….")


def test_the_calendars_of_the_folder_are_checked_with_it(tmp_path: Path) -> None:
    shutil.copy(SOUND, tmp_path)
    (tmp_path / "kalender").mkdir()
    (tmp_path / "kalender" / "2026.yaml").write_text("tahun: 2026\nlibur: [{nama: A}]\n", encoding="utf-8")

    loaded = load_folder(tmp_path)

    assert [sop.id for sop in loaded.sops] == ["contoh-pk"]
    assert [(problem.file, problem.line) for problem in loaded.problems] == [
        (str(tmp_path / "kalender" / "2026.yaml"), 2)
    ]
