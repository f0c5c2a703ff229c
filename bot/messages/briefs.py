"""The chief's start-of-day message, what a meeting kept back, and the words around a meeting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.domain import notices as n
from bot.messages.actions import Action, Verb
from bot.messages.cards import origin_of
from bot.messages.case_view import CaseLine, CaseView, Ending, TaskLine, case_view
from bot.messages.cases import case_cancelled, case_finished, rejection
from bot.messages.chief import NOBODY, chiefs_phone, meeting_button
from bot.messages.dates import Clock
from bot.messages.keyboards import button
from bot.messages.labels import label
from bot.messages.limits import html_units, shorten
from bot.messages.message import Style
from bot.messages.reminding import reminders
from bot.messages.sight import may_see
from bot.messages.view import Context
from bot.services.briefs import contents
from bot.store import queries
from bot.store.tables import TaskRow

if TYPE_CHECKING:
    from bot.messages.message import Button
    from bot.messages.view import Rows, View

ITEMS_SHOWN = 8
_TEXT_UNITS = 3700  # leaves room for the opening and the closing lines
_ITEM_UNITS = 130  # tags and words around the values of one item
_TITLE = 80
_ACTIVITY = 110
_REASON = 120


@dataclass(frozen=True, slots=True)
class BriefItem:
    """One task: ``state`` is ``open``, ``ended`` (then with how) or ``passed`` (reported, or on another desk)."""

    task_id: int
    number: int
    state: str
    title: str
    case: CaseLine
    task: TaskLine
    activity: str
    origin: str
    decision: bool
    rejectable: bool
    ending: Ending | None


@dataclass(frozen=True, slots=True)
class News:
    """Something to know, in one line. ``kind``: ``late``, ``rejected``, ``finished`` or ``cancelled``."""

    kind: str
    case: CaseLine
    title: str
    step: str = ""
    who: str = ""
    moment: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefContext(Context):
    """``morning`` tells the start-of-day message from one after a meeting; ``count`` are the tasks that wait.

    ``decisions`` tells that all of them await a decision; ``left_out`` and ``news_left_out`` count what has no line.
    """

    morning: bool
    name: str
    items: tuple[BriefItem, ...]
    count: int
    decisions: bool
    left_out: int
    news: tuple[News, ...]
    news_left_out: int
    cap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingContext(Context):
    """Until when nothing disturbs."""

    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingOverContext(Context):
    """How many messages came meanwhile."""

    kept: int


# --- the brief --------------------------------------------------------------------------------


def brief(view: View, notice: n.ChiefBrief | n.KeptBack) -> BriefContext | None:
    """Return what waits for the chief and what there is to know; None where nothing true is left of it."""
    phone = chiefs_phone(view)
    if phone is None:
        return None
    kept = contents(view.work, notice)
    items = _items(view, kept.tasks, again=notice.again)
    news = list(_news(view, [n.from_data(row.notice, row.data) for row in kept.news]))
    if not items and not news:
        return None
    shown, waiting = _fitting(items), [item for item in items if item.state == "open"]
    lines = _fitting_news(news, _TEXT_UNITS - sum(map(_size, shown)))
    return BriefContext(
        morning=isinstance(notice, n.ChiefBrief),
        name=view.person(phone.person.id),
        items=shown,
        count=len(waiting),
        decisions=all(item.decision for item in waiting),
        left_out=len(items) - len(shown),
        news=lines,
        news_left_out=len(news) - len(lines),
        cap=phone.rules.chief_cap,
        buttons=(*_item_buttons(shown), (meeting_button(),)),
    )


def _items(view: View, task_ids: Iterable[int], *, again: bool) -> list[BriefItem]:
    """Return the tasks that wait, soonest due first; shown ``again``, with what has become of the others."""
    mine = {task.id for _, task in queries.open_tasks_of(view.session, view.recipient.person_id or 0, view.at)}
    tasks = [view.session.get_one(TaskRow, task_id) for task_id in task_ids]
    items: list[BriefItem] = []
    for task in sorted(tasks, key=lambda task: (task.due_at, task.id)):
        case = case_view(view, task.case_id)
        if (task.id in mine or again) and case.row.office_id in view.offices:
            items.append(_item(case, task, len(items) + 1, mine=task.id in mine))
    return items


def _item(case: CaseView, task: TaskRow, number: int, *, mine: bool) -> BriefItem:
    ending, line = None if mine else case.ending(task), case.task_line(task)
    return BriefItem(
        task_id=task.id,
        number=number,
        state="open" if mine else "ended" if ending else "passed",
        title=shorten(case.line.title, _TITLE),
        case=case.line,
        task=line,
        activity=shorten(line.activity, _ACTIVITY),
        origin=origin_of(case, task).who,
        decision=case.step(task).decision,
        rejectable=case.sop.reject_target(task.step) is not None,
        ending=ending,
    )


def _size(item: BriefItem) -> int:
    case, task = item.case, item.task
    values = (case.code, item.title, case.office or "", task.step, item.activity, task.due, task.left, item.origin)
    return _ITEM_UNITS + html_units(*values)


def _fitting(items: Sequence[BriefItem]) -> tuple[BriefItem, ...]:
    """Return as many as one message holds, at least one."""
    room = _TEXT_UNITS
    for count, item in enumerate(items[:ITEMS_SHOWN]):
        room -= _size(item)
        if room < 0:
            return tuple(items[: max(1, count)])
    return tuple(items[:ITEMS_SHOWN])


def _item_buttons(items: Sequence[BriefItem]) -> Rows:
    several = len(items) > 1
    return tuple(_row(item, item.number if several else 0) for item in items if item.state == "open")


def _row(item: BriefItem, number: int) -> tuple[Button, ...]:
    """Return what one touch can do; ``number`` is the item's, 0 where it is the only one."""
    done, back = ("approve", "send_back") if item.decision else ("complete", "refuse")
    row = [
        button(label("button.papers", number=number), Action(Verb.PAPERS, item.task_id)),
        button(label(f"button.{done}", number=number), Action(Verb.DONE, item.task_id), Style.SUCCESS),
    ]
    if item.rejectable:
        row.append(button(label(f"button.{back}", number=number), Action(Verb.REJECT, item.task_id), Style.DANGER))
    return tuple(row)


# --- what there is to know --------------------------------------------------------------------


def _news(view: View, kept: Iterable[n.Notice]) -> Iterable[News]:
    """Return what was kept back besides tasks, which have lines of their own; each thing once."""
    seen: set[News] = set()
    for notice in kept:
        rule = _NEWS.get(type(notice))
        for line in rule(view, notice) if rule and may_see(view, notice) else ():
            if line not in seen:
                seen.add(line)
                yield line


def _late(view: View, notice: Any) -> Iterable[News]:
    """Return the steps on other people's desks; the chief's own tasks are told as tasks."""
    context = reminders(view, notice)
    for item in context.items if context else ():
        if item.role != "holder":
            yield News(
                "late", item.case, shorten(item.case.title, _TITLE), item.task.step, item.holders, item.task.left
            )


def _rejected(view: View, notice: Any) -> Iterable[News]:
    context = rejection(view, notice)
    if context is not None:
        reason = shorten(context.reason, _REASON)
        title = shorten(context.case.title, _TITLE)
        yield News("rejected", context.case, title, context.target.step, context.who, reason=reason)


def _finished(view: View, notice: Any) -> Iterable[News]:
    context = case_finished(view, notice)
    if context.member:
        yield News("finished", context.case, shorten(context.case.title, _TITLE), moment=context.finished)


def _cancelled(view: View, notice: Any) -> Iterable[News]:
    context = case_cancelled(view, notice)
    if context.member:
        where, title = context.where, shorten(context.case.title, _TITLE)
        reason = shorten(where.reason, _REASON)
        yield News("cancelled", context.case, title, who=where.who, moment=where.moment, reason=reason)


_NEWS: Mapping[type[n.Notice], Callable[[View, Any], Iterable[News]]] = {
    n.Reminders: _late,
    n.RejectionTold: _rejected,
    n.CaseFinished: _finished,
    n.CaseCancelled: _cancelled,
}


def _fitting_news(news: Sequence[News], room: int) -> tuple[News, ...]:
    for count, line in enumerate(news):
        values = (line.case.code, line.title, line.case.office or "", line.step, line.who, line.moment, line.reason)
        room -= _ITEM_UNITS + html_units(*values)
        if room < 0:
            return tuple(news[:count])
    return tuple(news)


# --- meetings ---------------------------------------------------------------------------------


def meeting_begun(view: View, notice: n.MeetingBegun) -> MeetingContext | None:
    """Return until when nothing disturbs."""
    phone = chiefs_phone(view)
    if phone is None:
        return None
    until = Clock(phone.calendar, view.at).moment(datetime.fromisoformat(notice.until))
    over = button(label("button.meeting_over"), Action(Verb.MEETING_OVER, NOBODY))
    return MeetingContext(until=until, buttons=((over,),))


def meeting_over(_view: View, notice: n.MeetingOver) -> MeetingOverContext:
    """Return how much came meanwhile."""
    return MeetingOverContext(kept=notice.kept)
