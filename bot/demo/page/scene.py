"""What the page shows: a SOP with its office's cast, the office's clock, every chat."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from bot.demo.page.words import word
from bot.demo.telegram import views
from bot.demo.telegram.seen import SeenMessage, seen
from bot.domain.budget import Budget, Unit
from bot.domain.errors import NoWorkingTime
from bot.messages.dates import Clock as Dates
from bot.store import queries
from bot.store.tables import CaseRow, ReminderRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bot.demo.stage import Player, Stage
    from bot.demo.telegram.model import Chat
    from bot.demo.telegram.state import Telegram
    from bot.domain.sop import OfficeId, PostId, Sop
    from bot.domain.worktime import Calendar
    from bot.services.work import Work

_TEN_MINUTES = timedelta(minutes=10)
_ONE_HOUR = timedelta(hours=1)
_GLANCE = timedelta(minutes=1)
_RECENT = 4
_QUOTED = 60


@dataclass(frozen=True, slots=True)
class Scene:
    """A SOP, its office's people and calendar."""

    sop: Sop
    cast: Mapping[PostId, Player]
    calendar: Calendar

    @classmethod
    def of(cls, stage: Stage, sop: Sop) -> Scene:
        """Cast the office where that has not happened yet; waits for the bot."""
        return cls(sop, stage.cast(sop), stage.ask(lambda work: work.calendar_for(sop.office)))


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


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message with its time in words and what it replies to."""

    message: SeenMessage
    when: str
    quoted: str | None


@dataclass(frozen=True, slots=True)
class ShownChat:
    """An official's chat with the bot: earlier messages folded away, the last notice of a button."""

    player: Player
    earlier: Sequence[Bubble]
    recent: Sequence[Bubble]
    toast: str
    has_task: bool
    question: SeenMessage | None


def shown_chat(telegram: Telegram, player: Player, dates: Dates, *, has_task: bool = False) -> ShownChat:
    """Return a chat as the page shows it; to be called on the server's own loop."""
    chat = telegram.private_chat(telegram.users[player.phone.id])
    standing = (view for view in views.chat_view(telegram, chat)["messages"] if not view["deleted"])
    messages = [seen(view) for view in standing if not view["service"]]
    texts = {message.id: message.text for message in messages}
    bubbles = [
        Bubble(message, dates.brief(message.date), _quote(texts.get(message.reply_to or 0))) for message in messages
    ]
    toast, question = _toast(telegram, chat), _open_question(messages)
    return ShownChat(player, bubbles[:-_RECENT], bubbles[-_RECENT:], toast, has_task, question)


def _open_question(messages: Sequence[SeenMessage]) -> SeenMessage | None:
    """Return the question that Telegram would make the next text an answer to."""
    last = messages[-1] if messages else None
    return last if last is not None and last.force_reply else None


def opening_line(scene: Scene, at: datetime) -> str:
    """Return the command that starts a case of the SOP, with a title to go with it."""
    return f"/mulai {scene.sop.id} {scene.sop.name} {scene.calendar.local(at).year}"


def fresh(chats: Sequence[ShownChat]) -> bool:
    """Whether nobody has written anything but the Start of their invitation."""
    shown = (bubble.message for chat in chats for bubble in (*chat.earlier, *chat.recent))
    return not any(not message.from_bot and not message.text.startswith("/start ") for message in shown)


def _toast(telegram: Telegram, chat: Chat) -> str:
    """Return the notice of the demo's last press while a phone could still be showing it in this chat."""
    if not chat.toasts or chat.toasts[-1]["press"] != next(reversed(telegram.presses)):
        return ""
    toast = chat.toasts[-1]
    pressed = telegram.presses[toast["press"]].at
    written = (message.date for message in chat.messages.values() if message.sender is chat.user)
    gone = telegram.now() - pressed > _GLANCE or any(moment > pressed for moment in written)
    return "" if gone else str(toast["text"])


def _quote(text: str | None) -> str | None:
    if text is None:
        return None
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _QUOTED else f"{line[:_QUOTED]}…"
