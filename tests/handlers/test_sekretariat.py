"""The sekretariat's group and its board, played over HTTP: set, moved, lost, upgraded, without rights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.domain.notices import NotUnderstood
from bot.services import outbox
from bot.services.boards import refresh_boards
from bot.store.tables import AlertThreadRow, BoardRow, OfficeChatRow

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from bot.demo.telegram.seen import SeenMessage
    from bot.services.work import Work
    from tests.handlers.conftest import Cast, Desk

HERE = "sekarang menerima peringatan"
NO_RIGHT = "not enough rights to manage pinned messages"


@pytest.fixture
def colleague(desk: Desk) -> Person:
    """Give the office a second monitor."""
    return desk.joins("Dian Ayu", "sekretariat")


def makes_group(desk: Desk, cast: Cast, *members: Person, admin: bool = True, **kind: bool) -> Person:
    """Make the office's alert group; returns the sekretariat's phone with the group open."""
    group = desk.office.group(cast.sekretariat, "Pemantauan", *members, **({"supergroup": True} | kind))
    if admin:
        desk.office.make_admin(group, by=cast.sekretariat)
    there = cast.sekretariat.in_group(group)
    desk.talk((there, "/sekretariat", HERE, "Papan berkas Dinas Contoh"))
    return there


def board(desk: Desk, there: Person) -> SeenMessage:
    """Return the latest board in a chat."""
    return next(m for m in reversed(desk.messages(there).values()) if m.text.startswith("Papan berkas"))


def sweeps(desk: Desk, **span: float) -> None:
    """Let time pass and the boards be looked at."""
    desk.later(**span)
    desk.stage.ask(refresh_boards)
    desk.stage.settle()


def heard(desk: Desk, who: Person, part: str) -> list[SeenMessage]:
    """Return the bot's messages in somebody's chat that contain a part."""
    return [message for message in desk.messages(who).values() if part in message.text]


def test_the_group_hears_what_the_sekretariat_heard_in_private_and_in_threads(
    desk: Desk, cast: Cast, colleague: Person
) -> None:
    there = makes_group(desk, cast, colleague)
    assert [message.text.split("\n")[0] for message in there.pinned()] == ["Papan berkas Dinas Contoh"]
    code = desk.starts(cast.sekretariat)
    desk.later(hours=1, minutes=40)
    warned = heard(desk, there, "Mohon dipantau")
    assert [code in message.text for message in warned] == [True]  # 80 % of two hours
    desk.later(hours=3)
    late = heard(desk, there, "Waktu habis")
    assert [message.reply_to for message in late] == [warned[0].id]
    desk.later(hours=4)
    escalated = heard(desk, there, "Terlambat")
    assert [message.reply_to for message in escalated] == [warned[0].id]
    for monitor in (cast.sekretariat, colleague):
        assert not heard(desk, monitor, "Waktu habis")
        assert not heard(desk, monitor, "Terlambat")
    # What is said to a superior stays between the two of them.
    assert heard(desk, cast.kasubag, "Dengan hormat")
    assert not heard(desk, there, "Dengan hormat")


def test_only_the_sekretariat_sets_a_group_and_others_learn_nothing(desk: Desk, cast: Cast) -> None:
    stranger = desk.stranger("Orang Lewat")
    group = desk.office.group(stranger, "Arisan", cast.staf, cast.sekretariat)
    desk.talk(
        (stranger.in_group(group), "/sekretariat", "hanya bekerja dalam percakapan pribadi"),
        (cast.staf.in_group(group), "/sekretariat", "hanya untuk sekretariat"),
        (cast.staf.in_group(group), "/sekretariat lepas", "hanya untuk sekretariat"),
        (cast.staf.in_group(group), "/papan", "hanya untuk sekretariat"),
        (cast.sekretariat.in_group(group), "/papan", "Belum ada grup peringatan"),
        (cast.sekretariat.in_group(group), "/tugas", "hanya bekerja dalam percakapan pribadi"),
    )
    said = "".join(message.text for message in desk.messages(stranger.in_group(group)).values())
    assert "Dinas" not in said
    assert not desk.stage.ask(lambda work: work.session.query(OfficeChatRow).count())


def test_whoever_watches_two_offices_chooses_in_private_and_two_offices_share_no_group(desk: Desk, cast: Cast) -> None:
    both = desk.joins("Nova Lia", "sekretariat")
    desk.appoint(both, "sekretariat", office="badan")
    group = desk.office.group(both, "Gabungan", cast.sekretariat)
    desk.office.make_admin(group, by=both)
    there = both.in_group(group)
    desk.talk((there, "/sekretariat", "Mohon pilih instansinya dalam percakapan pribadi"))
    assert "Gabungan" in desk.last(both).text
    assert not heard(desk, there, HERE)
    desk.talk((both, "[Badan Contoh]", ""))
    assert heard(desk, there, "Badan Contoh")
    assert "Dipilih: Badan Contoh" in desk.last(both).text
    # The other office's sekretariat, in the same group: refused, and told nothing of whose it is.
    answer = desk.talk((cast.sekretariat.in_group(group), "/sekretariat", "sudah dipakai untuk instansi lain"))
    assert "Badan" not in answer[0].text
    desk.talk(
        (both, "/sekretariat", "Gabungan"),
        (cast.sekretariat, "/sekretariat", "dikirim secara pribadi"),
        (cast.sekretariat, "/sekretariat lepas", "Belum ada grup peringatan"),
        (both, "/sekretariat lepas", "sudah dilepas"),
        (both, "/sekretariat lepas", "Belum ada grup peringatan"),
    )
    assert heard(desk, there, "tidak lagi dikirim")


def test_a_group_is_moved_by_the_same_command_elsewhere_and_let_go_in_it(desk: Desk, cast: Cast) -> None:
    first = makes_group(desk, cast)
    second = makes_group(desk, cast)
    assert heard(desk, first, "tidak lagi dikirim ke grup ini")
    assert heard(desk, first, "Papan ini tidak diperbarui lagi")
    desk.starts(cast.sekretariat)
    desk.later(hours=3)
    assert (len(heard(desk, first, "Waktu habis")), len(heard(desk, second, "Waktu habis"))) == (0, 1)
    desk.talk((second, "/sekretariat lepas", "sudah dilepas"), (second, "/sekretariat lepas", "Belum ada grup"))
    assert heard(desk, second, "Papan ini tidak diperbarui lagi")
    desk.later(hours=4)
    assert heard(desk, cast.sekretariat, "Terlambat")


def test_the_command_s_topic_is_used_and_a_closed_one_gives_way_to_the_general(desk: Desk, cast: Cast) -> None:
    group = desk.office.group(cast.sekretariat, "Dinas", forum=True)
    topic = desk.office.open_topic(group, cast.sekretariat, "SOP")
    there = cast.sekretariat.in_group(group, topic)
    desk.expects_refusal(NO_RIGHT)
    desk.talk((there, "/sekretariat", HERE, "Papan berkas"))
    desk.starts(cast.sekretariat)
    desk.later(hours=1, minutes=40)
    assert {message.topic for message in heard(desk, there, "Mohon dipantau")} == {topic}
    desk.expects_refusal("TOPIC_CLOSED")
    desk.office.close_topic(group, topic, cast.sekretariat)
    desk.later(hours=4)
    (late,) = heard(desk, cast.sekretariat.in_group(group), "Waktu habis")
    assert (late.topic, late.reply_to) == (None, None)
    sweeps(desk, minutes=20)
    assert board(desk, cast.sekretariat.in_group(group)).topic is None


@pytest.mark.parametrize("noticed", ["at once", "when it next writes"])
def test_a_group_that_is_lost_leaves_nothing_unsaid(desk: Desk, cast: Cast, colleague: Person, noticed: str) -> None:
    there = makes_group(desk, cast)
    desk.starts(cast.sekretariat)
    desk.expects_refusal("Forbidden")
    if noticed == "at once":
        desk.office.remove_bot(there.chat()[0].chat_id, by=cast.sekretariat)
        desk.stage.settle()
    else:
        desk.office.fault("forbidden", method="sendMessage", chat=there.chat()[0].chat_id)
    desk.later(hours=4)
    words = "dikeluarkan dari grup" if noticed == "at once" else "tidak lagi menerima pesan bot"
    for monitor in (cast.sekretariat, colleague):
        assert len(heard(desk, monitor, words)) == 1
        assert len(heard(desk, monitor, "Waktu habis")) == 1
    assert not heard(desk, there, "Waktu habis")
    desk.talk((colleague, "/sekretariat", "tidak terjangkau"))
    desk.later(hours=24)
    assert len(heard(desk, colleague, words)) == 1
    assert heard(desk, colleague, "Terlambat")


def test_a_group_that_becomes_a_supergroup_stays_the_office_s_and_gets_its_board_anew(desk: Desk, cast: Cast) -> None:
    old = makes_group(desk, cast, supergroup=False)
    desk.starts(cast.sekretariat)
    desk.later(hours=1, minutes=40)
    successor = desk.office.upgrade_group(old.chat()[0].chat_id)
    there = cast.sekretariat.in_group(successor)
    desk.stage.settle()
    sweeps(desk, minutes=2)
    assert board(desk, there).text == there.pinned()[0].text
    desk.later(hours=3)
    (late,) = heard(desk, there, "Waktu habis")
    assert late.reply_to is None  # the first alert has another number there
    assert desk.stage.ask(_places) == {successor}
    desk.talk((there, "/sekretariat lepas", "sudah dilepas"))


def _places(work: Work) -> set[int]:
    places = (select(kind.chat_id) for kind in (OfficeChatRow, BoardRow, AlertThreadRow))
    return {chat_id for query in places for chat_id in work.session.scalars(query)}


def test_without_the_right_to_pin_it_is_asked_for_once_and_used_when_it_comes(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal(NO_RIGHT)
    there = makes_group(desk, cast, admin=False)
    assert "Sematkan Pesan" in desk.last(cast.sekretariat).text
    group = there.chat()[0].chat_id
    desk.office.make_admin(group, by=cast.sekretariat, can_pin_messages=False)
    desk.stage.settle()
    assert len(heard(desk, cast.sekretariat, "Sematkan Pesan")) == 1
    assert there.pinned() == []
    desk.office.make_admin(group, by=cast.sekretariat)
    desk.stage.settle()
    assert [message.id for message in there.pinned()] == [board(desk, there).id]


def test_the_board_is_edited_when_something_happens_and_else_every_quarter_of_a_working_hour(
    desk: Desk, cast: Cast
) -> None:
    there = makes_group(desk, cast)
    first = board(desk, there)
    assert "tidak ada berkas" in first.text
    sweeps(desk, minutes=20)
    assert board(desk, there).version == first.version  # nothing would read otherwise
    code = desk.starts(cast.sekretariat, "Surat tugas")
    sweeps(desk, minutes=1)
    shown = board(desk, there)
    assert (shown.id, code in shown.text, "Surat tugas" in shown.text) == (first.id, True, True)
    assert "▓▓▓▓▓▓▓▓ sisa 1 jam 59 menit" in shown.text
    assert "Langkah 1 · Budi Santoso (Staf Umum)" in shown.text
    sweeps(desk, minutes=14)
    assert board(desk, there).version == shown.version
    sweeps(desk, minutes=1)
    assert "▓▓▓▓▓▓▓░ sisa 1 jam 44 menit" in board(desk, there).text
    desk.completes(cast.staf)
    sweeps(desk, seconds=30)
    assert "Langkah 1" in board(desk, there).text  # not twice a minute
    sweeps(desk, seconds=30)
    assert "Langkah 2 · Rina Wati (Kasubag Umum)" in board(desk, there).text


def test_a_board_that_was_deleted_comes_anew_and_one_may_be_had_in_private(desk: Desk, cast: Cast) -> None:
    there = makes_group(desk, cast)
    desk.starts(cast.sekretariat)
    cast.sekretariat.deletes(board(desk, there))
    desk.expects_refusal("message to edit not found")
    sweeps(desk, minutes=2)
    sweeps(desk, minutes=2)
    assert [message.id for message in there.pinned()] == [board(desk, there).id]
    desk.talk((there, "/papan", "Papan berkas"))
    assert len(heard(desk, there, "Papan ini tidak diperbarui lagi")) == 1
    (mine,) = desk.talk((cast.sekretariat, "/papan", "Papan berkas Dinas Contoh"))
    assert [message.id for message in cast.sekretariat.pinned()] == [mine.id]
    desk.completes(cast.staf)
    sweeps(desk, minutes=2)
    assert "Langkah 2" in board(desk, cast.sekretariat).text
    desk.talk((cast.sekretariat, "/papan lepas", "sudah dilepas"))
    assert "tidak diperbarui lagi" in cast.sekretariat.chat()[-2].text or heard(
        desk, cast.sekretariat, "Papan ini tidak diperbarui lagi"
    )
    desk.talk((cast.staf, "/papan", "hanya untuk sekretariat"))


def test_a_first_rejection_stays_in_private_and_the_second_is_the_group_s(
    desk: Desk, cast: Cast, colleague: Person
) -> None:
    there = makes_group(desk, cast)
    code = desk.starts(cast.sekretariat)
    for reason in ("lampiran kurang", "tanda tangan kurang"):
        desk.completes(cast.staf)
        cast.kasubag.says(f"/tolak {code} {reason}")
        desk.stage.settle()
    assert [len(heard(desk, colleague, word)) for word in ("lampiran kurang", "tanda tangan kurang")] == [1, 0]
    assert [len(heard(desk, there, word)) for word in ("lampiran kurang", "tanda tangan kurang")] == [0, 1]
    assert "ditolak 2 kali" in heard(desk, there, "tanda tangan kurang")[0].text


def test_a_press_in_the_group_is_the_monitors_own(desk: Desk, cast: Cast) -> None:
    outsider = desk.stranger("Orang Lewat")
    there = makes_group(desk, cast, cast.staf, outsider)
    group = there.chat()[0].chat_id
    said = board(desk, there)
    desk.stage.ask(lambda work: outbox.put(work, group, NotUnderstood()))
    desk.stage.settle()
    pressed = "1:detail:999999"
    assert "hanya untuk sekretariat" in cast.staf.presses_stale(pressed, said, chat=group).answer()
    assert "belum terdaftar" in outsider.presses_stale(pressed, said, chat=group).answer()
    before = len(there.chat())
    assert cast.sekretariat.presses_stale(pressed, said, chat=group).answer()
    desk.stage.settle()
    assert len(there.chat()) == before


def test_the_end_of_a_case_is_said_once_to_the_group_and_to_who_took_part(
    desk: Desk, cast: Cast, colleague: Person
) -> None:
    there = makes_group(desk, cast)
    code = desk.starts(cast.sekretariat)
    desk.talk((cast.sekretariat, f"/batal {code} salah mulai", "salah mulai"))
    cast.sekretariat.presses("Ya, hentikan")
    desk.stage.settle()
    assert (len(heard(desk, there, "dihentikan")), len(heard(desk, colleague, "dihentikan"))) == (1, 0)
