"""Two offices on one bot: equal codes, people of both, and buttons that were forged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.store.tables import CaseRow, HoldingRow, QuestionRow, SopVersionRow, TaskRow

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from bot.demo.telegram.seen import SeenMessage
    from bot.services.work import Work
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"


@pytest.fixture
def both(desk: Desk, cast: Cast) -> Person:
    """Somebody who is sekretariat in one office and writes letters in both; both have a case of the same code."""
    clerk = desk.joins("Ani Yudhi", "sekretariat", "staf")
    desk.appoint(clerk, "juru_tulis", "sekretariat", office="badan")
    desk.joins("Made Wirawan", "kepala_badan", office="badan")
    desk.starts(cast.sekretariat, "Surat dinas")
    desk.starts(clerk, "Surat badan", sop="badan-surat")
    return clerk


def test_equal_codes_are_told_apart_by_button(desk: Desk, both: Person) -> None:
    for command, shown in (("status", "Surat badan"), ("riwayat", "Surat badan")):
        [question] = desk.talk((both, f"/{command} {CODE}", "ada di beberapa instansi"))
        assert sorted(question.labels) == ["Badan Contoh", "Dinas Contoh"]
        [answer] = desk.talk((both, "[Badan Contoh]", "~SRT", shown))
        assert "WIT" in answer.text


def test_selesai_with_an_equal_code_asks_which_task(desk: Desk, both: Person) -> None:
    [question] = desk.talk((both, f"/selesai {CODE} beres", "Tugas mana"))
    label = next(label for label in question.labels if "Badan" in label)
    [answer] = desk.talk((both, f"[{label}]", "~Terima kasih", "Made Wirawan (Kepala Badan)"))
    assert "WIT" in answer.text
    desk.talk((both, "/tugas", "1 tugas"))


def test_tolak_and_batal_with_an_equal_code_keep_the_reason(desk: Desk, both: Person) -> None:
    desk.talk(
        (both, f"/batal {CODE} salah mulai", "ada di beberapa instansi"),
        (both, "[Dinas Contoh]", "~Hentikan", "salah mulai"),
        (both, "[Ya, hentikan]", "~dihentikan", "Surat dinas"),
    )
    [question] = desk.talk((both, f"/tolak {CODE} salah", "langkah pertama"))
    assert not question.buttons


def test_running_cases_are_listed_by_office_each_in_its_zone(desk: Desk, both: Person, cast: Cast) -> None:
    [answer] = desk.talk((both, "/status", "Badan Contoh"))
    assert "Dinas Contoh" in answer.text
    assert "10.00 WIB" in answer.text
    assert "11.00 WIT" in answer.text
    [mine] = desk.talk((cast.kepala, "/status", "Surat dinas"))
    assert "badan" not in mine.text.lower()


def test_what_is_done_in_one_office_is_told_to_nobody_of_the_other(desk: Desk, both: Person, cast: Cast) -> None:
    before = desk.messages(cast.sekretariat), desk.messages(cast.staf), desk.messages(cast.kepala)
    both.presses(str(_letter(desk, both).buttons[0].data))
    desk.stage.settle()
    assert (desk.messages(cast.sekretariat), desk.messages(cast.staf), desk.messages(cast.kepala)) == before


def _letter(desk: Desk, clerk: Person) -> SeenMessage:
    """Return the card of the letter that is typed in Badan Contoh."""
    return desk.card(clerk, "Mohon diselesaikan:\nMengetik surat keluar")


# --- forged buttons -------------------------------------------------------------------------

JUNK = [
    "x",
    "1:done",
    "1:done:",
    "1:done:-1",
    "1:done:1:2:3",
    "2:done:1",
    "0:done:1",
    "1:tidakada:1",
    "1:done:abc",
    "1:done:" + "9" * 18,
    "1:reject:" + "9" * 18,
    "1:detail:" + "9" * 18,
    "1:history:" + "9" * 18 + ":0",
    "1:sop:" + "9" * 18,
    "1:remove:" + "9" * 18,
    "1:pick:" + "9" * 18 + ":0",
    "1:done:" + "9" * 57,
    "a" * 64,
    "é" * 32,
    "1:done:\u0661",  # an Arabic one
]


@pytest.mark.parametrize("data", JUNK)
def test_junk_in_a_button_is_answered_and_changes_nothing(desk: Desk, cast: Cast, data: str) -> None:
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    answer = cast.staf.presses_stale(data, card).answer()
    desk.stage.settle()
    assert answer
    assert "gangguan" not in answer
    assert desk.messages(cast.staf) == {card.id: card}
    assert not desk.messages(cast.kasubag)


def _foreign_ids(work: Work) -> dict[str, int]:
    """Return an id of Badan Contoh for each verb of a button."""
    case = work.session.scalars(select(CaseRow).where(CaseRow.office_id == "badan")).one()
    task = work.session.scalars(select(TaskRow).where(TaskRow.case_id == case.id)).one()
    version = work.session.scalars(select(SopVersionRow).where(SopVersionRow.office_id == "badan")).first()
    holding = work.session.scalars(select(HoldingRow).where(HoldingRow.office_id == "badan")).first()
    assert version
    assert holding
    tasks = dict.fromkeys(("done", "reject", "detail"), task.id)
    return tasks | {"history": case.id, "sop": version.id, "remove": holding.id}


@pytest.mark.parametrize("verb", ["done", "reject", "detail", "history", "sop", "remove"])
@pytest.mark.parametrize("who", ["kepala", "sekretariat"])
def test_a_foreign_offices_id_in_a_button_gets_the_words_of_an_unknown_one(
    desk: Desk, both: Person, cast: Cast, verb: str, who: str
) -> None:
    person: Person = getattr(cast, who)
    [anything] = desk.talk((person, "/sop", "Daftar SOP"))
    before = desk.messages(person)
    subjects = desk.stage.ask(_foreign_ids)[verb], 999_999_999
    foreign, unknown = (person.presses_stale(f"1:{verb}:{subject}", anything).answer() for subject in subjects)
    desk.stage.settle()
    assert foreign == unknown != ""
    assert "gangguan" not in foreign
    assert desk.messages(person) == before
    assert _letter(desk, both).buttons


def test_an_option_that_was_never_offered_is_refused(desk: Desk, cast: Cast) -> None:
    desk.expects_refusal("message is not modified")
    [question] = desk.talk((cast.sekretariat, "/mulai", "SOP mana"))
    number = str(question.buttons[0].data).split(":")[2]
    for index in (2, 99, 9999):
        answer = cast.sekretariat.presses_stale(f"1:pick:{number}:{index}", question).answer()
        assert answer
        assert "gangguan" not in answer
    desk.stage.settle()
    assert len(desk.messages(cast.sekretariat)) == 1
    desk.talk((cast.sekretariat, "[SRT – Penyusunan Surat Keputusan]", f"~{CODE}", CODE))


def test_a_question_of_somebody_else_cannot_be_answered(desk: Desk, cast: Cast) -> None:
    [question] = desk.talk((cast.sekretariat, "/mulai", "SOP mana"))
    press = cast.staf.presses_stale(str(question.buttons[1].data), desk.talk((cast.staf, "/sop", "Daftar SOP"))[0])
    assert "sudah digunakan" in press.answer()
    desk.stage.settle()
    assert desk.messages(cast.sekretariat)[question.id].buttons


def test_a_question_for_a_text_cannot_be_answered_by_a_button(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.completes(cast.staf)
    desk.talk((cast.kasubag, "[Tolak]", "alasan"))
    [number] = desk.stage.ask(lambda work: work.session.scalars(select(QuestionRow.id)).all())
    answer = cast.kasubag.presses_stale(f"1:pick:{number}:0", desk.last(cast.kasubag)).answer()
    assert answer
    assert "gangguan" not in answer
    desk.talk((cast.kasubag, "kurang lengkap", "dikembalikan"))
