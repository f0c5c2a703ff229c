"""Refusals and other short answers: what is the case, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import ceil
from typing import TYPE_CHECKING

from bot.messages.case_view import CaseLine, Ending, TaskLine, Where, case_view, task_and_case
from bot.messages.labels import Command, Role, command_list, join, label
from bot.messages.limits import NAME_LIMIT, shorten
from bot.messages.view import Context
from bot.store.tables import TaskRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.domain.notices import Notice
    from bot.messages.view import View

_CODE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class HelpContext(Context):
    """``role`` decides the introduction."""

    role: str
    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BotContext(Context):
    """``username`` is the bot's own, where known."""

    username: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WordContext(Context):
    """``word`` is what the person wrote."""

    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeNeededContext(Context):
    """``example`` is the command with a code."""

    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseContext(Context):
    """A case and where it stands."""

    case: CaseLine
    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskOverContext(Context):
    """How the task ended and where that led. Without a case the task is unknown."""

    case: CaseLine | None = None
    task: TaskLine | None = None
    ending: Ending | None = None
    where: Where | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartReportedContext(Context):
    """``waiting`` is whom the step still waits for; ``over`` tells that it has ended since."""

    case: CaseLine
    task: TaskLine
    waiting: str
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstStepContext(Context):
    """``inviter`` tells that the recipient may end the case."""

    case: CaseLine
    step: str
    inviter: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NotAllowedContext(Context):
    """``whom`` names the sekretariat to ask, where there is one."""

    who: str
    whom: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyContext(Context):
    """``seconds`` until the recipient is obeyed again; 0 where that is so already."""

    seconds: int


def plain(_view: View, _notice: Notice) -> Context:
    """Return nothing to fill in: the template says it all."""
    return Context()


def help_(view: View, _notice: n.Help) -> HelpContext:
    """Return what the recipient may do."""
    role = Role.SECRETARIAT if view.administers_any() else Role.MEMBER if view.offices else Role.STRANGER
    commands = command_list(role)
    if role is Role.MEMBER and any(_records(view, office) for office in view.offices):
        commands = (*commands[:-1], *(c for c in command_list(Role.SECRETARIAT) if c.name == "catat"), commands[-1])
    return HelpContext(role=role, commands=commands)


def _records(view: View, office_id: str) -> bool:
    """Whether the office lets the recipient record what others decide (see Role.RECORDER in authorise)."""
    return bool(view.posts_in(office_id) & view.work.rules_of(office_id).recorders)


def about_bot(view: View, _notice: Notice) -> BotContext:
    """Return the bot's own name."""
    return BotContext(username=view.bot_username())


def code_unknown(_view: View, notice: n.CodeUnknown) -> WordContext:
    """Return the code that was not found."""
    return WordContext(word=shorten(notice.code, _CODE))


def sop_unknown(_view: View, notice: n.SopUnknown) -> WordContext:
    """Return the word that names no SOP."""
    return WordContext(word=shorten(notice.word, NAME_LIMIT))


def code_needed(_view: View, notice: n.CodeNeeded) -> CodeNeededContext:
    """Return an example of the command with a code."""
    return CodeNeededContext(example=label("command.example", command=notice.command))


def held_by_others(view: View, notice: n.HeldByOthers) -> CaseContext:
    """Return who holds the case's open task."""
    case = case_view(view, notice.case_id)
    return CaseContext(case=case.line, where=case.where())


def case_over(view: View, notice: n.CaseOver) -> CaseContext:
    """Return how the case ended."""
    case = case_view(view, notice.case_id)
    return CaseContext(case=case.line, where=case.where())


def task_over(view: View, notice: n.TaskOver) -> TaskOverContext:
    """Return who did what with the task, and where the case stands."""
    if view.session.get(TaskRow, notice.task_id) is None:
        return TaskOverContext()
    case, task = task_and_case(view, notice.task_id)
    return TaskOverContext(case=case.line, task=case.task_line(task), ending=case.ending(task), where=case.where())


def part_already_reported(view: View, notice: n.PartAlreadyReported) -> PartReportedContext:
    """Return whom the step still waits for."""
    case, task = task_and_case(view, notice.task_id)
    over = task.ended_at is not None
    waiting = "" if over else case.waited_for(task)
    return PartReportedContext(case=case.line, task=case.task_line(task), waiting=waiting, over=over)


def first_step(view: View, notice: n.FirstStep) -> FirstStepContext:
    """Return why there is nowhere to send the case back to."""
    case, task = task_and_case(view, notice.task_id)
    inviter = view.is_secretariat(case.row.office_id)
    return FirstStepContext(case=case.line, step=case.step_of(task.step), inviter=inviter)


def not_allowed(view: View, notice: n.NotAllowed) -> NotAllowedContext:
    """Return whose command it is, and whom to ask."""
    names = [names for office in view.offices if (names := view.secretariat(office))]
    return NotAllowedContext(who=notice.who, whom=join(list(dict.fromkeys(names))))


def too_many_messages(view: View, notice: n.TooManyMessages) -> TooManyContext:
    """Return how long the recipient has to wait."""
    left = (datetime.fromisoformat(notice.until) - view.at).total_seconds()
    return TooManyContext(seconds=max(0, ceil(left)))
