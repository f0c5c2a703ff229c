"""The kelengkapan as a checklist, and what a rejection names as missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"


def test_what_is_ticked_shows_on_the_card_and_is_shared_by_the_holders(desk: Desk, cast: Cast) -> None:
    colleague = desk.joins("Wati Ningsih", "staf")
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, "[Lainnya…]", ""))
    [checklist] = desk.talk((cast.staf, "[Kelengkapan 0/2]", "Kelengkapan: 0 dari 2 lengkap"))
    assert checklist.labels == ["☐ Disposisi", "☐ Agenda kerja"]
    desk.talk((cast.staf, "[☐ Disposisi]", "~1 dari 2 lengkap"))
    assert desk.messages(cast.staf)[checklist.id].labels == ["☑ Disposisi", "☐ Agenda kerja"]
    for person in (cast.staf, colleague):
        assert "Sudah lengkap: 1 dari 2" in desk.card(person, "Mohon diselesaikan").text
    desk.expects_refusal("message is not modified")
    again = cast.staf.presses_stale(str(checklist.buttons[0].data), checklist)  # a double tap
    assert "1 dari 2" in again.answer()
    desk.talk((cast.staf, "[☑ Disposisi]", "~0 dari 2 lengkap"))
    assert " lengkap" not in desk.card(colleague, "Mohon diselesaikan").text


def test_whoever_ends_a_task_half_ticked_is_told_once_what_was_left(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, "[Lainnya…]", ""), (cast.staf, "[Kelengkapan 0/2]", "Kelengkapan: 0 dari 2"))
    [checklist] = [desk.last(cast.staf)]
    desk.talk((cast.staf, "[☐ Disposisi]", "~1 dari 2"))
    [said] = desk.talk((cast.staf, "[Selesai]", "~Terima kasih", "belum ditandai"))
    assert "Agenda kerja" in said.text
    assert "Disposisi" not in said.text
    assert "Memeriksa konsep surat" in desk.last(cast.kasubag).text
    stale = cast.staf.presses_stale(str(checklist.buttons[1].data), checklist)
    desk.stage.settle()
    assert "sudah diselesaikan" in stale.answer()
    assert "Langkah ini sudah berakhir" in desk.messages(cast.staf)[checklist.id].text
    desk.completes(cast.kasubag)  # nobody ticked here: nothing is said about it
    assert "belum ditandai" not in cast.kasubag.transcript()


def test_a_rejection_names_what_is_missing_by_buttons_and_text_also_after_a_restart(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    [question] = desk.talk((cast.kasubag, "[Tolak]", "alasan"))
    assert question.labels == ["☐ Konsep surat"]
    desk.talk((cast.kasubag, "[☐ Konsep surat]", ""))
    desk.expects_refusal("terminated by other getUpdates")
    desk.stage.restart()
    assert desk.messages(cast.kasubag)[question.id].labels == ["☒ Konsep surat", "Kirim (1 belum lengkap)"]
    desk.expects_refusal("message is not modified")
    desk.talk((cast.kasubag, "lampirannya juga", "dikembalikan ke Langkah 1"))
    assert "Belum lengkap: Konsep surat. lampirannya juga" in desk.card(cast.staf, "putaran 2").text
    closed = desk.messages(cast.kasubag)[question.id]
    assert "sudah disampaikan" in closed.text
    assert not closed.buttons
    stale = cast.kasubag.presses_stale(str(question.buttons[0].data), question)
    assert "sudah digunakan" in stale.answer()


def test_kirim_rejects_with_what_was_chosen_and_the_next_round_shows_it(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    [question] = desk.talk((cast.kasubag, f"/tolak {CODE}", "alasan"))
    for label in ("☐ Konsep surat", "☒ Konsep surat", "☐ Konsep surat"):
        desk.talk((cast.kasubag, f"[{label}]", ""))
    desk.expects_refusal("message is not modified")
    send = next(b for b in desk.messages(cast.kasubag)[question.id].buttons if b.text.startswith("Kirim"))
    desk.talk((cast.kasubag, "[Kirim (1 belum lengkap)]", "~dikembalikan", "dikembalikan ke Langkah 1"))
    assert "sudah digunakan" in cast.kasubag.presses_stale(str(send.data), question).answer()
    assert "Belum lengkap: Konsep surat." in desk.card(cast.staf, "putaran 2").text
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, "[Lainnya…]", ""))
    [checklist] = desk.talk((cast.kasubag, "[Kelengkapan 0/1]", "0 dari 1 lengkap"))
    assert "☐ Konsep surat – pada putaran sebelumnya dinyatakan belum lengkap" in checklist.text


def test_a_text_alone_is_the_reason_and_a_command_in_between_drops_the_question(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    [question] = desk.talk((cast.kasubag, "[Tolak]", "alasan"))
    desk.talk((cast.kasubag, "[☐ Konsep surat]", ""), (cast.kasubag, "/tugas", "1 tugas"))
    stale = cast.kasubag.presses_stale(str(question.buttons[0].data), question)
    desk.stage.settle()
    assert "sudah digunakan" in stale.answer()
    assert "dibatalkan" in desk.messages(cast.kasubag)[question.id].text
    desk.talk((cast.kasubag, f"[Tolak {CODE}]", "alasan"), (cast.kasubag, "salah ketik", "dikembalikan"))
    assert "Belum lengkap" not in desk.card(cast.staf, "putaran 2").text
