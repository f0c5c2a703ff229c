"""Questions: choices by button and texts the bot waits for. Once answered they only say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.asking import QuestionContext, choice, confirmation, question_of
from bot.messages.case_view import CaseLine, CaseView, TaskLine, Where, case_view, task_and_case
from bot.messages.cases import rejected_to
from bot.messages.checklist import Missing, missing_of
from bot.messages.labels import label
from bot.messages.limits import NAME_LIMIT, TITLE_LIMIT, shorten
from bot.messages.people import HoldingLine, holding_line
from bot.messages.sops import sop_label
from bot.messages.standins import period_note
from bot.messages.view import Context
from bot.store import queries
from bot.store.tables import CaseRow, HoldingRow, TaskRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View

_TASKS_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseSopContext(QuestionContext):
    """``title`` is that of the case to be."""

    title: str


@dataclass(frozen=True, slots=True)
class TaskOption:
    """A task to choose from."""

    case: CaseLine
    task: TaskLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseTaskContext(QuestionContext):
    """``verb`` is ``done`` or ``reject``."""

    verb: str
    items: tuple[TaskOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseCaseContext(QuestionContext):
    """``code`` is what all the cases are called."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskReasonContext(QuestionContext):
    """Which step would be rejected, and where the case would go. ``missing`` can be named by button."""

    case: CaseLine
    task: TaskLine
    to_step: str
    holders: str
    missing: Missing | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCancelReasonContext(Context):
    """Which case would be ended."""

    case: CaseLine
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmCancelContext(QuestionContext):
    """Which case would be ended, where it stands and why."""

    case: CaseLine
    where: Where
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmRemovalContext(QuestionContext):
    """``open_tasks`` counts what waits for the post; ``alone`` that nobody else holds it."""

    holding: HoldingLine
    open_tasks: int
    alone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DroppedContext(Context):
    """``lapsed`` tells that time ran out, else that the person said no."""

    lapsed: bool


def choose_sop(view: View, notice: n.ChooseSop) -> ChooseSopContext | None:
    """Return which SOPs can be started."""
    question = question_of(view, notice.question_id)
    sops = view.work.library.sops
    ids = enumerate(question.about["options"])
    labels = [(index, sop_label(view, sops[sop_id])) for index, sop_id in ids if sop_id in sops]
    title = shorten(question.about.get("title") or "", TITLE_LIMIT)
    state = choice(view, question, labels)
    if state is None:
        return None
    started = (question.answer or {}).get("case_id")
    if started is not None:
        state["chosen"] = view.session.get_one(CaseRow, started).code
    return ChooseSopContext(title=title, **state)


def choose_task(view: View, notice: n.ChooseTask) -> ChooseTaskContext | None:
    """Return which of the recipient's tasks can be meant; ended ones are left out."""
    question = question_of(view, notice.question_id)
    found = [(index, *task_and_case(view, task_id)) for index, task_id in enumerate(question.about["options"])]
    running = [(index, case, task) for index, case, task in found if task.ended_at is None]
    labels = [(index, _task_label(view, case, task)) for index, case, task in found]
    state = choice(view, question, labels, shown={index for index, _, _ in running})
    if state is None:
        return None
    items = tuple(TaskOption(case.line, case.task_line(task)) for _, case, task in running[:_TASKS_LISTED])
    return ChooseTaskContext(verb=question.about["verb"], items=items, **state)


def _task_label(view: View, case: CaseView, task: TaskRow) -> str:
    values = {"code": case.row.code, "number": task.step}
    if view.several_offices:
        return label("button.task_office", office=view.office(case.row.office_id), **values)
    return label("button.task", **values)


def choose_case(view: View, notice: n.ChooseCase) -> ChooseCaseContext | None:
    """Return in which offices a code stands; the offices tell the cases apart."""
    question = question_of(view, notice.question_id)
    cases = [view.session.get_one(CaseRow, case_id) for case_id in question.about["options"]]
    labels = [(index, view.office(case.office_id)) for index, case in enumerate(cases)]
    state = choice(view, question, labels)
    return None if state is None else ChooseCaseContext(code=cases[0].code, **state)


def choose_post(view: View, notice: n.ChoosePost) -> QuestionContext | None:
    """Return for which posts an invitation can be made; those without a holder are marked."""
    question = question_of(view, notice.question_id)
    labels = [(index, _post_label(view, *pair)) for index, pair in enumerate(question.about["options"])]
    state = choice(view, question, labels)
    return None if state is None else QuestionContext(**state)


def _post_label(view: View, office_id: str, post_id: str) -> str:
    several = view.several_offices
    empty = not queries.holders_of(view.session, office_id, [post_id], view.at)
    key = "button.post" + ("_office" if several else "") + ("_empty" if empty else "")
    return label(key, post=view.post(office_id, post_id), office=shorten(view.office(office_id), NAME_LIMIT))


def choose_holding(view: View, notice: n.ChooseHolding) -> QuestionContext | None:
    """Return who can be taken off which post."""
    question = question_of(view, notice.question_id)
    rows = [view.session.get_one(HoldingRow, row_id) for row_id in question.about["options"]]
    labels = [(index, _holding_label(view, row)) for index, row in enumerate(rows)]
    current = {index for index, row in enumerate(rows) if not holding_line(view, row).over}
    state = choice(view, question, labels, shown=current)
    return None if state is None else QuestionContext(**state)


def _holding_label(view: View, row: HoldingRow) -> str:
    line = holding_line(view, row)
    values = {"person": line.person, "post": line.post + period_note(view, row)}
    if view.several_offices:
        return label("button.holding_office", office=view.office(row.office_id), **values)
    return label("button.holding", **values)


def ask_reason(view: View, notice: n.AskReason) -> AskReasonContext | None:
    """Return which step the reason is for; once it was answered or dropped, None unless it had buttons."""
    question = question_of(view, notice.question_id)
    case, task = task_and_case(view, question.about["task_id"])
    missing = missing_of(case, task, question)
    if question.answered_at is not None and missing is None:
        return None
    state = choice(view, question, [])
    if state is None:
        return None
    to_step, holders = rejected_to(case, task)
    if "closed" not in state:
        state["buttons"] = missing.buttons if missing else ()
        state["force_reply"] = None if missing else label("placeholder.reject")
    return AskReasonContext(
        case=case.line, task=case.task_line(task), to_step=to_step, holders=holders, missing=missing, **state
    )


def ask_cancel_reason(view: View, notice: n.AskCancelReason) -> AskCancelReasonContext | None:
    """Return which case the reason is for; None once it was answered or dropped."""
    question = question_of(view, notice.question_id)
    if question.answered_at is not None:
        return None
    case = case_view(view, question.about["case_id"])
    return AskCancelReasonContext(case=case.line, where=case.where(), force_reply=label("placeholder.cancel"))


def confirm_cancel(view: View, notice: n.ConfirmCancel) -> ConfirmCancelContext | None:
    """Return what ending the case would mean."""
    question = question_of(view, notice.question_id)
    case = case_view(view, question.about["case_id"])
    reason = case.prose(question.about["reason"])
    state = confirmation(view, question, label("button.yes_cancel"))
    return None if state is None else ConfirmCancelContext(case=case.line, where=case.where(), reason=reason, **state)


def confirm_removal(view: View, notice: n.ConfirmRemoval) -> ConfirmRemovalContext | None:
    """Return what taking the person off the post would mean."""
    question = question_of(view, notice.question_id)
    row = view.session.get_one(HoldingRow, question.about["holding_id"])
    state = confirmation(view, question, label("button.yes_remove"))
    if state is None:
        return None
    return ConfirmRemovalContext(
        holding=holding_line(view, row),
        open_tasks=len(queries.open_tasks_of_posts(view.session, row.office_id, [row.post_id])),
        alone=row.stands_for is None
        and len(queries.holders_of(view.session, row.office_id, [row.post_id], view.at)) == 1,
        **state,
    )


def question_dropped(_view: View, notice: n.QuestionDropped) -> DroppedContext:
    """Return that nothing has changed."""
    return DroppedContext(lapsed=notice.lapsed)
