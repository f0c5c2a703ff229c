"""Pictures: /sop and Detail send one, buttons the other shapes; what stands in them is what stands in the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.demo.telegram.images import size_of
from bot.drawing.draw import draw
from bot.gateway import papers

if TYPE_CHECKING:
    from bot.demo.telegram.seen import SeenMessage
    from bot.drawing.paper import Paper
    from tests.handlers.conftest import Cast, Desk

CODE = "SRT-2026-001"
TITLE = "#let x = 1 <b>{{ 7*7 }}</b> " + "A" * 60 + " سلام 🙏"
REASON = "Lampiran _kurang_ <i>dua</i> #panic() 😀"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Paper]:
    """Return what was really drawn, the latest last."""
    asked: list[Paper] = []

    def noted(paper: Paper) -> tuple[bytes, ...]:
        asked.append(paper)
        return draw(paper)

    monkeypatch.setattr(papers, "draw", noted)
    return asked


def _flow(drawn: list[Paper]) -> dict[str, Any]:
    return dict(json.loads(drawn[-1].data))


def _progress(drawn: list[Paper]) -> dict[int, dict[str, Any]]:
    return {step["number"]: step["progress"] for step in _flow(drawn)["steps"]}


def _states(drawn: list[Paper]) -> list[str]:
    return [step["state"] for step in _progress(drawn).values()]


def _content(desk: Desk, message: SeenMessage) -> bytes:
    return desk.office.telegram.files[str(message.file_id)].content


def _talks(desk: Desk, cast: Cast) -> None:
    """Play a case to its second round, in which it waits for somebody outside."""
    desk.starts(cast.sekretariat, TITLE)
    desk.later(hours=1)
    desk.completes(cast.staf)
    desk.later(hours=30)  # past one whole working day
    cast.kasubag.says(f"/tolak {CODE} {REASON}")
    desk.stage.settle()
    desk.later(minutes=10)
    desk.completes(cast.staf)
    desk.later(minutes=30)
    cast.kasubag.says(f"/jeda {CODE} menunggu BKN")
    desk.stage.settle()
    desk.later(hours=2)


def test_a_sop_comes_as_its_steps_and_as_a_picture_whose_other_shapes_are_buttons(
    desk: Desk, cast: Cast, drawn: list[Paper]
) -> None:
    text, picture = desk.talk(
        (cast.staf, "/sop dinas-surat", "ID SOP", "5 langkah"),
        (cast.staf, "/sop", "Daftar SOP"),
        (cast.staf, "[SRT – Penyusunan Surat Keputusan]", "ID SOP", "5 langkah"),
    )
    assert text.labels == ["Gambar lebar", "Dokumen PDF"]
    assert (picture.file_kind, picture.buttons) == ("photo", [])
    assert picture.sides == size_of(_content(desk, picture))
    assert picture.sides is not None
    assert picture.sides[1] > picture.sides[0]
    [wide] = desk.talk((cast.staf, "[Gambar lebar]", "5 langkah"))
    assert wide.sides is not None
    assert wide.sides[0] > wide.sides[1]
    assert len(drawn) == 2  # the first one was drawn once for both times


def test_detail_sends_how_far_the_case_is_and_of_a_secret_one_posts_numbers_and_times_alone(
    desk: Desk, cast: Cast, drawn: list[Paper]
) -> None:
    _talks(desk, cast)
    _, picture = desk.talk(
        (cast.kasubag, "[Lainnya…]", ""),
        (cast.kasubag, "[Detail]", "Langkah 2 dari 5", f"{CODE} – {TITLE}"),
    )
    assert "dijeda" in picture.text
    assert "ditolak 1×" in picture.text
    assert _states(drawn) == ["done", "held", "ahead", "ahead", "ahead"]
    first, second = list(_progress(drawn).values())[:2]
    assert (first["round"], first["used"], first["who"]) == (2, "10 menit", "Budi Santoso (Staf Umum)")
    assert "putaran 1 (1 jam): selesai" in first["note"]
    assert (second["round"], second["used"], second["who"]) == (2, "30 menit", "Rina Wati (Kasubag Umum)")
    assert "menunggu BKN" in second["note"]
    assert "putaran 1 (12 jam 30 menit): ditolak ke Langkah 1 oleh Rina Wati (Kasubag Umum)" in second["note"]
    assert _flow(drawn)["case"]["title"] == TITLE
    cast.sekretariat.says(f"/rahasia {CODE}")
    desk.stage.settle()
    [picture] = desk.talk((cast.kepala, f"/status {CODE}", "Langkah 2"), (cast.kepala, "[Gambar]", CODE))
    said = drawn[-1].data + picture.text
    about = ("#let", "kurang", "BKN", "Menyusun", "Memeriksa", "Surat Keputusan", "Konsep", "Disposisi")
    assert [words for words in about if words in said] == []
    assert _states(drawn) == ["done", "held", "ahead", "ahead", "ahead"]
    assert CODE in said


def test_status_offers_the_picture_instead_of_sending_it_and_a_pdf_of_it(desk: Desk, cast: Cast) -> None:
    desk.starts(cast.sekretariat)
    [status] = desk.talk((cast.kepala, f"/status {CODE}", "Langkah 1"))
    assert status.labels[-3:] == ["Gambar", "Gambar lebar", "PDF"]
    [wide] = desk.talk((cast.kepala, "[Gambar lebar]", CODE))
    assert wide.file_kind == "photo"
    [paper] = desk.talk((cast.kepala, "[PDF]", CODE))
    assert (paper.file_kind, paper.file_name) == ("document", f"Berkas-{CODE}.pdf")
    assert _content(desk, paper).startswith(b"%PDF")
