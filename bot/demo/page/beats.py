"""What the guided tour shows next, read from the store: whoever has played by hand meanwhile has changed it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bot.demo.plot import (
    PART_OF_BUDGET,
    Now,
    how_it_ended,
    late_step,
    rejected_step,
    route,
    rungs,
    still_to_visit,
    was_late,
    was_rejected,
    where,
)
from bot.domain.errors import NoWorkingTime
from bot.domain.posts import SECRETARIAT
from bot.domain.reminders import ReminderKind

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.sop import PostId, Sop
    from bot.domain.worktime import Calendar
    from bot.services.work import Work


class Act(StrEnum):
    """What happens in a beat; also the name of its caption."""

    OPEN = "open"
    EARLY = "early"
    DUE = "due"
    LATE = "late"
    SUPERIOR = "superior"
    COMPLETE = "complete"
    REJECT = "reject"
    REASON = "reason"
    FINISHED = "finished"
    CANCELLED = "cancelled"


_WAITING = {
    ReminderKind.EARLY: Act.EARLY,
    ReminderKind.DUE: Act.DUE,
    ReminderKind.LATE: Act.LATE,
    ReminderKind.SUPERIOR: Act.SUPERIOR,
}


@dataclass(frozen=True, slots=True)
class Beat:
    """One act: whose phone it is on, and until when time passes before it. ``step`` of ``of`` tasks have begun."""

    act: Act
    post: PostId
    until: datetime
    step: int
    of: int
    now: Now | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether nobody does anything in it."""
        return self.act in _WAITING.values()

    @property
    def deed(self) -> tuple[Act, PostId, int | None]:
        """What is done, by whom and to which task: the same again where it came to nothing."""
        return self.act, self.post, self.now.task_id if self.now else None


@dataclass(frozen=True, slots=True)
class Told:
    """What the tour remembers: the case it tells of, and the task whose holder has pressed Tolak in it."""

    case_id: int | None = None
    code: str = ""
    asked: int | None = None


def next_beat(work: Work, sop: Sop, calendar: Calendar, told: Told) -> Beat:
    """Return what comes next in the story of a SOP: in its youngest running case, else in a new one."""
    now = where(work, sop)
    if told.case_id is not None and (now is None or now.case_id != told.case_id):
        return _ended(work, told)
    if now is None:
        opening = _opening(calendar, work.at)
        return Beat(Act.OPEN, SECRETARIAT, opening, 0, len(route(sop, rejected_step(sop))))
    fresh = not was_rejected(work, now.case_id)
    of = now.number - 1 + still_to_visit(sop, now.step, rejection_ahead=fresh)
    if now.step == late_step(sop).number and not was_late(work, now.case_id):
        rung = _next_rung(work, now.task_id)
        if rung is not None:
            act = _WAITING[rung[0]]
            post = _told_of_lateness(sop, now) if act is Act.SUPERIOR else now.waiting[0]
            return Beat(act, post, rung[1], now.number, of, now)
    act = Act.COMPLETE
    if fresh and (rejected := rejected_step(sop)) is not None and rejected.number == now.step:
        act = Act.REASON if told.asked == now.task_id else Act.REJECT
    unhurried = max(work.at, calendar.share(now.given_at, now.due_at, PART_OF_BUDGET))
    return Beat(act, now.waiting[0], unhurried, now.number, of, now)


def _ended(work: Work, told: Told) -> Beat:
    tasks, finished = how_it_ended(work, told.case_id or 0)
    act = Act.FINISHED if finished else Act.CANCELLED
    return Beat(act, SECRETARIAT, work.at, tasks, tasks)


def _opening(calendar: Calendar, at: datetime) -> datetime:
    try:
        return calendar.next_opening(at)
    except NoWorkingTime:
        return at


def _next_rung(work: Work, task_id: int) -> tuple[ReminderKind, datetime] | None:
    """Return the next reminder worth an act, None once the superior has heard: of those of each day, only the first."""
    planned = rungs(work, task_id)
    superior = next((due for kind, due in planned if kind is ReminderKind.SUPERIOR), None)
    if superior is None or superior <= work.at:
        return None
    told_off = any(kind is ReminderKind.LATE and due <= work.at for kind, due in planned)
    skipped = {ReminderKind.LATE} if told_off else set()
    ahead = (rung for rung in planned if work.at < rung[1] <= superior and rung[0] in _WAITING.keys() - skipped)
    return next(ahead, None)


def _told_of_lateness(sop: Sop, now: Now) -> PostId:
    return sop.post(now.waiting[0]).superior or SECRETARIAT
