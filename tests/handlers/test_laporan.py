"""/laporan, /kendali and the document of a SOP, as they come into the chat."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pdfplumber

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from bot.demo.telegram.seen import SeenMessage
    from tests.handlers.conftest import Cast, Desk

CODE, OTHER = "SRT-2026-001", "SRT-2026-002"
REASON = "Lampiran *satu* #dua <b>tiga</b> belum ditandatangani"


def _text(desk: Desk, message: SeenMessage) -> str:
    """Return what a document that came into the chat says, without any space."""
    content = desk.office.telegram.files[str(message.file_id)].content
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        drawn = "".join(char["text"] for page in pdf.pages for char in page.chars)
    return "".join(drawn.replace("\u200b", "").split())


def _last(desk: Desk, who: Person) -> SeenMessage:
    return list(desk.messages(who).values())[-1]


def test_a_member_gets_the_report_of_a_case_with_its_reasons_and_the_fingerprint_of_its_caption(
    desk: Desk, cast: Cast
) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, f"/tolak {CODE} {REASON}", "dikembalikan"))
    [report] = desk.talk((cast.kepala, f"/laporan {CODE.lower()}", f"Laporan pelaksanaan {CODE} – Surat tugas"))
    assert (report.file_kind, report.file_name) == ("document", f"Laporan-{CODE}.pdf")
    assert "masih berjalan" in report.text
    text = _text(desk, report)
    assert "".join(REASON.split()) in text
    assert report.text.split()[-1] in text
    assert "RinaWati(KasubagUmum)" in text


def test_without_a_code_i_choose_among_my_cases_and_get_the_only_one_at_once(desk: Desk, cast: Cast) -> None:
    desk.talk((cast.sekretariat, "/laporan", "Mohon sertakan kode berkas"))
    desk.starts(cast.sekretariat)
    desk.talk(
        (cast.staf, "/laporan", f"Laporan pelaksanaan {CODE}"), (cast.kepala, "/laporan", "Mohon sertakan kode berkas")
    )
    desk.starts(cast.sekretariat, "Yang kedua")
    desk.completes(cast.staf)
    desk.talk(
        (cast.sekretariat, "/laporan", "Laporan berkas mana?"),
        (cast.sekretariat, f"[{OTHER} · Yang kedua]", f"~{OTHER}", f"Laporan pelaksanaan {OTHER}"),
        (cast.sekretariat, "/kendali", "Lembar kendali berkas mana?"),
        (cast.sekretariat, f"[{CODE} · Surat tugas]", f"~{CODE}", f"Lembar kendali {CODE}"),
    )
    assert _last(desk, cast.sekretariat).file_name == f"Lembar-kendali-{CODE}.pdf"
    desk.talk(
        (cast.sekretariat, "/kendali", "Lembar kendali berkas mana?"),
        (cast.sekretariat, f"/batal {CODE} keliru", "hentikan"),
        (cast.sekretariat, "[Ya, hentikan]", "~dihentikan", "dihentikan"),
        (cast.sekretariat, f"[{CODE} · Surat tugas]", "~sudah dihentikan"),
    )


def test_the_control_sheet_is_for_running_cases_and_other_words_are_no_code(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    [sheet] = desk.talk((cast.kepala, f"/kendali {CODE}", "saat Telegram terganggu"))
    assert f"/susulan{CODE}" in _text(desk, sheet)
    desk.talk(
        (cast.sekretariat, f"/batal {CODE} keliru", "hentikan"),
        (cast.sekretariat, "[Ya, hentikan]", "~dihentikan", "dihentikan"),
        (cast.kepala, f"/kendali {CODE}", "dihentikan"),
        (cast.kepala, f"/laporan {CODE}", f"Laporan pelaksanaan {CODE}"),
        (cast.kepala, "/kendali entah", "entah"),
        (cast.kepala, "/laporan SRT-2026-999", "SRT-2026-999"),
    )


def test_of_a_secret_case_the_report_keeps_back_what_the_history_keeps_back(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat, "Naskah Anggrek")
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, f"/tolak {CODE} {REASON}", "dikembalikan"))
    desk.talk((cast.sekretariat, f"/rahasia {CODE}", CODE))
    for command in ("laporan", "kendali"):
        [paper] = desk.talk((cast.kepala, f"/{command} {CODE}", "berkas rahasia"))
        text = _text(desk, paper)
        assert CODE in text
        for word in ("Anggrek", "belumditandatangani", "Menyusun", "Penyusunan"):
            assert word not in text + paper.text


def test_the_sop_is_had_as_the_document_to_be_signed(desk: Desk, cast: Cast) -> None:
    cast.staf.says("/sop dinas-surat")
    desk.stage.settle()
    [document] = desk.talk((cast.staf, "[Dokumen PDF]", "siap dicetak dan ditandatangani"))
    assert (document.file_kind, document.file_name) == ("document", "SOP-dinas-surat.pdf")
    text = _text(desk, document)
    assert all(words in text for words in ("DINASCONTOH", "PenyusunanSuratKeputusan", "Disahkanoleh", "Halaman1dari2"))


def test_the_report_of_a_month_is_asked_for_by_its_name(desk: Desk, cast: Cast) -> None:
    desk.talk((cast.staf, "/laporan bulan", "sekretariat"), (cast.sekretariat, "/laporan bulan entah", "bulan"))
