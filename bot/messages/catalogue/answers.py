"""Catalogue: refusals and other answers."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import people, refusals
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.Help: Entry(refusals.help_, "help"),
    n.Stranger: Entry(refusals.plain, "stranger"),
    n.PrivateOnly: Entry(refusals.about_bot, "private_only"),
    n.EditedNotObeyed: Entry(refusals.plain, "edited_not_obeyed"),
    n.NotUnderstood: Entry(refusals.plain, "not_understood"),
    n.Apology: Entry(refusals.plain, "apology"),
    n.CodeUnknown: Entry(refusals.code_unknown, "code_unknown"),
    n.CodeNeeded: Entry(refusals.code_needed, "code_needed"),
    n.NoTasks: Entry(refusals.plain, "no_tasks"),
    n.HeldByOthers: Entry(refusals.held_by_others, "held_by_others"),
    n.TaskOver: Entry(refusals.task_over, "task_over"),
    n.PartAlreadyReported: Entry(refusals.part_already_reported, "part_already_reported"),
    n.CaseOver: Entry(refusals.case_over, "case_over"),
    n.FirstStep: Entry(refusals.first_step, "first_step"),
    n.NotAllowed: Entry(refusals.not_allowed, "not_allowed"),
    n.SopUnknown: Entry(refusals.sop_unknown, "sop_unknown"),
    n.NothingToStart: Entry(refusals.plain, "nothing_to_start"),
    n.NothingToRemove: Entry(refusals.plain, "nothing_to_remove"),
    n.AlreadyChosen: Entry(refusals.plain, "already_chosen"),
    n.LastSecretariat: Entry(people.holding_refusal, "last_secretariat"),
    n.HoldingOver: Entry(people.holding_refusal, "holding_over"),
}
