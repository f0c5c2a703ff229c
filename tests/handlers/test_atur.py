"""Dialogues on an office's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.handlers.conftest import Cast, Desk


def test_a_local_holiday_is_written_shown_and_applied(desk: Desk, cast: Cast) -> None:
    sari = cast.sekretariat
    code = desk.starts(sari)
    desk.completes(cast.staf)
    card = desk.card(cast.kasubag)
    assert "Jumat, 13 Nov 08.00 WIB" in card.text
    desk.talk(
        (sari, "/atur", "Apa yang ingin diatur?"),
        (sari, "[Hari libur]", "Hari libur dan cuti bersama", "~"),
        (sari, "[Tambah libur setempat]", "tuliskan tanggal libur setempat", "~"),
        (sari, "besok", "belum terbaca"),
        (sari, "31-02-2026 Hari jadi", "belum terbaca"),
        (sari, "10-11-2026 Hari jadi", f"{code}"),
        (sari, "[Ya, terapkan]", "Pengaturan sudah diterapkan", "~"),
        (sari, "/atur", "Apa yang ingin diatur?"),
        (sari, "[Hari libur]", "Sel 10 Nov 2026: libur (Hari jadi)", "~"),
    )
    assert "Senin, 16 Nov 08.00 WIB" in desk.messages(cast.kasubag)[card.id].text
    assert desk.last(cast.kasubag).id == card.id, "later is seen on the card; nobody is told besides"


def test_nothing_is_applied_that_was_not_confirmed(desk: Desk, cast: Cast) -> None:
    sari = cast.sekretariat
    desk.talk(
        (sari, "/atur", "Apa yang ingin diatur?"),
        (sari, "[Jam kerja]", "Senin–Kamis 07.30–12.00", "~"),
        (sari, "[6 hari (Senin–Sabtu)]", "Terapkan perubahan ini?", "~"),
        (sari, "[Tidak]", "~"),
        (sari, "/atur", "Apa yang ingin diatur?"),
        (sari, "[Jam kerja]", "Senin–Kamis 07.30–12.00 dan 13.00–16.00", "~"),
        (sari, "[5 hari (Senin–Jumat)]", "Sudah diatur demikian", "~"),
    )


def test_holders_always_hear_that_their_time_is_up(desk: Desk, cast: Cast) -> None:
    sari = cast.sekretariat
    desk.talk(
        (sari, "/atur", "Apa yang ingin diatur?"),
        (sari, "[Siapa diberi tahu]", "Siapa diberi tahu?", "~"),
        (sari, "[Waktu habis]", "pelaksana dan sekretariat", "~"),
        (sari, "[✓ pelaksana]", "~Pelaksana selalu diberi tahu"),
    )


def test_reminders_are_set_for_one_step_by_taps(desk: Desk, cast: Cast) -> None:
    sari = cast.sekretariat
    desk.talk(
        (sari, "/atur", "Apa yang ingin diatur?"),
        (sari, "[Pengingat]", "Pengingat untuk SOP mana?", "~"),
        (sari, "[SRT – Penyusunan Surat Keputusan]", "Pengingat: SRT", "~"),
        (sari, "[Langkah 1]", "Pengingat: SRT langkah 1", "~"),
        (sari, "[Tanpa peringatan awal]", "Pengingat SRT langkah 1: tanpa peringatan awal", "~"),
        (sari, "[Ya, terapkan]", "Pengaturan sudah diterapkan", "~"),
    )


@pytest.mark.parametrize(
    ("path", "texts", "told"),
    [
        (["Jam tenang", "Tulis yang baru"], ("malam", "20.00 - 06.00"), "Jam tenang: 20.00–06.00"),
        (["Jam tenang", "Tulis yang baru"], ("25.00-06.00", "20:00-06:00"), "Jam tenang: 20.00–06.00"),
        (
            ["Ramadan", "Tulis yang baru"],
            ("Februari", "8/2/2027 sampai 9 Maret 2027"),
            "Sen 8 Feb 2027 s.d. Sel 9 Mar 2027",
        ),
        (
            ["Hari libur", "Tambah cuti bersama"],
            ("28-12-2026", "28 Desember 2026 SKB 3 Mei 2026"),
            "Sen 28 Des 2026: cuti bersama (SKB 3 Mei 2026)",
        ),
    ],
)
def test_what_is_written_is_read_or_answered_with_what_to_write(
    desk: Desk, cast: Cast, path: list[str], texts: tuple[str, str], told: str
) -> None:
    sari = cast.sekretariat
    desk.talk((sari, "/atur", "Apa yang ingin diatur?"))
    for press in path:
        desk.talk((sari, f"[{press}]", "e", "~"))
    wrong, right = texts
    desk.talk((sari, wrong, "belum terbaca"), (sari, right, told))


def test_what_cannot_be_is_said_and_the_question_stays(desk: Desk, cast: Cast) -> None:
    sari = cast.sekretariat
    desk.talk(
        (sari, "/atur", "Apa yang ingin diatur?"),
        (sari, "[Ramadan]", "Tanggal Ramadan", "~"),
        (sari, "[Tulis yang baru]", "tuliskan hari pertama", "~"),
        (sari, "08-02-2027 s.d. 15-02-2027", "bukan 8 hari"),
        (sari, "08-02-2027 s.d. 09-03-2027", "Terapkan perubahan ini?"),
    )


def test_who_is_overtaken_sees_the_change_anew(desk: Desk, cast: Cast) -> None:
    sari, wati = cast.sekretariat, desk.joins("Wati Susilo", "sekretariat")
    for who, cap in ((sari, 4), (wati, 6)):
        desk.talk(
            (who, "/atur", "Apa yang ingin diatur?"),
            (who, "[Batas pesan pimpinan]", "Batas pesan untuk pimpinan", "~"),
            (who, f"[{cap} pesan sehari]", "Terapkan perubahan ini?", "~"),
        )
    desk.talk((wati, "[Ya, terapkan]", "Pengaturan sudah diterapkan", "~"))
    desk.talk((sari, "[Ya, terapkan]", "Terapkan perubahan ini?"))
    desk.talk((sari, "[Ya, terapkan]", "Pengaturan sudah diterapkan", "~"))


def test_a_question_survives_a_restart(desk: Desk, cast: Cast) -> None:
    sari = cast.sekretariat
    desk.talk(
        (sari, "/atur", "Apa"),
        (sari, "[Jam tenang]", "Jam tenang", "~"),
        (sari, "[Tulis yang baru]", "tuliskan jam", "~"),
    )
    desk.expects_refusal("terminated by other getUpdates")
    desk.stage.restart()
    desk.talk((sari, "20.00-06.00", "Terapkan perubahan ini?"))


def test_a_monitor_of_two_offices_says_which(desk: Desk, cast: Cast) -> None:
    sari = cast.sekretariat
    desk.appoint(sari, "sekretariat", office="badan")
    desk.talk(
        (sari, "/atur", "Pengaturan instansi mana?"),
        (sari, "[Badan Contoh]", "Badan Contoh", "~"),
        (sari, "[Batas pesan pimpinan]", "Badan Contoh", "~"),
        (sari, "[4 pesan sehari]", "Badan Contoh", "~"),
        (sari, "[Ya, terapkan]", "Pengaturan Badan Contoh sudah diterapkan", "~"),
    )
    desk.talk((cast.staf, "/atur", "sekretariat"))
