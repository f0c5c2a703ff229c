"""Documents on paper: what was typed stands on them as it was typed, and on the page."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pdfplumber
import pytest
import segno
from pdfminer.layout import LTChar, LTRect
from sqlalchemy import select

from bot.domain.budget import Budget, Unit
from bot.domain.notices import CaseFinished, Notice
from bot.domain.sop import Dates, Field, Post, Reading, Step
from bot.drawing.draw import draw
from bot.messages.papers.case_report import case_report
from bot.messages.papers.control_sheet import blank_sheet, control_sheet
from bot.messages.papers.sop_document import sop_document
from bot.messages.render import Recipient, render
from bot.messages.view import View
from bot.services.attach import Offered, attach
from bot.services.attachments_due import checked
from bot.services.complete_task import complete_task
from bot.services.evidence.digests import Match, compare_case
from bot.services.holds import hold_task, resume_task
from bot.services.more_time import ask_for_time, decide_time
from bot.services.moves import move_task
from bot.services.notes import add_note
from bot.services.on_behalf import record_decision
from bot.services.publish import publish
from bot.services.reject_task import reject_task
from bot.services.seal_case import seal_case
from bot.sop_files.loader import load_folder
from bot.store.tables import AttachmentRow, CaseRow, PersonRow, PostRow
from tests.services.conftest import BADAN_PK, PK, SK, Town, library, wib

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.domain.sop import Sop
    from bot.drawing.paper import Paper
    from bot.services.work import Work
    from bot.store.database import Store

ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)  # what a paper shows is not the database's doing
SOPS = load_folder(Path(__file__).parents[2] / "sop_data").sops
A4 = (595, 842)
SIGN = "Ж"
MARKUP = (
    '#panic() $x$ *tebal* _miring_ `kode` @rujuk <label> {{ 7*7 }} {% raw %} <b>&amp;</b> \\n // /* "kutip" -- \'...'
)
EMOJI, ARABIC = "🙂🚀", "ملاحظة"
HOSTILE = f"{MARKUP} {EMOJI} {ARABIC}"
UNBROKEN = SIGN * 4000
USED = "18 jam"  # working time over all activations, the day on hold left out
SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@dataclass(frozen=True)
class Page:
    """One page: its text in the order it was drawn, without any space, and whatever lies outside the paper."""

    size: tuple[int, int]
    text: str
    outside: str
    rects: list[dict[str, float]]


def squeezed(text: str) -> str:
    """Return text without space, and without the places where a long word may be broken."""
    return "".join(text.replace("\u200b", "").replace("\u200d", "").split())


def read(paper: Paper) -> list[Page]:
    """Return the pages of a paper's PDF."""
    with pdfplumber.open(io.BytesIO(draw(paper)[0])) as pdf:
        return [_page(page) for page in pdf.pages]


def _page(page: Any) -> Page:
    # What pdfminer has found, without what pdfplumber would make of every sign of it: half the time.
    found = list(page.layout)
    chars = [item for item in found if isinstance(item, LTChar) and squeezed(item.get_text())]
    width, height = page.width, page.height
    outside = [
        char.get_text()
        for char in chars
        if char.x0 < 20 or char.x1 > width - 20 or char.y1 > height - 15 or char.y0 < 8
    ]
    rects = [
        {"x0": item.x0, "top": height - item.y1, "width": item.width, "height": item.height}
        for item in found
        if isinstance(item, LTRect)
    ]
    text = squeezed("".join(char.get_text() for char in chars))
    return Page((round(width), round(height)), text, "".join(outside), rects)


def whole(pages: list[Page]) -> str:
    """Return the text of all pages, after checking that nothing of it is off the paper."""
    assert [page.outside for page in pages] == [""] * len(pages)
    return "".join(page.text for page in pages)


def has(text: str, *parts: str) -> bool:
    """Whether the text holds all parts; fails with the one that is missing."""
    missing = [part for part in parts if squeezed(part) not in text]
    assert not missing, missing
    return True


def _holds_hostile(text: str, times: int) -> None:
    assert text.count(squeezed(MARKUP)) >= times
    counted = Counter(text)
    assert all(counted[sign] >= times * count for sign, count in Counter(EMOJI + ARABIC).items())


# --- the document of a SOP ------------------------------------------------------------------


@pytest.mark.parametrize("sop", SOPS, ids=lambda sop: sop.id)
def test_the_document_says_everything_its_sop_says_and_counts_its_pages(sop: Sop) -> None:
    pages = read(sop_document(sop))
    own = [page for page in pages if "Lembarcatatan.BukanbagiandokumenSOP." not in page.text]
    assert {tuple(sorted(page.size)) for page in pages} == {A4}
    assert all(f"Halaman{number}dari{len(own)}" in page.text for number, page in enumerate(own, start=1))
    document = whole(own)
    lists = sop.legal_basis, sop.qualifications, sop.related, sop.equipment, sop.warnings, sop.records, sop.remedies
    assert has(document, sop.number or "", sop.approved_by or "", *(text for texts in lists for text in texts))
    assert has(document.upper(), sop.office.name.upper(), sop.name.upper())
    assert has(document, *(step.activity for step in sop.steps), *(post.name for post in sop.posts))
    assert own[0].size == A4
    assert own[-1].size == A4[::-1]
    assert "erluverifikasi" not in document
    behind = whole(pages[len(own) :])
    assert bool(behind) == sop.needs_confirmation
    notes = [step.reading.note for step in sop.steps if step.reading.unconfirmed and step.reading.note]
    assert has(behind, *notes)


def test_what_the_document_leaves_open_is_left_open_and_what_is_certain_has_no_sheet_behind() -> None:
    made = date(2026, 2, 3)
    pages = read(sop_document(replace(PK, dates=Dates(made=made), approved_by="Kepala Dinas")))
    assert len(pages) == 2
    assert has(
        pages[0].text, "Tanggal pembuatan", "3 Februari 2026", "Disahkan oleh Kepala Dinas", "NIP", "Tempat logo"
    )
    assert "None" not in whole(pages)
    full = read(sop_document(replace(PK, number="1/SOP", dates=Dates(made, made, made, made), legal_basis=("UU",))))
    assert has(full[0].text, "Nomor SOP 1/SOP", "Tanggal pengesahan 3 Februari 2026")


def test_a_document_of_nine_posts_and_hostile_texts_keeps_every_text_on_its_pages() -> None:
    posts = tuple(Post(f"p{n}", f"{HOSTILE} {n}", None if n == 0 else "p0") for n in range(9))
    doubt = Reading((Field.ACTIVITY,), {Field.ACTIVITY: HOSTILE}, HOSTILE)
    steps = tuple(
        Step(n, HOSTILE, (f"p{n % 9}",), Budget(1, Unit.DAY), outputs=(HOSTILE,), decision=n > 1, reading=doubt)
        for n in range(1, 13)
    )
    long, tall = (UNBROKEN, HOSTILE), (UNBROKEN[:500], HOSTILE)
    sop = replace(PK, name=HOSTILE, number=HOSTILE, approved_by=HOSTILE, posts=posts, steps=steps)
    sop = replace(
        sop, office=replace(PK.office, name="Dinas " + SIGN * 300), legal_basis=long, warnings=tall, records=tall
    )
    text = whole(read(sop_document(sop)))
    assert text.count(SIGN) >= 4000 + 2 * 500 + 300
    _holds_hostile(text, 3 + 3 + 12 * 2)


# --- a case ----------------------------------------------------------------------------------


@pytest.fixture
def town(store: Store) -> Town:
    """Return an office at its desks; Monday 08.00 WIB."""
    town = Town(store, library(PK, SK, BADAN_PK))
    town.run(publish)
    return town.staff()


def paper_of(town: Town, make: Callable[[View, int], Paper], case: int) -> Paper:
    """Return a paper for the sekretariat."""
    return town.run(lambda work: make(View(work, Recipient(town.ids["Sari"], town.person_id("Sari"))), case))


def render_to_sari(town: Town, notice: Notice) -> str:
    """Return what the sekretariat reads."""
    recipient = Recipient(town.ids["Sari"], town.person_id("Sari"))
    message = town.run(lambda work: render(work, notice, recipient))
    assert message
    return message.html


def played(town: Town, text: str, reason: str = "") -> int:
    """Play a case to its last step, with everything that people can write to it."""
    case = town.starts(title=text)
    town.at = wib(9, 9, 15)
    town.do("Sinta", attach, town.task(case).id, Offered("F", "U", text[:200], "", 184_320, photo=False))
    town.run(checked, town.rows(AttachmentRow)[-1].id, SHA256, 184_320)
    town.do("Sinta", complete_task, town.task(case).id, text)
    town.at = wib(9, 10, 5)
    town.do("Endah", reject_task, town.task(case).id, reason or text)
    town.at = wib(9, 11)
    town.do("Sinta", complete_task, town.task(case).id)
    for who in ("Bagus", "Endah"):
        town.do(who, complete_task, town.task(case).id)
    town.at = wib(10, 9)
    town.do("Rini", hold_task, town.task(case).id, text, outside=True)
    town.at = wib(11, 9)
    town.do("Rini", resume_task, town.task(case).id)
    town.do("Rini", ask_for_time, town.task(case).id, Budget(1, Unit.DAY), text)
    town.do("Sari", decide_time, town.task(case).id, 1, grant=True)
    town.do("Rini", add_note, town.task(case).id, text)
    town.do("Sari", move_task, town.task(case).id, from_post="kasubag", to_post="bendahara", reason=text)
    town.at = wib(12, 10)
    town.do("Rini", complete_task, town.task(case).id)
    return case


def finished(town: Town, case: int) -> None:
    """Let the sekretariat record, late, that the head has signed."""
    town.at = wib(12, 15)
    entry = {"late": True, "medium": "outage", "remark": "server padam", "file": None}
    about = {"task_id": town.task(case).id, "person_id": town.person_id("Kemal"), "decision": "done"}
    town.do("Sari", record_decision, {**about, **entry, "real_at": wib(12, 11).isoformat()})


@ON_SQLITE
def test_the_report_tells_who_when_for_how_long_and_why_it_went_back(town: Town) -> None:
    case = played(town, "Tabel target triwulan II belum diisi.")
    finished(town, case)
    text = whole(read(paper_of(town, case_report, case)))
    assert has(text, "LAPORAN PELAKSANAAN BERKAS", "PK-2026-001", "Selesai", "Senin, 9 Nov 2026 08.00 WIB, oleh Sari")
    # Who acted, in which capacity, and what they wrote.
    assert has(
        text,
        "ditolak oleh Endah (Bendahara), kembali ke Langkah 1. Tabel target triwulan II belum diisi.",
        "Langkah 1 (putaran 2) diselesaikan oleh Sinta (Staf)",
        "dijeda oleh Rini (Sekretaris), menunggu pihak luar",
        "dipindahkan oleh Sari (Sekretariat) dari Kepala Subbagian kepada Bendahara",
        "diselesaikan oleh Kemal (Kepala Dinas), dicatat oleh Sari sebagai catatan susulan",
        "sebenarnya pada 12 Nov 2026, 11.00 WIB",
    )
    # The same sums as the message that ends the case, a fingerprint that the command line accepts.
    end = render_to_sari(town, CaseFinished(case))
    assert has(squeezed(end), USED, "dari 37 jam menurut SOP + 1 Hari")
    assert "tidakutuh" not in text
    # Waktu against actual: a day on hold does not count, a late entry counts from when it was.
    assert has(text, "4 Hari+ 1 Hari= 30 jam", "jeda 7 jam 30 menit, tidak dihitung", "2 Jam= 2 jam1 jam")
    assert has(text, f"Waktu kerja terpakai: {USED}, dari 37 jam menurut SOP (ditambah 1 Hari yang disetujui)")
    assert has(text, "Penolakan: 1 kali.", "180 KB", SHA256, "Langkah 1, Sinta")


@ON_SQLITE
def test_whatever_people_write_and_are_called_stands_in_the_report_and_on_the_sheet(town: Town) -> None:
    def renames(work: Work) -> None:
        for row in [*work.session.scalars(select(PersonRow)), *work.session.scalars(select(PostRow))]:
            row.name = f"{row.name} {HOSTILE}"
        work.session.scalars(select(CaseRow)).one().title = f"{HOSTILE} {UNBROKEN}"

    case = played(town, f"{HOSTILE} {UNBROKEN[:800]}", reason=f"{HOSTILE} {UNBROKEN[:3000]}")
    town.run(renames)
    text = whole(read(paper_of(town, case_report, case)))
    # A note, a rejection, a hold, a request, a remark and a move, the title, and the file's own name.
    _holds_hostile(text, 8)
    assert text.count(SIGN) >= 5 * 800 + 3000 + 4000
    sheet = whole(read(paper_of(town, control_sheet, case)))
    _holds_hostile(sheet, 6)
    assert sheet.count(SIGN) >= 4000


@ON_SQLITE
def test_the_code_on_the_report_holds_what_the_command_line_compares(town: Town) -> None:
    case = played(town, "Alasan")
    pages = read(paper_of(town, case_report, case))
    found = town.case(case)
    claim = _scanned(pages[0], len(segno.make("x" * 34, error="q", micro=False).matrix), found.code)
    with pdfplumber.open(io.BytesIO(draw(paper_of(town, case_report, case))[0])) as pdf:
        printed = pdf.pages[-1].extract_text()
    # As it is printed it can be copied into a terminal: no sign of it is invisible.
    assert f"sop-bot audit verify --instansi dinas --sidik-jari {claim}\n" in printed
    assert town.case(case).head in printed
    code, _, fingerprint = claim.partition("=")
    assert code == "PK-2026-001"
    town.do("Kemal", complete_task, town.task(case).id)
    told = town.run(compare_case, case, fingerprint)
    assert isinstance(told, Match)
    assert told.number == found.events < told.events


def _scanned(page: Page, side: int, code: str) -> str:
    """Return the claim whose QR code is drawn on the page; fails where the modules are those of another text."""
    dark = [rect for rect in page.rects if abs(rect["width"] - rect["height"]) < 0.01 and rect["width"] < 5]
    module = dark[0]["width"]
    left, top = min(rect["x0"] for rect in dark), min(rect["top"] for rect in dark)
    drawn = {(round((rect["top"] - top) / module), round((rect["x0"] - left) / module)) for rect in dark}
    start = page.text.index(squeezed(f"Laporan berkas {code} · sidik jari ")) + len(
        squeezed(f"Laporan berkas {code} · sidik jari ")
    )
    claim = f"{code}={page.text[start : start + 24]}"
    matrix = segno.make(claim, error="q", micro=False, boost_error=False).matrix
    assert len(matrix) == side
    assert drawn == {(y, x) for y, row in enumerate(matrix) for x, cell in enumerate(row) if cell}
    return claim


@ON_SQLITE
def test_of_a_secret_case_the_papers_hold_the_code_and_the_times_and_nothing_of_what_it_is_about(town: Town) -> None:
    case = played(town, "Anggrek")
    town.do("Sari", seal_case, case)
    for make in (case_report, control_sheet):
        paper = paper_of(town, make, case)
        text = whole(read(paper))
        assert "PK-2026-001" in text
        for word in ("Anggrek", "Mengoreksi", "Perjanjian", SHA256, "180KB"):
            assert word not in text
            assert word not in paper.data
    assert has(text, "Kepala Dinas", "2 Jam", "(rahasia)")


@ON_SQLITE
def test_the_control_sheet_of_a_running_case_shows_what_is_done_and_leaves_the_rest_to_be_signed(town: Town) -> None:
    case = played(town, "Alasan")
    [page] = read(paper_of(town, control_sheet, case))
    assert page.size == A4[::-1]
    text = whole([page])
    assert has(text, "LEMBAR KENDALI BERKAS", "/susulan PK-2026-001", "Halaman 1 dari 1")
    assert has(text, "Sinta (Staf)", "9 Nov 2026, 11.00 WIB", "tidak diperlukan", "jatuh tempo 12 Nov 2026, 12.00 WIB")
    assert text.count(squeezed("Selesai tercatat di bot")) == 4
    assert text.count(squeezed("Tolak ke langkah 4")) == 1
    assert text.index("Sinta(Staf)") < text.index("Menandatangani") < text.index(squeezed("Tolak ke langkah 4"))


@pytest.mark.parametrize("sop", SOPS[-2:], ids=lambda sop: sop.id)
def test_a_blank_control_sheet_has_a_line_for_every_post_of_every_step(sop: Sop) -> None:
    pages = read(blank_sheet(sop))
    text = whole(pages)
    assert {page.size for page in pages} == {A4[::-1]}
    assert all(squeezed("Ya / Tolak dan alasan") in page.text for page in pages)
    assert has(text, *(item for step in sop.steps for item in (step.activity, *step.requirements, *step.outputs)))
    lines = sum(len(step.posts) for step in sop.steps[1:])
    assert text.count(squeezed("Tolak ke langkah")) == lines + 3  # and the blank rows at the end
    assert "tercatatdibot" not in text
