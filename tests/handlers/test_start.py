"""Coming in: strangers, invitations, help, and everything that is no command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from bot.demo.telegram.seen import Attachment

if TYPE_CHECKING:
    from tests.handlers.conftest import Cast, Desk

STRANGER = "Bapak/Ibu belum terdaftar di bot ini"
NOT_UNDERSTOOD = "belum dapat dipahami"
COMMANDS = "tugas selesai tolak status riwayat sop mulai undang cabut batal"


# --- strangers ------------------------------------------------------------------------------


def test_a_stranger_learns_only_how_to_be_invited(desk: Desk, cast: Cast) -> None:
    code = desk.starts(cast.sekretariat, "Rahasia kantor")
    stranger = desk.stranger("Orang Luar")
    said = [f"/{command}{rest}" for command in COMMANDS.split() for rest in ("", f" {code} sudah")]
    said += ["/start", "halo", code, "?", "/", "/tidakada"]
    for text in said:
        stranger.says(text)
    desk.stage.settle()
    answers = list(desk.messages(stranger).values())
    assert len(answers) == len(said)
    assert len({answer.text for answer in answers}) == 1
    assert answers[0].text.startswith(STRANGER)
    assert not answers[0].buttons
    assert len(desk.messages(cast.staf)) == 1


@pytest.mark.parametrize("command", ["bantuan", "help"])
def test_the_help_tells_a_stranger_no_more(desk: Desk, cast: Cast, command: str) -> None:
    [answer] = desk.talk((desk.stranger("Orang Luar"), f"/{command}", "mohon minta tautan undangan"))
    assert set(re.findall(r"/\w+", answer.text)) == {"/Ibu", "/start", "/bantuan"}
    assert not desk.messages(cast.staf)


def test_a_strangers_photo_edited_text_and_foreign_button_get_the_same_answer(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    stranger = desk.stranger("Orang Luar")
    mine = stranger.says("halo")
    desk.stage.settle()
    stranger.sends(Attachment("ktp.jpg", b"jpg", "image/jpeg", "photo"))
    stranger.edits(mine, "/tugas")
    desk.stage.settle()
    assert [message.text.startswith(STRANGER) for message in desk.messages(stranger).values()] == [True] * 3
    data = desk.card(cast.staf).buttons[0].data
    press = stranger.presses_stale(str(data), desk.last(stranger))
    assert press.answer().startswith(STRANGER)
    assert desk.card(cast.staf).buttons


# --- invitations ----------------------------------------------------------------------------


def test_an_invitation_puts_a_person_on_the_post_and_the_sekretariat_hears_of_it(desk: Desk, cast: Cast) -> None:
    newcomer = desk.stranger("Wulan Sari")
    code = desk.invitation("staf")
    [welcome] = desk.talk((newcomer, f"/start {code}", "Selamat datang, Wulan Sari"))
    assert "Staf Umum" in welcome.text
    assert "Dinas Contoh" in welcome.text
    heard = desk.last(cast.sekretariat)
    assert "Wulan Sari kini memegang jabatan Staf Umum" in heard.text
    assert heard.labels == ["Cabut"]
    desk.talk((newcomer, "/tugas", "tidak ada tugas"))


def test_a_used_invitation_says_so_and_changes_nothing(desk: Desk, cast: Cast) -> None:
    first, second = desk.stranger("Wulan Sari"), desk.stranger("Joko Susilo")
    code = desk.invitation("kepala")
    desk.talk((first, f"/start {code}", "Selamat datang"))
    [answer] = desk.talk((second, f"/start {code}", "sudah dipakai"))
    assert "undangan baru kepada sekretariat" in answer.text
    desk.talk((second, "/tugas", STRANGER), (cast.staf, f"/start {code}", "sudah dipakai"))
    assert "Joko" not in cast.sekretariat.transcript()


def test_an_expired_invitation_says_so(desk: Desk) -> None:
    stranger = desk.stranger("Wulan Sari")
    code = desk.invitation("staf")
    desk.later(days=7, seconds=1)
    desk.talk((stranger, f"/start {code}", "Masa berlaku undangan ini sudah habis"), (stranger, "/tugas", STRANGER))


def test_an_invitation_is_still_good_just_before_seven_days_are_over(desk: Desk) -> None:
    stranger = desk.stranger("Wulan Sari")
    code = desk.invitation("staf")
    desk.later(days=7, seconds=-1)
    desk.talk((stranger, f"/start {code}", "Selamat datang"))


@pytest.mark.parametrize("junk", ["x", "SRT-2026-001", "a" * 64, "'; DROP TABLE person; --", "🙂", "dua kata", "<b>"])
def test_a_junk_invitation_is_not_recognised(desk: Desk, junk: str) -> None:
    desk.talk((desk.stranger("Orang Luar"), f"/start {junk}", "Undangan ini tidak dikenali"))


def test_an_invitation_of_another_office_adds_a_post_there_and_nothing_here(desk: Desk, cast: Cast) -> None:
    code = desk.invitation("juru_tulis", office="badan")
    clerk = desk.joins("Ani Yudhi", "sekretariat", office="badan")
    desk.talk((cast.staf, f"/start {code}", "Juru Tulis"))
    assert "Budi Santoso kini memegang jabatan Juru Tulis" in desk.last(clerk).text
    assert not desk.messages(cast.sekretariat)


def test_who_holds_the_post_already_is_welcomed_and_the_invitation_stays_good(desk: Desk, cast: Cast) -> None:
    code = desk.invitation("staf")
    desk.talk(
        (cast.staf, f"/start {code}", "Staf Umum"),
        (desk.stranger("Wulan Sari"), f"/start {code}", "Selamat datang, Wulan Sari"),
    )


def test_a_new_holder_is_given_the_card_that_waits_for_the_post(desk: Desk) -> None:
    secretary = desk.joins("Sari Dewi", "sekretariat")
    desk.starts(secretary)
    newcomer = desk.stranger("Wulan Sari")
    desk.talk((newcomer, f"/start {desk.invitation('staf')}", "Selamat datang", "Menyusun konsep surat"))


def test_start_greets_a_member_with_the_tasks(desk: Desk, cast: Cast) -> None:
    code = desk.starts(cast.sekretariat)
    [greeting] = desk.talk((cast.staf, "/start", "Yth. Budi Santoso"))
    assert "1 tugas" in greeting.text
    assert f"Selesai {code}" in greeting.labels


# --- help and menus -------------------------------------------------------------------------


def test_help_lists_what_the_role_may_do(desk: Desk, cast: Cast) -> None:
    [mine] = desk.talk((cast.staf, "/bantuan", "/tugas"))
    [theirs] = desk.talk((cast.sekretariat, "/help", "/undang"))
    assert "/undang" not in mine.text
    assert "/batal" not in mine.text
    assert {"/cabut", "/batal", "/mulai"} <= set(theirs.text.split())


def test_menus_differ_by_scope_and_by_role(desk: Desk, cast: Cast) -> None:
    desk.stage.refresh_menus()
    known = desk.office.state()["commands"]
    menus = {str(entry["scope"]): [command["command"] for command in entry["commands"]] for entry in known}
    everyone = next(commands for scope, commands in menus.items() if "all_private_chats" in scope)
    groups = next(commands for scope, commands in menus.items() if "all_group_chats" in scope)
    strangers = next(commands for scope, commands in menus.items() if "default" in scope)
    mine = next(commands for scope, commands in menus.items() if str(cast.sekretariat.id) in scope)
    assert "tugas" in everyone
    assert not set(everyone) & {"undang", "cabut", "batal"}
    assert set(mine) >= {"undang", "cabut", "batal", "tugas"}
    assert strangers == groups == ["start", "bantuan"]
    assert not any(str(cast.staf.id) in scope for scope in menus)


# --- what is no command ---------------------------------------------------------------------


def test_texts_nobody_asked_for_and_unknown_commands_point_to_the_help(desk: Desk, cast: Cast) -> None:
    for text in ["selamat pagi", "/tidakada", "/", "//selesai", "😀", "/selesaikan", "SRT-2026-001", "a" * 4096]:
        [answer] = desk.talk((cast.staf, text, NOT_UNDERSTOOD))
        assert "/bantuan" in answer.text


@pytest.mark.parametrize("kind", ["photo", "document"])
def test_a_file_instead_of_a_text_is_told_what_it_lacks_and_leaves_the_question_open(
    desk: Desk, cast: Cast, kind: str
) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, "[Tolak]", "alasan"))
    before = desk.messages(cast.kasubag)
    cast.kasubag.sends(Attachment("bukti", b"...", "image/jpeg", kind), caption="kurang lengkap")
    desk.stage.settle()
    [answer] = [m for key, m in desk.messages(cast.kasubag).items() if key not in before]
    assert "belum dilampirkan" in answer.text
    desk.talk((cast.kasubag, "kurang lengkap", "dikembalikan"))


def test_a_command_may_name_the_bot_and_be_written_in_capitals(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk((cast.staf, "/TUGAS@sop_demo_bot", "1 tugas"), (cast.staf, "/Selesai@sop_demo_bot", "Terima kasih"))


def test_an_edited_command_is_not_obeyed_and_the_bot_says_so(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    [card] = desk.messages(cast.staf).values()
    note = cast.staf.says("/tugas")
    desk.stage.settle()
    cast.staf.edits(note, "/selesai")
    desk.stage.settle()
    assert "disunting tidak dijalankan" in desk.last(cast.staf).text
    assert desk.card(cast.staf, "Mohon diselesaikan").id == card.id


def test_an_edited_text_without_a_command_is_passed_over(desk: Desk, cast: Cast) -> None:
    note = cast.staf.says("selamat pagi")
    desk.stage.settle()
    before = desk.messages(cast.staf)
    cast.staf.edits(note, "selamat siang")
    desk.stage.settle()
    assert desk.messages(cast.staf) == before


# --- groups ---------------------------------------------------------------------------------


def test_in_a_group_the_bot_only_says_that_it_works_in_private(desk: Desk, cast: Cast) -> None:
    code = desk.starts(cast.sekretariat)
    group = desk.office.group(cast.staf, "Grup Kantor", cast.kasubag)
    cast.staf.says(f"/selesai {code}", chat=group)
    desk.stage.settle()
    [answer] = [message for message in cast.staf.chat(group) if message.from_bot]
    assert "percakapan pribadi" in answer.text
    assert code not in answer.text
    cast.staf.says("halo semua", chat=group)
    cast.staf.says("halo @sop_demo_bot", chat=group)
    desk.stage.settle()
    assert len([message for message in cast.staf.chat(group) if message.from_bot]) == 1
    assert desk.card(cast.staf, "Mohon diselesaikan").buttons
