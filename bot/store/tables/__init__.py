"""The declared schema. Everything stored is UTC; a migration exists for every change here."""

from __future__ import annotations

from bot.store.tables.base import NEVER_REUSED, Base, Diagnosis, Id, JsonObject, UtcDateTime
from bot.store.tables.cases import CaseRow, EventRow, SerialRow, TaskPostRow, TaskRow
from bot.store.tables.delivery import BotRow, ChatRow, OutboxRow, SendSlotRow, UpdateRow
from bot.store.tables.offices import CalendarRow, OfficeRow, PostRow, SopVersionRow
from bot.store.tables.operations import DigestRow, FindingRow, RestorationRow
from bot.store.tables.people import FloodRow, HoldingRow, InvitationRow, PersonRow
from bot.store.tables.talk import CardRow, QuestionRow, ReminderReceiptRow, ReminderRow

__all__ = [
    "NEVER_REUSED",
    "Base",
    "BotRow",
    "CalendarRow",
    "CardRow",
    "CaseRow",
    "ChatRow",
    "Diagnosis",
    "DigestRow",
    "EventRow",
    "FindingRow",
    "FloodRow",
    "HoldingRow",
    "Id",
    "InvitationRow",
    "JsonObject",
    "OfficeRow",
    "OutboxRow",
    "PersonRow",
    "PostRow",
    "QuestionRow",
    "ReminderReceiptRow",
    "ReminderRow",
    "RestorationRow",
    "SendSlotRow",
    "SerialRow",
    "SopVersionRow",
    "TaskPostRow",
    "TaskRow",
    "UpdateRow",
    "UtcDateTime",
]
