"""Whatever people do in whatever order: the laws of a case, on random definitions, beside a plain model."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain import events as ev
from bot.domain.budget import Budget, Unit
from bot.domain.case import Cancel, Case, Command, Complete, Reject, Status, evolve, handle, replay, start
from bot.domain.errors import (
    AlreadyReported,
    CaseEnded,
    DomainError,
    FirstStepNotRejectable,
    NotHolder,
    ReasonMissing,
    TaskEnded,
)
from bot.domain.sop import Completion, Office, Post, Sop, Step, Zone
from bot.domain.worktime import Calendar
from bot.store.mapping import event_of, event_row

if TYPE_CHECKING:
    from collections.abc import Callable

POSTS = ("staf", "kasubag", "kabid", "kepala")
MONDAY = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)
WIB = Calendar(Zone.WIB)
PEOPLE = st.integers(0, 4)
HOLDERS = st.dictionaries(PEOPLE, st.frozensets(st.sampled_from(POSTS), max_size=3), min_size=3)
BUDGETS = st.builds(Budget, st.integers(1, 30), st.sampled_from(Unit))
TEXTS = st.sampled_from(["Tabel 2 kurang", " <b>tanda tangan</b>\n", "", " \t"])


@st.composite
def sops(draw: st.DrawFn) -> Sop:
    """Return a definition that the check would accept: numbers ascend, rejections lead back."""
    numbers = sorted(draw(st.sets(st.integers(1, 30), min_size=1, max_size=8)))
    steps = tuple(
        Step(
            number,
            f"Langkah {number}",
            tuple(draw(st.lists(st.sampled_from(POSTS), min_size=1, max_size=4, unique=True))),
            draw(BUDGETS),
            draw(st.sampled_from(Completion)),
            reject_to=draw(st.none() | st.sampled_from(numbers[:place])) if place else None,
        )
        for place, number in enumerate(numbers)
    )
    posts = tuple(Post(post, post.title()) for post in POSTS)
    office = Office("dinas", "Dinas", Zone.WIB)
    return Sop(id="dinas-pk", name="PK", abbreviation="PK", office=office, posts=posts, steps=steps)


class Model:
    """The rules of a case as an official would keep them on paper: places, ticks and a counter."""

    def __init__(self, sop: Sop) -> None:
        self.sop = sop
        self.place = 0
        self.task = 1
        self.ended = False
        self.ticks: dict[int, set[str]] = {}
        self.rounds = Counter({sop.first.number: 1})

    @property
    def step(self) -> Step:
        return self.sop.steps[self.place]

    @property
    def ticked(self) -> set[str]:
        return self.ticks.setdefault(self.step.number, set())

    def refusal(self, posts: frozenset[str], task: int) -> type[DomainError] | None:
        """Return how acting on the open step would be refused."""
        mine = posts & set(self.step.posts)
        if self.ended:
            return CaseEnded
        if task != self.task:
            return TaskEnded
        if not mine:
            return NotHolder
        return None if mine - self.ticked else AlreadyReported

    def complete(self, posts: frozenset[str]) -> None:
        self.ticked.update(posts & set(self.step.posts))
        if self.step.completion is Completion.ALL and self.ticked != set(self.step.posts):
            return
        if self.place + 1 == len(self.sop.steps):
            self.ended = True
        else:
            self._open(self.place + 1)

    def reject(self) -> None:
        target = self.step.reject_to
        place = self.place - 1 if target is None else self.sop.position(target)
        for step in self.sop.steps[place:]:
            self.ticks.pop(step.number, None)
        self._open(place)

    def _open(self, place: int) -> None:
        self.place = place
        self.task += 1
        self.rounds[self.step.number] += 1


class AnyCase(RuleBasedStateMachine):
    """One case, its log, and the model beside it."""

    @initialize(sop=sops(), holders=HOLDERS, starter=PEOPLE)
    def begin(self, sop: Sop, holders: dict[int, frozenset[str]], starter: int) -> None:
        self.sop, self.holders, self.at = sop, holders, MONDAY
        self.log = list(start(sop, WIB, by=starter, capacity="staf", at=self.at))
        self.case: Case = replay(self.log)
        self.model = Model(sop)

    @rule(minutes=st.integers(0, 3000))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    @rule(person=PEOPLE, posts=st.frozensets(st.sampled_from(POSTS), max_size=2))
    def somebody_gets_other_posts(self, person: int, posts: frozenset[str]) -> None:
        self.holders[person] = posts

    @rule(person=PEOPLE, back=st.sampled_from([0, 0, 0, 0, 1, 2, -1]))
    def somebody_reports(self, person: int, back: int) -> None:
        posts, task = self.holders.get(person, frozenset()), self.model.task - back
        refusal = self.model.refusal(posts, task)
        self._give(Complete(person, posts, task), refusal, lambda: self.model.complete(posts))

    @precondition(lambda self: not self.model.ended)
    @rule()
    def the_open_step_is_done(self) -> None:
        posts = frozenset(self.model.step.posts)
        self._give(Complete(0, posts, self.model.task), None, lambda: self.model.complete(posts))

    @rule(person=PEOPLE, back=st.sampled_from([0, 0, 0, 1]), reason=TEXTS)
    def somebody_rejects(self, person: int, back: int, reason: str) -> None:
        posts, task = self.holders.get(person, frozenset()), self.model.task - back
        refusal = self.model.refusal(posts, task)
        if refusal is None and self.model.place == 0:
            refusal = FirstStepNotRejectable
        elif refusal is None and not reason.strip():
            refusal = ReasonMissing
        self._give(Reject(person, posts, task, reason), refusal, self.model.reject)

    @rule(reason=TEXTS, sure=st.sampled_from([False, False, False, True]))
    def somebody_cancels(self, reason: str, sure: bool) -> None:
        if not sure:
            return  # or most stories would be short
        refusal = CaseEnded if self.model.ended else None if reason.strip() else ReasonMissing
        self._give(Cancel(0, "sekretariat", reason), refusal, self._cancelled)

    def _cancelled(self) -> None:
        self.model.ended = True

    def _give(self, command: Command, refusal: type[DomainError] | None, follow: Callable[[], None]) -> None:
        """Give a command; it must be refused as the model says, or be followed as the model does."""
        if refusal:
            with pytest.raises(refusal):
                handle(self.case, command, self.sop, WIB, self.at)
            return
        events = handle(self.case, command, self.sop, WIB, self.at)
        for event in events:
            assert event.at == self.at
            self.case = evolve(self.case, event)
        self.log += events
        follow()

    @invariant()
    def a_running_case_has_exactly_one_open_task_and_an_ended_one_has_none(self) -> None:
        assert (self.case.status is Status.RUNNING) == (not self.model.ended)
        assert (self.case.task is None) == self.model.ended

    @invariant()
    def the_open_task_is_the_one_the_model_says(self) -> None:
        if task := self.case.task:
            assert (task.step, task.number) == (self.model.step.number, self.model.task)
            assert set(task.reported) == self.model.ticked

    @invariant()
    def every_task_has_a_deadline_and_the_next_number_and_the_next_round(self) -> None:
        given = [event for event in self.log if isinstance(event, ev.TaskGiven)]
        assert all(task.due_at > task.at for task in given)
        assert [task.task for task in given] == list(range(1, len(given) + 1))
        rounds = Counter[int]()
        for task in given:
            rounds[task.step] += 1
            assert task.round == rounds[task.step]
        assert self.case.rounds == rounds == self.model.rounds
        assert self.case.tasks_given == len(given)

    @invariant()
    def the_reports_that_stand_are_the_ticks_of_the_earlier_steps(self) -> None:
        standing: dict[int, set[str]] = {}
        for report in self.case.standing:
            assert report.post not in standing.setdefault(report.step, set())
            standing[report.step].add(report.post)
        open_step = self.case.task.step if self.case.task else None
        ticks = {number: posts for number, posts in self.model.ticks.items() if posts and number != open_step}
        if self.case.status is not Status.CANCELLED:
            assert standing == ticks

    @invariant()
    def a_finished_case_has_every_step_done_since_it_was_last_undone(self) -> None:
        if self.case.status is not Status.FINISHED:
            return
        done: list[int] = []
        for event in self.log:
            if isinstance(event, ev.StepRejected):
                done = [number for number in done if number < event.to_step]
            if isinstance(event, ev.StepDone):
                done.append(event.step)
        assert done == [step.number for step in self.sop.steps]

    @invariant()
    def the_log_alone_tells_the_state_also_after_it_was_saved_and_read_again(self) -> None:
        assert replay(self.log) == self.case
        assert replay(_saved_and_read_again(self.log)) == self.case


def _saved_and_read_again(log: list[ev.Event]) -> list[ev.Event]:
    rows = [event_row(1, number, event, "") for number, event in enumerate(log, 1)]
    for row in rows:
        row.data = json.loads(json.dumps(row.data))
    return [event_of(row) for row in rows]


TestAnyCase = AnyCase.TestCase
TestAnyCase.settings = settings(stateful_step_count=25)
