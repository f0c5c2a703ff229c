"""Attachments: documents and photos as evidence, on the card, by code, in albums, and what comes of them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.demo.telegram.seen import Attachment
from bot.services.attach import MOST_BYTES, MOST_FILES
from bot.store.tables import AttachmentRow, CaseRow

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from bot.demo.telegram.seen import SeenMessage
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"


def _files(desk: Desk) -> list[AttachmentRow]:
    return desk.stage.ask(lambda work: list(work.session.scalars(select(AttachmentRow).order_by(AttachmentRow.id))))


def _new(desk: Desk, who: Person, sends: object) -> list[SeenMessage]:
    """Return what the bot says to somebody once they have sent something."""
    before = desk.messages(who)
    assert callable(sends)
    sends()
    desk.stage.settle()
    return [message for key, message in desk.messages(who).items() if key not in before]


def _lampirkan(desk: Desk, who: Person) -> None:
    who.presses("Lainnya…")
    desk.stage.settle()
    desk.talk((who, "[Lampirkan]", "dokumen atau foto"))


def test_files_asked_for_on_the_card_are_kept_counted_and_come_with_the_task_to_the_next_holder(
    desk: Desk, cast: Cast
) -> None:
    desk.starts(cast.sekretariat)
    _lampirkan(desk, cast.staf)
    [first] = _new(desk, cast.staf, lambda: cast.staf.send_document("nota dinas.pdf", b"%PDF-1.4 nota"))
    [second] = _new(desk, cast.staf, cast.staf.send_photo)
    assert "nota dinas.pdf" in first.text
    assert "Foto" in second.text
    assert "Seluruhnya pada langkah ini: 2 berkas" in second.text
    assert "Lampiran: 2 berkas" in desk.card(cast.staf, "Mohon diselesaikan").text
    desk.completes(cast.staf)
    card = desk.card(cast.kasubag, "Mohon diselesaikan")
    passed_on = [m for m in desk.messages(cast.kasubag).values() if m.file_id]
    assert [(m.file_name, m.file_kind) for m in passed_on] == [("nota dinas.pdf", "document"), ("foto.png", "photo")]
    assert {m.reply_to for m in passed_on} == {card.id}
    assert "Lampiran: 2 berkas" in card.text
    assert _files(desk)[0].size == len(b"%PDF-1.4 nota")


def test_the_office_sees_every_file_with_its_checksum_from_the_case(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    content = b"%PDF-1.4 nota"
    cast.staf.send_document("nota.pdf", content, reply_to=desk.card(cast.staf))
    desk.stage.settle()
    digest = hashlib.sha256(content).hexdigest()
    desk.stage.ask(lambda work: setattr(work.session.scalars(select(AttachmentRow)).one(), "sha256", digest))
    desk.talk(
        (cast.kepala, f"/status {CODE}", "Langkah 1"),
        (cast.kepala, "[Lihat lampiran]", f"SHA-256: {digest}"),
        (cast.kepala, "[nota.pdf]", "Dari Budi Santoso"),
        (cast.kepala, f"/riwayat {CODE}", f"nota.pdf, 1 KB, SHA-256 {digest}"),
    )
    sent = desk.messages(cast.kepala).values()
    assert [m.file_name for m in sent if m.file_id] == ["nota.pdf"]


def test_a_file_by_its_code_goes_to_my_task_whatever_was_asked_for_another(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    desk.starts(cast.sekretariat, "Surat edaran")
    _lampirkan(desk, cast.staf)  # for the second one
    [answer] = _new(desk, cast.staf, lambda: cast.staf.send_document("a.pdf", caption=f"{CODE.lower()} konsep"))
    assert CODE in answer.text
    [other] = _new(desk, cast.kasubag, lambda: cast.kasubag.send_document("b.pdf", caption=CODE))
    assert "Budi Santoso" in other.text  # who holds it
    [unknown] = _new(desk, cast.staf, lambda: cast.staf.send_document("c.pdf", caption="XX-2026-009"))
    assert "XX-2026-009" in unknown.text
    assert [row.name for row in _files(desk)] == ["a.pdf"]


def test_an_album_has_one_answer_and_follows_the_task_of_its_first_file(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)

    def album() -> None:
        for number in range(4):
            file = Attachment(f"hal-{number}.pdf", b"%%PDF %d" % number, "application/pdf")
            cast.staf.sends(file, CODE if number == 0 else "", album="77")

    assert _new(desk, cast.staf, album) == []
    desk.later(seconds=2)
    answer = desk.last(cast.staf)
    assert [f"hal-{n}.pdf" in answer.text for n in range(4)] == [True] * 4
    assert sum("Sudah dilampirkan" in m.text for m in desk.messages(cast.staf).values()) == 1
    assert len(_files(desk)) == 4


def test_the_same_content_twice_is_said_and_not_doubled(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    cast.staf.send_document("nota.pdf", b"sama", reply_to=card)
    desk.stage.settle()
    [answer] = _new(desk, cast.staf, lambda: cast.staf.send_document("salinan.pdf", b"sama", reply_to=card))
    assert "sudah terlampir" in answer.text
    assert "nota.pdf" in answer.text
    assert len(_files(desk)) == 1


@pytest.mark.parametrize("asked", [True, False])
def test_a_file_over_telegrams_limit_is_refused_with_what_to_do_and_nothing_is_kept(
    desk: Desk, cast: Cast, asked: bool
) -> None:
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    if asked:
        _lampirkan(desk, cast.staf)

    def send(size: int) -> list[SeenMessage]:
        reply = None if asked else card
        return _new(desk, cast.staf, lambda: cast.staf.send_document("besar.pdf", size=size, reply_to=reply))

    [answer] = send(MOST_BYTES + 1)
    assert "20 MB" in answer.text
    assert "diperkecil" in answer.text
    assert "tautan resmi" in answer.text
    assert _files(desk) == []
    [taken] = send(MOST_BYTES)
    assert "Sudah dilampirkan" in taken.text


def test_what_is_no_document_or_photo_is_refused_by_name_of_what_is_taken(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    _lampirkan(desk, cast.staf)
    desk.talk(
        (cast.staf, "ini berkasnya", "yang diterima hanya dokumen dan foto"),
        (cast.kepala, "ini berkasnya", "/bantuan"),
    )
    [nowhere] = _new(desk, cast.staf, lambda: cast.staf.send_document("nota.pdf"))
    assert "Sudah dilampirkan" in nowhere.text  # the question is still open
    desk.later(minutes=11)
    [late] = _new(desk, cast.staf, lambda: cast.staf.send_document("lain.pdf"))
    assert "belum dilampirkan" in late.text
    assert len(_files(desk)) == 1


def test_a_full_task_and_a_secret_case_take_no_file(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    for number in range(MOST_FILES):
        cast.staf.send_document(f"{number}.pdf", b"%d" % number, reply_to=card)
    desk.stage.settle()
    [full] = _new(desk, cast.staf, lambda: cast.staf.send_document("lebih.pdf", b"lebih", reply_to=card))
    assert f"{MOST_FILES} lampiran" in full.text
    assert len(_files(desk)) == MOST_FILES
    desk.stage.ask(lambda work: setattr(work.session.scalars(select(CaseRow)).one(), "secret", True))
    [secret] = _new(desk, cast.staf, lambda: cast.staf.send_document("rahasia.pdf", b"x", reply_to=card))
    assert "rahasia" in secret.text
    assert len(_files(desk)) == MOST_FILES


def test_a_file_after_the_task_has_ended_leaves_nothing_behind(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    card = desk.card(cast.staf)
    desk.completes(cast.staf)
    [answer] = _new(desk, cast.staf, lambda: cast.staf.send_document("telat.pdf", reply_to=card))
    assert "sudah diselesaikan" in answer.text
    assert _files(desk) == []
