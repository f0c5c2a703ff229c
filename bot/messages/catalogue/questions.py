"""Catalogue: what the bot asks."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import questions
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.ChooseSop: Entry(questions.choose_sop, "choose_sop"),
    n.ChooseTask: Entry(questions.choose_task, "choose_task"),
    n.ChooseCase: Entry(questions.choose_case, "choose_case"),
    n.AskReason: Entry(questions.ask_reason, "ask_reason"),
    n.AskCancelReason: Entry(questions.ask_cancel_reason, "ask_cancel_reason"),
    n.ConfirmCancel: Entry(questions.confirm_cancel, "confirm_cancel"),
    n.ChoosePost: Entry(questions.choose_post, "choose_post"),
    n.ChooseHolding: Entry(questions.choose_holding, "choose_holding"),
    n.ConfirmRemoval: Entry(questions.confirm_removal, "confirm_removal"),
    n.QuestionDropped: Entry(questions.question_dropped, "question_dropped"),
}
