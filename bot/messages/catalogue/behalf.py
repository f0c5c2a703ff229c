"""Catalogue: on behalf of somebody else, and what is entered late."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import behalf, objecting, refusals
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.RecordStep: Entry(behalf.record_step, "record_step"),
    n.NothingToRecord: Entry(behalf.nothing_to_record, "nothing_to_record"),
    n.NobodyDecides: Entry(behalf.about_task, "nobody_decides"),
    n.NotHeldThen: Entry(behalf.not_held_then, "not_held_then"),
    n.MomentUnread: Entry(refusals.plain, "moment_unread"),
    n.MomentRefused: Entry(behalf.moment_refused, "moment_refused"),
    n.DecisionRecorded: Entry(behalf.decision_recorded, "decision_recorded"),
    n.RecordedTold: Entry(behalf.recorded_told, "recorded_told"),
    n.AskObjection: Entry(objecting.ask_objection, "ask_objection"),
    n.ObjectionNoted: Entry(objecting.objection, "objection_noted"),
    n.ObjectionTold: Entry(objecting.objection, "objection_told"),
    n.ObjectionRefused: Entry(objecting.objection_refused, "objection_refused"),
}
