"""A case as one recipient may see it: the pieces that messages about cases share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.domain import chain
from bot.domain import events as ev
from bot.domain.case import Status
from bot.domain.posts import SECRETARIAT, HoldingKind
from bot.messages.dates import Clock
from bot.messages.labels import join, label
from bot.messages.limits import ACTIVITY_LIMIT, NOTE_LIMIT, REASON_LIMIT, REASON_LINES, TITLE_LIMIT, shorten
from bot.messages.secrecy import withheld_log, withheld_sop
from bot.messages.story import Story
from bot.store import queries
from bot.store.tables import CaseRow, TaskRow

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from bot.domain.sop import Sop, Step
    from bot.domain.worktime import Calendar
    from bot.messages.view import View

Deed = ev.PartDone | ev.StepRejected | ev.TaskAccepted | ev.NoteAdded | ev.FileAttached | ev.TimeRequested
"""What holders do: for which posts, and which of these they held as Plh or Plt."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """How a case is named; ``office`` only for recipients of several offices."""

    code: str
    title: str
    office: str | None

    @property
    def within(self) -> str:
        """Return the office to follow the code in a sentence; empty for recipients of one."""
        return f" ({self.office})" if self.office else ""


@dataclass(frozen=True, slots=True)
class HoldLine:
    """That a task's clock stands still: since when, for how long (working time), and why.

    ``outside``: it waits for somebody outside the office.
    """

    since: str
    length: str
    reason: str
    outside: bool


@dataclass(frozen=True, slots=True)
class TaskLine:
    """How a task is named, and until when it runs. ``round`` counts from 1.

    While its clock stands still (``hold``), ``left`` says so and it is not late.
    """

    step: str
    short: str
    activity: str
    round: int
    due: str
    left: str
    late: bool
    hold: HoldLine | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note that somebody left with their report."""

    who: str
    text: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How a task ended: ``done``, ``rejected``, ``returned``, ``cancelled`` or (undone before it) ``withdrawn``."""

    kind: str
    who: str
    moment: str
    reason: str | None = None
    to_step: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """Where a case stands. ``kind`` is ``running`` (then with a task), ``finished`` or ``cancelled``.

    ``fingerprint`` is that of an ended case's log.
    """

    kind: str
    task: TaskLine | None = None
    holders: str = ""
    moment: str = ""
    who: str = ""
    reason: str = ""
    fingerprint: str = ""


@dataclass(frozen=True)
class CaseView:
    """One case, read from the store when a message is made."""

    view: View
    row: CaseRow

    @cached_property
    def sop(self) -> Sop:
        """The definition the case is pinned to; of a secret case only posts, numbers and budgets."""
        sop = self.view.work.sop_of(self.row)
        return withheld_sop(sop) if self.row.secret else sop

    @cached_property
    def calendar(self) -> Calendar:
        """The office's calendar."""
        return self.view.work.calendar_of(self.row)

    @cached_property
    def clock(self) -> Clock:
        """The office's clock at the moment of rendering."""
        return Clock(self.calendar, self.view.at)

    @cached_property
    def story(self) -> Story:
        """The case's log; of a secret case without what people wrote."""
        log = queries.log_of(self.view.session, self.row.id)
        return Story(withheld_log(log) if self.row.secret else tuple(log))

    @property
    def title(self) -> str:
        """The case's title, or that it is secret."""
        return label("secrecy.title") if self.row.secret else self.row.title

    @cached_property
    def open(self) -> TaskRow | None:
        """The open task, while the case runs."""
        return queries.open_task(self.view.session, self.row.id)

    @property
    def line(self) -> CaseLine:
        """The case's name."""
        office = self.view.office(self.row.office_id) if self.view.several_offices else None
        return CaseLine(self.row.code, shorten(self.title, TITLE_LIMIT), office)

    def prose(self, text: str) -> str:
        """Return what somebody wrote about the case, fit to be shown; withheld where it is secret."""
        return shorten(label("secrecy.withheld") if self.row.secret else text, REASON_LIMIT, lines=REASON_LINES)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the case's log as it stands now."""
        return chain.fingerprint(self.row.head)

    def step(self, task: TaskRow) -> Step:
        """Return the step that a task activates."""
        return self.sop.step(task.step)

    def task_line(self, task: TaskRow) -> TaskLine:
        """Return a task's name and deadline, or that its clock stands still."""
        hold = self.hold(task)
        return TaskLine(
            step=self.step_of(task.step),
            short=label("step.short", number=task.step),
            activity=shorten(self.step(task).activity, ACTIVITY_LIMIT),
            round=task.round,
            due=self.clock.moment(task.due_at),
            left=label("span.held") if hold else self.clock.left(task.due_at),
            late=hold is None and self.clock.late(task.due_at),
            hold=hold,
        )

    def hold(self, task: TaskRow) -> HoldLine | None:
        """Return since when and why a task's clock stands still; None while it runs."""
        held = self.story.hold(task.number) if task.held_at is not None else None
        if held is None:
            return None
        reason = shorten(held.reason, REASON_LIMIT, lines=REASON_LINES)
        return HoldLine(self.clock.moment(held.at), self.clock.passed(held.at), reason, held.outside)

    def step_of(self, number: int) -> str:
        """Return "Langkah 9 dari 13": the number as printed, and how many there are."""
        place, count = self.sop.position(number) + 1, len(self.sop.steps)
        key = "step.of" if place == number else "step.placed"
        return label(key, number=number, place=place, count=count)

    def waiting(self, task: TaskRow) -> tuple[str, ...]:
        """Return the posts a task still waits for, in the order of the document."""
        rows = queries.task_posts(self.view.session, task.id)
        return self._in_order(task, {row.post_id for row in rows if row.reported_at is None})

    def posts(self, task: TaskRow) -> tuple[str, ...]:
        """Return the posts a task is given to now: those of its step, unless it was handed on."""
        return self._in_order(task, {row.post_id for row in queries.task_posts(self.view.session, task.id)})

    def _in_order(self, task: TaskRow, posts: set[str]) -> tuple[str, ...]:
        own = tuple(post for post in self.step(task).posts if post in posts)
        return own + tuple(post.id for post in self.sop.posts if post.id in posts and post.id not in own)

    def holders(self, posts: Collection[str]) -> str:
        """Return who holds the posts now."""
        return self.view.holders(self.row.office_id, posts)

    def waited_for(self, task: TaskRow) -> str:
        """Return whom a task waits for now; a strategic one waits for the definitive holders."""
        return self.view.holders(self.row.office_id, self.waiting(task), strategic=task.strategic)

    def who(self, person_id: int, posts: Collection[str]) -> str:
        """Return a person in their capacity."""
        return self.view.who(self.row.office_id, person_id, posts)

    def acted(self, event: Deed, person: int | None = None) -> str:
        """Return whoever did something (or ``person``), as what: "Rina Wati (Plh. Kepala Dinas)".

        Where a decision was recorded for somebody else, it is theirs, followed by who recorded it.
        """
        decider = getattr(event, "on_behalf_of", None)
        held_as = getattr(event, "standin", ()), getattr(event, "acting", ())
        who = self.as_held(person or decider or event.by, event.posts, *held_as)
        return who if decider is None or person is not None else who + self.recorded(event)

    def as_held(self, person_id: int, posts: Collection[str], standin: Collection[str], acting: Collection[str]) -> str:
        """Return a person on posts, of which they hold some as Plh (``standin``) or Plt (``acting``)."""
        kinds = dict.fromkeys(standin, HoldingKind.STANDIN) | dict.fromkeys(acting, HoldingKind.ACTING)
        return self.view.who(self.row.office_id, person_id, posts, kinds)

    def recorded(self, event: Deed) -> str:
        """Return ", dicatat oleh Rina Wati (Sekretariat) …" for a decision that somebody else recorded."""
        return label("behalf.recorded", who=self.recorder(event), medium=getattr(event, "medium", None) or "")

    def recorder(self, event: Deed) -> str:
        """Return who recorded a decision, in the capacity that let them do so at that moment."""
        held = queries.posts_of(self.view.session, event.by, self.row.office_id, event.at)
        allowed = [SECRETARIAT, *sorted(self.view.work.rules_of(self.row.office_id).recorders)]
        posts = [post for post in allowed if post in held][:1]
        return self.who(event.by, posts) if posts else self.view.person(event.by)

    def reporters(self, task_number: int) -> str:
        """Return everybody who has reported on a task."""
        return join([self.acted(part) for part in self.story.parts(task_number)])

    def notes(self, task_number: int) -> tuple[Note, ...]:
        """Return the notes left on a task, by themselves or with a report."""
        words: list[ev.NoteAdded | ev.PartDone] = [*self.story.notes(task_number), *self.story.parts(task_number)]
        return tuple(
            Note(self.acted(word), shorten(word.note, NOTE_LIMIT, lines=REASON_LINES))
            for word in sorted(words, key=lambda word: word.at)
            if word.note
        )

    def ending(self, task: TaskRow) -> Ending | None:
        """Return how a task ended, or None while it is open."""
        end = self.story.ending(task.number)
        match end:
            case None:
                return None
            case ev.StepDone():
                who = self.reporters(task.number)
                return Ending("done", who, self.moment(end.real_at or end.at), notes=self.notes(task.number))
            case ev.StepRejected():
                who, to_step = self.acted(end), label("step.short", number=end.to_step)
                return Ending("rejected", who, self.moment(end.real_at or end.at), reason_of(end), to_step)
            case ev.CaseReturned():
                who, to_step = self.who(end.by, [end.capacity]), label("step.short", number=end.to_step)
                return Ending("returned", who, self.moment(end.at), reason_of(end), to_step)
            case ev.Undone():
                word = self.story.word_undone(end)
                who = self.acted(word) if word else self.view.person(end.by)
                return Ending("withdrawn", who, self.moment(end.at))
            case ev.CaseCancelled():
                who = self.who(end.by, [end.capacity])
                return Ending("cancelled", who, self.moment(end.at), reason_of(end))

    def where(self) -> Where:
        """Return where the case stands now."""
        if self.open is not None:
            return Where("running", self.task_line(self.open), self.waited_for(self.open))
        end = self.story.cancellation
        if end is not None:
            who = self.who(end.by, [end.capacity])
            moment, reason = self.moment(end.at), reason_of(end)
            return Where("cancelled", moment=moment, who=who, reason=reason, fingerprint=self.fingerprint)
        moment = self.moment(self.row.ended_at or self.row.started_at)
        return Where(Status.FINISHED.value, moment=moment, fingerprint=self.fingerprint)

    def moment(self, when: datetime) -> str:
        """Return a moment in the office's words."""
        return self.clock.moment(when)


def reason_of(event: ev.StepRejected | ev.CaseReturned | ev.CaseCancelled) -> str:
    """Return a reason fit to be shown."""
    return shorten(event.reason, REASON_LIMIT, lines=REASON_LINES)


def case_view(view: View, case_id: int) -> CaseView:
    """Return the view of a case that exists."""
    return CaseView(view, view.session.get_one(CaseRow, case_id))


def task_and_case(view: View, task_id: int) -> tuple[CaseView, TaskRow]:
    """Return a task that exists, with the view of its case."""
    task = view.session.get_one(TaskRow, task_id)
    return case_view(view, task.case_id), task
