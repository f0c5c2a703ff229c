"""What a sound SOP file may hold beside the five: budgets in any case, a ladder of its own, plain ``teks_asli``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.budget import Budget, Unit
from bot.domain.reminders import DEFAULT_LADDER, EarlyRung
from bot.domain.sop import Completion, Field
from bot.sop_files.as_json import check_json
from bot.sop_files.budget_text import LARGEST, format_budget, parse_budget
from bot.sop_files.loader import load_files, load_folder
from bot.sop_files.report import report_lines

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.sop import Sop

SMALL = """\
id: contoh-pk
nama: Penyusunan Contoh
singkatan: PK
instansi: {id: contoh, nama: Dinas Contoh, zona: WITA}
pelaksana:
  kepala: {nama: Kepala}
  staf: {nama: Staf, atasan: kepala}
langkah:
  - nomor: 1
    kegiatan: Menyusun
    pelaksana: [staf, kepala]
    waktu: 4   hari
"""
UNIT_BUDGETS = st.sampled_from(Unit).flatmap(
    lambda unit: st.builds(Budget, st.integers(1, LARGEST[unit]), st.just(unit))
)


def read(tmp_path: Path, text: str) -> Sop:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    loaded = load_files([path])
    assert loaded.problems == ()
    return loaded.sops[0]


@given(UNIT_BUDGETS)
def test_a_budget_reads_back_as_it_is_written(budget: Budget) -> None:
    assert parse_budget(format_budget(budget)) == budget


@pytest.mark.parametrize("text", ["10 menit", "10 MENIT", " 10   Menit ", "10\tMenit", "010 menit"])
def test_letter_case_and_spaces_do_not_matter_in_a_budget(text: str) -> None:
    assert parse_budget(text) == Budget(10, Unit.MINUTE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hari",
        "4",
        "4Hari",
        "-4 Hari",
        "4,5 Jam",
        "1.5 Jam",
        "4 Hari kerja",
        "4 Minggu",
        "٤ Hari",
        "0 Jam",
        "100001 Menit",
    ],
)
def test_anything_else_is_no_budget(text: str) -> None:
    with pytest.raises(ValueError, match=r"tidak terbaca|di luar batas"):
        parse_budget(text)


def test_what_a_file_leaves_out_has_the_documented_defaults(tmp_path: Path) -> None:
    sop = read(tmp_path, SMALL)
    step = sop.first

    assert step.budget == Budget(4, Unit.DAY)
    assert step.completion is Completion.ALL
    assert (step.decision, step.reject_to, step.related, step.outputs) == (False, None, None, ())
    assert sop.ladder is None
    assert not sop.needs_confirmation


def test_a_step_for_definitive_holders_alone_is_marked_so_and_the_check_prints_it(tmp_path: Path) -> None:
    sop = read(tmp_path, SMALL + "    strategis: true\n")
    assert sop.first.strategic
    (printed,) = check_json(load_files([tmp_path / "x.yaml"]))["sop"][0]["langkah"]
    assert printed["strategis"] is True
    assert not read(tmp_path, SMALL).first.strategic


def test_a_ladder_overrides_only_what_it_names(tmp_path: Path) -> None:
    ladder = "pengingat:\n  peringatan_awal: [{persen: 90, waktu_minimal: 2 Hari}]\n  kepala_setelah: 3 hari\n"
    found = read(tmp_path, SMALL + ladder).ladder

    assert found is not None
    assert found.early == (EarlyRung(90, Budget(2, Unit.DAY)),)
    assert found.head_after == Budget(3, Unit.DAY)
    assert (found.late_after, found.superior_minimum) == (DEFAULT_LADDER.late_after, DEFAULT_LADDER.superior_minimum)


def test_an_empty_list_of_early_warnings_means_none(tmp_path: Path) -> None:
    found = read(tmp_path, SMALL + "pengingat: {peringatan_awal: []}\n").ladder
    assert found is not None
    assert found.early == ()


def test_a_bare_original_text_belongs_to_the_main_field_of_its_block(tmp_path: Path) -> None:
    sop = read(tmp_path, SMALL.replace("{nama: Staf,", "{nama: Staf, teks_asli: Sfaf,") + "    teks_asli: Menyusvn\n")

    assert sop.first.reading.original == {Field.ACTIVITY: "Menyusvn"}
    assert sop.post("staf").reading.original == {Field.NAME: "Sfaf"}


def test_empty_heading_fields_are_as_good_as_absent(tmp_path: Path) -> None:
    sop = read(tmp_path, "nomor:\ntanggal:\ndasar_hukum:\npengingat: ~\n" + SMALL)
    assert (sop.number, sop.dates.made, sop.legal_basis, sop.ladder) == (None, None, (), None)


def test_a_folded_text_is_one_line(tmp_path: Path) -> None:
    sop = read(tmp_path, SMALL.replace("kegiatan: Menyusun", "kegiatan: |\n      Menyusun\n      konsep"))
    assert sop.first.activity == "Menyusun konsep"


def test_hidden_files_and_other_kinds_in_the_folder_are_passed_over(tmp_path: Path) -> None:
    read(tmp_path, SMALL)
    (tmp_path / ".x.yaml").write_text("rusak: [", encoding="utf-8")
    (tmp_path / "catatan.txt").write_text("bukan SOP", encoding="utf-8")
    (tmp_path / "kalender").mkdir()

    assert load_folder(tmp_path).problems == ()


def test_the_report_names_files_problems_open_points_and_totals(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(SMALL + "    perkiraan: [pelaksana, penyelesaian]\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text(SMALL.replace("waktu: 4   hari", "waktu: empat"), encoding="utf-8")
    sound = SMALL.replace("contoh-pk", "contoh-iku")
    (tmp_path / "c.yaml").write_text(sound, encoding="utf-8")

    lines = [line.replace(f"{tmp_path}/", "") for line in report_lines(load_folder(tmp_path))]

    assert lines == [
        "a.yaml: baik",
        "b.yaml: 2 masalah",
        "c.yaml: baik",
        "",
        "Masalah yang harus diperbaiki:",
        "b.yaml:1: Id SOP 'contoh-pk' sudah dipakai di a.yaml; beri id lain.",
        (
            "b.yaml:12: 'waktu' di langkah 1 tidak terbaca; tulis bilangan lalu Menit, Jam atau Hari, "
            "misalnya '4 Hari' (tertulis 'empat')."
        ),
        "",
        "contoh-pk — Penyusunan Contoh, Dinas Contoh: 1 langkah, perlu verifikasi:",
        "  langkah 1: pelaksana, penyelesaian",
        "",
        "contoh-iku — Penyusunan Contoh, Dinas Contoh: 1 langkah, tidak ada yang perlu verifikasi",
        "",
        "Ringkasan: 3 berkas diperiksa, 2 SOP dapat dijalankan, 2 masalah, 2 hal perlu verifikasi.",
    ]


def test_the_report_tells_what_is_uncertain_about_the_years_with_a_file_and_the_next(tmp_path: Path) -> None:
    read(tmp_path, SMALL)
    (tmp_path / "kalender").mkdir()
    (tmp_path / "kalender" / "2028.yaml").write_text("tahun: 2028\n", encoding="utf-8")

    lines = report_lines(load_folder(tmp_path))

    told = lines[lines.index("Kalender, perlu verifikasi:") + 1 :]
    assert "  Cuti bersama 2028 belum ditetapkan atau belum tercatat di kalender/2028.yaml." in told
    assert "  Cuti bersama 2029 belum ditetapkan atau belum tercatat di kalender/2029.yaml." in told
    assert any("masih perkiraan astronomis" in line for line in told)
    assert not any("2030" in line for line in told)
