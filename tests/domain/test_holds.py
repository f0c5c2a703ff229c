"""A hold stops the clock: nobody loses or gains working time by it, and what is still to be said is said later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.budget import Budget, Unit
from bot.domain.case import Hold, Resume, Task, evolve, handle, replay, start
from bot.domain.reminders import DEFAULT_LADDER, PlannedReminder, ReminderKind, plan, replan
from bot.domain.sop import Office, Post, Sop, Step, Zone
from bot.domain.worktime import Calendar

WIB = Calendar(Zone.WIB)
MONDAY = datetime(2026, 2, 2, tzinfo=UTC)
STARTS = st.integers(0, 7 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
BUDGETS = st.builds(Budget, st.integers(1, 12), st.sampled_from(Unit))
HOLDS = st.lists(st.tuples(st.integers(0, 3000), st.integers(1, 20_000)), min_size=1, max_size=3)
OUTSTANDING = {ReminderKind.EARLY, ReminderKind.DUE}


def task_held(begun: datetime, budget: Budget, holds: list[tuple[int, int]]) -> tuple[Task, list[datetime]]:
    """Return a task before its last hold ended, with the moments at which its clock was stopped and let go."""
    step = Step(1, "Menyusun", ("staf",), budget)
    posts = (Post("staf", "Staf"),)
    sop = Sop(id="pk", name="PK", abbreviation="PK", office=Office("d", "D", Zone.WIB), posts=posts, steps=(step,))
    case, at, moments = replay(start(sop, WIB, by=1, capacity="staf", at=begun)), begun, [begun]
    for before, held in holds:
        for command, minutes in (
            (Hold(1, "staf", 1, "menunggu BKN", outside=True), before),
            (Resume(1, "staf", 1), held),
        ):
            at += timedelta(minutes=minutes)
            moments.append(at)
            for event in handle(case, command, sop, WIB, at):
                case = evolve(case, event)
    assert case.task
    return case.task, moments


def still_said(rungs: tuple[PlannedReminder, ...], since: datetime) -> dict[tuple[str, int], timedelta]:
    """Return what remains to be said of the budget, with the working time until then."""
    coming = (rung for rung in rungs if rung.at >= since and rung.kind in OUTSTANDING)
    return {(rung.kind, rung.sequence): WIB.between(since, rung.at) for rung in coming}


@given(begun=STARTS, budget=BUDGETS, holds=HOLDS)
def test_the_working_time_before_between_and_after_holds_is_the_budget(
    begun: datetime, budget: Budget, holds: list[tuple[int, int]]
) -> None:
    task, moments = task_held(begun, budget, holds)
    due = WIB.due(begun, budget)
    running = list(pairwise(moments))[::2]
    ran = sum((WIB.between(since, until) for since, until in running), timedelta())
    if ran <= (whole := WIB.between(begun, due)):
        assert ran + WIB.between(moments[-1], task.due_at) == whole
    else:
        assert WIB.between(task.due_at, moments[-1]) == ran - whole
    assert WIB.between(task.counted_from(WIB), task.due_at) == whole


@example(begun=MONDAY, budget=Budget(1, Unit.DAY), holds=[(540, 930)])  # let go at the very moment it is due
@given(begun=STARTS, budget=BUDGETS, holds=HOLDS)
def test_after_a_hold_exactly_what_was_still_to_be_said_is_said_after_the_same_working_time(
    begun: datetime, budget: Budget, holds: list[tuple[int, int]]
) -> None:
    before, _ = task_held(begun, budget, holds[:-1])
    task, moments = task_held(begun, budget, holds)
    ahead = plan(DEFAULT_LADDER, WIB, budget, before.counted_from(WIB), before.due_at)
    again = replan(DEFAULT_LADDER, WIB, budget, task.counted_from(WIB), task.due_at, at=moments[-1])
    assert still_said(again, moments[-1]) == still_said(ahead, moments[-2])


@given(begun=STARTS, budget=BUDGETS, held=st.integers(1, 20_000), share=st.integers(0, 99))
def test_escalation_is_not_lost_by_a_hold_within_the_budget(
    begun: datetime, budget: Budget, held: int, share: int
) -> None:
    moment = WIB.share(begun, WIB.due(begun, budget), share)
    task, moments = task_held(begun, budget, [(int((moment - begun).total_seconds() // 60), held)])
    again = replan(DEFAULT_LADDER, WIB, budget, task.counted_from(WIB), task.due_at, at=moments[-1])
    kinds = [rung.kind for rung in again if rung.kind not in OUTSTANDING]
    assert sorted(kinds) == sorted([ReminderKind.LATE, ReminderKind.SUPERIOR, ReminderKind.HEAD])
