"""What is played: a SOP with its office's cast and calendar, what comes next there, and the office's clock."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.demo.page.words import word
from bot.domain.budget import Budget, Unit
from bot.domain.errors import NoWorkingTime
from bot.messages.dates import Clock as Dates
from bot.store import queries
from bot.store.tables import CaseRow, ReminderRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.demo.stage import Player, Stage
    from bot.demo.telegram.entities import Json
    from bot.domain.sop import OfficeId, PostId, Sop
    from bot.domain.worktime import Calendar
    from bot.services.work import Work

_TEN_MINUTES = timedelta(minutes=10)
_ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scene:
    """A SOP, its office's people and calendar."""

    sop: Sop
    cast: Mapping[PostId, Player]
    calendar: Calendar

    def people(self) -> dict[int, Player]:
        """Return who plays, by their Telegram ids."""
        return {player.phone.id: player for player in self.cast.values()}

    @classmethod
    def of(cls, stage: Stage, sop: Sop) -> Scene:
        """Cast the office where that has not happened yet; waits for the bot."""
        cast = stage.cast(sop)
        stage.give_menus()
        return cls(sop, cast, stage.look(lambda work: work.calendar_for(sop.office)))


def open_office(stage: Stage, sop: Sop) -> None:
    """Put the clock forward to when the SOP's office works: at night every card is silent and no budget runs."""
    calendar = stage.look(lambda work: work.calendar_for(sop.office))
    with suppress(NoWorkingTime):
        opening = calendar.next_opening(stage.clock.now())
        if opening > stage.clock.now():
            stage.move_to(opening)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the office's running cases have coming: the next reminder, the next deadline, whose turn it is."""

    reminder: datetime | None
    due: datetime | None
    waiting: frozenset[PostId]


def ahead(work: Work, office_id: OfficeId) -> Ahead:
    """Return what comes next in an office."""
    running = (CaseRow.office_id == office_id, TaskRow.ended_at.is_(None))
    query = select(func.min(ReminderRow.due_at)).join(TaskRow, TaskRow.id == ReminderRow.task_id).join(CaseRow)
    reminder = work.session.scalar(
        query.where(*running, ReminderRow.settled_at.is_(None), ReminderRow.due_at > work.at)
    )
    tasks = [task for _, task in queries.running_cases(work.session, [office_id])]
    posts = (post for task in tasks for post in queries.task_posts(work.session, task.id))
    return Ahead(
        reminder,
        min((task.due_at for task in tasks if task.due_at > work.at), default=None),
        frozenset(post.post_id for post in posts if post.reported_at is None),
    )


@dataclass(frozen=True, slots=True)
class Jump:
    """One way to put the clock forward; ``to`` is None while there is nowhere to go."""

    key: str
    to: datetime | None
    when: str

    @property
    def label(self) -> str:
        """The words on its button."""
        return word(f"jump.{self.key}")


def jumps(scene: Scene, at: datetime, coming: Ahead) -> dict[str, Jump]:
    """Return the ways to put the clock forward, by key."""
    dates = Dates(scene.calendar, at)
    targets = {
        "minutes": at + _TEN_MINUTES,
        "hour": at + _ONE_HOUR,
        "workday": _one_workday_later(scene.calendar, at),
        "reminder": coming.reminder,
        "due": coming.due,
    }
    return {key: Jump(key, to, dates.brief(to) if to else "") for key, to in targets.items()}


def _one_workday_later(calendar: Calendar, at: datetime) -> datetime | None:
    try:
        return calendar.due(at, Budget(1, Unit.DAY))
    except NoWorkingTime:
        return None


def opening_line(scene: Scene, at: datetime) -> str:
    """Return the command that starts a case of the SOP, with a title to go with it."""
    return f"/mulai {scene.sop.id} {scene.sop.name} {scene.calendar.local(at).year}"


def clock_view(scene: Scene, at: datetime, coming: Ahead, speed: int) -> Json:
    """Return the office's clock as JSON; ``speed`` is how many office seconds pass in one real one, 0 for one."""
    return {
        "now": at.isoformat(),
        "text": Dates(scene.calendar, at).moment(at),
        "working": scene.calendar.is_working(at),
        "speed": speed,
        "jumps": [
            {"key": jump.key, "label": jump.label, "when": jump.when, "possible": jump.to is not None}
            for jump in jumps(scene, at, coming).values()
        ],
    }
