"""Catalogue: a card's whole life: accepted, noted, put off, given more time, undone, claimed and released."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import card_life
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.AcceptRecorded: Entry(card_life.of_task, "accept_recorded"),
    n.AskNote: Entry(card_life.ask_note, "ask_note"),
    n.NoteRecorded: Entry(card_life.of_task, "note_recorded"),
    n.RemindersPutOff: Entry(card_life.reminders_put_off, "reminders_put_off"),
    n.NothingToPutOff: Entry(card_life.of_task, "nothing_to_put_off"),
    n.ChooseMoreTime: Entry(card_life.choose_more_time, "choose_more_time"),
    n.AskOwnTime: Entry(card_life.ask_own_time, "ask_own_time"),
    n.AskTimeReason: Entry(card_life.ask_time_reason, "ask_time_reason"),
    n.TimeAsked: Entry(card_life.time_asked, "time_asked"),
    n.DecideTime: Entry(card_life.decide_time, "decide_time"),
    n.TimeDecided: Entry(card_life.time_decided, "time_decided"),
    n.RequestOver: Entry(card_life.request_over, "request_over"),
    n.RequestWaits: Entry(card_life.of_task, "request_waits"),
    n.OthersDecide: Entry(card_life.others_decide, "others_decide"),
    n.UndoDone: Entry(card_life.undo_done, "undo_done"),
    n.TakenBack: Entry(card_life.taken_back, "taken_back"),
    n.UndoRefused: Entry(card_life.undo_refused, "undo_refused"),
    n.NotClaimed: Entry(card_life.not_claimed, "not_claimed"),
}
