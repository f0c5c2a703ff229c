"""Catalogue: what the sekretariat is told about the running of the bot itself."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import auditing, refusals, restored, undelivered, weekly
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.WeeklyDigest: Entry(weekly.weekly_digest, "weekly_digest"),
    n.AuditFinding: Entry(auditing.audit_finding, "audit_finding"),
    n.MessageUndelivered: Entry(undelivered.message_undelivered, "message_undelivered"),
    n.Restored: Entry(restored.restored, "restored"),
    n.TooManyMessages: Entry(refusals.too_many_messages, "too_many_messages"),
}
