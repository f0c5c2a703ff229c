"""The sekretariat's morning digest and its week's summary: read when they are sent, and only on their own day."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.messages.dates import Clock, worked
from bot.messages.labels import join, label
from bot.messages.limits import html_units, shorten
from bot.messages.view import Context
from bot.services.watching import watched
from bot.services.week import week_of
from bot.store import queries
from bot.store.tables import DigestRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.domain import notices as n
    from bot.messages.view import View
    from bot.services.watching import Watched
    from bot.services.work import Work

LATE, TODAY, HELD, UNSEEN = "late", "today", "held", "unseen"
_SECTIONS = (LATE, TODAY, HELD, UNSEEN)
_LIST_UNITS = 3200  # leaves room for the headings and the closing lines
_ITEM_UNITS = 40  # tags and words around the values of one line
_LINES = 6
_TITLE = 60
_STAYS = 3
_CODES = 40
_PERCENT = 100


@dataclass(frozen=True, slots=True)
class MorningLine:
    """One case: who has it, and how its time stands."""

    code: str
    title: str
    step: str
    holders: str
    left: str


@dataclass(frozen=True, slots=True)
class Section:
    """What is said of ``count`` cases: ``late``, ``today``, ``held`` or ``unseen``."""

    kind: str
    count: int
    lines: tuple[MorningLine, ...]

    @property
    def left_out(self) -> int:
        """How many have no line of their own."""
        return self.count - len(self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class MorningContext(Context):
    """Only sections with something in them; ``running`` counts all running cases.

    ``empty`` are posts without a holder, each with how many cases wait for it.
    """

    office: str
    day: str
    running: int
    sections: tuple[Section, ...]
    empty: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekContext(Context):
    """``percent`` is the time used against the budgets of the tasks done; ``stays`` are posts, the longest first."""

    office: str
    finished: str
    finished_count: int
    cancelled: int
    tasks: int
    percent: int
    running: int
    late: str
    late_count: int
    stays: tuple[tuple[str, str], ...]
    days_off: str


def has_morning(work: Work, office_id: str) -> bool:
    """Whether there is anything to say this morning."""
    cases = watched(work, office_id)
    return any(_sorted(work, office_id, cases).values()) or bool(_empty_posts(work, cases))


def has_week(work: Work, office_id: str) -> bool:
    """Whether there is anything to say of the week."""
    week = week_of(work, office_id)
    return bool(week.finished or week.cancelled or week.tasks or queries.running_cases(work.session, [office_id]))


def morning_digest(view: View, notice: n.MorningDigest) -> MorningContext | None:
    """Return what the day begins with; None once the day is over, or where nothing is left to say."""
    office_id = _office_today(view, notice.digest_id)
    cases = watched(view.work, office_id) if office_id else []
    empty = _empty_posts(view.work, cases)
    found = _sorted(view.work, office_id, cases) if office_id else {}
    if office_id is None or not (empty or any(found.values())):
        return None
    clock = _clock(view, office_id)
    return MorningContext(
        office=view.office(office_id),
        day=clock.moment(view.at),
        running=len(cases),
        sections=_sections(view, clock, found),
        empty=tuple((view.post(office_id, post), count) for post, count in empty.items()),
    )


def _sorted(work: Work, office_id: str, cases: Sequence[Watched]) -> dict[str, list[Watched]]:
    """Return the cases that each section names, the most endangered first."""
    calendar = work.calendar_for(work.offices()[office_id])
    today = calendar.local(work.at).date()
    found: dict[str, list[Watched]] = {kind: [] for kind in _SECTIONS}
    for case in cases:
        if case.held:
            found[HELD].append(case)
        elif case.late:
            found[LATE].append(case)
        elif calendar.local(case.task.due_at).date() == today:
            found[TODAY].append(case)
        elif not case.accepted and calendar.local(case.task.given_at).date() < today:
            found[UNSEEN].append(case)
    return found


def _empty_posts(work: Work, cases: Sequence[Watched]) -> Counter[str]:
    """Return the posts that cases wait for and nobody may act for, the most awaited first."""
    awaited = Counter((case.case.office_id, post, case.task.strategic) for case in cases for post in case.waiting)
    found: Counter[str] = Counter()
    for (office_id, post, strategic), count in awaited.items():  # each post is looked up once, however many wait
        if not queries.holders_of(work.session, office_id, [post], work.at, strategic=strategic):
            found[post] += count
    return Counter(dict(found.most_common()))


def _sections(view: View, clock: Clock, found: dict[str, list[Watched]]) -> tuple[Section, ...]:
    room = _LIST_UNITS
    sections: list[Section] = []
    for kind in _SECTIONS:
        lines: list[MorningLine] = []
        for case in found[kind][:_LINES]:
            line = _line(view, clock, case)
            room -= _ITEM_UNITS + html_units(line.code, line.title, line.step, line.holders, line.left)
            if room < 0:
                break
            lines.append(line)
        if found[kind]:
            sections.append(Section(kind, len(found[kind]), tuple(lines)))
    return tuple(sections)


def _line(view: View, clock: Clock, case: Watched) -> MorningLine:
    return MorningLine(
        code=case.case.code,
        title=label("secrecy.title") if case.case.secret else shorten(case.case.title, _TITLE),
        step=label("step.short", number=case.task.step),
        holders=view.holders(case.case.office_id, case.waiting, strategic=case.task.strategic),
        left="" if case.held else clock.left(case.task.due_at),
    )


def week_summary(view: View, notice: n.WeekSummary) -> WeekContext | None:
    """Return how the week went; None once its last day is over."""
    office_id = _office_today(view, notice.digest_id)
    if office_id is None:
        return None
    week, cases = week_of(view.work, office_id), watched(view.work, office_id)
    late = [case.case.code for case in cases if case.late and not case.held]
    clock = _clock(view, office_id)
    return WeekContext(
        office=view.office(office_id),
        finished=_codes([case.code for case in week.finished]),
        finished_count=len(week.finished),
        cancelled=week.cancelled,
        tasks=week.tasks,
        percent=round(week.used / week.allowed * _PERCENT) if week.allowed else 0,
        running=len(cases),
        late=_codes(late),
        late_count=len(late),
        stays=tuple((view.post(office_id, stay.post), worked(stay.average)) for stay in week.stays[:_STAYS]),
        days_off=join([label("date.holiday", day=clock.day(day), name=off.name) for day, off in week.days_off]),
    )


def _codes(codes: Sequence[str]) -> str:
    shown = label("list.comma", items=codes[:_CODES])
    left = len(codes) - _CODES
    return label("list.more", items=shown, count=left) if left > 0 else shown


def _office_today(view: View, digest_id: int) -> str | None:
    """Return whose digest it is, while it is its day there and the recipient watches over the office."""
    row = view.session.get_one(DigestRow, digest_id)
    today = _clock(view, row.office_id).calendar.local(view.at).date()
    return row.office_id if row.day == today and view.is_secretariat(row.office_id) else None


def _clock(view: View, office_id: str) -> Clock:
    return Clock(view.work.calendar_for(view.work.offices()[office_id]), view.at)
