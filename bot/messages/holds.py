"""Holds, and the moves of the sekretariat: what they add to a card, what is asked, answered and told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from bot.domain import events as ev
from bot.messages.actions import Action, Verb
from bot.messages.asking import QuestionContext, choice, confirmation, question_of
from bot.messages.case_view import CaseLine, CaseView, TaskLine, Where, case_view, task_and_case
from bot.messages.keyboards import button
from bot.messages.labels import join, label
from bot.messages.limits import NAME_LIMIT, REASON_LIMIT, REASON_LINES, shorten
from bot.messages.message import Style
from bot.messages.view import Context
from bot.store import queries

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.message import Button
    from bot.messages.view import View
    from bot.store.tables import TaskRow

_E = TypeVar("_E", bound=ev.Event)
_TITLE = 40
_LISTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class OnHoldContext(Context):
    """``mine`` tells that the recipient may let it go on, else ``whom`` names who may."""

    case: CaseLine
    task: TaskLine | None
    mine: bool
    whom: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WhereContext(Context):
    """A case, and where it stands."""

    case: CaseLine
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandContext(Context):
    """``command`` is its name without the slash."""

    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskContext(Context):
    """A task, and who did something to it (``who``), why; ``holders`` have it now."""

    case: CaseLine
    task: TaskLine
    who: str = ""
    reason: str = ""
    holders: str = ""
    outside: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MovedContext(TaskContext):
    """From which post to which the task went."""

    from_post: str
    to_post: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnedContext(TaskContext):
    """``task`` is the one that was taken, ``target`` the one given for it."""

    target: TaskLine


@dataclass(frozen=True, slots=True, kw_only=True)
class AskContext(Context):
    """What a reason is asked for. ``to`` names the post or the step that things go to."""

    case: CaseLine
    task: TaskLine
    outside: bool = False
    to: str = ""


@dataclass(frozen=True, slots=True)
class RunningOption:
    """A case to choose from."""

    case: CaseLine
    task: TaskLine
    holders: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseRunningContext(QuestionContext):
    """``command`` is what the case is chosen for."""

    command: str
    items: tuple[RunningOption, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseForTaskContext(QuestionContext):
    """A choice about a task."""

    case: CaseLine
    task: TaskLine


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmReturnContext(ChooseForTaskContext):
    """The step the case would go back to, who would get it, and why."""

    to: str
    activity: str
    holders: str
    reason: str


# --- on the card --------------------------------------------------------------------------------


def card_lines(_view: View, case: CaseView, task: TaskRow) -> Sequence[str]:
    """Return why the task was handed on, if it was: it is on another card's line than who gave it."""
    moved = _latest(case, ev.TaskMoved, task)
    if moved is None:
        return ()
    who = case.who(moved.by, [moved.capacity])
    return (label("card.moved", who=who, post=_post(case, moved.from_post), reason=_reason(moved)),)


def card_buttons(_view: View, _case: CaseView, task: TaskRow) -> Sequence[Button]:
    """Return *Tunggu pihak luar* for a card whose clock runs."""
    if task.held_at is not None:
        return ()
    return (button(label("button.hold"), Action(Verb.HOLD, task.id)),)


def resume_button(task_id: int, code: str | None = None) -> Button:
    """Return the one thing to do with a task whose clock stands still."""
    text = label("button.resume_code", code=code) if code else label("button.resume")
    return button(text, Action(Verb.RESUME, task_id), Style.PRIMARY)


# --- refusals -----------------------------------------------------------------------------------


def on_hold(view: View, notice: n.OnHold) -> OnHoldContext:
    """Return why nothing goes on, and who may change that."""
    case = case_view(view, notice.case_id)
    task = case.open
    if task is None or task.held_at is None:
        return OnHoldContext(case=case.line, task=None, mine=False, whom="")
    posts = view.posts_on(case.row.office_id, strategic=task.strategic)
    mine = view.is_secretariat(case.row.office_id) or bool(posts & set(case.posts(task)))
    return OnHoldContext(
        case=case.line,
        task=case.task_line(task),
        mine=mine,
        whom=case.waited_for(task),
        buttons=((resume_button(task.id),),) if mine and view.recipient.person_id is not None else (),
    )


def refused(view: View, notice: n.NotOnHold | n.MoveRefused | n.ReturnRefused) -> WhereContext:
    """Return where the case stands, which is why it cannot be."""
    case = case_view(view, notice.case_id)
    return WhereContext(case=case.line, where=case.where())


def none_to_steer(_view: View, notice: n.NoneToSteer) -> CommandContext:
    """Return what there is no case for."""
    return CommandContext(command=notice.command)


# --- answers, and what others are told ----------------------------------------------------------


def hold_recorded(view: View, notice: n.HoldRecorded) -> TaskContext:
    """Return the answer to whoever stopped the clock."""
    case, task = task_and_case(view, notice.task_id)
    held = _latest(case, ev.CaseHeld, task)
    reason, outside = (_reason(held), held.outside) if held else ("", False)
    return TaskContext(case=case.line, task=case.task_line(task), reason=reason, outside=outside)


def hold_told(view: View, notice: n.HoldTold) -> TaskContext | None:
    """Return who stopped the clock and why; None where it runs again."""
    case, task = task_and_case(view, notice.task_id)
    held = _latest(case, ev.CaseHeld, task)
    if held is None or task.held_at is None:
        return None
    return TaskContext(
        case=case.line,
        task=case.task_line(task),
        who=case.who(held.by, [held.capacity]),
        reason=_reason(held),
        holders=case.waited_for(task),
        outside=held.outside,
    )


def resume_recorded(view: View, notice: n.ResumeRecorded) -> TaskContext:
    """Return the answer to whoever let the clock run again."""
    case, task = task_and_case(view, notice.task_id)
    return TaskContext(case=case.line, task=case.task_line(task), over=task.ended_at is not None)


def resume_told(view: View, notice: n.ResumeTold) -> TaskContext | None:
    """Return who let the clock run again; None where it has ended since, or stands still again."""
    case, task = task_and_case(view, notice.task_id)
    resumed = _latest(case, ev.CaseResumed, task)
    if resumed is None or task.held_at is not None or task.ended_at is not None:
        return None
    who = case.who(resumed.by, [resumed.capacity])
    return TaskContext(case=case.line, task=case.task_line(task), who=who, holders=case.waited_for(task))


def moved(view: View, notice: n.MoveRecorded | n.MoveTold) -> MovedContext | None:
    """Return who handed the task on, from whom to whom, and why."""
    case, task = task_and_case(view, notice.task_id)
    event = _latest(case, ev.TaskMoved, task)
    if event is None:
        return None
    return MovedContext(
        case=case.line,
        task=case.task_line(task),
        who=case.who(event.by, [event.capacity]),
        reason=_reason(event),
        holders=case.holders([event.to_post]),
        over=task.ended_at is not None,
        from_post=_post(case, event.from_post),
        to_post=_post(case, event.to_post),
    )


def returned(view: View, notice: n.ReturnRecorded | n.ReturnTold) -> ReturnedContext | None:
    """Return who moved the case back, where to, and why."""
    case, task = task_and_case(view, notice.task_id)
    event = _latest(case, ev.CaseReturned, task)
    tasks = queries.tasks_of_case(view.session, case.row.id)
    target = next((other for other in tasks if other.number == task.number + 1), None)
    if event is None or target is None:
        return None
    return ReturnedContext(
        case=case.line,
        task=case.task_line(task),
        who=case.who(event.by, [event.capacity]),
        reason=_reason(event),
        holders=case.holders(case.posts(target)),
        over=target.ended_at is not None,
        target=case.task_line(target),
    )


# --- questions ----------------------------------------------------------------------------------


def choose_running(view: View, notice: n.ChooseRunning) -> ChooseRunningContext | None:
    """Return which running cases can be meant."""
    question = question_of(view, notice.question_id)
    found = [(index, case_view(view, case_id)) for index, case_id in enumerate(question.about["options"])]
    running = [(index, case, task) for index, case in found if (task := case.open) is not None]
    labels = [(index, _case_label(view, case)) for index, case in found]
    state = choice(view, question, labels, shown={index for index, _, _ in running})
    if state is None:
        return None
    items = tuple(
        RunningOption(case.line, case.task_line(task), case.waited_for(task)) for _, case, task in running[:_LISTED]
    )
    return ChooseRunningContext(command=question.about["command"], items=items, **state)


def _case_label(view: View, case: CaseView) -> str:
    values = {"code": case.row.code, "title": shorten(case.row.title, _TITLE)}
    if view.several_offices:
        return label("button.case_office", office=shorten(view.office(case.row.office_id), NAME_LIMIT), **values)
    return label("button.case", **values)


def choose_move(view: View, notice: n.ChooseMoveFrom | n.ChooseMoveTo) -> ChooseForTaskContext | None:
    """Return the posts to choose from, with who holds them."""
    question = question_of(view, notice.question_id)
    case, task = task_and_case(view, question.about["task_id"])
    labels = [(index, _post_label(view, case, post)) for index, post in enumerate(question.about["options"])]
    state = choice(view, question, labels)
    return None if state is None else ChooseForTaskContext(case=case.line, task=case.task_line(task), **state)


def _post_label(view: View, case: CaseView, post: str) -> str:
    people = queries.holders_of(view.session, case.row.office_id, [post], view.at)
    if not people:
        return label("button.post_empty", post=_post(case, post))
    return label("button.post_held", post=_post(case, post), people=view.names(people))


def choose_return(view: View, notice: n.ChooseReturn) -> ChooseForTaskContext | None:
    """Return the steps to choose from."""
    question = question_of(view, notice.question_id)
    case, task = task_and_case(view, question.about["task_id"])
    steps = [case.sop.step(number) for number in question.about["options"]]
    labels = [(i, label("button.step", number=step.number, activity=step.activity)) for i, step in enumerate(steps)]
    state = choice(view, question, labels)
    return None if state is None else ChooseForTaskContext(case=case.line, task=case.task_line(task), **state)


def confirm_return(view: View, notice: n.ConfirmReturn) -> ConfirmReturnContext | None:
    """Return what moving the case back would mean."""
    question = question_of(view, notice.question_id)
    case, task = task_and_case(view, question.about["task_id"])
    state = confirmation(view, question, label("button.yes_return"))
    if state is None:
        return None
    step = case.sop.step(question.about["step"])
    return ConfirmReturnContext(
        case=case.line,
        task=case.task_line(task),
        to=label("step.short", number=step.number),
        activity=shorten(step.activity, REASON_LIMIT),
        holders=case.holders(step.posts),
        reason=case.prose(question.about["reason"]),
        **state,
    )


def ask_hold_reason(view: View, notice: n.AskHoldReason) -> AskContext | None:
    """Return which task would stand still; None once it was answered or dropped."""
    return _ask(view, notice.question_id, "placeholder.hold")


def ask_move_reason(view: View, notice: n.AskMoveReason) -> AskContext | None:
    """Return which task would be handed on, and to whom; None once it was answered or dropped."""
    return _ask(view, notice.question_id, "placeholder.move")


def ask_return_reason(view: View, notice: n.AskReturnReason) -> AskContext | None:
    """Return where the case would go back to; None once it was answered or dropped."""
    return _ask(view, notice.question_id, "placeholder.return")


def _ask(view: View, question_id: int, placeholder: str) -> AskContext | None:
    question = question_of(view, question_id)
    if question.answered_at is not None:
        return None
    case, task = task_and_case(view, question.about["task_id"])
    return AskContext(
        case=case.line,
        task=case.task_line(task),
        outside=question.about.get("outside", False),
        to=_destination(case, question.about),
        force_reply=label(placeholder),
    )


def _destination(case: CaseView, about: dict[str, Any]) -> str:
    if "to_post" in about:
        return _post(case, about["to_post"])
    return label("step.short", number=about["step"]) if "step" in about else ""


# --- reading the log ----------------------------------------------------------------------------


def _latest(case: CaseView, kind: type[_E], task: TaskRow) -> _E | None:
    found = (event for event in reversed(case.story.standing) if isinstance(event, kind))
    return next((event for event in found if getattr(event, "task", None) == task.number), None)


def _reason(event: ev.CaseHeld | ev.TaskMoved | ev.CaseReturned) -> str:
    return shorten(event.reason, REASON_LIMIT, lines=REASON_LINES)


def _post(case: CaseView, post: str) -> str:
    return join([case.view.post(case.row.office_id, post)])
