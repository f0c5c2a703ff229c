"""Workbooks (XLSX): tables of typed values. What people typed stays text: nothing in a cell is ever a formula."""

from __future__ import annotations

import json
import re
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.writer.excel import ExcelWriter

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

    from bot.drawing.paper import Paper

_FORMATS = {
    "text": "@",
    "moment": "dd/mm/yyyy hh:mm:ss",
    "whole": "0",
    "minutes": "#,##0.0",
    "percent": "0%",
}
_LONGEST = 32_767  # characters that Excel takes in a cell
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 has no place for
_ESCAPE = re.compile("_(x[0-9A-Fa-f]{4}_)")  # Excel would read it as one character
_PRINTED_ROWS = "1:1"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment a ZIP archive knows
_WRAPPED, _PLAIN = Alignment(wrap_text=True, vertical="top"), Alignment(vertical="top")
_BOLD = Font(bold=True)
_HEAD = PatternFill("solid", fgColor="FFD9D9D9")
_LINE = Border(bottom=Side(style="thin", color="FF444444"))


def workbook(paper: Paper) -> bytes:
    """Return the file: sheets of ``columns`` (title, kind, width in characters) and ``rows`` of as many values.

    ``kind`` is text, moment (ISO, without an offset: the office's wall clock), whole, minutes or percent (1.0 is
    all); None leaves a cell empty. Raises KeyError or ValueError where data do not fit.
    """
    data = json.loads(paper.data)
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator = data["creator"]
    book.properties.title = data["title"]
    book.properties.created = book.properties.modified = datetime.fromisoformat(data["made"])
    for sheet in data["sheets"]:
        _fill(book.create_sheet(sheet["name"]), sheet["columns"], sheet["rows"])
    return _settled(book)


def _fill(sheet: Worksheet, columns: list[dict[str, Any]], rows: list[list[Any]]) -> None:
    for place, column in enumerate(columns, 1):
        head = sheet.cell(1, place, _text(column["title"]))
        head.data_type = "s"
        head.font, head.fill, head.border, head.alignment = _BOLD, _HEAD, _LINE, _WRAPPED
        sheet.column_dimensions[get_column_letter(place)].width = column["width"]
    for number, row in enumerate(rows, 2):
        for place, (column, value) in enumerate(zip(columns, row, strict=True), 1):
            if value is not None:
                _write(sheet.cell(number, place), column["kind"], value)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    sheet.print_title_rows = _PRINTED_ROWS
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _write(cell: Any, kind: str, value: Any) -> None:
    if kind == "text":
        cell.value = _text(value)
        cell.data_type = "s"  # set after the value: openpyxl takes what begins with an equals sign for a formula
        cell.quotePrefix = True  # whoever edits the cell gets the same text again, not a formula
    else:
        cell.value = datetime.fromisoformat(value) if kind == "moment" else value
    cell.alignment = _WRAPPED if kind == "text" else _PLAIN
    cell.number_format = _FORMATS[kind]


def _text(value: object) -> str:
    """Return text that a cell can hold and shows as it was typed."""
    kept = _ESCAPE.sub(r"_x005F_\1", _UNWRITABLE.sub("\ufffd", str(value)))
    return kept[:_LONGEST]


def _settled(book: Workbook) -> bytes:
    """Return the saved workbook without the moments at which it was saved: the same data give the same bytes."""
    saved, settled = BytesIO(), BytesIO()
    ExcelWriter(book, ZipFile(saved, "w")).save()  # Workbook.save would write down when it was called
    with ZipFile(saved) as before, ZipFile(settled, "w", ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(ZipInfo(name, _EPOCH), before.read(name), ZIP_DEFLATED)
    return settled.getvalue()
