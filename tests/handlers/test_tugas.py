"""/tugas, /selesai, /tolak and the buttons of a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"
UNKNOWN = "tidak ditemukan"


# --- /tugas ---------------------------------------------------------------------------------


def test_my_tasks_come_soonest_due_first_with_buttons(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat, "Yang pertama")
    desk.later(minutes=30)
    desk.starts(cast.sekretariat, "Yang kedua")
    [answer] = desk.talk((cast.staf, "/tugas", "2 tugas"))
    assert answer.text.index("Yang pertama") < answer.text.index("Yang kedua")
    assert answer.labels == [f"Selesai {CODE}", "Detail", "Selesai SRT-2026-002", "Detail"]
    assert answer.buttons[0].style == "success"


def test_without_a_task_the_list_says_so(desk: Desk, cast: Cast) -> None:
    for words in ["", " apa saja"]:
        desk.talk((cast.kepala, f"/tugas{words}", "tidak ada tugas"))


def test_a_task_can_be_completed_and_rejected_from_the_list(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, "/tugas", "1 tugas"), (cast.staf, f"[Selesai {CODE}]", "~Terima kasih. Langkah 1"))
    assert "tidak ada tugas" in desk.last(cast.staf).text  # the list itself shows the truth
    assert desk.card(cast.staf, "Selesai – oleh Budi Santoso").labels == ["Urungkan"]
    desk.talk(
        (cast.kasubag, "/tugas", "1 tugas"),
        (cast.kasubag, f"[Tolak {CODE}]", "alasan"),
        (cast.kasubag, "nomornya salah", "dikembalikan ke Langkah 1"),
    )
    assert "nomornya salah" in desk.last(cast.staf).text


# --- /selesai -------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["/selesai", f"/selesai {CODE}", f"/selesai {CODE.lower()}", f"/selesai  {CODE}\n"])
def test_selesai_completes_the_one_task_i_hold(desk: Desk, cast: Cast, said: str) -> None:
    desk.starts(cast.sekretariat)
    [answer] = desk.talk((cast.staf, said, f"Langkah 1 berkas {CODE} selesai"))
    assert "Rina Wati (Kasubag Umum)" in answer.text
    assert "Memeriksa konsep surat" in desk.last(cast.kasubag).text
    assert desk.card(cast.staf, "Selesai – oleh Budi Santoso (Staf Umum)").labels == ["Urungkan"]


@pytest.mark.parametrize(
    ("said", "note"),
    [
        (f"/selesai {CODE} sudah diparaf", "sudah diparaf"),
        ("/selesai sudah diparaf", "sudah diparaf"),
        ("/selesai dua baris\nyang rapi", "dua baris\nyang rapi"),
        ("/selesai PK 2026 001", "PK 2026 001"),
    ],
)
def test_what_follows_is_a_note_for_the_next_desk(desk: Desk, cast: Cast, said: str, note: str) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, said, "Terima kasih"))
    assert note in desk.last(cast.kasubag).text


def test_selesai_without_a_task_says_so(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.kepala, "/selesai", "tidak ada tugas"), (cast.kepala, "/selesai catatan", "tidak ada tugas"))


def test_selesai_with_a_code_by_somebody_else_names_the_holder_and_changes_nothing(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    for person in (cast.kepala, cast.sekretariat):
        [answer] = desk.talk((person, f"/selesai {CODE}", "tidak di meja Bapak/Ibu"))
        assert "Budi Santoso (Staf Umum)" in answer.text
    desk.talk((cast.kepala, f"/tolak {CODE} salah", "tidak di meja Bapak/Ibu"))
    assert desk.card(cast.staf, "Mohon diselesaikan").buttons
    assert not desk.messages(cast.kasubag)


def test_with_several_tasks_and_no_code_i_choose_by_button(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat, "Yang pertama")
    desk.starts(cast.sekretariat, "Yang kedua")
    [question] = desk.talk((cast.staf, "/selesai sudah diparaf", "Tugas mana yang sudah selesai?"))
    assert question.labels == [f"{CODE} · Langkah 1", "SRT-2026-002 · Langkah 1"]
    desk.talk(
        (cast.staf, "[SRT-2026-002 · Langkah 1]", "~Langkah 1 berkas SRT-2026-002", "berkas SRT-2026-002 selesai")
    )
    assert "sudah diparaf" in desk.last(cast.kasubag).text
    assert "Yang kedua" in desk.last(cast.kasubag).text
    closed = desk.messages(cast.staf)[question.id]
    assert "Dipilih: SRT-2026-002" in closed.text
    assert not closed.buttons


def test_a_second_press_on_a_choice_does_nothing(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.starts(cast.sekretariat)
    [question] = desk.talk((cast.staf, "/selesai", "Tugas mana"))
    first, second = (str(button.data) for button in question.buttons)
    cast.staf.presses(first, in_message=question)
    cast.staf.presses_stale(first, question)
    again = cast.staf.presses_stale(second, question)
    desk.stage.settle()
    assert "sudah digunakan" in again.answer()
    assert len(desk.messages(cast.kasubag)) == 1
    assert "1 tugas" in desk.talk((cast.staf, "/tugas", "1 tugas"))[0].text


def test_a_choice_lapses_after_a_day(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.starts(cast.sekretariat)
    [question] = desk.talk((cast.staf, "/selesai", "Tugas mana"))
    desk.later(hours=24)
    desk.talk((cast.staf, f"{{{question.buttons[0].data}}}", "~sudah kedaluwarsa"))
    assert not desk.messages(cast.staf)[question.id].buttons
    assert "Memeriksa" not in cast.kasubag.transcript()


@pytest.mark.parametrize("command", ["selesai", "tolak", "status", "riwayat", "batal"])
def test_an_unknown_code_and_a_foreign_one_get_exactly_the_same_words(desk: Desk, cast: Cast, command: str) -> None:
    clerk = desk.joins("Ani Yudhi", "sekretariat", "juru_tulis", office="badan")
    for _ in range(3):
        desk.starts(clerk, sop="badan-surat")
    desk.starts(cast.sekretariat)
    [foreign] = desk.talk((cast.sekretariat, f"/{command} SRT-2026-003 alasan", UNKNOWN))
    [unknown] = desk.talk((cast.sekretariat, f"/{command} SRT-2026-004 alasan", UNKNOWN))
    assert foreign.text.replace("003", "004") == unknown.text


# --- the button -----------------------------------------------------------------------------


def test_one_press_ends_my_part_and_the_card_keeps_only_the_way_back(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    assert card.labels == ["Selesai", "Terima", "Lainnya…"]
    assert [button.style for button in card.buttons] == ["success", "primary", None]
    desk.talk((cast.staf, "[Selesai]", "~Terima kasih. Langkah 1"))
    edited = desk.messages(cast.staf)[card.id]
    assert edited.edited
    assert edited.labels == ["Urungkan"]
    assert "Selesai – oleh Budi Santoso (Staf Umum), Senin, 9 Nov 08.00 WIB" in edited.text
    assert desk.card(cast.kasubag).labels == ["Selesai", "Tolak", "Terima", "Lainnya…"]
    assert desk.card(cast.kasubag).buttons[1].style == "danger"


def test_a_press_on_an_ended_card_tells_the_present_state_and_changes_nothing(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    data = str(card.buttons[0].data)
    desk.completes(cast.staf)
    press = cast.staf.presses_stale(data, card)
    assert "sudah diselesaikan oleh Budi Santoso (Staf Umum)" in press.answer()
    assert len(desk.messages(cast.kasubag)) == 1


def test_a_double_press_moves_the_case_once(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    presses = [cast.staf.presses("Selesai", in_message=card) for _ in range(2)]
    answers = [press.answer() for press in presses]
    desk.stage.settle()
    assert "Terima kasih" in answers[0]
    assert "sudah diselesaikan oleh Budi Santoso" in answers[1]
    assert len(desk.messages(cast.kasubag)) == 1
    assert len(desk.messages(cast.staf)) == 1


def test_of_two_at_once_one_wins_and_the_other_is_told_who_was_first(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    twin = desk.joins("Wulan Sari", "staf")
    desk.starts(cast.sekretariat)
    presses = {"Wulan Sari": cast.staf.presses("Selesai"), "Budi Santoso": twin.presses("Selesai")}
    answers = {other: press.answer() for other, press in presses.items()}
    desk.stage.settle()
    [(first, lost)] = [(other, answer) for other, answer in answers.items() if "sudah diselesaikan" in answer]
    assert f"oleh {first} (Staf Umum)" in lost
    assert len([answer for answer in answers.values() if "Terima kasih" in answer]) == 1
    assert len(desk.messages(cast.kasubag)) == 1
    for person in (cast.staf, twin):
        assert f"Selesai – oleh {first} (Staf Umum)" in desk.card(person).text
    cards = {"Budi Santoso": desk.card(cast.staf).labels, "Wulan Sari": desk.card(twin).labels}
    assert cards.pop(first) == ["Urungkan"]
    assert list(cards.values()) == [[]]


def test_a_rejection_and_a_completion_at_once_lead_to_one_of_both(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    twin = desk.joins("Wulan Sari", "kasubag")
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    cast.kasubag.says(f"/tolak {CODE} kurang lengkap")
    press = twin.presses("Selesai")
    press.answer()
    desk.stage.settle()
    moved_on, sent_back = desk.messages(cast.sekretaris), len(desk.messages(cast.staf)) == 2
    assert bool(moved_on) != sent_back


def test_detail_shows_the_case_in_full(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat, "Surat tugas luar kota")
    desk.talk((cast.staf, "[Lainnya…]", ""))
    answer, _ = desk.talk((cast.staf, "[Detail]", "Surat tugas luar kota", "Langkah 1 dari 5"))
    assert "Langkah 1 dari 5" in answer.text
    assert "Budi Santoso (Staf Umum)" in answer.text


# --- /tolak ---------------------------------------------------------------------------------


def test_tolak_by_button_asks_for_the_reason_and_my_next_text_is_it(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    [question] = desk.talk((cast.kasubag, "[Tolak]", "alasan"))
    assert question.labels == ["☐ Konsep surat"]  # Telegram allows no input field beside buttons
    desk.talk((cast.kasubag, "dasar hukum belum ada", "dikembalikan ke Langkah 1"))
    card = desk.last(cast.staf)
    assert "Mohon diperbaiki" in card.text
    assert "Ditolak oleh Rina Wati (Kasubag Umum)" in card.text
    assert "dasar hukum belum ada" in card.text
    assert "putaran 2" in card.text
    assert "dasar hukum belum ada" in desk.last(cast.sekretariat).text


@pytest.mark.parametrize("code", ["", CODE, CODE.lower()])
def test_tolak_with_a_reason_rejects_at_once(desk: Desk, cast: Cast, code: str) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, f"/tolak {code} kurang lengkap", "dikembalikan ke Langkah 1"))
    assert "kurang lengkap" in desk.last(cast.staf).text


@pytest.mark.parametrize("said", ["/tolak", f"/tolak {CODE}", f"/tolak {CODE}  \n "])
def test_tolak_without_a_reason_asks_for_it(desk: Desk, cast: Cast, said: str) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, said, "alasan"), (cast.kasubag, "kurang lengkap", "dikembalikan"))


def test_a_command_in_between_drops_the_question(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk(
        (cast.kasubag, "[Tolak]", "alasan"),
        (cast.kasubag, "/tugas", "1 tugas"),
        (cast.kasubag, "kurang lengkap", "belum dapat dipahami"),
    )
    assert len(desk.messages(cast.staf)) == 1


def test_a_reply_to_the_older_of_two_questions_rejects_the_case_it_names(desk: Desk, cast: Cast) -> None:
    for title in ("Yang pertama", "Yang kedua"):
        desk.starts(cast.sekretariat, title)
        desk.talk((cast.staf, f"/selesai SRT-2026-00{1 if title == 'Yang pertama' else 2}", "Terima kasih"))
    desk.talk((cast.kasubag, "/tugas", "2 tugas"))
    [older] = desk.talk((cast.kasubag, "[Tolak SRT-2026-002]", "SRT-2026-002"))
    desk.talk((cast.kasubag, f"[Tolak {CODE}]", CODE))
    cast.kasubag.replies("tanggalnya keliru", to=older)
    desk.stage.settle()
    assert "SRT-2026-002 dikembalikan" in desk.last(cast.kasubag).text
    desk.talk((cast.kasubag, "nomornya keliru", f"{CODE} dikembalikan"))


@pytest.mark.parametrize("typed", ["SRT-2026-9", "SRT-2026-009.", "srt-2026-0009,"])
def test_a_mistyped_code_completes_nothing(desk: Desk, cast: Cast, typed: str) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, f"/selesai {typed}", UNKNOWN))
    desk.talk((cast.staf, "/tugas", "1 tugas"))


def test_a_button_in_between_leaves_the_question_open(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk(
        (cast.kasubag, "[Tolak]", "alasan"),
        (cast.kasubag, "[Lainnya…]", ""),
        (cast.kasubag, "[Detail]", "Langkah 2 dari 5", "Langkah 2 dari 5"),
        (cast.kasubag, "kurang lengkap", "dikembalikan"),
    )


def test_the_question_is_remembered_over_a_restart(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("terminated by other getUpdates")  # what a restart meets
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, "[Tolak]", "alasan"))
    desk.stage.restart()
    desk.talk((cast.kasubag, "kurang lengkap", "dikembalikan ke Langkah 1"))


def test_a_reason_that_comes_a_day_late_is_not_taken(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, "[Tolak]", "alasan"))
    desk.later(hours=24)
    desk.talk((cast.kasubag, "kurang lengkap", "kedaluwarsa"))
    assert len(desk.messages(cast.staf)) == 1


def test_a_reason_for_a_task_that_has_ended_meanwhile_is_answered_with_who_was_first(desk: Desk, cast: Cast) -> None:
    twin = desk.joins("Wulan Sari", "kasubag")
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, "[Tolak]", "alasan"))
    desk.completes(twin)
    desk.talk((cast.kasubag, "kurang lengkap", "sudah diselesaikan oleh Wulan Sari (Kasubag Umum)"))


@pytest.mark.parametrize("said", [f"/tolak {CODE} salah", f"/tolak {CODE}", "/tolak", "/tolak salah"])
def test_the_first_step_cannot_be_rejected_and_it_is_said_what_to_do(desk: Desk, cast: Cast, said: str) -> None:
    desk.starts(cast.sekretariat)
    [answer] = desk.talk((cast.staf, said, "langkah pertama"))
    assert f"/batal {CODE}" in answer.text
    assert not answer.force_reply


def test_a_rejection_goes_to_its_target_and_everybody_reports_again(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf, cast.kasubag, cast.sekretaris, cast.kasubag)
    desk.talk((cast.kepala, "/tolak stempel tidak ada", "dikembalikan ke Langkah 2"))
    assert "stempel tidak ada" in desk.last(cast.sekretaris).text  # whose report it undid
    assert "Ditolak" in desk.card(cast.sekretaris, "Menandatangani").text
    desk.completes(cast.kasubag, cast.sekretaris)
    assert "Ditunggu dari: Rina Wati" in desk.card(cast.kasubag, "Membahas").text
    assert "Sudah melapor: Tono Hadi" in desk.card(cast.kasubag, "Membahas").text


# --- several posts, several people ----------------------------------------------------------


def test_everyone_of_semua_reports_and_the_first_waits_for_the_others(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf, cast.kasubag)
    [answer] = desk.talk((cast.sekretaris, f"/selesai {CODE}", "Bagian Bapak/Ibu"))
    assert "Masih ditunggu: Rina Wati (Kasubag Umum)" in answer.text
    assert desk.card(cast.sekretaris).labels == ["Urungkan"]
    desk.talk((cast.sekretaris, f"/selesai {CODE}", "sudah tercatat"), (cast.sekretaris, "/selesai", "tidak ada tugas"))
    desk.completes(cast.kasubag)
    assert "Menandatangani surat" in desk.last(cast.kepala).text


def test_who_holds_two_of_the_posts_reports_for_both_at_once(desk: Desk, cast: Cast) -> None:
    desk.appoint(cast.kasubag, "sekretaris")
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf, cast.kasubag)
    desk.completes(cast.kasubag)
    assert "Menandatangani surat" in desk.last(cast.kepala).text
    assert desk.card(cast.sekretaris, "Membahas").buttons == []


def test_the_first_of_salah_satu_ends_the_step_for_the_others(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf, cast.kasubag, cast.sekretaris, cast.kasubag)
    stale = desk.card(cast.kepala)
    desk.talk((cast.sekretaris, "[Selesai]", "~Langkah 4"))
    assert "Selesai – oleh Tono Hadi (Sekretaris Dinas)" in desk.card(cast.kepala).text
    late = cast.kepala.presses_stale(str(stale.buttons[0].data), stale)
    assert "sudah diselesaikan oleh Tono Hadi (Sekretaris Dinas)" in late.answer()


def test_any_of_several_people_on_a_post_acts_for_it(desk: Desk, cast: Cast) -> None:
    twin = desk.joins("Wulan Sari", "staf")
    desk.starts(cast.sekretariat)
    assert desk.card(twin).labels == desk.card(cast.staf).labels == ["Selesai", "Ambil", "Lainnya…"]
    desk.talk((twin, "/selesai", "Terima kasih"))
    assert "Selesai – oleh Wulan Sari (Staf Umum)" in desk.card(cast.staf).text
    [answer] = desk.talk((cast.staf, f"/selesai {CODE}", "tidak di meja Bapak/Ibu"))
    assert "Rina Wati" in answer.text


# --- the end --------------------------------------------------------------------------------


def test_the_end_is_told_to_the_starter_the_sekretariat_and_all_who_took_part(desk: Desk, cast: Cast) -> None:
    bystander = desk.joins("Wulan Sari", "sekretariat")
    desk.starts(cast.staf)
    desk.completes(cast.staf, cast.kasubag, cast.sekretaris, cast.kasubag, cast.kepala)
    desk.talk((cast.staf, "/selesai", f"Berkas {CODE} sudah selesai"))
    for person in (cast.staf, cast.kasubag, cast.sekretaris, cast.kepala, cast.sekretariat, bystander):
        told = [m for m in desk.messages(person).values() if CODE in m.text and "sudah selesai" in m.text]
        assert len(told) == 1, person.transcript()
    desk.talk((cast.staf, f"/selesai {CODE}", "sudah selesai pada"), (cast.kepala, f"/tolak {CODE} x", "sudah selesai"))


def test_the_last_press_is_answered_over_the_chat_and_in_it(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.staf)
    desk.completes(cast.staf, cast.kasubag, cast.sekretaris, cast.kasubag, cast.kepala)
    desk.talk((cast.staf, "[Selesai]", "~sudah selesai", "sudah selesai"))
