"""/jeda, /lanjut, /pindah and /mundur, and the buttons of a card that waits for somebody outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"
SECOND = "SRT-2026-002"


def held(desk: Desk, cast: Cast) -> None:
    """Let the holder of the first step wait for somebody outside."""
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, f"/jeda {CODE} surat balasan Bappeda", "dijeda – menunggu pihak luar"))


# --- /jeda and /lanjut ------------------------------------------------------------------------


def test_a_holder_waits_for_somebody_outside_and_goes_on_with_the_same_time_left(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.later(minutes=30)
    desk.talk((cast.staf, "[Lainnya…]", ""))
    desk.talk((cast.staf, "[Tunggu pihak luar]", "menunggu siapa atau apa"))
    desk.expects_refusal("terminated by other getUpdates")
    desk.stage.restart()
    desk.talk((cast.staf, "surat balasan Bappeda", "Langkah 1 berkas SRT-2026-001 dijeda"))
    card = desk.card(cast.staf, "Dijeda sejak")
    assert "menunggu pihak luar: surat balasan Bappeda" in card.text
    assert card.labels[0] == "Lanjutkan"
    assert not {"Selesai", "Tolak"} & set(card.labels)
    assert "surat balasan Bappeda" in desk.last(cast.sekretariat).text
    assert f"/lanjut {CODE}" in desk.last(cast.sekretariat).text
    desk.later(days=1)
    assert "pengingat" not in cast.staf.transcript().lower()
    desk.talk((cast.staf, "[Lanjutkan]", "~Jatuh tempo baru: Selasa, 10 Nov 10.00 WIB (sisa 1 jam 30 menit)"))
    card = desk.card(cast.staf, "Jatuh tempo")
    assert card.labels[0] == "Selesai"
    assert "Dilanjutkan oleh Budi Santoso (Staf Umum)" in desk.last(cast.sekretariat).text


def test_while_held_nothing_moves_and_whoever_may_is_offered_to_go_on(desk: Desk, cast: Cast) -> None:
    held(desk, cast)
    [answer] = desk.talk((cast.staf, f"/selesai {CODE}", "sedang dijeda"))
    assert answer.labels == ["Lanjutkan"]
    [answer] = desk.talk((cast.sekretariat, f"/jeda {CODE} lagi", "sedang dijeda"))
    assert answer.labels == ["Lanjutkan"]
    desk.talk((cast.sekretariat, f"/pindah {CODE} cuti", "sedang dijeda"))
    [row] = desk.talk((cast.staf, "/tugas", "1 tugas"))
    assert row.labels == [f"Lanjutkan {CODE}"]
    assert "Dijeda" in desk.talk((cast.kepala, "/status", CODE))[0].text
    assert "sisa" not in desk.last(cast.kepala).text
    desk.talk((cast.staf, f"[Lanjutkan {CODE}]", "~dilanjutkan"))
    assert "Selesai" in desk.messages(cast.staf)[row.id].labels[0]


def test_the_sekretariat_holds_and_the_holder_hears_it_at_once(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk(
        (cast.sekretariat, "/jeda", "alasan menjeda Langkah 1"),
        (cast.sekretariat, "pelantikan sampai Rabu", "dijeda."),
    )
    assert "oleh Sari Dewi (Sekretariat)" in desk.last(cast.staf).text
    desk.talk((cast.sekretariat, "/lanjut", "dilanjutkan. Jatuh tempo baru"))
    assert "Dilanjutkan oleh Sari Dewi (Sekretariat)" in desk.last(cast.staf).text
    desk.talk((cast.sekretariat, f"/lanjut {CODE}", "tidak sedang dijeda"))


def test_without_a_code_one_chooses_among_the_cases_it_could_be_for(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat, "Yang pertama")
    desk.starts(cast.sekretariat, "Yang kedua")
    [question] = desk.talk((cast.staf, "/jeda menunggu BKN", "Berkas mana yang dijeda?"))
    assert question.labels == [f"{CODE} · Yang pertama", f"{SECOND} · Yang kedua"]
    desk.talk((cast.staf, f"[{SECOND} · Yang kedua]", f"~berkas {SECOND} dijeda", f"berkas {SECOND} dijeda"))
    assert f"Dipilih: {SECOND}" in desk.messages(cast.staf)[question.id].text
    desk.talk((cast.staf, "/lanjut", f"berkas {SECOND} dilanjutkan"))
    desk.talk((cast.staf, "/lanjut", "Tidak ada berkas dijeda yang dapat Bapak/Ibu lanjutkan"))


@pytest.mark.parametrize("command", ["jeda", "lanjut", "pindah", "mundur"])
def test_bad_input_gets_words_and_changes_nothing(desk: Desk, cast: Cast, command: str) -> None:
    monitor = cast.sekretariat
    desk.talk((monitor, f"/{command}", "Tidak ada berkas" if command in {"jeda", "lanjut"} else "tidak ada berkas"))
    desk.starts(monitor)
    desk.talk((monitor, f"/{command} SRT-2026-009 alasan", "tidak ditemukan"))
    refusal = "tidak di meja" if command in {"jeda", "lanjut"} else "hanya untuk sekretariat"
    desk.talk((cast.kepala, f"/{command} {CODE} alasan", refusal))
    desk.talk(
        (monitor, f"/batal {CODE} salah mulai", "Hentikan berkas"),
        (monitor, "[Ya, hentikan]", "~dihentikan", "dihentikan"),
    )
    desk.talk((monitor, f"/{command} {CODE} alasan", "sudah dihentikan"))


# --- /pindah ----------------------------------------------------------------------------------


def test_a_task_is_handed_to_another_post_with_a_reason_and_everybody_concerned_knows(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    [question] = desk.talk((cast.sekretariat, f"/pindah {CODE}", "dipindahkan ke jabatan mana?"))
    assert "Kasubag Umum – Rina Wati" in question.labels
    desk.talk(
        (cast.sekretariat, "[Kasubag Umum – Rina Wati]", "~alasan", "alasan memindahkan Langkah 1"),
        (cast.sekretariat, "staf cuti bersalin", "dipindahkan dari Staf Umum kepada Rina Wati (Kasubag Umum)"),
    )
    assert "staf cuti bersalin" in desk.last(cast.staf).text
    assert "Sekarang di meja Rina Wati (Kasubag Umum)" in desk.card(cast.staf, "tidak lagi di meja").text
    card = desk.card(cast.kasubag, "Mohon diselesaikan")
    assert "Dipindahkan dari Staf Umum oleh Sari Dewi (Sekretariat): staf cuti bersalin" in card.text
    desk.talk((cast.staf, f"/selesai {CODE}", "tidak di meja Bapak/Ibu"))
    desk.talk((cast.kasubag, f"/selesai {CODE}", "Terima kasih", "Memeriksa konsep surat"))


def test_where_several_posts_wait_one_says_whose_part_goes_on(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf, cast.kasubag)
    [question] = desk.talk((cast.sekretariat, "/pindah sekretaris diklat", "Tugas jabatan mana"))
    assert question.labels == ["Sekretaris Dinas – Tono Hadi", "Kasubag Umum – Rina Wati"]
    [question] = desk.talk((cast.sekretariat, "[Sekretaris Dinas – Tono Hadi]", "~jabatan mana", "ke jabatan mana?"))
    assert question.labels == ["Kepala Dinas – Kartika Putri", "Staf Umum – Budi Santoso"]
    desk.talk((cast.sekretariat, "[Kepala Dinas – Kartika Putri]", "~dipindahkan", "kepada Kartika Putri"))
    desk.talk((cast.kasubag, f"/selesai {CODE}", "Masih ditunggu: Kartika Putri (Kepala Dinas)"))
    desk.talk((cast.kepala, f"/selesai {CODE}", "Langkah 3 berkas", "Menandatangani surat"))


# --- /mundur ----------------------------------------------------------------------------------


def test_a_case_goes_back_to_a_step_and_whose_work_it_undid_is_told(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf, cast.kasubag)
    [question] = desk.talk((cast.sekretariat, f"/mundur {CODE}", "ke langkah mana?"))
    assert question.labels == ["Langkah 1 · Menyusun konsep surat", "Langkah 2 · Memeriksa konsep surat"]
    desk.talk(
        (cast.sekretariat, "[Langkah 1 · Menyusun konsep surat]", "~alasan", "alasan mengembalikan"),
        (cast.sekretariat, "dasar hukum berubah", "dari Langkah 3 ke Langkah 1?"),
        (cast.sekretariat, "[Ya, kembalikan]", "~dikembalikan ke Langkah 1", "dikembalikan ke Langkah 1"),
    )
    card = desk.card(cast.staf, "putaran 2")
    assert "dasar hukum berubah" in card.text
    assert "Sari Dewi (Sekretariat)" in card.text
    for person in (cast.kasubag, cast.sekretaris):
        assert "dasar hukum berubah" in desk.last(person).text
    assert "dikembalikan oleh Sari Dewi" in desk.talk((cast.kepala, f"/riwayat {CODE}", "dasar hukum"))[0].text


def test_the_first_step_has_nowhere_to_go_back_to_and_no_leaves_all_as_it_is(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.sekretariat, f"/mundur {CODE} salah", "hanya dapat dikembalikan ke langkah sebelumnya"))
    desk.completes(cast.staf)
    desk.talk(
        (cast.sekretariat, f"/mundur {CODE} salah", "ke langkah mana?"),
        (cast.sekretariat, "[Langkah 1 · Menyusun konsep surat]", "~Kembalikan", "Kembalikan berkas"),
        (cast.sekretariat, "[Tidak]", "~Tidak ada yang berubah"),
    )
    desk.talk((cast.kasubag, f"/selesai {CODE}", "Langkah 2 berkas", "Membahas konsep surat"))
