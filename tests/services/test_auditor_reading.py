"""The auditor reads a log without the case engine, and comes to the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import chain, errors
from bot.domain import events as ev
from bot.services.auditor.reading import Misfit, read_log
from bot.store.mapping import event_row
from tests.domain.test_case_life import COMMANDS, MINUTE, SOP, Story, TaskCommand

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.services.auditor.told import CaseRead

GENESIS = chain.genesis(office_id="dinas", code="PK-2026-001", title="Uji", sop_hash="0" * 64)
TRIES = st.lists(st.tuples(COMMANDS, st.booleans(), st.integers(0, 9)), max_size=25)


def entries(log: list[ev.Event]) -> list[chain.Entry]:
    """Return the log as it stands in the database."""
    head, found = GENESIS, []
    for number, event in enumerate(log, 1):
        row = event_row(1, number, event, head)
        head = row.hash
        found.append(chain.Entry(row.number, row.at, row.kind, row.by, row.data, row.hash))
    return found


def told(tries: list[tuple[TaskCommand, bool, int]]) -> Story:
    """Return the story of whatever was tried."""
    story = Story()
    for wanted, meant, minutes in tries:
        command = replace(wanted, task=story.case.task.number) if meant and story.case.task else wanted
        try:
            story.give(command, minutes * MINUTE)
        except errors.DomainError:
            continue
    return story


def read(story: Story) -> CaseRead:
    """Return what the auditor makes of it."""
    return read_log(entries(story.log), SOP, GENESIS)


@given(TRIES)
def test_whatever_the_engine_recorded_the_auditor_reads_the_same_case_from_it(
    tries: list[tuple[TaskCommand, bool, int]],
) -> None:
    story = told(tries)
    case, engine = read(story), story.case
    assert case.status == engine.status
    open_tasks = [task for task in case.tasks if task.ended_at is None]
    assert [task.number for task in open_tasks] == ([engine.task.number] if engine.task else [])
    if engine.task:
        (task,) = open_tasks
        step = SOP.step(engine.task.step)
        assert (task.due_at, task.given_at, task.round) == (
            engine.task.due_at,
            engine.task.given_at,
            engine.task.round,
        )
        assert (task.held_at is not None) == (engine.task.pause is not None)
        assert task.waiting(story.at) == list(engine.task.waiting(step))
        assert task.claims == engine.task.claims
        assert (task.asked is not None) == (engine.task.request is not None)
    assert sorted(case.recorded) == sorted((entry.task, entry.person) for entry in engine.recorded)


STAF, KEPALA, MONITOR = ("staf",), ("kepala",), (9, "sekretariat")
LATER = timedelta(minutes=6)


def _at(step: int, *forged: Callable[[Story], ev.Event]) -> list[ev.Event]:
    story = Story().at_step(step)
    return [*story.log, *(make(story) for make in forged)]


FORGED: dict[str, list[ev.Event]] = {
    "a word taken back after more than five minutes": _at(2, lambda s: ev.Undone(s.at + LATER, 1, 1, 2)),
    "a word taken back by somebody else": _at(2, lambda s: ev.Undone(s.at, 2, 1, 2)),
    "a Plh on a strategic step": _at(5, lambda s: ev.TaskAccepted(s.at, 1, KEPALA, s.task, standin=KEPALA)),
    "a hold on a hold": _at(
        1,
        lambda s: ev.CaseHeld(s.at, *MONITOR, 1, "BKN", outside=True),
        lambda s: ev.CaseHeld(s.at, *MONITOR, 1, "BKN", outside=True),
    ),
    "a report while the clock stands still": _at(
        1,
        lambda s: ev.CaseHeld(s.at, *MONITOR, 1, "BKN", outside=True),
        lambda s: ev.PartDone(s.at, 1, STAF, 1, 1),
    ),
    "an end of no hold": _at(1, lambda s: ev.CaseResumed(s.at, *MONITOR, 1, s.due)),
    "time that nobody asked for": _at(1, lambda s: ev.TimeGranted(s.at, *MONITOR, 1, 9, "day", s.due)),
    "a task handed on by a post that does not have it": _at(
        1, lambda s: ev.TaskMoved(s.at, *MONITOR, 1, "kabid", "kasubag", ("kasubag",), "cuti")
    ),
    "a case moved forward by the sekretariat": _at(1, lambda s: ev.CaseReturned(s.at, *MONITOR, 1, 1, 5, "x")),
    "an objection to what nobody recorded": _at(2, lambda s: ev.DecisionObjected(s.at, 1, STAF, 1, "x")),
    "a claim let go by somebody else": _at(
        1, lambda s: ev.TaskClaimed(s.at, 1, "staf", 1), lambda s: ev.TaskReleased(s.at, 2, "staf", 1)
    ),
    "a late entry before the task was given": _at(
        2, lambda s: ev.PartDone(s.at, 9, ("kabid",), 2, 2, None, (), (), 1, "outage", "padam", None, s.at - 99 * LATER)
    ),
}


@pytest.mark.parametrize("log", FORGED.values(), ids=FORGED.keys())
def test_no_log_holds(log: list[ev.Event]) -> None:
    with pytest.raises(Misfit):
        read_log(entries(log), SOP, GENESIS)
