"""/undang and /cabut, people who cannot be reached, and administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.demo.telegram.seen import SeenMessage
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"


def _link_code(message: SeenMessage) -> str:
    [link] = [word for word in message.text.split() if word.startswith("https://t.me/sop_demo_bot?start=")]
    return link.partition("start=")[2]


# --- /undang --------------------------------------------------------------------------------


def test_undang_by_buttons_makes_a_link_that_works_once(desk: Desk, cast: Cast) -> None:
    [question] = desk.talk((cast.sekretariat, "/undang", "untuk jabatan apa"))
    assert question.labels == ["Kepala Dinas", "Sekretaris Dinas", "Kasubag Umum", "Staf Umum", "Sekretariat"]
    [answer] = desk.talk((cast.sekretariat, "[Staf Umum]", "~Staf Umum", "Undangan untuk jabatan Staf Umum"))
    assert "berlaku sampai Senin, 16 Nov 08.00 WIB" in answer.text
    assert "Dipilih: Staf Umum" in desk.messages(cast.sekretariat)[question.id].text
    newcomer, second = desk.stranger("Wulan Sari"), desk.stranger("Joko Susilo")
    desk.talk(
        (newcomer, f"/start {_link_code(answer)}", "Staf Umum"),
        (second, f"/start {_link_code(answer)}", "sudah dipakai"),
    )


def test_empty_posts_are_marked_in_the_choice(desk: Desk) -> None:
    secretary = desk.joins("Sari Dewi", "sekretariat")
    [question] = desk.talk((secretary, "/undang", "untuk jabatan apa"))
    assert question.labels[0] == "Kepala Dinas (kosong)"
    assert question.labels[-1] == "Sekretariat"


def test_a_double_tap_on_a_post_makes_one_invitation(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    [question] = desk.talk((cast.sekretariat, "/undang", "untuk jabatan apa"))
    presses = [cast.sekretariat.presses("Staf Umum", in_message=question) for _ in range(2)]
    assert "sudah digunakan" in presses[1].answer()
    desk.stage.settle()
    assert len([m for m in desk.messages(cast.sekretariat).values() if "Undangan untuk" in m.text]) == 1


def test_undang_and_cabut_are_for_the_sekretariat(desk: Desk, cast: Cast) -> None:
    for said in ["/undang", "/undang staf", "/cabut", "/cabut Budi"]:
        [answer] = desk.talk((cast.kepala, said, "hanya untuk sekretariat"))
        assert "Sari Dewi" in answer.text


def test_who_lost_the_sekretariat_meanwhile_cannot_use_the_open_choice(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    other = desk.joins("Wulan Sari", "sekretariat")
    desk.talk((cast.sekretariat, "/undang", "untuk jabatan apa"))
    desk.appoint(cast.sekretariat, "staf")
    desk.talk(
        (other, "/cabut", "Jabatan siapa"), (other, "[Sari Dewi – Sekretariat]", "~Cabut", "Cabut jabatan Sekretariat")
    )
    desk.talk((other, "[Ya, cabut]", "~dicabut", "sudah dicabut dari Sari Dewi"))
    desk.talk((cast.sekretariat, "[Kasubag Umum]", "~hanya untuk sekretariat"))


# --- /cabut ---------------------------------------------------------------------------------


def test_cabut_by_buttons_takes_the_post_and_its_open_tasks(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    [question] = desk.talk((cast.sekretariat, "/cabut", "Jabatan siapa yang dicabut?"))
    assert "Budi Santoso – Staf Umum" in question.labels
    [really] = desk.talk(
        (cast.sekretariat, "[Budi Santoso – Staf Umum]", "~Cabut", "Cabut jabatan Staf Umum dari Budi Santoso?")
    )
    assert really.labels == ["Ya, cabut", "Tidak"]
    [done] = desk.talk((cast.sekretariat, "[Ya, cabut]", "~dicabut", "sudah dicabut dari Budi Santoso oleh Sari Dewi"))
    assert "1 tugas menunggu" in done.text
    assert "tidak lagi tercatat sebagai Staf Umum" in desk.last(cast.staf).text
    card = desk.card(cast.staf, CODE)
    assert "tidak lagi di meja Bapak/Ibu" in card.text
    assert not card.buttons
    desk.talk((cast.staf, "/selesai", "belum terdaftar"), (cast.staf, "/status", "belum terdaftar"))


def test_a_stale_card_of_a_departed_official_changes_nothing(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    desk.talk(
        (cast.sekretariat, "/cabut", "Jabatan siapa"),
        (cast.sekretariat, "[Budi Santoso – Staf Umum]", "~Cabut", "Cabut jabatan"),
        (cast.sekretariat, "[Ya, cabut]", "~dicabut", "dicabut"),
    )
    press = cast.staf.presses_stale(str(card.buttons[0].data), card)
    assert "belum terdaftar" in press.answer()
    assert not desk.messages(cast.kasubag)


def test_cabut_with_tidak_changes_nothing(desk: Desk, cast: Cast) -> None:
    desk.talk(
        (cast.sekretariat, "/cabut", "Jabatan siapa"),
        (cast.sekretariat, "[Budi Santoso – Staf Umum]", "~Cabut", "Cabut jabatan"),
        (cast.sekretariat, "[Tidak]", "~dibatalkan"),
        (cast.staf, "/tugas", "tidak ada tugas"),
    )


def test_cabut_from_the_notice_of_a_used_invitation(desk: Desk, cast: Cast) -> None:
    newcomer = desk.stranger("Wulan Sari")
    desk.talk((newcomer, f"/start {desk.invitation('staf')}", "Selamat datang"))
    notice = desk.last(cast.sekretariat)
    desk.talk(
        (cast.sekretariat, "[Cabut]", "Cabut jabatan Staf Umum dari Wulan Sari?"),
        (cast.sekretariat, "[Ya, cabut]", "~dicabut", "sudah dicabut dari Wulan Sari"),
        (newcomer, "/tugas", "belum terdaftar"),
        (cast.staf, "/tugas", "tidak ada tugas"),
    )
    again = cast.sekretariat.presses_stale(str(notice.buttons[0].data), notice)
    assert "sudah tidak memegang jabatan" in again.answer()


def test_the_only_sekretariat_cannot_be_taken_off(desk: Desk, cast: Cast) -> None:
    desk.talk(
        (cast.sekretariat, "/cabut", "Jabatan siapa"),
        (cast.sekretariat, "[Sari Dewi – Sekretariat]", "~satu-satunya sekretariat"),
        (cast.sekretariat, "/undang", "untuk jabatan apa"),
    )


def test_two_at_once_take_a_post_away_once(desk: Desk, cast: Cast) -> None:
    other = desk.joins("Wulan Sari", "sekretariat")
    for person in (cast.sekretariat, other):
        desk.talk((person, "/cabut", "Jabatan siapa"), (person, "[Budi Santoso – Staf Umum]", "~Cabut", "Cabut"))
    answers = [person.presses("Ya, cabut") for person in (cast.sekretariat, other)]
    texts = sorted(press.answer() for press in answers)
    desk.stage.settle()
    assert len([text for text in texts if "sudah dicabut dari" in text]) == 1
    assert len([text for text in texts if "sudah tidak memegang" in text]) == 1
    assert len([m for m in desk.messages(cast.staf).values() if "tidak lagi tercatat" in m.text]) == 1


# --- who cannot be reached ------------------------------------------------------------------


def test_a_holder_who_never_pressed_start_is_reported_once_and_gets_the_card_after_start(desk: Desk) -> None:
    desk.expects_refusal("Forbidden")
    desk.expects_refusal("chat not found")
    secretary = desk.joins("Sari Dewi", "sekretariat")
    absent = desk.joins("Budi Santoso", "staf", started=False)
    for _ in range(2):
        desk.starts(secretary)
    told = [m for m in desk.messages(secretary).values() if "tidak dapat diantar" in m.text]
    assert len(told) == 1
    assert "Budi Santoso" in told[0].text
    assert "@sop_demo_bot" in told[0].text
    desk.talk((absent, "/start", "Yth. Budi Santoso", "Langkah 1 dari 5", "Langkah 1 dari 5"))
    desk.talk((absent, f"/selesai {CODE}", "Terima kasih"))


def test_a_holder_who_blocked_the_bot_is_reported_once_and_gets_the_card_later(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("Forbidden")
    cast.staf.blocks_the_bot()
    desk.stage.settle()
    assert "Budi Santoso (Staf Umum) tidak dapat diantar" in desk.last(cast.sekretariat).text
    desk.starts(cast.sekretariat)
    assert len([m for m in desk.messages(cast.sekretariat).values() if "tidak dapat diantar" in m.text]) == 1
    desk.talk((cast.staf, "/start", "Mohon diselesaikan", "Yth. Budi Santoso"))
    cast.staf.blocks_the_bot()
    desk.stage.settle()
    assert len([m for m in desk.messages(cast.sekretariat).values() if "tidak dapat diantar" in m.text]) == 2


# --- administrators -------------------------------------------------------------------------


def test_an_administrator_without_posts_runs_every_office(desk: Desk, cast: Cast) -> None:
    desk.joins("Ani Yudhi", "juru_tulis", office="badan")
    admin = desk.stranger("Admin Pusat")
    desk.administers(admin)
    desk.talk(
        (admin, "/bantuan", "/undang"),
        (admin, "/tugas", "tidak ada tugas"),
        (admin, "/selesai", "tidak ada tugas"),
        (admin, "/mulai dinas-surat Surat pusat", CODE),
    )
    assert "Dari: Admin Pusat (Administrator)" in desk.card(cast.staf).text
    [posts] = desk.talk((admin, "/undang", "untuk jabatan apa"))
    assert "Juru Tulis · Badan Contoh" in posts.labels
    desk.talk(
        (admin, f"/status {CODE}", "Surat pusat"),
        (admin, f"/selesai {CODE}", "tidak di meja Bapak/Ibu"),
        (admin, f"/batal {CODE} uji coba", "Hentikan"),
        (admin, "[Ya, hentikan]", "~dihentikan", "dihentikan oleh Admin Pusat (Administrator)"),
    )


def test_an_administrator_may_take_off_the_only_sekretariat(desk: Desk, cast: Cast) -> None:
    admin = desk.stranger("Admin Pusat")
    desk.administers(admin)
    desk.talk(
        (admin, "/cabut", "Jabatan siapa"),
        (admin, "[Sari Dewi – Sekretariat · Dinas Contoh]", "~Cabut", "Cabut jabatan Sekretariat"),
        (admin, "[Ya, cabut]", "~dicabut", "sudah dicabut dari Sari Dewi"),
        (cast.sekretariat, "/status", "belum terdaftar"),
    )


def test_without_anybody_to_take_off_cabut_says_so(desk: Desk) -> None:
    admin = desk.stranger("Admin Pusat")
    desk.administers(admin)
    desk.talk((admin, "/cabut", "Belum ada pemegang jabatan"))
