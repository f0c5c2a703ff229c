"""An office's own file: what it sets, how it is written back, and what a wrong one is told."""

from __future__ import annotations

import re
import shutil
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.budget import Budget, Unit
from bot.domain.office_rules import (
    SIX_DAYS,
    SIX_DAYS_RAMADAN,
    FastingMonth,
    Fault,
    Ladders,
    OfficeRules,
    QuietHours,
)
from bot.domain.reminders import Audience, EarlyRung, Ladder, ReminderKind
from bot.domain.worktime import DayException, DayKind, Period
from bot.sop_files.hours import Range, week_of
from bot.sop_files.loader import FileProblem, load_folder
from bot.sop_files.office_file import read_office
from bot.sop_files.office_keys import FAULTS, KEY_OF
from bot.sop_files.office_text import office_lines

ROOT = Path(__file__).parents[2]
BROKEN = ROOT / "tests" / "data" / "invalid_office"
SOUND_SOP = ROOT / "tests" / "data" / "invalid_sop" / "antar-berkas-id-sama" / "a.yaml"
ANNOUNCED = re.compile(r"# baris (\d+): (.*)")
HOUR, DAY = Budget(1, Unit.HOUR), Budget(1, Unit.DAY)

DEFAULTS_IN_EXAMPLE = {"chief_cap", "hold_reminder_days", "objection"}
"""What the documents' example states as it is anyway; of everything else it shows how it differs."""

EVERYTHING = """\
instansi: contoh
jam_kerja:
  senin: ["07:30-12:00", "13:00-16:00"]
  rabu: "22:00-06:00"
  sabtu: 07.30-12.00
  minggu: libur
jam_ramadan: enam_hari
ramadan:
  - {mulai: 2027-02-09, selesai: 2027-03-10}
libur:
  - {tanggal: 2026-12-01, nama: "Hari jadi: kota"}
cuti_bersama:
  - {tanggal: 2026-12-28, nama: Perubahan SKB}
hari_kerja:
  - {tanggal: 2026-12-24, alasan: Perubahan SKB}
jam_khusus:
  - {tanggal: 2026-12-31, nama: Tutup tahun, jam: "07:30-11:00"}
pengingat:
  semua: {peringatan_awal: []}
  sop:
    contoh-pk:
      terlambat_setelah: 2 Jam
      langkah:
        4: {peringatan_awal: [{persen: 90, waktu_minimal: 1 Jam}]}
diberi_tahu:
  peringatan_awal: []
  terlambat: [pelaksana, sekretariat]
jam_tenang: "20:00-06:00"
lewat_jabatan: sekretaris
batas_pesan_pimpinan: 5
pengingat_jeda: 2
waktu_keberatan: 4 Jam
pencatat: [staf]
perpanjangan_terlama: 5 Hari
"""


def rules_in(folder: Path, text: str) -> OfficeRules:
    """Return what a sound file says."""
    path = folder / "contoh.yaml"
    path.write_text(text, encoding="utf-8")
    file = read_office(path)
    assert file.problems == ()
    return file.rules


def office_with(folder: Path, office_file: Path) -> list[FileProblem]:
    """Put an office's file beside the SOP of its office; return the folder's problems."""
    shutil.copy(SOUND_SOP, folder)
    (folder / "kantor").mkdir()
    shutil.copy(office_file, folder / "kantor" / "contoh.yaml")
    return list(load_folder(folder).problems)


def test_everything_that_can_be_set_is_read(tmp_path: Path) -> None:
    morning, evening = Period(time(7, 30), time(12)), Period(time(13), time(16))
    assert rules_in(tmp_path, EVERYTHING) == OfficeRules(
        hours=(
            (morning, evening),
            (),
            (Period(time(22), time()),),
            (Period(time(), time(6)),),
            (),
            (morning,),
            (),
        ),
        ramadan_hours=SIX_DAYS_RAMADAN,
        ramadan=(FastingMonth(date(2027, 2, 9), date(2027, 3, 10)),),
        holidays={
            date(2026, 12, 1): DayException(DayKind.LOCAL_HOLIDAY, "Hari jadi: kota"),
            date(2026, 12, 28): DayException(DayKind.JOINT_LEAVE, "Perubahan SKB"),
            date(2026, 12, 24): DayException(DayKind.CANCELLED, "Perubahan SKB"),
            date(2026, 12, 31): DayException(DayKind.SPECIAL_HOURS, "Tutup tahun", (Period(time(7, 30), time(11)),)),
        },
        ladders=Ladders(
            Ladder(early=()),
            {"contoh-pk": Ladder(late_after=Budget(2, Unit.HOUR))},
            {("contoh-pk", 4): Ladder(early=(EarlyRung(90, HOUR),))},
        ),
        audiences={
            ReminderKind.EARLY: frozenset(),
            ReminderKind.LATE: frozenset({Audience.HOLDERS, Audience.SECRETARIAT}),
        },
        quiet=QuietHours(time(20), time(6)),
        via_secretary="sekretaris",
        chief_cap=5,
        hold_reminder_days=2,
        objection=Budget(4, Unit.HOUR),
        recorders=frozenset({"staf"}),
        extension_max=Budget(5, Unit.DAY),
    )


@pytest.mark.parametrize("text", [EVERYTHING, "instansi: contoh\n", "instansi: contoh\njam_kerja: enam_hari\n"])
def test_what_is_written_back_says_the_same(tmp_path: Path, text: str) -> None:
    rules = rules_in(tmp_path, text)
    assert rules_in(tmp_path, "\n".join(office_lines("contoh", rules))) == rules


def test_six_days_bring_their_own_ramadan_hours(tmp_path: Path) -> None:
    rules = rules_in(tmp_path, "instansi: contoh\njam_kerja: enam_hari\n")
    assert (rules.hours, rules.ramadan_hours) == (SIX_DAYS, SIX_DAYS_RAMADAN)


CLOCKS = st.integers(0, 23).map(time)


@given(st.lists(st.lists(st.tuples(CLOCKS, CLOCKS), max_size=2), min_size=7, max_size=7))
@example([[(time(0), time(0))], [], [], [], [], [], [(time(2), time(1))]])
def test_a_week_of_ranges_is_worked_exactly_in_them(days: list[list[Range]]) -> None:
    # The hours after midnight on Sunday are Monday's.
    hours = (hour for place, ranges in enumerate(days) for one in ranges for hour in _hours(place, one))
    wanted = [hour % (7 * 24) for hour in hours]
    week = week_of(days)

    if week is None:
        assert len(wanted) != len(set(wanted)) or any(
            start == end != time() for ranges in days for start, end in ranges
        )
    else:
        found = [h % (7 * 24) for place, day in enumerate(week) for p in day for h in _hours(place, (p.start, p.end))]
        assert sorted(found) == sorted(wanted)


def _hours(place: int, one: Range) -> range:
    start, end = one[0].hour, one[1].hour
    return range(place * 24 + start, place * 24 + (end if end > start else end + 24))


# --- broken files -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_broken_file_is_left_out_and_all_its_problems_are_named(path: Path, tmp_path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    announced = [(int(m[1]), m[2]) for line in lines if (m := ANNOUNCED.fullmatch(line))]

    problems = office_with(tmp_path, path)

    assert announced
    assert load_folder(tmp_path).rules == {}
    assert {problem.file for problem in problems} == {str(tmp_path / "kantor" / "contoh.yaml")}
    assert [problem.line for problem in problems] == [line for line, _ in announced]
    for problem, (_, piece) in zip(problems, announced, strict=True):
        assert piece in problem.message
        assert re.fullmatch(r"[A-Z'0-9].*\.", problem.message)


def test_a_sound_file_is_served_with_its_office(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(EVERYTHING, encoding="utf-8")

    folder = tmp_path / "sop"
    folder.mkdir()
    assert office_with(folder, path) == []
    assert load_folder(folder).rules["contoh"].chief_cap == 5


def test_the_example_in_the_documents_is_a_sound_file(tmp_path: Path) -> None:
    (example,) = re.findall(
        r"```yaml\n(.*?)```", (ROOT / "docs" / "pengaturan.md").read_text(encoding="utf-8"), re.DOTALL
    )
    path, folder = tmp_path / "x.yaml", tmp_path / "sop"
    path.write_text(example, encoding="utf-8")
    folder.mkdir()

    assert office_with(folder, path) == []
    rules = load_folder(folder).rules["contoh"]
    assert {name for name in KEY_OF if getattr(rules, name) == getattr(OfficeRules(), name)} == DEFAULTS_IN_EXAMPLE


def test_a_file_of_another_kind_says_how_it_must_be_called(tmp_path: Path) -> None:
    shutil.copy(SOUND_SOP, tmp_path)
    (tmp_path / "kantor").mkdir()
    (tmp_path / "kantor" / "contoh.yml").write_text("instansi: contoh\n", encoding="utf-8")

    (problem,) = load_folder(tmp_path).problems
    assert problem.message.startswith("Nama berkas kantor harus <instansi>.yaml")


def test_every_fault_has_its_words() -> None:
    assert set(FAULTS) == set(Fault)


def test_the_shipped_offices_are_sound_and_change_nothing() -> None:
    loaded = load_folder(ROOT / "sop_data")
    assert loaded.problems == ()
    assert loaded.rules
    assert set(loaded.rules.values()) == {OfficeRules()}
