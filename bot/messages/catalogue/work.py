"""Catalogue: tasks and cases."""

from __future__ import annotations

from bot.domain import notices as n
from bot.messages import cards, cases, refusals, reminding, sops, status
from bot.messages.catalogue.entry import Entries, Entry

ENTRIES: Entries = {
    n.TaskCard: Entry(cards.task_card, "task_card"),
    n.CardReplaced: Entry(refusals.plain, "card_replaced"),
    n.TaskList: Entry(cards.task_list, "task_list"),
    n.CaseStarted: Entry(cases.case_started, "case_started"),
    n.PartReported: Entry(cases.part_reported, "part_reported"),
    n.RejectionRecorded: Entry(cases.rejection, "rejection_recorded"),
    n.RejectionTold: Entry(cases.rejection, "rejection_told"),
    n.CaseFinished: Entry(cases.case_finished, "case_finished"),
    n.CaseCancelled: Entry(cases.case_cancelled, "case_cancelled"),
    n.Reminders: Entry(reminding.reminders, "reminders"),
    n.RunningCases: Entry(cases.running_cases, "running_cases"),
    n.CaseStatus: Entry(status.case_status, "case_status"),
    n.CaseHistory: Entry(status.case_history, "case_history"),
    n.SopList: Entry(sops.sop_list, "sop_list"),
    n.SopDetail: Entry(sops.sop_detail, "sop_detail"),
}
