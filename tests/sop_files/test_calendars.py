"""Calendars from national data and the files of a folder; what wrong files are told."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.domain.budget import Budget, Unit
from bot.domain.sop import Office, Zone
from bot.domain.worktime import PERPRES_21_2023, PERPRES_21_2023_RAMADAN, DayKind
from bot.sop_files.calendars import HORIZON, Calendars, load_calendars

if TYPE_CHECKING:
    from bot.domain.worktime import Calendar

SHIPPED = Path(__file__).parents[2] / "sop_data" / "kalender"
SEMARANG = Office("semarang", "Dinas Kota Semarang", Zone.WIB)
TUBAN = Office("tuban", "Dinas Kabupaten Tuban", Zone.WIB)
KUPANG = Office("kupang", "Dinas Kota Kupang", Zone.WITA)


def calendars_of(folder: Path, text: str | bytes, name: str = "2026.yaml") -> Calendars:
    """Write one calendar file and load its folder."""
    content = text if isinstance(text, bytes) else text.encode()
    (folder / name).write_bytes(content)
    return load_calendars(folder)


def clock_times(calendar: Calendar, day: date) -> list[str]:
    return [f"{calendar.local(a):%H:%M}-{calendar.local(b):%H:%M}" for a, b in calendar.periods_on(day)]


def test_the_shipped_calendars_are_sound() -> None:
    assert load_calendars(SHIPPED).problems == ()


def test_national_holidays_and_cuti_bersama_are_known_by_their_indonesian_names() -> None:
    calendar = load_calendars(SHIPPED).for_office(SEMARANG)

    proclamation = calendar.exceptions[date(2026, 8, 17)]
    leave = calendar.exceptions[date(2026, 3, 23)]
    assert (proclamation.kind, proclamation.name) == (
        DayKind.NATIONAL_HOLIDAY,
        "Hari Kemerdekaan Republik Indonesia",
    )
    assert (leave.kind, leave.name) == (DayKind.JOINT_LEAVE, "Cuti Bersama Hari Raya Idul Fitri")
    assert {day.year for day in calendar.exceptions} == set(HORIZON)


def test_a_deadline_over_idul_fitri_2026_names_every_day_off() -> None:
    calendar = load_calendars(SHIPPED).for_office(SEMARANG)

    explanation = calendar.explain(datetime(2026, 3, 17, 3, tzinfo=UTC), Budget(1, Unit.DAY))

    assert explanation.due == datetime(2026, 3, 25, 3, tzinfo=UTC)
    assert [day.day for day, _ in explanation.skipped] == [18, 19, 20, 23, 24]


@pytest.mark.parametrize(
    ("before", "first", "last", "after"),
    [
        (date(2025, 2, 28), date(2025, 3, 3), date(2025, 3, 27), date(2025, 4, 8)),
        (date(2026, 2, 18), date(2026, 2, 19), date(2026, 3, 17), date(2026, 3, 25)),
    ],
)
def test_the_decreed_ramadan_has_ramadan_hours(before: date, first: date, last: date, after: date) -> None:
    calendar = load_calendars(SHIPPED).for_office(SEMARANG)

    ordinary, short = ["07:30-12:00", "13:00-16:00"], ["08:00-12:00", "12:30-15:00"]
    friday = ["07:30-11:30", "13:00-16:30"]
    assert clock_times(calendar, before) == (friday if before.weekday() == 4 else ordinary)
    assert clock_times(calendar, first) == short
    assert clock_times(calendar, last) == short
    assert clock_times(calendar, after) == ordinary


def test_the_check_says_what_is_estimated_and_what_is_not_published() -> None:
    calendars = load_calendars(SHIPPED)

    assert calendars.notes([2025, 2026]) == ()
    (ramadan, holidays) = calendars.notes([2027])
    assert ramadan.startswith("Ramadan 1448 H (2027-02-08 s.d. 2027-03-08) masih perkiraan")
    assert "2027-03-10" in holidays
    assert any(note.startswith("Cuti bersama 2029 belum ditetapkan") for note in calendars.notes([2029]))
    assert "hanya diketahui" in calendars.notes([2099])[0]


def test_a_year_with_two_ramadans_keeps_both() -> None:
    notes = load_calendars(SHIPPED).notes([2030])

    assert [note[:14] for note in notes if note.startswith("Ramadan")] == ["Ramadan 1451 H", "Ramadan 1452 H"]


def test_the_second_ramadan_of_a_year_is_decreed_without_touching_the_first(tmp_path: Path) -> None:
    calendars = calendars_of(
        tmp_path, "tahun: 2030\nramadan:\n  - {mulai: 2030-12-27, selesai: 2031-01-24}\n", "2030.yaml"
    )

    assert calendars.problems == ()
    assert [note[:14] for note in calendars.notes([2030]) if note.startswith("Ramadan")] == ["Ramadan 1451 H"]
    calendar = calendars.for_office(SEMARANG)
    assert [(s.first, s.last) for s in calendar.seasons if s.name == "Ramadan 1452 H"] == [
        (date(2030, 12, 27), date(2031, 1, 24))
    ]


def test_without_a_folder_the_national_data_stand(tmp_path: Path) -> None:
    calendars = load_calendars(tmp_path / "tidak-ada")

    assert calendars.problems == ()
    calendar = calendars.for_office(SEMARANG)
    assert not calendar.is_working_day(date(2026, 8, 17))
    assert [s.first for s in calendar.seasons if s.estimated and s.first.year == 2026] == [date(2026, 2, 18)]


LOCAL = """\
tahun: 2026
sumber: Surat edaran
libur:
  - {tanggal: 2026-05-04, nama: Hari Jadi Kota, instansi: semarang}
  - {tanggal: 2026-05-05, nama: Pilkada}
cuti_bersama:
  - {tanggal: 2026-05-06, nama: Cuti bersama tambahan}
hari_kerja:
  - {tanggal: 2026-08-17, alasan: Upacara wajib, instansi: [semarang, kupang]}
jam_khusus:
  - {tanggal: 2026-05-09, nama: Kerja pengganti, jam: [08.00-11.30, "12:30 \N{EN DASH} 14:00"]}
"""


def test_local_dates_hold_for_the_offices_they_name_or_for_all(tmp_path: Path) -> None:
    calendars = calendars_of(tmp_path, LOCAL)

    assert calendars.problems == ()
    assert calendars.offices == {"semarang", "kupang"}
    semarang, tuban, kupang = (calendars.for_office(office) for office in (SEMARANG, TUBAN, KUPANG))
    city_day, election, leave, proclamation, saturday = (
        date(2026, *day) for day in ((5, 4), (5, 5), (5, 6), (8, 17), (5, 9))
    )
    assert [c.is_working_day(city_day) for c in (semarang, tuban, kupang)] == [False, True, True]
    assert [c.is_working_day(proclamation) for c in (semarang, tuban, kupang)] == [True, False, True]
    for calendar in (semarang, tuban, kupang):
        assert not calendar.is_working_day(election)
        assert calendar.exceptions[leave].kind is DayKind.JOINT_LEAVE
        assert clock_times(calendar, saturday) == ["08:00-11:30", "12:30-14:00"]
    assert semarang.exceptions[city_day].kind is DayKind.LOCAL_HOLIDAY
    assert semarang.exceptions[proclamation].name == "Upacara wajib"


def test_what_a_file_says_for_one_office_outranks_what_it_says_for_all(tmp_path: Path) -> None:
    calendars = calendars_of(
        tmp_path,
        """\
tahun: 2026
libur:
  - {tanggal: 2026-05-05, nama: Pilkada}
  - {tanggal: 2026-05-04, nama: Hari Jadi Kota, instansi: semarang}
  - {tanggal: 2026-05-04, nama: Hari Jadi Kabupaten, instansi: tuban}
hari_kerja:
  - {tanggal: 2026-05-05, alasan: Panitia tetap masuk, instansi: semarang}
""",
    )

    assert calendars.problems == ()
    semarang, tuban = calendars.for_office(SEMARANG), calendars.for_office(TUBAN)
    assert semarang.is_working_day(date(2026, 5, 5))
    assert not tuban.is_working_day(date(2026, 5, 5))
    assert (semarang.exceptions[date(2026, 5, 4)].name, tuban.exceptions[date(2026, 5, 4)].name) == (
        "Hari Jadi Kota",
        "Hari Jadi Kabupaten",
    )


def test_offices_of_a_zone_share_a_calendar_unless_a_file_names_them(tmp_path: Path) -> None:
    calendars = calendars_of(tmp_path, LOCAL)
    solo = Office("solo", "Dinas Kota Surakarta", Zone.WIB)

    assert calendars.for_office(TUBAN) is calendars.for_office(solo)
    assert calendars.for_office(SEMARANG) is not calendars.for_office(TUBAN)
    assert calendars.for_office(KUPANG).zone is Zone.WITA
    assert calendars.for_office(TUBAN).pattern == PERPRES_21_2023


def test_cuti_bersama_of_a_file_counts_as_published(tmp_path: Path) -> None:
    calendars = calendars_of(tmp_path, "tahun: 2029\ncuti_bersama: [{tanggal: 2029-12-24, nama: Natal}]\n", "2029.yaml")

    assert not any("Cuti bersama" in note for note in calendars.notes([2029]))


def test_sections_left_empty_are_no_error(tmp_path: Path) -> None:
    assert calendars_of(tmp_path, "tahun: 2026\nramadan:\nlibur:\nhari_kerja: []\n").problems == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [(1, "Berkas kosong")]),
        ("# hanya komentar\n", [(1, "Berkas kosong")]),
        ("- 2026\n", [(1, "harus berupa pasangan 'kunci: nilai'")]),
        ("libur: []\n", [(1, "Kunci 'tahun' belum ada")]),
        ("tahun: 2025\n", [(1, "Tahun '2025' tidak sama dengan nama berkas 2026.yaml")]),
        ("tahun: 2026\ntahun: 2026\n", [(2, "Kunci 'tahun' ditulis dua kali (pertama di baris 1)")]),
        (
            "tahun: 2026\nliburan: []\n? [a]\n: b\n",
            [(2, "Kunci 'liburan' tidak dikenal; mungkin maksudnya 'libur'"), (3, "Kunci harus berupa satu kata")],
        ),
        ("tahun: 2026\nsumber: [a]\n", [(2, "harus berupa teks")]),
        ("tahun: 2026\nlibur: [1\n\nb: 2\n", [(4, "Bukan YAML")]),
        ("tahun: 2026\nlibur: *x\n", [(2, "Alias '*x' tidak diizinkan")]),
        ("tahun: 2026\n---\ntahun: 2026\n", [(2, "lebih dari satu dokumen")]),
        ("tahun: \x01\n", [(1, "Karakter U+0001 tidak boleh ada")]),
        ("tahun: 2026\nsumber: !!int 1\n", [(2, "Tag '!!int' tidak diizinkan")]),
        ('tahun: 2026\nsumber: "\\UFFFFFFFF"\n', [(2, "Bukan YAML")]),
        ('tahun: 2026\nsumber: "\\0"\n', [(2, "Karakter U+0000 tidak boleh ada")]),
        (
            "tahun: 2026\nlibur:\n- {tanggal: &x 2026-01-05, nama: A}\n- {tanggal: *x, nama: B}\nramadan: *x\n",
            [(3, "Jangkar '&x'"), (4, "Alias '*x'"), (5, "Alias '*x'")],
        ),
        ("[" * 5000, [(1, "bersarang terlalu dalam")]),
        ("- " * 5000, [(1, "bersarang terlalu dalam")]),
        (b"tahun: 2026\n# \xe9t\xe9\n", [(2, "bukan UTF-8")]),
        ("#" * 300_000, [(1, "terlalu besar")]),
        ("tahun: 2026\nlibur: {tanggal: 2026-01-02}\n", [(2, "harus berupa daftar")]),
        (
            "tahun: 2026\nlibur:\n- {tanggal: 2026-02-31, nama: A}\n- {tanggal: 20260105, nama: B}\n- {nama: C}\n",
            [
                (3, "Tanggal tidak terbaca: '2026-02-31'"),
                (4, "Tanggal tidak terbaca: '20260105'"),
                (5, "Kunci 'tanggal' belum ada"),
            ],
        ),
        (
            "tahun: 2026\nlibur:\n  - {tanggal: 2025-01-02, nama: ''}\n  - x\n",
            [
                (3, "2025-01-02 tidak termasuk tahun 2026"),
                (3, "teks yang tidak kosong"),
                (4, "'kunci: nilai' (tanggal, nama, instansi)"),
            ],
        ),
        (
            "tahun: 2026\nlibur:\n- {tanggal: 2026-01-05, nama: A}\ncuti_bersama:\n- {tanggal: 2026-01-05, nama: B}\n",
            [(5, "Tanggal 2026-01-05 sudah diatur di baris 3")],
        ),
        (
            "tahun: 2026\ncuti_bersama: [{tanggal: 2026-01-05, nama: B, instansi: x}]\n",
            [(2, "Kunci 'instansi' tidak dikenal")],
        ),
        ("tahun: 2026\nlibur: [{tanggal: 2026-01-05, nama: B, instansi: []}]\n", [(2, "Daftar instansi kosong")]),
        (
            """\
tahun: 2026
libur:
- {tanggal: 2026-01-05, nama: A, instansi: x}
- {tanggal: 2026-01-05, nama: B, instansi: [y, x]}
""",
            [(4, "sudah diatur di baris 3")],
        ),
        ("tahun: 2026\nhari_kerja: [{tanggal: 2026-01-06, alasan: A}]\n", [(2, "2026-01-06 bukan hari libur")]),
        ("tahun: 2026\njam_khusus: [{tanggal: 2026-01-06, nama: A}]\n", [(2, "Kunci 'jam' belum ada")]),
        ("tahun: 2026\njam_khusus: [{tanggal: 2026-01-06, nama: A, jam: }]\n", [(2, "Jam belum diisi")]),
        ("tahun: 2026\njam_khusus: [{tanggal: 2026-01-06, nama: A, jam: {a: b}}]\n", [(2, "harus berupa daftar")]),
        (
            "tahun: 2026\njam_khusus:\n- tanggal: 2026-01-06\n  nama: A\n  jam: [pagi,\n 12:00-08:00,\n 08:00-25:00]\n",
            [(5, "terbaca: 'pagi'"), (6, "terbaca: '12:00-08:00'"), (7, "terbaca: '08:00-25:00'")],
        ),
        (
            "tahun: 2026\njam_khusus: [{tanggal: 2026-01-06, nama: A, jam: [08:00-12:00, 11:00-13:00]}]\n",
            [(2, "tidak tumpang tindih")],
        ),
        ("tahun: 2026\nramadan: {mulai: 2026-02-19}\n", [(2, "Kunci 'selesai' belum ada")]),
        ("tahun: 2026\nramadan: {mulai: 2026-02-19, selesai: 2026-03-21}\n", [(2, "lamanya 31 hari")]),
        ("tahun: 2026\nramadan: {mulai: 2026-06-01, selesai: 2026-06-30}\n", [(2, "bukan bulan Ramadan")]),
    ],
)
def test_every_error_of_a_file_is_told_with_its_line(
    tmp_path: Path, text: str | bytes, found: list[tuple[int, str]]
) -> None:
    problems = calendars_of(tmp_path, text).problems

    assert [problem.line for problem in problems] == [line for line, _ in found]
    for problem, (_, words) in zip(problems, found, strict=True):
        assert words in problem.message
        assert problem.file == str(tmp_path / "2026.yaml")
        assert re.fullmatch(r"[A-Z0-9'].*\.", problem.message)


@pytest.mark.parametrize("name", ["libur.yaml", "2026.yml", "26.yaml"])
def test_a_calendar_file_is_named_by_its_year(tmp_path: Path, name: str) -> None:
    (problem,) = calendars_of(tmp_path, "tahun: 2026\n", name).problems

    assert "Nama berkas" in problem.message


def test_hidden_files_are_passed_over(tmp_path: Path) -> None:
    assert calendars_of(tmp_path, "rusak: [", "._2026.yaml").problems == ()


def test_a_list_repeated_by_aliases_is_refused_and_not_multiplied(tmp_path: Path) -> None:
    offices = ", ".join(f"instansi-{number}" for number in range(9000))
    entry = "  - {{tanggal: 2026-03-02, nama: Libur, instansi: {}}}\n"
    text = "tahun: 2026\nlibur:\n" + entry.format(f"&semua [{offices}]") + entry.format("*semua") * 1000

    problems = calendars_of(tmp_path, text).problems

    assert len(problems) == 1001
    assert "Jangkar '&semua' tidak diizinkan" in problems[0].message


def test_a_year_beyond_the_horizon_is_refused(tmp_path: Path) -> None:
    (problem,) = calendars_of(tmp_path, "tahun: 2099\n", "2099.yaml").problems

    assert "di luar jangkauan" in problem.message


def test_a_file_that_cannot_be_read_is_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    (tmp_path / "2026.yaml").mkdir()
    os.mkfifo(tmp_path / "2027.yaml")
    (tmp_path / "2028.yaml").symlink_to("2028.yaml")

    problems = load_calendars(tmp_path).problems

    assert [problem.message for problem in problems] == [
        "Ini bukan berkas biasa; berikan berkas teks.",
        "Ini bukan berkas biasa; berikan berkas teks.",
        "Berkas tidak dapat dibaca: tautannya berputar.",
    ]


def test_a_broken_file_leaves_the_other_years_and_the_national_data_alone(tmp_path: Path) -> None:
    calendars_of(tmp_path, "tahun: 2025\nlibur: [{tanggal: 2025-01-06, nama: A}]\n", "2025.yaml")
    calendars = calendars_of(tmp_path, "tahun: 2026\nlibur: [{tanggal: 2026-01-05, nama: A}, {nama: B}]\n")

    calendar = calendars.for_office(SEMARANG)
    assert [(Path(p.file).name, p.line) for p in calendars.problems] == [("2026.yaml", 2)]
    assert not calendar.is_working_day(date(2025, 1, 6))
    assert calendar.is_working_day(date(2026, 1, 5))
    assert not calendar.is_working_day(date(2026, 8, 17))
    assert all(season.pattern == PERPRES_21_2023_RAMADAN for season in calendar.seasons)
