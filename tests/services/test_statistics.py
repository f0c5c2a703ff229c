"""Statistics against a second reading: the event log by the auditor's rules, working time counted period by period."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from bot.domain import chain
from bot.domain.budget import Budget, Unit
from bot.domain.case import Status
from bot.services.auditor.reading import CaseRead, TaskRead, read_log
from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.holds import hold_case, resume_case
from bot.services.month import month_of
from bot.services.month_text import read_month
from bot.services.more_time import ask_for_time, decide_time
from bot.services.moves import return_task
from bot.services.reject_task import reject_task
from bot.services.seal_case import seal_case
from bot.services.statistics import LATELY, figures_of_month, months_until, office_figures
from bot.services.undo import undo
from bot.services.work import Refusal
from bot.store.chains import EVENT_COLUMNS, entry_of
from bot.store.tables import CaseRow, EventRow, SopVersionRow, TaskPostRow
from tests.services.conftest import STAFF, Town, wib

if TYPE_CHECKING:
    from datetime import datetime

    from bot.domain.worktime import Calendar
    from bot.services.spells import Spell
    from bot.services.statistics import OfficeFigures
    from bot.services.work import Work

SEEDS = {"sqlite": 3, "postgresql": 1}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOLDERS = {post: who for who, (office, post) in STAFF.items() if office == "dinas"}


# --- stories that were played by chance --------------------------------------------------------


def play(town: Town, chance: random.Random) -> None:
    """Let an office work for some months, with everything that touches a task's time."""
    for _ in range(50):
        town.at += chance.choice([timedelta(minutes=5), HOUR, HOUR, 7 * HOUR, DAY, 9 * DAY])
        with suppress(Refusal):
            _something(town, chance)


def _something(town: Town, chance: random.Random) -> None:
    running = [case for case in town.rows(CaseRow) if case.status == Status.RUNNING and case.office_id == "dinas"]
    if not running or (len(running) < 4 and chance.random() < 0.2):
        town.starts("Sari", chance.choice(["dinas-pk", "dinas-sk"]))
        return
    case = chance.choice(running)
    task = town.task(case.id)
    if task.held_at is not None and chance.random() < 0.6:
        town.do("Sari", resume_case, case)
        return
    posts = [row.post_id for row in town.rows(TaskPostRow) if row.task_id == task.id and row.reported_at is None]
    holder = HOLDERS[chance.choice(posts)]
    does: list[tuple[int, Callable[[], object]]] = [
        (10, lambda: town.do(holder, complete_task, task.id)),
        (3, lambda: town.do(holder, reject_task, task.id, "belum lengkap")),
        (2, lambda: town.do("Sari", hold_case, case, "menunggu BKN")),
        (3, lambda: town.do("Sari", resume_case, case)),
        (2, lambda: _more_time(town, holder, task.id)),
        (3, lambda: town.do("Sari", return_task, task.id, 1, "salah berkas")),
        (1, lambda: town.do("Sari", cancel_case, case.id, "keliru")),
        (2, lambda: _taken_back(town, holder, task.id)),
    ]
    chance.choices([do for _, do in does], [weight for weight, _ in does])[0]()


def _more_time(town: Town, who: str, task_id: int) -> None:
    town.do(who, ask_for_time, task_id, Budget(1, Unit.DAY), "perlu data")
    town.do("Sari", decide_time, task_id, 1, grant=True)


def _taken_back(town: Town, who: str, task_id: int) -> None:
    town.do(who, complete_task, task_id)
    town.at += timedelta(minutes=2)
    town.do(who, undo, task_id)


# --- the second reading ------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One case as its log tells it."""

    office: str
    read: CaseRead

    @property
    def tasks(self) -> list[TaskRead]:
        return [task for task in self.read.tasks if task.outcome != "withdrawn"]


def told(work: Work) -> list[Told]:
    """Return every case, from the event log alone."""
    found = []
    for case in work.session.scalars(select(CaseRow).order_by(CaseRow.id)).all():
        version = work.session.get_one(SopVersionRow, case.sop_version_id)
        rows = work.session.execute(select(*EVENT_COLUMNS).where(EventRow.case_id == case.id).order_by(EventRow.number))
        genesis = _genesis(case, version)
        found.append(Told(case.office_id, read_log([entry_of(row) for row in rows], work.sop_of(case), genesis)))
    return found


def _genesis(case: CaseRow, version: SopVersionRow) -> str:
    return chain.genesis(office_id=case.office_id, code=case.code, title=case.title, sop_hash=version.content_hash)


def worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """Count working time period by period."""
    day, total = calendar.local(start).date() - DAY, timedelta()
    while day <= calendar.local(end).date():
        for opening, closing in calendar.periods_on(day):
            total += max(timedelta(), min(closing, end) - max(opening, start))
        day += DAY
    return total


def running_time(calendar: Calendar, task: TaskRead, at: datetime) -> timedelta:
    """Count the time between holds, one stretch after the other."""
    end = task.real_ended_at or task.ended_at or at
    stops = [*task.pauses, *([(task.held_at, end)] if task.held_at else [])]
    stretches, since = [], task.given_at
    for stopped, resumed in stops:
        stretches.append((since, min(stopped, end)))
        since = resumed
    stretches.append((since, end))
    return sum((worked(calendar, a, b) for a, b in stretches if a < b), timedelta())


def budget_of(calendar: Calendar, task: TaskRead) -> timedelta:
    return worked(calendar, task.given_at, calendar.due(task.given_at, task.step.budget))


def was_late(task: TaskRead, at: datetime) -> bool:
    """Whether the clock was still running when the deadline passed."""
    return min(task.held_at or at, task.real_ended_at or task.ended_at or at) > task.due_at


def expected_months(
    calendar: Calendar, cases: list[Told], months: list[date], at: datetime
) -> list[tuple[date, int, int]]:
    counted: dict[date, list[bool]] = defaultdict(list)
    for case in cases:
        if case.read.status == "finished" and case.read.ended_at is not None:
            month = calendar.local(case.read.ended_at).date().replace(day=1)
            counted[month].append(not any(was_late(task, at) for task in case.tasks))
    return [(month, len(counted[month]), sum(counted[month])) for month in months]


def expected_shares(calendar: Calendar, cases: list[Told], since: date) -> dict[tuple[str, int], list[float]]:
    shares: dict[tuple[str, int], list[float]] = defaultdict(list)
    for case in cases:
        for task in case.tasks if case.read.status != "cancelled" else []:
            end = task.real_ended_at or task.ended_at
            if end is not None and task.outcome in {"done", "rejected"} and calendar.local(end).date() >= since:
                share = running_time(calendar, task, end) / budget_of(calendar, task)
                shares[case.read.sop.id, task.step.number].append(share)
    return {key: sorted(found) for key, found in shares.items()}


def expected_loads(cases: list[Told], at: datetime) -> dict[str, tuple[int, int]]:
    waiting: Counter[str] = Counter()
    done: Counter[str] = Counter()
    for task in (task for case in cases for task in case.tasks):
        waiting.update(post for post in task.posts if task.ended_at is None and post not in task.reports)
        done.update(post for post, (when, _) in task.reports.items() if when > at - LATELY)
    return {post: (waiting[post], done[post]) for post in {*waiting, *done}}


def test_the_statistics_are_what_the_event_log_says(staffed: Town) -> None:
    seen: Counter[str] = Counter()
    town = staffed  # which goes on from one play to the next
    seeds = SEEDS[town.store.engine.dialect.name]
    for seed in range(seeds):
        play(town, random.Random(seed))  # noqa: S311 - a play, no secret
        figures, cases = town.run(office_figures, "dinas"), [c for c in town.run(told) if c.office == "dinas"]
        calendar = town.run(lambda work: work.calendar_for(work.offices()["dinas"]))
        months = months_until(calendar.local(town.at).date().replace(day=1))
        assert [(m.first, m.finished, m.on_time) for m in figures.months] == expected_months(
            calendar, cases, months, town.at
        ), seed
        assert shares_in(figures) == expected_shares(calendar, cases, months[0]), seed
        assert {load.post: (load.waiting, load.done) for load in figures.loads} == expected_loads(cases, town.at), seed
        seen += Counter(task.outcome or "open" for case in cases for task in case.tasks)
        seen["held"] += sum(bool(task.pauses) for case in cases for task in case.tasks)
        seen["late"] += sum(was_late(task, town.at) for case in cases for task in case.tasks)
    wanted = {"done", "rejected", "returned", "held", "late", "cancelled", "open"}
    assert seeds == 1 or wanted <= {what for what, count in seen.items() if count}


def shares_in(figures: OfficeFigures) -> dict[tuple[str, int], list[float]]:
    return {(sop.sop.id, step.step): list(step.shares) for sop in figures.sops for step in sop.steps}


def shown(spells: Sequence[Spell]) -> list[tuple[int, str, int, int]]:
    """Return step, outcome, minutes used and minutes of the budget."""
    minute = timedelta(minutes=1)
    return [(s.step, s.outcome or "open", s.used // minute, s.budget // minute) for s in spells]


@pytest.fixture
def lived(staffed: Town) -> Town:
    """One case is finished after a rejection and a hold, a secret one runs, one is cancelled, one runs elsewhere."""
    town, finished = staffed, staffed.starts("Sari", "dinas-sk", "=1+1")
    town.at = wib(9, 8, 15)
    town.do("Bagus", complete_task, town.task(finished).id)
    town.at = wib(9, 9, 15)
    town.do("Kemal", reject_task, town.task(finished).id, "@isian")
    town.do("Sari", hold_case, town.case(finished), "menunggu BKN")
    town.at = wib(10, 9, 15)
    town.do("Sari", resume_case, town.case(finished))
    town.at = wib(10, 10)  # 45 of 30 minutes
    town.do("Bagus", complete_task, town.task(finished).id)
    town.do("Kemal", complete_task, town.task(finished).id)
    cancelled = town.starts("Sari", "dinas-sk", "Keliru")
    town.do("Bagus", complete_task, town.task(cancelled).id)
    town.do("Sari", cancel_case, cancelled, "keliru")
    town.do("Sari", seal_case, town.starts("Sari", "dinas-sk", "Naskah Melati"))
    town.starts("Yosef", "badan-pk", "Naskah Papua")
    return town


def test_a_month_tells_every_round_with_its_hold_left_out_and_who_rejected_it_why(lived: Town) -> None:
    month = lived.run(month_of, "dinas", date(2026, 11, 1))
    first = month.cases[0]
    assert shown(first.spells) == [
        (1, "done", 15, 30),
        (2, "rejected", 60, 120),
        (1, "done", 45, 30),
        (2, "done", 0, 120),
    ]
    assert (first.rejections, first.late, first.starter) == (1, True, "Sari")
    [rejection] = month.rejections.values()
    assert (rejection.who, rejection.posts, rejection.to_step, rejection.reason) == ("Kemal", ("kepala",), 1, "@isian")
    assert (month.started, len(month.ended(Status.FINISHED)), len(month.ended(Status.CANCELLED)), month.running) == (
        3,
        1,
        1,
        1,
    )
    assert lived.run(month_of, "dinas", date(2026, 10, 1)).cases == ()


def test_a_clock_that_stands_still_makes_nobody_late(staffed: Town) -> None:
    case = staffed.starts("Sari", "dinas-sk")
    staffed.do("Sari", hold_case, staffed.case(case), "menunggu BKN")
    staffed.at = wib(12, 8)
    [held] = staffed.run(month_of, "dinas", date(2026, 11, 1)).cases
    assert (held.late, shown(held.spells)) == (False, [(1, "open", 0, 30)])


def test_what_was_cancelled_is_in_no_share_and_no_office_counts_for_another(lived: Town) -> None:
    here, there = (lived.run(office_figures, office) for office in ("dinas", "badan"))
    assert [(m.finished, m.on_time) for m in here.months] == [(0, 0)] * 5 + [(1, 0)]
    assert shares_in(here) == {("dinas-sk", 1): [0.5, 1.5], ("dinas-sk", 2): [0.0, 0.5]}
    assert {load.post: (load.waiting, load.done) for load in here.loads} == {"kasubag": (1, 3), "kepala": (0, 1)}
    assert not there.sops
    assert {load.post: (load.waiting, load.done) for load in there.loads} == {"staf": (1, 0)}
    lived.at = wib(9, 8) + timedelta(days=100)
    october = lived.run(figures_of_month, "dinas", date(2026, 10, 1))
    assert not october.sops
    assert [month.finished for month in october.months] == [0] * 6


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("", (2026, 10)),
        ("november", (2026, 11)),
        ("Nov 2025", (2025, 11)),
        ("11", (2026, 11)),
        ("desember", (2025, 12)),
        ("2026-1", (2026, 1)),
        ("3/2026", (2026, 3)),
        ("13", None),
        ("2026-12", None),
        ("1999-12", None),
        ("bulan depan", None),
        ("9" * 4000, None),
    ],
)
def test_a_month_is_read_as_people_write_it_and_never_one_to_come(text: str, month: tuple[int, int] | None) -> None:
    assert read_month(text, date(2026, 11, 9)) == (date(*month, 1) if month else None)
