"""/catat and /susulan: decisions that others took outside Telegram, whom they are told, and what they may say to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.demo.telegram.seen import Attachment
from bot.domain.office_rules import OfficeRules
from bot.store.tables import AttachmentRow, EventRow, HoldingRow, QuestionRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.demo.telegram import Person
    from bot.demo.telegram.seen import SeenMessage
    from tests.handlers.conftest import Bench, Cast, Desk

CODE = "SRT-2026-001"
PICTURE = Attachment("lembar.png", b"\x89PNG\r\n\x1a\n" + bytes(64), "image/png", "photo")


@pytest.fixture(autouse=True)
def recorders(one_stage: Bench) -> Iterator[None]:
    """Let the staf of dinas record for the others, as the office's own rules may say."""
    runner = one_stage.runner
    runner.library = replace(runner.library, rules={"dinas": OfficeRules(recorders=frozenset({"staf"}))})
    yield
    runner.library = replace(runner.library, rules={})


def _shows(desk: Desk, who: Person) -> SeenMessage:
    before = desk.messages(who)
    who.sends(PICTURE)
    desk.stage.settle()
    [answer] = [message for key, message in desk.messages(who).items() if key not in before]
    return answer


def _to_step_2(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)


def _records_paper(desk: Desk, cast: Cast, who: Person | None = None, decision: str = "Selesai") -> None:
    """Record on a lembar disposisi what the kasubag has decided on step 2."""
    who = who or cast.sekretariat
    _to_step_2(desk, cast)
    desk.talk((who, f"/catat {CODE}", "Apa keputusan Rina Wati (Kasubag Umum)"))
    if decision == "Selesai":
        desk.talk((who, "[Selesai]", "~Bagaimana keputusan", "Bagaimana keputusan"))
    else:
        desk.talk(
            (who, "[Tolak]", "~alasan", "alasan"),
            (who, "isian belum lengkap", "Bagaimana keputusan"),
        )
    desk.talk((who, "[Lembar disposisi]", "~foto lembar disposisi", "foto lembar disposisi"))
    assert "Catat keputusan ini?" in _shows(desk, who).text


def _told(desk: Desk, who: Person) -> SeenMessage:
    return next(m for m in reversed(desk.messages(who).values()) if "atas nama Bapak/Ibu" in m.text)


def _words(desk: Desk) -> list[EventRow]:
    words = select(EventRow).where(EventRow.kind.in_(["PartDone", "StepRejected"])).order_by(EventRow.id)
    return desk.stage.ask(lambda work: list(work.session.scalars(words)))


def _open_task(desk: Desk) -> TaskRow:
    return desk.stage.ask(lambda work: work.session.scalars(select(TaskRow).where(TaskRow.ended_at.is_(None))).one())


def test_a_decision_on_paper_is_theirs_flagged_everywhere_and_told_with_the_picture(desk: Desk, cast: Cast) -> None:
    _records_paper(desk, cast)
    desk.talk((cast.sekretariat, "[Ya, catat]", "~Tercatat", "menurut keputusan Rina Wati (Kasubag Umum)"))
    flag = "Rina Wati (Kasubag Umum), dicatat oleh Sari Dewi (Sekretariat) atas namanya, lembar disposisi"
    assert flag in desk.card(cast.kasubag, "Selesai – oleh").text
    assert flag in desk.card(cast.sekretaris, "Mohon diselesaikan").text
    told = _told(desk, cast.kasubag)
    assert "Sari Dewi (Sekretariat) mencatat atas nama Bapak/Ibu: Selesai" in told.text
    assert "Selasa, 10 Nov 08.00 WIB" in told.text  # one working day to object
    assert told.file_kind == "photo"
    assert told.labels == ["Keberatan"]
    desk.talk((cast.kepala, f"/riwayat {CODE}", "diselesaikan oleh Rina Wati (Kasubag Umum), dicatat oleh Sari Dewi"))
    word = _words(desk)[-1]
    [proof] = desk.stage.ask(lambda work: list(work.session.scalars(select(AttachmentRow))))
    people = {row.person_id: row.post_id for row in _holdings(desk)}
    assert (people[word.by or 0], people[word.data["on_behalf_of"]]) == ("sekretariat", "kasubag")
    assert (word.data["medium"], word.data["evidence"]) == ("paper", proof.id)


def _holdings(desk: Desk) -> list[HoldingRow]:
    return desk.stage.ask(lambda work: list(work.session.scalars(select(HoldingRow))))


def test_a_rejection_by_voice_is_recorded_by_whom_the_office_lets_with_its_reason_and_how_it_was_given(
    desk: Desk, cast: Cast
) -> None:
    _to_step_2(desk, cast)
    desk.talk(
        (cast.staf, "/catat", "Apa keputusan Rina Wati (Kasubag Umum)"),
        (cast.staf, "[Tolak]", "~alasan", "alasan"),
        (cast.staf, "lampiran kurang", "Bagaimana keputusan"),
        (cast.staf, "[Arahan lisan]", "~kapan dan bagaimana", "kapan dan bagaimana"),
        (cast.staf, "lewat telepon pukul 09.00", "Catat keputusan ini?"),
        (cast.staf, "[Ya, catat]", "~ditolak", "ditolak menurut keputusan", "Mohon diperbaiki"),
    )
    told = _told(desk, cast.kasubag)
    for part in ("Budi Santoso (Staf Umum)", "Ditolak", "lampiran kurang", "arahan lisan", "lewat telepon pukul 09.00"):
        assert part in told.text
    assert told.file_id is None
    assert (_open_task(desk).step, _open_task(desk).round) == (1, 2)
    assert "Rina Wati (Kasubag Umum), dicatat oleh Budi Santoso (Staf Umum)" in desk.card(cast.staf, "diperbaiki").text


def test_paper_is_shown_and_nothing_is_recorded_without_the_last_yes(desk: Desk, cast: Cast) -> None:
    _to_step_2(desk, cast)
    desk.talk(
        (cast.sekretariat, f"/catat {CODE}", "Apa keputusan"),
        (cast.sekretariat, "[Selesai]", "~Bagaimana", "Bagaimana"),
        (cast.sekretariat, "[Lembar disposisi]", "~foto", "foto lembar disposisi"),
        (cast.sekretariat, "ada di meja saya", "dokumen dan foto"),
    )
    assert "Catat keputusan ini?" in _shows(desk, cast.sekretariat).text
    desk.talk((cast.sekretariat, "[Tidak]", "~Tidak ada yang berubah"))
    assert _open_task(desk).step == 2
    assert len(_words(desk)) == 1
    assert desk.stage.ask(lambda work: list(work.session.scalars(select(AttachmentRow)))) == []


def test_only_the_sekretariat_and_those_it_lets_record_and_never_their_own_decision(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.talk(
        (cast.kasubag, f"/catat {CODE}", "hanya untuk sekretariat"),
        (cast.staf, "/bantuan", "/catat"),
        (cast.staf, "/catat", "Tidak ada tugas terbuka"),
        (cast.staf, f"/catat {CODE}", "tidak menunggu keputusan orang lain"),
        (cast.staf, f"/susulan {CODE}", "hanya untuk sekretariat"),
    )


def test_of_several_tasks_and_people_the_recorder_chooses_by_taps(desk: Desk, cast: Cast) -> None:
    _to_step_2(desk, cast)
    desk.starts(cast.sekretariat, "Surat edaran")
    desk.completes(cast.kasubag)
    [choice] = desk.talk((cast.sekretariat, "/catat", "Keputusan pada berkas mana"))
    assert sorted(choice.labels) == [f"{CODE} · Langkah 3", "SRT-2026-002 · Langkah 1"]
    [who] = desk.talk((cast.sekretariat, f"[{CODE} · Langkah 3]", "~Keputusan siapa", "Keputusan siapa"))
    assert who.labels == ["Rina Wati (Kasubag Umum)", "Tono Hadi (Sekretaris Dinas)"]
    desk.talk((cast.sekretariat, "[Tono Hadi (Sekretaris Dinas)]", "~Apa keputusan Tono Hadi", "Apa keputusan Tono"))


def test_an_objection_in_time_sends_the_case_back_and_everybody_concerned_hears_why(desk: Desk, cast: Cast) -> None:
    _records_paper(desk, cast, who=cast.staf)
    desk.talk(
        (cast.staf, "[Ya, catat]", "~Tercatat", "Tercatat"),
        (cast.kasubag, "[Keberatan]", "alasan keberatan"),
    )
    before = desk.messages(cast.sekretariat), desk.messages(cast.staf)
    desk.talk((cast.kasubag, "saya belum membacanya", "sudah tercatat", "Mohon diputuskan kembali"))
    for who, known in zip((cast.sekretariat, cast.staf), before, strict=True):
        [heard] = [m for key, m in desk.messages(who).items() if key not in known]
        assert "Keberatan: Rina Wati (Kasubag Umum)" in heard.text
        assert "saya belum membacanya" in heard.text
    assert (_open_task(desk).step, _open_task(desk).round) == (2, 2)
    card = desk.card(cast.kasubag, "Mohon diputuskan kembali")
    assert "Keberatan Rina Wati (Kasubag Umum) atas keputusan yang sebelumnya dicatat" in card.text
    assert "Dikembalikan" not in card.text
    told = next(m for m in desk.messages(cast.kasubag).values() if "Keberatan Bapak/Ibu" in m.text and m.file_id)
    assert not told.buttons


def test_an_objection_too_late_is_refused_with_the_moment_and_changes_nothing(desk: Desk, cast: Cast) -> None:
    _records_paper(desk, cast)
    desk.talk((cast.sekretariat, "[Ya, catat]", "~Tercatat", "Tercatat"))
    desk.later(days=1, minutes=1)
    words = len(_words(desk))
    desk.talk((cast.kasubag, "[Keberatan]", "~berakhir pada Selasa, 10 Nov 08.00 WIB"))
    assert len(_words(desk)) == words
    assert _open_task(desk).step == 3
    assert not _told(desk, cast.kasubag).buttons


def test_who_is_in_no_hurry_is_told_silently_outside_working_time(desk: Desk, cast: Cast) -> None:
    _records_paper(desk, cast)
    desk.later(hours=10)
    desk.talk((cast.sekretariat, "[Ya, catat]", "~Tercatat", "Tercatat"))
    sent = [str(request["parameters"]) for request in desk.requests() if request["method"] == "sendPhoto"]
    told = [parameters for parameters in sent if "atas nama Bapak/Ibu" in parameters]
    assert ["'disable_notification': 'true'" in parameters for parameters in told] == [True]


# --- late entries ---------------------------------------------------------------------------


def _late(desk: Desk, cast: Cast, moment: str, *answer: str) -> None:
    desk.talk(
        (cast.sekretariat, f"/susulan {CODE}", "Kapan Budi Santoso (Staf Umum) sebenarnya"),
        (cast.sekretariat, moment, *(answer or ("Mohon tuliskan sebab",))),
    )


def test_a_late_entry_counts_from_when_it_really_happened(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.later(hours=4)  # 12.00
    _late(desk, cast, "09-11-2026 09.15")
    desk.talk(
        (cast.sekretariat, "jaringan kantor terputus", "Sebenarnya pada: Senin, 9 Nov 09.15 WIB"),
        (cast.sekretariat, "[Ya, catat]", "~Tercatat", "Tercatat"),
    )
    card = desk.card(cast.kasubag, "Mohon diselesaikan")
    assert "Jumat, 13 Nov 09.15 WIB" in card.text  # four days from the real moment
    ended = desk.card(cast.staf, "Selesai – oleh").text
    assert "Budi Santoso (Staf Umum), dicatat susulan oleh Sari Dewi (Sekretariat), Senin, 9 Nov 09.15 WIB" in ended
    told = _told(desk, cast.staf)
    assert "susulan" in told.text
    assert "jaringan kantor terputus" in told.text
    assert told.labels == ["Keberatan"]


def test_an_impossible_or_unreadable_moment_is_asked_for_again_with_the_bounds(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.later(hours=2)
    _late(desk, cast, "tadi pagi", "20-11-2026 14.30")
    desk.talk(
        (cast.sekretariat, "09-11-2026 07.59", "antara Senin, 9 Nov 08.00 WIB"),
        (cast.sekretariat, "10.01", "dan Senin, 9 Nov 10.00 WIB"),
        (cast.sekretariat, "pukul 08.00", "Mohon tuliskan sebab"),
    )


def test_who_had_no_post_at_that_moment_cannot_have_decided(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.later(hours=1)
    desk.joins("Dodi Pratama", "staf")
    desk.later(hours=1)
    desk.talk(
        (cast.sekretariat, f"/susulan {CODE}", "Siapa yang sebenarnya bertindak"),
        (cast.sekretariat, "[Dodi Pratama (Staf Umum)]", "~Kapan", "Kapan Dodi Pratama"),
        (cast.sekretariat, "08.30", "Mohon tuliskan sebab"),
        (cast.sekretariat, "gangguan", "tidak berwenang"),
    )
    assert (_open_task(desk).step, len(_words(desk))) == (1, 0)


def test_what_came_due_before_a_late_entry_is_not_said_all_at_once(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.later(days=9)  # long past the four days of the second step
    _late(desk, cast, "09-11-2026 08.30")
    desk.talk((cast.sekretariat, "server padam", "Catat keputusan ini?"))
    before = desk.messages(cast.kasubag)
    desk.talk((cast.sekretariat, "[Ya, catat]", "~Tercatat", "Tercatat"))
    desk.later(minutes=30)
    new = [m for key, m in desk.messages(cast.kasubag).items() if key not in before]
    assert len(new) == 1  # the card, which says that it is late
    assert "terlambat" in new[0].text
    desk.later(days=1)
    late = [m for key, m in desk.messages(cast.kasubag).items() if key not in before][1:]
    assert len(late) == 1
    assert timedelta(0) < desk.stage.clock.now() - _open_task(desk).due_at


# --- taking it back -------------------------------------------------------------------------


def test_whoever_recorded_it_takes_it_back_within_five_minutes_and_the_decider_sees_that(
    desk: Desk, cast: Cast
) -> None:
    _records_paper(desk, cast)
    desk.talk((cast.sekretariat, "[Ya, catat]", "~Tercatat", "Tercatat"))
    desk.later(minutes=4)
    cast.sekretariat.presses("Urungkan").answer()
    desk.stage.settle()
    assert _open_task(desk).step == 2
    said = "Pencatatan ditarik kembali oleh Sari Dewi (Sekretariat)"
    told = next(m for m in desk.messages(cast.kasubag).values() if said in m.text)
    assert not told.buttons
    answer = cast.kasubag.presses_stale(_object_data(desk), told).answer()
    assert "Tidak ada pencatatan atas nama Bapak/Ibu" in answer
    desk.stage.settle()
    desk.expects_refusal("message is not modified")


def _object_data(desk: Desk) -> str:
    places = select(QuestionRow.id).where(QuestionRow.kind == "may_object")
    return f"1:object:{desk.stage.ask(lambda work: work.session.scalars(places).one())}"
