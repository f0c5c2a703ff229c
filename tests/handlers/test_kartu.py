"""A card's whole life: accepted, noted, put off, given more time, taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"


# --- the card itself --------------------------------------------------------------------------


def test_a_card_is_compact_until_more_is_asked_for_and_again_after_anything_happens(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    assert desk.card(cast.staf).labels == ["Selesai", "Terima", "Lainnya…"]
    desk.talk((cast.staf, "[Lainnya…]", ""))
    opened = desk.card(cast.staf)
    assert opened.labels[:2] == ["Selesai", "Terima"]
    assert {"Catatan", "Ingatkan nanti", "Minta waktu", "Detail", "Tutup"} <= set(opened.labels)
    desk.talk((cast.staf, "[Tutup]", ""))
    assert desk.card(cast.staf).labels == ["Selesai", "Terima", "Lainnya…"]
    desk.talk((cast.staf, "[Lainnya…]", ""), (cast.staf, "[Terima]", "~Tercatat"))
    assert desk.card(cast.staf).labels == ["Selesai", "Lainnya…"]


def test_who_accepts_a_task_tells_nobody_but_the_status(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    before = desk.messages(cast.sekretariat)
    desk.talk((cast.staf, "[Terima]", "~Tercatat: Langkah 1"))
    assert desk.messages(cast.sekretariat) == before
    said = "Diterima oleh Budi Santoso (Staf Umum), Senin, 9 Nov 08.00 WIB"
    assert said in desk.card(cast.staf).text
    desk.talk((cast.sekretariat, f"/status {CODE}", said), (cast.sekretariat, f"/riwayat {CODE}", "diterima oleh Budi"))


# --- notes ------------------------------------------------------------------------------------


def test_a_note_stands_on_the_card_and_goes_with_the_case(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk(
        (cast.staf, "[Lainnya…]", ""),
        (cast.staf, "[Catatan]", "Mohon tuliskan catatan"),
        (cast.staf, "Nomor <agenda> menyusul", "sudah disimpan"),
        (cast.staf, f"/catatan {CODE} sudah diparaf", "sudah disimpan"),
        (cast.staf, "/catatan", "Mohon tuliskan catatan"),
        (cast.staf, "/tugas", "1 tugas"),
        (cast.staf, "bukan catatan lagi", "belum dapat dipahami"),
    )
    card = desk.card(cast.staf, "Mohon diselesaikan")
    assert "Catatan Budi Santoso (Staf Umum): Nomor <agenda> menyusul" in card.text
    desk.completes(cast.staf)
    next_card = desk.card(cast.kasubag, "Langkah 2")
    assert "Catatan dari Budi Santoso (Staf Umum):\nNomor <agenda> menyusul" in next_card.text
    assert "sudah diparaf" in next_card.text
    desk.talk((cast.sekretariat, f"/riwayat {CODE}", "catatan Budi Santoso (Staf Umum)\n“sudah diparaf”"))


# --- reminders put off --------------------------------------------------------------------------


def test_reminders_put_off_come_at_the_next_slot_and_the_card_says_so(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)  # 4 Hari: half of it has passed on Wednesday 08.00
    desk.later(hours=47, minutes=45)
    desk.talk((cast.kasubag, "[Lainnya…]", ""))
    desk.talk((cast.kasubag, "[Ingatkan nanti]", "~ditunda sampai Rabu, 11 Nov 13.00"))
    assert "Pengingat ditunda sampai Rabu, 11 Nov 13.00 WIB" in desk.card(cast.kasubag).text
    before = desk.messages(cast.kasubag)
    desk.later(hours=3)
    assert desk.messages(cast.kasubag) == before
    desk.later(hours=4)
    assert "Pengingat ditunda" not in desk.card(cast.kasubag, "Mohon diselesaikan").text
    assert len(desk.messages(cast.kasubag)) == len(before) + 1


# --- more time ----------------------------------------------------------------------------------


def _asks(desk: Desk, who: Person, reason: str = "Data dari BKD belum masuk") -> None:
    desk.talk(
        (who, "[Lainnya…]", ""),
        (who, "[Minta waktu]", "Berapa tambahan waktu"),
        (who, "[1 Hari]", "~alasan", "Mohon tuliskan alasan meminta tambahan waktu 1 Hari"),
        (who, reason, "sudah dicatat"),
    )


def test_more_time_is_asked_for_granted_by_the_first_and_shown_to_all(desk: Desk, cast: Cast) -> None:
    second = desk.joins("Dewi Anggraini", "sekretariat")
    desk.starts(cast.sekretariat)
    _asks(desk, cast.staf)
    assert "menunggu keputusan Sekretariat" in desk.card(cast.staf, "Mohon diselesaikan").text
    for monitor in (cast.sekretariat, second):
        asked = desk.last(monitor)
        assert "Permintaan tambahan waktu 1 Hari dari Budi Santoso (Staf Umum)" in asked.text
        assert "waktu 2 Jam + 1 Hari tambahan" in asked.text
        assert asked.labels == ["Setujui", "Tidak"]
    desk.talk((cast.sekretariat, "[Setujui]", "~disetujui oleh Sari Dewi"))
    for monitor in (cast.sekretariat, second):
        decided = desk.last(monitor)
        assert "disetujui oleh Sari Dewi (Sekretariat)" in decided.text
        assert decided.labels == []
    assert "disetujui oleh Sari Dewi" in desk.last(cast.staf).text
    card = desk.card(cast.staf, "Mohon diselesaikan").text
    assert "Waktu 2 Jam + 1 Hari tambahan; semula jatuh tempo Senin, 9 Nov 10.00 WIB" in card
    assert "Jatuh tempo: Selasa, 10 Nov 10.00 WIB" in card
    desk.talk((cast.staf, f"/riwayat {CODE}", "waktu 2 Jam + 1 Hari tambahan"))


def test_an_amount_of_ones_own_is_asked_again_until_it_is_one_and_a_refusal_changes_nothing(
    desk: Desk, cast: Cast
) -> None:
    desk.starts(cast.sekretariat)
    desk.talk(
        (cast.staf, "[Lainnya…]", ""),
        (cast.staf, "[Minta waktu]", "Berapa tambahan waktu"),
        (cast.staf, "[Tulis sendiri]", "~tambahan waktu", "misalnya: 4 Hari"),
        (cast.staf, "secukupnya", "belum terbaca"),
        (cast.staf, "999 Hari", "lebih dari 60 Hari"),
        (cast.staf, "4 hari", "Mohon tuliskan alasan meminta tambahan waktu 4 Hari"),
        (cast.staf, "menunggu data", "Menunggu keputusan sekretariat: Sari Dewi"),
        (cast.sekretariat, "[Tidak]", "~tidak disetujui oleh Sari Dewi"),
    )
    assert "Jatuh tempo tetap Senin, 9 Nov 10.00 WIB" in desk.last(cast.staf).text
    _asks(desk, cast.staf, "kedua kalinya")
    assert "Minta waktu" not in desk.card(cast.staf, "Mohon diselesaikan").labels


def test_without_a_sekretariat_nothing_is_lost_and_whoever_comes_decides_in_the_status(desk: Desk) -> None:
    staf = desk.joins("Budi Santoso", "staf")
    desk.starts(staf)
    desk.talk(
        (staf, "[Lainnya…]", ""),
        (staf, "[Minta waktu]", "Berapa tambahan waktu"),
        (staf, "[2 Jam]", "~alasan", "alasan"),
        (staf, "data belum masuk", "belum mempunyai sekretariat"),
    )
    late = desk.joins("Sari Dewi", "sekretariat")
    [status] = desk.talk((late, f"/status {CODE}", "menunggu keputusan Sekretariat"))
    assert status.labels[:2] == ["Setujui", "Tidak"]
    desk.talk((late, "[Setujui]", "~disetujui oleh Sari Dewi"))
    assert "2 Jam tambahan" in desk.last(late).text
    assert "disetujui" in desk.last(staf).text


# --- taken back ---------------------------------------------------------------------------------


def test_selesai_can_be_taken_back_for_five_minutes(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    due = "Jatuh tempo: Senin, 9 Nov 10.00 WIB"
    desk.talk((cast.staf, "[Selesai]", "~Terima kasih"))
    assert desk.card(cast.staf).labels == ["Urungkan"]
    desk.later(minutes=4)
    desk.talk((cast.staf, "[Urungkan]", "~Sudah diurungkan"))
    card = desk.card(cast.staf)
    assert due in card.text
    assert card.labels == ["Selesai", "Terima", "Lainnya…"]
    withdrawn = desk.card(cast.kasubag, "Langkah 2")
    assert "Ditarik kembali oleh Budi Santoso (Staf Umum)" in withdrawn.text
    assert withdrawn.labels == []
    desk.completes(cast.staf)
    assert "Memeriksa konsep surat" in desk.last(cast.kasubag).text
    desk.talk((cast.sekretariat, f"/riwayat {CODE}", "laporan selesai ditarik kembali oleh Budi Santoso"))


def test_the_button_goes_after_five_minutes_from_card_and_answer(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    [answer] = desk.talk((cast.staf, f"/selesai {CODE}", "Terima kasih"))
    assert answer.labels == ["Urungkan"]
    desk.later(minutes=5, seconds=2)
    assert desk.last(cast.staf).labels == []
    assert desk.card(cast.staf, "Selesai – oleh").labels == []


def test_what_the_next_holder_did_stands_between(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, "[Selesai]", "~Terima kasih"), (cast.kasubag, "[Terima]", "~Tercatat"))
    desk.talk((cast.staf, "[Urungkan]", "~Langkah 2 diterima oleh Rina Wati (Kasubag Umum)"))
    assert desk.card(cast.staf).labels == []


def test_a_rejection_taken_back_is_told_once_to_those_who_had_heard_of_it(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, f"/tolak {CODE} nomornya salah", "dikembalikan ke Langkah 1"))
    assert "nomornya salah" in desk.last(cast.sekretariat).text
    assert desk.last(cast.kasubag).labels == ["Urungkan"]
    before = {who: desk.messages(who).keys() for who in (cast.sekretariat, cast.staf, cast.sekretaris)}
    desk.talk((cast.kasubag, "[Urungkan]", "~Sudah diurungkan"))
    new = {who.name: [m for key, m in desk.messages(who).items() if key not in seen] for who, seen in before.items()}
    assert [len(new[name]) for name in ("Sari Dewi", "Budi Santoso", "Tono Hadi")] == [1, 0, 0]
    assert "menarik kembali penolakan pada Langkah 2" in new["Sari Dewi"][0].text
    assert "Ditarik kembali oleh Rina Wati" in desk.card(cast.staf, "Ditarik").text
    assert "Tolak" in desk.card(cast.kasubag, "Mohon diselesaikan").labels


@pytest.mark.parametrize("how", ["[Selesai]", f"/selesai {CODE}"])
def test_the_end_of_a_case_can_be_taken_back_too(desk: Desk, cast: Cast, how: str) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf, cast.kasubag, cast.kasubag, cast.sekretaris, cast.kepala)
    shown = ("~sudah selesai",) if how[0] == "[" else ()
    desk.talk((cast.staf, how, *shown, "sudah selesai"))
    assert "sudah selesai" in desk.last(cast.kepala).text
    before = {who: len(desk.messages(who)) for who in (cast.sekretariat, cast.kepala, cast.kasubag, cast.sekretaris)}
    desk.talk((cast.staf, "[Urungkan]", "~Sudah diurungkan"))
    for who, count in before.items():
        assert len(desk.messages(who)) == count + 1
        assert "Kabar berkas selesai sebelumnya tidak berlaku" in desk.last(who).text
    desk.talk((cast.sekretariat, f"/status {CODE}", "Langkah 5"))
    desk.completes(cast.staf)
    assert "sudah selesai" in desk.last(cast.kepala).text
