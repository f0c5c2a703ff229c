"""Catalogue: the checklist: what must be complete before a task moves on."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import checklist, refusals
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.Checklist: Entry(checklist.checklist, "checklist"),
    n.TicksCounted: Entry(checklist.ticks_counted, "ticks_counted"),
    n.LeftUnticked: Entry(checklist.left_unticked, "left_unticked"),
    n.NothingMissing: Entry(refusals.plain, "nothing_missing"),
}
