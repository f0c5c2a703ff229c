"""/plh, /jabatan, and *Ambil* and *Lepas*, by taps on real phones."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.demo.telegram.seen import SeenMessage
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"
TUESDAY_OPENING = datetime(2026, 11, 10, 0, 30, tzinfo=UTC)  # 07.30 WIB


def _to_signature(desk: Desk, cast: Cast) -> None:
    """Bring a case to the step that the Kepala Dinas, or the Sekretaris, signs."""
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf, cast.kasubag, cast.sekretaris, cast.kasubag)


def _asks_until(desk: Desk, cast: Cast, standin: str = "Rina Wati – Kasubag Umum") -> SeenMessage:
    """Let the sekretariat choose that somebody stands in for the Kepala Dinas; returns the question for the day."""
    desk.talk(
        (cast.sekretariat, "/plh", "Jabatan siapa yang perlu digantikan"),
        (cast.sekretariat, "[Kartika Putri – Kepala Dinas]", "~Siapa", "Siapa yang menjadi Plh. Kepala Dinas"),
    )
    [question] = desk.talk((cast.sekretariat, f"[{standin}]", "~mulai tanggal", "mulai tanggal berapa?"))
    return question


# --- /plh -------------------------------------------------------------------------------------


def test_a_plh_is_set_by_taps_and_takes_over_at_the_opening_of_the_first_day(desk: Desk, cast: Cast) -> None:
    _to_signature(desk, cast)
    first = _asks_until(desk, cast)
    assert first.labels == ["Hari ini (Sen 9 Nov)", "Besok (Sel 10 Nov)", "Senin depan (Sen 16 Nov)"]
    [last] = desk.talk((cast.sekretariat, "[Besok (Sel 10 Nov)]", "~sampai dengan", "sampai dengan tanggal berapa?"))
    assert last.labels == ["Sehari saja (Sel 10 Nov)", "Sampai Jum 13 Nov", "Sampai Jum 20 Nov"]
    desk.talk((cast.sekretariat, "11-11-2026", "Nomor dan tanggal surat tugas"))
    [summary] = desk.talk((cast.sekretariat, "800/123/2026, 9-11-2026", "Tetapkan penugasan ini?"))
    for words in (
        "Plh. Kepala Dinas: Rina Wati",
        "Menggantikan: Kartika Putri",
        "Sel 10 Nov s.d. Rab 11 Nov",
        "800/123/2026 tanggal Sen 9 Nov",
    ):
        assert words in summary.text
    assert "Dipilih: Rab 11 Nov" in desk.messages(cast.sekretariat)[last.id].text
    desk.talk(
        (cast.sekretariat, "[Ya, tetapkan]", "~Penugasan sudah ditetapkan", "Wewenang beralih pada Selasa, 10 Nov")
    )
    assert "Bapak/Ibu ditugaskan sebagai Plh. Kepala Dinas" in desk.last(cast.kasubag).text
    assert "Rina Wati bertugas sebagai Plh. Kepala Dinas" in desk.last(cast.kepala).text
    desk.stage.move_to(TUESDAY_OPENING)
    desk.stage.settle()
    began = [m.text for m in desk.messages(cast.kasubag).values() if "Mulai sekarang" in m.text]
    assert len(began) == 1
    assert f"{CODE} – Langkah 4" in began[0]
    assert "Rina Wati (Plh. Kepala Dinas)" in desk.card(cast.kepala, "tidak lagi di meja").text
    desk.talk((cast.kepala, f"/selesai {CODE}", "Rina Wati (Plh. Kepala Dinas)"))
    desk.talk((cast.kasubag, f"/selesai {CODE}", "Terima kasih"))
    desk.talk((cast.sekretariat, f"/riwayat {CODE}", "diselesaikan oleh Rina Wati (Plh. Kepala Dinas)"))
    desk.later(days=2)
    assert "wewenang kembali kepada Bapak/Ibu" in desk.last(cast.kepala).text


def test_a_question_for_a_day_takes_any_day_and_asks_again_for_what_is_none(desk: Desk, cast: Cast) -> None:
    _asks_until(desk, cast)
    desk.talk(
        (cast.sekretariat, "minggu depan", "Tanggal itu belum terbaca"),
        (cast.sekretariat, "31-11-2026", "Tanggal itu belum terbaca"),
        (cast.sekretariat, "1-11-2026", "Tanggal mulai sudah lewat"),
        (cast.sekretariat, "12/11", "mulai Kam 12 Nov: sampai dengan"),
        (cast.sekretariat, "10-11-2026", "mendahului tanggal mulainya"),
        (cast.sekretariat, "[Sehari saja (Kam 12 Nov)]", "~Nomor", "Nomor dan tanggal"),
        (cast.sekretariat, "[Lewati]", "~Tetapkan", "Masa tugas: Kam 12 Nov"),
        (cast.sekretariat, "[Tidak]", "~dibatalkan"),
        (cast.sekretariat, "/cabut", "Jabatan siapa"),
    )
    assert not [text for text in desk.last(cast.sekretariat).labels if "Plh." in text]


def test_overlaps_and_chains_are_refused_with_what_to_do(desk: Desk, cast: Cast) -> None:
    _asks_until(desk, cast)
    desk.talk(
        (cast.sekretariat, "[Besok (Sel 10 Nov)]", "~sampai", "sampai dengan"),
        (cast.sekretariat, "[Sampai Jum 13 Nov]", "~Nomor", "Nomor dan tanggal"),
        (cast.sekretariat, "[Lewati]", "~Tetapkan", "Tetapkan"),
        (cast.sekretariat, "[Ya, tetapkan]", "~ditetapkan", "ditetapkan"),
    )
    _asks_until(desk, cast, "Tono Hadi – Sekretaris Dinas")
    desk.talk(
        (cast.sekretariat, "[Besok (Sel 10 Nov)]", "~sampai", "sampai dengan"),
        (cast.sekretariat, "[Sehari saja (Sel 10 Nov)]", "~bertumpuk dengan Plh. Kepala Dinas Rina Wati"),
        (cast.sekretariat, "20-11-2026", "bertumpuk"),
        (cast.sekretariat, "/plh", "Jabatan siapa"),
        (cast.sekretariat, "[Rina Wati – Kasubag Umum]", "~Siapa", "Siapa yang menjadi Plh. Kasubag Umum"),
        (cast.sekretariat, "[Budi Santoso – Staf Umum]", "~mulai", "mulai tanggal"),
        (cast.sekretariat, "[Besok (Sel 10 Nov)]", "~sampai", "sampai dengan"),
        (cast.sekretariat, "[Sehari saja (Sel 10 Nov)]", "~Rina Wati masih menjadi Plh. Kepala Dinas"),
    )


def test_somebody_new_is_invited_first(desk: Desk, cast: Cast) -> None:
    desk.talk(
        (cast.sekretariat, "/plh", "Jabatan siapa"),
        (cast.sekretariat, "[Kartika Putri – Kepala Dinas]", "~Siapa", "Siapa"),
        (cast.sekretariat, "[Orang lain…]", "~undang dahulu", "undang dahulu beliau"),
    )


def test_a_plt_may_stay_open_and_is_listed_to_be_ended(desk: Desk) -> None:
    secretary = desk.joins("Sari Dewi", "sekretariat")
    desk.joins("Rina Wati", "kasubag")
    desk.talk(
        (secretary, "/plh", "Jabatan siapa"),
        (secretary, "[Kepala Dinas (kosong)]", "~Siapa", "belum ada pejabat definitifnya"),
        (secretary, "[Rina Wati – Kasubag Umum]", "~mulai", "mulai tanggal"),
        (secretary, "[Hari ini (Sen 9 Nov)]", "~sampai", "sampai dengan"),
        (secretary, "[Sampai ada pejabat definitif]", "~Nomor", "Nomor dan tanggal"),
        (secretary, "[Lewati]", "~Tetapkan", "Plt. Kepala Dinas: Rina Wati"),
        (secretary, "[Ya, tetapkan]", "~ditetapkan", "Wewenang sudah beralih"),
        (secretary, "/cabut", "Jabatan siapa"),
        (secretary, "[Rina Wati – Plt. Kepala Dinas]", "~Cabut", "Cabut jabatan Plt. Kepala Dinas dari Rina Wati?"),
        (secretary, "[Ya, cabut]", "~dicabut", "sudah dicabut dari Rina Wati"),
    )


def test_the_dialogue_goes_on_after_a_restart(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("terminated by other getUpdates")
    _asks_until(desk, cast)
    desk.stage.restart()
    desk.talk((cast.sekretariat, "10-11-2026", "sampai dengan"), (cast.sekretariat, "13-11-2026", "Nomor dan tanggal"))


def test_who_lost_the_sekretariat_meanwhile_sets_nothing(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    other = desk.joins("Wulan Sari", "sekretariat")
    desk.appoint(cast.sekretariat, "staf")
    _asks_until(desk, cast)
    desk.talk(
        (other, "/cabut", "Jabatan siapa"),
        (other, "[Sari Dewi – Sekretariat]", "~Cabut", "Cabut jabatan"),
        (other, "[Ya, cabut]", "~dicabut", "dicabut"),
        (cast.sekretariat, "10-11-2026", "hanya untuk sekretariat"),
    )


# --- /jabatan ---------------------------------------------------------------------------------


def test_a_post_moves_by_taps_and_both_get_the_list(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.sekretariat, "/jabatan", "Jabatan siapa yang berpindah?"))
    [question] = desk.talk(
        (
            cast.sekretariat,
            "[Budi Santoso – Staf Umum]",
            "~Siapa yang menerima",
            "Siapa yang menerima jabatan Staf Umum",
        )
    )
    assert question.labels[-1] == "Undang orang baru"
    [really] = desk.talk(
        (
            cast.sekretariat,
            "[Tono Hadi – Sekretaris Dinas]",
            "~Pindahkan",
            "Pindahkan jabatan Staf Umum dari Budi Santoso",
        )
    )
    assert "1 tugas yang belum selesai ikut berpindah" in really.text
    desk.talk((cast.sekretariat, "[Ya, pindahkan]", "~berpindah", "sudah berpindah dari Budi Santoso kepada Tono Hadi"))
    for person in (cast.staf, cast.sekretaris):
        [told] = [m for m in desk.messages(person).values() if "Daftar serah terima" in m.text]
        assert f"{CODE} – Langkah 1" in told.text
    desk.talk((cast.sekretaris, f"/selesai {CODE}", "Terima kasih"), (cast.staf, "/tugas", "belum terdaftar"))


def test_a_post_moves_to_somebody_new_when_they_use_the_link(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk(
        (cast.sekretariat, "/jabatan", "berpindah"),
        (cast.sekretariat, "[Budi Santoso – Staf Umum]", "~Siapa", "Siapa"),
    )
    [link] = desk.talk(
        (
            cast.sekretariat,
            "[Undang orang baru]",
            "~Undangan",
            "Jabatan tetap pada Budi Santoso sampai tautan ini dipakai",
        )
    )
    [code] = [word for word in link.text.split() if word.startswith("https://t.me/")]
    newcomer = desk.stranger("Wulan Sari")
    newcomer.says(f"/start {code.partition('start=')[2]}")
    desk.stage.settle()
    assert "Daftar serah terima" in desk.last(cast.staf).text
    assert "sudah berpindah dari Budi Santoso kepada Wulan Sari" in desk.last(cast.sekretariat).text
    desk.talk((newcomer, f"/selesai {CODE}", "Terima kasih"))


# --- a shared post ----------------------------------------------------------------------------


def test_who_takes_a_shared_task_is_seen_by_the_others(desk: Desk, cast: Cast) -> None:
    second = desk.joins("Wulan Sari", "staf")
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, "[Ambil]", f"~Tugas {CODE} Bapak/Ibu ambil"))
    assert "Sedang dikerjakan oleh Budi Santoso." in desk.card(second).text
    assert "Sedang Bapak/Ibu kerjakan." in desk.card(cast.staf).text
    desk.talk((cast.staf, "[Lepas]", "~sudah dilepas"))
    assert "Sedang dikerjakan" not in desk.card(second).text
    desk.completes(second)


@pytest.mark.parametrize("said", ["/plh", "/jabatan"])
def test_both_are_for_the_sekretariat(desk: Desk, cast: Cast, said: str) -> None:
    desk.talk((cast.kepala, said, "hanya untuk sekretariat"))
