"""What can be drawn, described as data: the same paper always gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256


class Sheet(StrEnum):
    """What is on a paper; the value names its template (``templates/<value>.typ``) or its maker."""

    FLOW = "flow"  # a SOP's header and swimlane table, of a case with how far it is
    FLOW_PORTRAIT = "flow_portrait"  # the same in the form a phone shows
    SOP_DOCUMENT = "sop_document"  # the complete SOP, ready for signature
    CASE_REPORT = "case_report"
    CONTROL_SHEET = "control_sheet"  # lembar kendali
    MONTH_REPORT = "month_report"
    CASE_CHART = "case_chart"  # a Gantt chart of one case
    OFFICE_CHARTS = "office_charts"
    DEADLINES = "deadlines"


class Form(StrEnum):
    """As what a paper leaves: pictures in a chat (PNG, one a page), or one file."""

    PICTURE = "png"
    PDF = "pdf"
    XLSX = "xlsx"
    ICS = "ics"


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper to be drawn. ``data`` is JSON text, ``name`` the file's name without its ending."""

    sheet: Sheet
    form: Form
    data: str
    name: str

    @property
    def file_name(self) -> str:
        """The name with its ending, as whoever saves the file finds it."""
        return f"{self.name}.{self.form.value}"

    @property
    def digest(self) -> str:
        """What tells papers of other content apart (hexadecimal); the name is no part of it."""
        return sha256(f"{self.sheet} {self.form} {self.data}".encode()).hexdigest()
