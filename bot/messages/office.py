"""The settings of an office: the menu, what a change would mean, and what it has meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bot.domain.office_rules import DEFAULT_RULES, OfficeRules, audiences_under, patched, rules_from_dict
from bot.domain.reminders import Audience, ReminderKind
from bot.messages.asking import QuestionContext, choice, confirmation, question_of
from bot.messages.case_view import CaseLine, TaskLine, task_and_case
from bot.messages.dates import Clock, length
from bot.messages.labels import label
from bot.messages.limits import NAME_LIMIT, shorten
from bot.messages.setting_words import Words, audience_word, changes, present
from bot.messages.sops import sop_label
from bot.messages.view import Context
from bot.services.change_rules import RulesRefusedError, preview
from bot.services.settings_menu import ALL, RESET, Place, Topic
from bot.store.tables import CaseRow, OfficeSettingRow, TaskRow

if TYPE_CHECKING:
    from bot.domain import notices as n
    from bot.messages.view import View
    from bot.services.moving_deadlines import Move

_MOVES_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseSettingContext(QuestionContext):
    """``place`` says what is chosen, ``office`` where the recipient has several; ``present`` is how it stands."""

    place: str
    office: str = ""
    present: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSettingContext(Context):
    """``topic`` is what is to be written."""

    topic: str
    office: str
    present: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MoveLine:
    """An open deadline that moves; ``by`` is in working time."""

    code: str
    before: str
    after: str
    by: str
    earlier: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSettingsContext(QuestionContext):
    """What is to be changed, how many deadlines that moves, and those that move most."""

    office: str
    changes: tuple[str, ...]
    moved: int
    moves: tuple[MoveLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReadContext(Context):
    """``topic`` is what was to be written."""

    topic: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsRefusedContext(Context):
    """``problems`` say in words what cannot be."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeContext(Context):
    """``office`` is named where the recipient has several."""

    office: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChangedContext(Context):
    """``by`` is empty where the recipient did it, ``-`` where it was not done in Telegram."""

    office: str
    by: str
    changes: tuple[str, ...]
    moved: int


@dataclass(frozen=True, slots=True)
class EarlierTask:
    """An open task with less time than before."""

    case: CaseLine
    task: TaskLine


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesEarlierContext(Context):
    """``tasks`` are those that are still open; ``changes`` say why."""

    tasks: tuple[EarlierTask, ...]
    changes: tuple[str, ...]


# --- the menu ---------------------------------------------------------------------------------


def choose_setting(view: View, notice: n.ChooseSetting) -> ChooseSettingContext | None:
    """Return what can be chosen; None for whoever has left the office meanwhile."""
    question = question_of(view, notice.question_id)
    about = question.about
    if about["topic"] == "office":
        labels = [(index, shorten(view.office(office), NAME_LIMIT)) for index, office in enumerate(about["options"])]
        state = choice(view, question, labels)
        return None if state is None else ChooseSettingContext(place=label("settings.place.office"), **state)
    place = Place.of(about)
    if place.office_id not in view.offices:
        return None
    words = Words(view, place.office_id)
    labels = [(index, _option(words, place, option)) for index, option in enumerate(about["options"])]
    state = choice(view, question, labels)
    if state is None:
        return None
    shown = tuple(present(words, place))
    return ChooseSettingContext(
        place=_title(words, place), office=_office(view, place.office_id), present=shown, **state
    )


def _office(view: View, office_id: str) -> str:
    return view.office(office_id) if view.several_offices else ""


def _title(words: Words, place: Place) -> str:
    title = label(f"settings.place.{place.topic}")
    if place.topic is Topic.STEPS:
        return label("settings.value", name=title, value=words.place(place.chosen["sop"], ALL))
    if place.topic is Topic.LADDER:
        return label("settings.value", name=title, value=words.place(place.chosen["sop"], place.chosen["step"]))
    if place.topic is Topic.HEARD:
        return label("settings.value", name=title, value=label(f"settings.kind.{place.chosen['kind']}"))
    return title


def _option(words: Words, place: Place, option: str) -> str:
    if option == ALL:
        return label(f"settings.all.{place.topic}")
    named = None if option in _FIXED else _NAMED.get(place.topic)
    return named(words, place, option) if named else label(f"settings.option.{option}")


def _day_option(words: Words, _place: Place, option: str) -> str:
    day = date.fromisoformat(option)
    return words.day(day, words.calendar.exceptions.get(day))


def _sop_option(words: Words, _place: Place, option: str) -> str:
    found = next((sop for sop in words.desk.sops if sop.id == option), None)
    return sop_label(words.view, found) if found else option


def _heard_option(words: Words, place: Place, option: str) -> str:
    audience = Audience(option)
    told = audience in audiences_under(words.rules, ReminderKind(place.chosen["kind"]))
    return label("settings.ticked" if told else "settings.unticked", name=audience_word(audience))


_FIXED = frozenset({RESET, "direct"})
_NAMED: Mapping[Topic, Callable[[Words, Place, str], str]] = {
    Topic.CANCEL: _day_option,
    Topic.REMOVE: _day_option,
    Topic.REMINDERS: _sop_option,
    Topic.STEPS: lambda _words, _place, option: label("step.short", number=option),
    Topic.KINDS: lambda _words, _place, option: label(f"settings.kind.{option}"),
    Topic.HEARD: _heard_option,
    Topic.CHIEF_CAP: lambda _words, _place, option: label("settings.cap", count=int(option)),
    Topic.ESCALATION: lambda words, _, option: label(
        "settings.option.through", post=words.view.post(words.office_id, option)
    ),
}
"""The words for what is chosen, where no label has them."""


def ask_setting(view: View, notice: n.AskSetting) -> AskSettingContext | None:
    """Return what is to be written; None once it was answered or dropped."""
    question = question_of(view, notice.question_id)
    place = Place.of(question.about)
    if question.answered_at is not None or place.office_id not in view.offices:
        return None
    return AskSettingContext(
        topic=place.topic.value,
        office=_office(view, place.office_id),
        present=tuple(present(Words(view, place.office_id), place)),
        force_reply=label(f"settings.placeholder.{place.topic}"),
    )


def setting_not_read(_view: View, notice: n.SettingNotRead) -> NotReadContext:
    """Return what was to be written."""
    return NotReadContext(topic=notice.topic)


# --- what a change means ----------------------------------------------------------------------


def confirm_settings(view: View, notice: n.ConfirmSettings) -> ConfirmSettingsContext | None:
    """Return what the change would mean for the office as it stands now."""
    question = question_of(view, notice.question_id)
    office_id = question.about["office_id"]
    state = confirmation(view, question, label("button.apply"))
    if state is None or office_id not in view.offices:
        return None
    old = view.work.rules_of(office_id)
    new = patched(old, question.about["patch"])
    moves = [] if "closed" in state else _moves(view, office_id, new)
    return ConfirmSettingsContext(
        office=_office(view, office_id),
        changes=tuple(changes(view, office_id, old, new)),
        moved=len(moves),
        moves=tuple(_move(view, move) for move in moves[:_MOVES_SHOWN]),
        **state,
    )


def _moves(view: View, office_id: str, new: OfficeRules) -> list[Move]:
    try:
        return preview(view.work, office_id, new)
    except RulesRefusedError:  # since it was asked; pressing the button says why
        return []


def _move(view: View, move: Move) -> MoveLine:
    case = view.session.get_one(CaseRow, move.case_id)
    clock = Clock(view.work.calendar_of(case), view.at)
    before, after = clock.brief(move.before), clock.brief(move.after)
    return MoveLine(case.code, before, after, length(move.by), move.earlier)


def settings_refused(_view: View, notice: n.SettingsRefused) -> SettingsRefusedContext:
    """Return what cannot be."""
    problems = (label(f"settings.fault.{fault}", detail=detail) for fault, detail in notice.problems)
    return SettingsRefusedContext(problems=tuple(problems))


def settings_unchanged(view: View, notice: n.SettingsUnchanged) -> OfficeContext:
    """Return that it is so already."""
    return OfficeContext(office=_office(view, notice.office_id))


def settings_changed(view: View, notice: n.SettingsChanged) -> SettingsChangedContext | None:
    """Return what was changed, and by whom; None for whoever has left the office meanwhile."""
    if notice.office_id not in view.offices:
        return None
    row = view.session.get_one(OfficeSettingRow, (notice.office_id, notice.version))
    mine = row.by is not None and row.by == view.recipient.person_id
    by = "" if mine else "-" if row.by is None else view.person(row.by)
    return SettingsChangedContext(
        office=_office(view, notice.office_id), by=by, changes=_changed(view, row), moved=notice.moved
    )


def _changed(view: View, row: OfficeSettingRow) -> tuple[str, ...]:
    before = view.session.get(OfficeSettingRow, (row.office_id, row.version - 1))
    in_file = view.work.library.rules.get(row.office_id, DEFAULT_RULES)
    old = rules_from_dict(before.data) if before else in_file
    return tuple(changes(view, row.office_id, old, rules_from_dict(row.data)))


def deadlines_earlier(view: View, notice: n.DeadlinesEarlier) -> DeadlinesEarlierContext | None:
    """Return which tasks of the recipient are due earlier now; None where none of them is open, or theirs to see."""
    tasks = [view.session.get_one(TaskRow, task_id) for task_id in notice.task_ids]
    still = [task_and_case(view, task.id) for task in tasks if task.ended_at is None]
    still = [(case, task) for case, task in still if case.row.office_id in view.offices]
    if not still:
        return None
    office_id = still[0][0].row.office_id
    row = view.session.get_one(OfficeSettingRow, (office_id, notice.version))
    return DeadlinesEarlierContext(
        tasks=tuple(EarlierTask(case.line, case.task_line(task)) for case, task in still),
        changes=_changed(view, row),
    )
