"""/mulai, /status, /riwayat, /batal and /sop: a case from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"
HOSTILE = [
    "<b>Surat</b> & <script>alert(1)</script>",
    "Surat 😀👩‍👩‍👧 & tugas 🇮🇩",
    "dua\nbaris\n\n\ndan lagi",
    "a" * 3900,
    "😀" * 1900,
    "&amp; &lt; \" ' <",
    "<" * 3900,
    "kata " * 700,
    "terbalik \u202e dan kosong \u200b",
]


def _start(text: str) -> str:
    """Return the first letters as shown: on one line, without what would turn the line around."""
    return " ".join(text.replace("\u202e", "").split())[:15]


# --- /mulai ---------------------------------------------------------------------------------


def test_mulai_with_id_and_title_starts_a_case_and_answers_with_its_code(desk: Desk, cast: Cast) -> None:
    [answer] = desk.talk((cast.sekretariat, "/mulai dinas-surat Surat tugas", CODE))
    assert "Surat tugas" in answer.text
    assert "Budi Santoso (Staf Umum)" in answer.text
    card = desk.card(cast.staf)
    for part in (CODE, "Surat tugas", "Langkah 1 dari 5", "Menyusun konsep surat", "Disposisi; Agenda kerja"):
        assert part in card.text
    for part in ("Output: Konsep surat", "2 Jam", "Senin, 9 Nov 10.00 WIB", "Sari Dewi (Sekretariat)"):
        assert part in card.text


def test_mulai_by_buttons_alone(desk: Desk, cast: Cast) -> None:
    [question] = desk.talk((cast.sekretariat, "/mulai", "SOP mana yang akan dimulai?"))
    assert question.labels == ["ARS – Pemusnahan Arsip", "SRT – Penyusunan Surat Keputusan"]
    desk.talk((cast.sekretariat, "[SRT – Penyusunan Surat Keputusan]", f"~{CODE}", CODE))
    closed = desk.messages(cast.sekretariat)[question.id]
    assert f"Dipilih: {CODE}" in closed.text
    assert not closed.buttons
    assert "Penyusunan Surat Keputusan" in desk.card(cast.staf).text  # without a title the SOP's name stands for it


def test_mulai_with_a_title_alone_keeps_it_for_the_chosen_sop(desk: Desk, cast: Cast) -> None:
    desk.talk(
        (cast.sekretariat, "/mulai Surat tugas luar kota", "Judul berkas: Surat tugas luar kota"),
        (cast.sekretariat, "[SRT – Penyusunan Surat Keputusan]", f"~{CODE}", "Surat tugas luar kota"),
    )


def test_a_double_tap_on_the_chooser_starts_one_case(desk: Desk, cast: Cast) -> None:
    [question] = desk.talk((cast.sekretariat, "/mulai", "SOP mana"))
    for _ in range(2):
        cast.sekretariat.presses(str(question.buttons[1].data), in_message=question)
    desk.stage.settle()
    late = cast.sekretariat.presses_stale(str(question.buttons[0].data), question)
    assert "sudah digunakan" in late.answer()
    desk.expects_refusal("message is not modified")
    [status] = desk.talk((cast.sekretariat, "/status", CODE))
    assert "-002" not in status.text
    assert "ARS" not in status.text


def test_a_holder_of_the_first_step_starts_it_with_a_title_alone(desk: Desk, cast: Cast) -> None:
    desk.talk((cast.staf, "/mulai Surat tugas", "Menyusun konsep surat", CODE))
    [question] = desk.talk((cast.staf, "/mulai", "SOP mana"))
    assert question.labels == ["SRT – Penyusunan Surat Keputusan"]


def test_who_holds_no_first_step_is_told_whom_to_ask(desk: Desk, cast: Cast) -> None:
    for said in ["/mulai", "/mulai dinas-surat Judul", "/mulai Judul"]:
        [answer] = desk.talk((cast.kepala, said, "Berkas dimulai oleh sekretariat"))
        assert "Sari Dewi" in answer.text
    desk.talk((cast.kasubag, "/mulai dinas-surat Judul", "Berkas dimulai oleh sekretariat"))


@pytest.mark.parametrize("named", ["badan-surat", "tidak-ada", "Dinas-surta"])
def test_an_unknown_sop_and_a_foreign_one_get_the_same_words(desk: Desk, cast: Cast, named: str) -> None:
    [answer] = desk.talk((cast.sekretariat, f"/mulai {named} Judul", f"SOP “{named}” tidak ditemukan"))
    assert "Badan Contoh" not in answer.text
    [answer] = desk.talk((cast.sekretariat, f"/sop {named}", f"SOP “{named}” tidak ditemukan"))


def test_codes_count_up_per_abbreviation(desk: Desk, cast: Cast) -> None:
    codes = [desk.starts(cast.sekretariat) for _ in range(2)] + [desk.starts(cast.sekretariat, sop="dinas-arsip")]
    assert codes == ["SRT-2026-001", "SRT-2026-002", "ARS-2026-001"]


@pytest.mark.parametrize("title", HOSTILE)
def test_any_title_is_shown_as_typed_or_shortened_with_an_ellipsis(desk: Desk, cast: Cast, title: str) -> None:
    desk.talk((cast.sekretariat, f"/mulai dinas-surat {title}", CODE))
    desk.talk((cast.staf, "/tugas", CODE), (cast.staf, "[Detail]", CODE, CODE), (cast.sekretariat, "/status", CODE))
    shown = [desk.card(cast.staf, "Mohon diselesaikan").text, desk.last(cast.sekretariat).text]
    for text in shown:
        assert _start(title) in " ".join(text.split())
        assert len(title) < 100 or "…" in text


@pytest.mark.parametrize("reason", HOSTILE)
def test_any_reason_is_shown_as_typed_or_shortened_with_an_ellipsis(desk: Desk, cast: Cast, reason: str) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, "[Tolak]", "alasan"), (cast.kasubag, reason, "dikembalikan"))
    desk.talk((cast.staf, f"/riwayat {CODE}", "ditolak oleh Rina Wati"))
    for text in (desk.card(cast.staf, "Mohon diperbaiki").text, desk.last(cast.sekretariat).text):
        assert _start(reason) in " ".join(text.split())
        assert len(reason) < 1000 or "…" in text


def test_a_post_without_a_holder_does_not_stop_the_case(desk: Desk) -> None:
    secretary = desk.joins("Sari Dewi", "sekretariat")
    [started, alert] = desk.talk((secretary, "/mulai dinas-surat Judul", CODE, "jabatan Staf Umum"))
    assert "/undang" in alert.text
    assert "Waktu tetap berjalan" in started.text
    newcomer = desk.stranger("Wulan Sari")
    desk.later(minutes=20)
    newcomer.says(f"/start {desk.invitation('staf')}")
    desk.stage.settle()
    assert "sisa 1 jam 40 menit" in desk.card(newcomer, "Mohon diselesaikan").text


# --- /status and /riwayat -------------------------------------------------------------------


def test_status_without_a_code_lists_the_running_cases(desk: Desk, cast: Cast) -> None:
    desk.talk((cast.kepala, "/status", "tidak ada berkas"))
    desk.starts(cast.sekretariat, "Surat tugas")
    [answer] = desk.talk((cast.kepala, "/status", "Berkas yang sedang berjalan"))
    for part in (CODE, "Surat tugas", "Langkah 1 dari 5", "Budi Santoso (Staf Umum)", "Sisa 2 jam"):
        assert part in answer.text


@pytest.mark.parametrize("said", [f"/status {CODE}", f"/status {CODE.lower()}", f"/status {CODE} dan lain-lain"])
def test_status_with_a_code_shows_one_case_in_full(desk: Desk, cast: Cast, said: str) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    [answer] = desk.talk((cast.kepala, said, "Langkah 2 dari 5"))
    for part in ("Rina Wati (Kasubag Umum)", "Jumat, 13 Nov 08.00 WIB", "sisa 4 hari kerja", "Sari Dewi (Sekretariat)"):
        assert part in answer.text
    assert answer.labels == ["Riwayat", "Gambar", "Gambar lebar", "PDF"]
    desk.talk((cast.kepala, "[Riwayat]", f"Riwayat {CODE}"))


def test_status_of_a_word_that_is_no_code_is_not_found(desk: Desk, cast: Cast) -> None:
    desk.talk((cast.kepala, "/status surat tugas", "surat tugas tidak ditemukan"))
    desk.talk((cast.kepala, "/riwayat surat tugas", "surat tugas tidak ditemukan"))


def test_riwayat_needs_a_code_and_tells_everything(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, "/tolak kurang lengkap", "dikembalikan"))
    desk.talk((cast.kepala, "/riwayat", "Mohon sertakan kode berkas"))
    [answer] = desk.talk((cast.kepala, f"/riwayat {CODE.lower()}", f"Riwayat {CODE}"))
    for part in ("Dimulai oleh Sari", "diselesaikan oleh Budi", "ditolak oleh Rina", "kurang lengkap", "putaran 2"):
        assert part in answer.text


def test_a_long_history_has_pages_that_turn_in_place(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    for number in range(8):
        desk.completes(cast.staf)
        desk.talk((cast.kasubag, f"/tolak alasan ke-{number} {'panjang ' * 60}", "dikembalikan"))
    [page] = desk.talk((cast.kepala, f"/riwayat {CODE}", "halaman"))
    label = page.labels[0]
    desk.talk((cast.kepala, f"[{label}]", ""))
    turned = desk.messages(cast.kepala)[page.id]
    assert turned.text != page.text
    assert "halaman" in turned.text


# --- /sop -----------------------------------------------------------------------------------


def test_sop_lists_the_offices_sops_and_shows_one_by_button_or_name(desk: Desk, cast: Cast) -> None:
    [answer] = desk.talk((cast.staf, "/sop", "Daftar SOP"))
    assert "Badan" not in answer.text
    assert len(answer.buttons) == 2
    detail, _ = desk.talk((cast.staf, f"[{answer.labels[1]}]", "Penyusunan Surat Keputusan", "5 langkah"))
    named, _ = desk.talk((cast.staf, "/sop dinas-surat", "Penyusunan Surat Keputusan", "5 langkah"))
    assert named.text == detail.text
    for part in ("1. Menyusun konsep surat", "Sekretaris Dinas", "4 Hari", "tolak ke Langkah 2"):
        assert part in detail.text


# --- /batal ---------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["e-Kinerja tahun 2027", "2026-2027 anggaran", "Non-ASN 2027"])
def test_a_hyphenated_first_word_of_a_title_is_no_sop(desk: Desk, cast: Cast, title: str) -> None:
    [question] = desk.talk((cast.sekretariat, f"/mulai {title}", f"Judul berkas: {title}"))
    assert question.buttons


def test_batal_asks_for_confirmation_and_ends_the_case(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.staf)
    [question] = desk.talk((cast.sekretariat, f"/batal {CODE} salah mulai", f"Hentikan berkas {CODE}"))
    assert "salah mulai" in question.text
    assert question.labels == ["Ya, hentikan", "Tidak"]
    desk.talk((cast.sekretariat, "[Ya, hentikan]", "~dihentikan", f"Berkas {CODE} dihentikan oleh Sari Dewi"))
    card = desk.card(cast.staf, "Berkas dihentikan")
    assert not card.buttons
    assert "salah mulai" in card.text
    assert f"{CODE} dihentikan oleh" in desk.last(cast.staf).text
    desk.talk(
        (cast.staf, f"/selesai {CODE}", "dihentikan"),
        (cast.staf, "/tugas", "tidak ada tugas"),
        (cast.sekretariat, f"/batal {CODE} lagi", "sudah dihentikan"),
        (cast.sekretariat, f"/status {CODE}", "salah mulai"),
    )


def test_batal_with_tidak_changes_nothing(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.staf)
    [question] = desk.talk((cast.sekretariat, f"/batal {CODE} salah mulai", "Hentikan"))
    desk.talk((cast.sekretariat, "[Tidak]", "~dibatalkan"))
    assert not desk.messages(cast.sekretariat)[question.id].buttons
    late = cast.sekretariat.presses_stale(str(question.buttons[0].data), question)
    assert "sudah digunakan" in late.answer()
    desk.expects_refusal("message is not modified")
    assert desk.card(cast.staf, "Mohon diselesaikan").buttons


def test_batal_without_a_reason_asks_for_it(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.staf)
    [question] = desk.talk((cast.sekretariat, f"/batal {CODE}", "alasan"))
    assert question.force_reply
    desk.talk(
        (cast.sekretariat, "salah mulai", "Hentikan berkas"),
        (cast.sekretariat, "[Ya, hentikan]", "~dihentikan", "dihentikan"),
    )


def test_batal_needs_a_code_and_is_for_the_sekretariat(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.staf)
    desk.talk(
        (cast.sekretariat, "/batal", "Mohon sertakan kode berkas"),
        (cast.sekretariat, "/batal salah mulai", "Mohon sertakan kode berkas"),
        (cast.staf, f"/batal {CODE} salah mulai", "hanya untuk sekretariat"),
        (cast.staf, "/batal", "hanya untuk sekretariat"),
    )
    assert desk.card(cast.staf, "Mohon diselesaikan").buttons


def test_a_case_that_ended_while_the_confirmation_waited_is_not_ended_again(desk: Desk, cast: Cast) -> None:
    other = desk.joins("Wulan Sari", "sekretariat")
    desk.starts(cast.staf)
    desk.talk((cast.sekretariat, f"/batal {CODE} salah mulai", "Hentikan"), (other, f"/batal {CODE} ganda", "Hentikan"))
    desk.talk((other, "[Ya, hentikan]", "~dihentikan", "dihentikan oleh Wulan Sari"))
    press = cast.sekretariat.presses("Ya, hentikan")
    assert "sudah dihentikan oleh Wulan Sari" in press.answer()
    desk.stage.settle()
    assert len([m for m in desk.messages(cast.staf).values() if "dihentikan oleh Wulan" in m.text]) == 2
