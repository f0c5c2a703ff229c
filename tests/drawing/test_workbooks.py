"""Workbooks: text stays text whatever it begins with, moments are moments, and any program opens them."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest

from bot.drawing import workbooks
from bot.drawing.draw import draw
from bot.drawing.paper import Form, Paper, Sheet

COLUMNS = [
    {"title": "=Judul", "kind": "text", "width": 40},
    {"title": "Mulai", "kind": "moment", "width": 20},
    {"title": "Menit", "kind": "minutes", "width": 12},
    {"title": "Bagian", "kind": "percent", "width": 9},
    {"title": "Kali", "kind": "whole", "width": 9},
]
VALUES = ["2026-11-09T08:15:30", 12.5, 1.25, 3]
FORMULAS = ['=HYPERLINK("http://x","y")', "+1", "-1+2", "@SUM(A1)", "\t=1+1", "=1+1", "'=1", '=cmd|" /C calc"!A0']


def made(*texts: str) -> bytes:
    rows = [[text, *VALUES] for text in texts]
    sheets = [{"name": "Berkas", "columns": COLUMNS, "rows": rows}, {"name": "Kosong", "columns": COLUMNS, "rows": []}]
    data = {"title": "t", "creator": "=Dinas", "made": "2026-11-09T08:00:00", "sheets": sheets}
    return workbooks.workbook(Paper(Sheet.MONTH_REPORT, Form.XLSX, json.dumps(data), "x"))


def test_what_was_typed_is_text_and_never_a_formula() -> None:
    book = openpyxl.load_workbook(io.BytesIO(made(*FORMULAS)))
    sheet = book["Berkas"]
    cells = [sheet.cell(row, 1) for row in range(1, len(FORMULAS) + 2)]
    assert [cell.value for cell in cells] == ["=Judul", *FORMULAS]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.quotePrefix and cell.number_format == "@" for cell in cells[1:])
    with zipfile.ZipFile(io.BytesIO(made(*FORMULAS))) as archive:
        assert b"<f>" not in b"".join(archive.read(name) for name in archive.namelist())


def test_moments_and_numbers_are_what_a_spreadsheet_reckons_with() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(made("a")))["Berkas"]
    moment, minutes, share, times = (sheet.cell(2, place) for place in range(2, 6))
    assert moment.value == datetime(2026, 11, 9, 8, 15, 30)  # noqa: DTZ001 - a wall clock
    assert (minutes.value, share.value, times.value) == (12.5, 1.25, 3)
    assert share.number_format == "0%"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("B2", "A1:E2")
    assert sheet.column_dimensions["A"].width == 40


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\x00b\x1f", "a\ufffdb\ufffd"),
        ("\ufffe\uffff", "\ufffd\ufffd"),
        ("\ud800", "\ufffd"),
        ("_x0041_", "_x005F_x0041_"),  # or Excel would show an A
        ("😀 <b>&amp; ملاحظة", "😀 <b>&amp; ملاحظة"),
        ("x" * 40_000, "x" * 32_767),
    ],
)
def test_what_a_workbook_has_no_place_for_does_not_spoil_it(typed: str, kept: str) -> None:
    assert openpyxl.load_workbook(io.BytesIO(made(typed)))["Berkas"]["A2"].value == kept


def test_the_same_data_give_the_same_file() -> None:
    first = made("a")
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert book.properties.modified == datetime(2026, 11, 9, 8)  # noqa: DTZ001 - not when it was saved
    assert made("a") == first


def test_moments_in_a_calendar_file_are_utc_whatever_their_zone() -> None:
    event = {"uid": "a", "sequence": 1, "start": "2026-11-09T08:00:00+07:00", "end": "2026-11-09T08:30:00+07:00"}
    event |= {"summary": "s", "description": "", "tentative": False}
    data = {"name": "n", "made": datetime(2026, 11, 9, tzinfo=UTC).isoformat(), "events": [event]}
    [file] = draw(Paper(Sheet.DEADLINES, Form.ICS, json.dumps(data), "x"))
    assert b"DTSTART:20261109T010000Z\r\n" in file
