"""Statistics, the report of a month and deadlines over HTTP: as pictures, as documents, or as a polite sentence."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import openpyxl
from icalendar import Calendar

if TYPE_CHECKING:
    from bot.demo.telegram import Person
    from bot.demo.telegram.seen import SeenMessage
    from tests.handlers.conftest import Cast, Desk

SOP = "dinas-arsip"  # kasubag, then kepala


def _hears(desk: Desk, who: Person, what: str) -> list[SeenMessage]:
    """Return what somebody is answered with: the pages of an album are messages, of which the first has words."""
    before = desk.messages(who)
    who.presses(what[1:-1]) if what.startswith("[") else who.says(what)
    desk.stage.settle()
    return [message for key, message in desk.messages(who).items() if key not in before]


def _content(desk: Desk, message: SeenMessage) -> bytes:
    return desk.office.telegram.files[str(message.file_id)].content


def test_an_office_reads_how_it_keeps_its_time_and_before_it_has_any_a_sentence(desk: Desk, cast: Cast) -> None:
    [nothing] = _hears(desk, cast.staf, "/statistik")
    assert "belum mempunyai tugas" in nothing.text
    assert nothing.file_id is None

    code = desk.starts(cast.sekretariat, "Arsip 2010", SOP)
    desk.completes(cast.kasubag, cast.kepala)
    pages = _hears(desk, cast.staf, "/statistik")
    assert [page.file_kind for page in pages] == ["photo"] * 3
    assert "Sejak Juni 2026" in pages[0].text
    assert all(page.sides is not None and page.sides[0] < 2 * page.sides[1] for page in pages), "upright"

    [chart] = _hears(desk, cast.staf, f"/statistik {code.lower()}")
    assert (chart.file_kind, chart.text[: len(code)]) == ("photo", code)
    desk.talk(
        (cast.staf, "/statistik ARS-2026-099", "tidak ditemukan"), (cast.staf, "/statistik apa", "tidak ditemukan")
    )


def test_the_month_comes_as_a_workbook_and_a_paper_to_those_who_may_have_it(desk: Desk, cast: Cast) -> None:
    code = desk.starts(cast.sekretariat, "=HYPERLINK(1)", SOP)
    secret = desk.starts(cast.sekretariat, "Naskah Melati", SOP)
    desk.talk((cast.sekretariat, f"/rahasia {secret}", "rahasia"))
    desk.talk(
        (cast.staf, "/laporan bulan", "sekretariat dan pimpinan"),
        (cast.sekretariat, "/laporan bulan", "Pada Oktober 2026 tidak ada berkas"),
        (cast.sekretariat, "/laporan bulan desember 2026", "bulan yang sudah dimulai"),
    )
    table, report = _hears(desk, cast.kepala, "/laporan bulan november")
    assert [table.file_name, report.file_name] == ["Laporan-2026-11.xlsx", "Laporan-2026-11.pdf"]
    assert "2 berkas" in table.text
    book = openpyxl.load_workbook(io.BytesIO(_content(desk, table)))
    cases, tasks = book["Berkas"], book["Tugas"]
    assert [(row[0], row[1]) for row in cases.iter_rows(min_row=2, values_only=True)] == [
        (code, "=HYPERLINK(1)"),
        (secret, "berkas rahasia"),
    ]
    assert [row[2] for row in cases.iter_rows(min_row=2, values_only=True)] == ["Pemusnahan Arsip", "(rahasia)"]
    assert cases["B2"].data_type == "s"
    assert [(row[0], row[4]) for row in tasks.iter_rows(min_row=2, values_only=True)][1] == (secret, "(rahasia)")
    assert str(cases["F2"].value) == "2026-11-09 08:00:00", "on the office's clock"
    assert _content(desk, report).startswith(b"%PDF")


def test_my_deadlines_come_as_a_calendar_file(desk: Desk, cast: Cast) -> None:
    desk.talk((cast.kasubag, "/jadwal", "tidak ada tugas"))
    code = desk.starts(cast.sekretariat, "Arsip 2010", SOP)
    [message] = _hears(desk, cast.kasubag, "/jadwal")
    assert message.file_name == "Jatuh-tempo.ics"
    [event] = Calendar.from_ical(_content(desk, message)).events
    assert str(event["summary"]).startswith(f"{code} Langkah 1 – ")


def test_who_works_for_two_offices_says_which(desk: Desk, cast: Cast) -> None:
    desk.appoint(cast.sekretariat, "sekretariat", office="badan")
    desk.starts(cast.sekretariat, "Arsip 2010", SOP)
    desk.talk((cast.sekretariat, "/statistik", "Statistik instansi mana"))
    [other] = _hears(desk, cast.sekretariat, "[Badan Contoh]")
    assert "belum mempunyai tugas" in other.text
    desk.talk((cast.sekretariat, "/laporan bulan 11", "Laporan November 2026 untuk instansi mana"))
    assert len(_hears(desk, cast.sekretariat, "[Dinas Contoh]")) == 2
