"""Notices: documents that are printed and filed."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.notices.base import Notice

__all__ = ["CaseReport", "ChooseReport", "ControlSheet", "SopDocument"]


@dataclass(frozen=True, slots=True)
class SopDocument(Notice):
    """A whole SOP as the document that is signed."""

    sop_id: str


@dataclass(frozen=True, slots=True)
class CaseReport(Notice):
    """What became of a case, to be filed: who, when, working time against the budgets, evidence."""

    case_id: int


@dataclass(frozen=True, slots=True)
class ControlSheet(Notice):
    """A running case's sheet to go on with on paper while Telegram is down."""

    case_id: int


@dataclass(frozen=True, slots=True)
class ChooseReport(Notice):
    """Which case a document is wanted of; one button each."""

    question_id: int
