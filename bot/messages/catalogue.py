"""Which builder and which template make a notice into a message. The explicit list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.domain import notices as n
from bot.messages import (
    auditing,
    cards,
    cases,
    people,
    questions,
    refusals,
    reminding,
    restored,
    sops,
    status,
    undelivered,
    weekly,
)

if TYPE_CHECKING:
    from bot.messages.view import Context, View

Builder = Callable[["View", Any], "Context | None"]


@dataclass(frozen=True, slots=True)
class Entry:
    """How one kind of notice is made: the builder reads the store, the template has the words."""

    builder: Builder
    template: str


CATALOGUE: Mapping[type[n.Notice], Entry] = {
    # tasks and cases
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
    n.WeeklyDigest: Entry(weekly.weekly_digest, "weekly_digest"),
    n.AuditFinding: Entry(auditing.audit_finding, "audit_finding"),
    n.SopList: Entry(sops.sop_list, "sop_list"),
    n.SopDetail: Entry(sops.sop_detail, "sop_detail"),
    # questions
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
    # people and posts
    n.InvitationLink: Entry(people.invitation_link, "invitation_link"),
    n.InvitationAccepted: Entry(people.invitation_accepted, "invitation_accepted"),
    n.InvitationUsed: Entry(people.invitation_used, "invitation_used"),
    n.InvitationRefused: Entry(people.invitation_refused, "invitation_refused"),
    n.HoldingRemoved: Entry(people.holding_removed, "holding_removed"),
    n.PostLost: Entry(people.post_lost, "post_lost"),
    n.EmptyPosts: Entry(people.empty_posts, "empty_posts"),
    n.PersonUnreachable: Entry(people.person_unreachable, "person_unreachable"),
    n.MessageUndelivered: Entry(undelivered.message_undelivered, "message_undelivered"),
    # the running of the bot
    n.Restored: Entry(restored.restored, "restored"),
    # refusals and other answers
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
    n.TooManyMessages: Entry(refusals.too_many_messages, "too_many_messages"),
}
