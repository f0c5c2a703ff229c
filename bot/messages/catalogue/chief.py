"""Catalogue: the chief's phone: what awaits a decision."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import briefs
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.ChiefBrief: Entry(briefs.brief, "chief_brief"),
    n.KeptBack: Entry(briefs.brief, "kept_back"),
    n.MeetingBegun: Entry(briefs.meeting_begun, "meeting_begun"),
    n.MeetingOver: Entry(briefs.meeting_over, "meeting_over"),
}
