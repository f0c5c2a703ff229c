"""The declared schema. Everything stored is UTC; a migration exists for every change here."""

from __future__ import annotations

from bot.store.tables.base import NEVER_REUSED, Base, Diagnosis, Id, JsonObject, UtcDateTime
from bot.store.tables.cases import (
    AttachmentRow,
    CaseRow,
    EventRow,
    SerialRow,
    TaskPostRow,
    TaskRow,
    TaskSeenRow,
    TickRow,
)
from bot.store.tables.delivery import BotRow, ChatRow, OutboxRow, PaperSentRow, SendSlotRow, UpdateRow
from bot.store.tables.live_board import MenuButtonRow
from bot.store.tables.monitors import AlertThreadRow, BoardRow, OfficeChatRow, OfficeSettingRow
from bot.store.tables.offices import CalendarRow, OfficeRow, PostRow, SopVersionRow
from bot.store.tables.operations import DigestRow, FindingRow, RestorationRow
from bot.store.tables.people import FloodRow, HoldingRow, InvitationRow, PersonRow
from bot.store.tables.talk import CardRow, QuestionRow, QuietRow, ReminderReceiptRow, ReminderRow

__all__ = [
    "NEVER_REUSED",
    "AlertThreadRow",
    "AttachmentRow",
    "Base",
    "BoardRow",
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
    "MenuButtonRow",
    "OfficeChatRow",
    "OfficeRow",
    "OfficeSettingRow",
    "OutboxRow",
    "PaperSentRow",
    "PersonRow",
    "PostRow",
    "QuestionRow",
    "QuietRow",
    "ReminderReceiptRow",
    "ReminderRow",
    "RestorationRow",
    "SendSlotRow",
    "SerialRow",
    "SopVersionRow",
    "TaskPostRow",
    "TaskRow",
    "TaskSeenRow",
    "TickRow",
    "UpdateRow",
    "UtcDateTime",
]
