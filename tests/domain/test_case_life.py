"""What else may happen to a case: holds, more time, other hands, recorded decisions, and taking back one's word."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import errors
from bot.domain import events as ev
from bot.domain.budget import Budget, Unit
from bot.domain.case import (
    UNDO_WITHIN,
    Accept,
    AddNote,
    Attach,
    Cancel,
    Case,
    Claim,
    Command,
    Complete,
    GrantTime,
    Hold,
    HolderCommand,
    MonitorCommand,
    Move,
    MoveDeadline,
    Object,
    Origin,
    RefuseTime,
    Reject,
    Release,
    RequestTime,
    Resume,
    Return,
    Status,
    Undo,
    evolve,
    handle,
    replay,
    start,
)
from bot.domain.sop import Completion, Office, Post, Sop, Step, Zone
from bot.domain.worktime import Calendar
from bot.store.mapping import event_of, event_row

ANI, BUDI, CITRA, RINA = 1, 2, 3, 9
WIB = Calendar(Zone.WIB)
MONDAY = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)  # 10.00 in Jakarta
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TWO_HOURS, ONE_DAY = Budget(2, Unit.HOUR), Budget(1, Unit.DAY)
HEAD = frozenset({"kepala"})
EVERY = frozenset({"staf", "kasubag", "kabid", "kepala"})
SOP = Sop(
    id="dinas-pk",
    name="Perjanjian Kinerja",
    abbreviation="PK",
    office=Office("dinas", "Dinas", Zone.WIB),
    posts=tuple(Post(post, post.title()) for post in ("staf", "kasubag", "kabid", "kepala")),
    steps=(
        Step(1, "Menyusun", ("staf",), TWO_HOURS),
        Step(2, "Memeriksa", ("kasubag", "kabid"), TWO_HOURS),
        Step(3, "Mengoreksi", ("kasubag", "kabid"), ONE_DAY, Completion.ANY),
        Step(5, "Menandatangani", ("kepala",), TWO_HOURS, reject_to=2, strategic=True),
        Step(6, "Mengarsipkan", ("staf",), TWO_HOURS),
    ),
)


class Story:
    """One case, told command by command, five minutes apart unless time passes."""

    def __init__(self) -> None:
        self.at = MONDAY
        self.log = list(start(SOP, WIB, by=ANI, capacity="staf", at=self.at))
        self.case: Case = replay(self.log)

    @property
    def task(self) -> int:
        assert self.case.task
        return self.case.task.number

    @property
    def due(self) -> datetime:
        assert self.case.task
        return self.case.task.due_at

    def give(self, command: Command, after: timedelta = MINUTE) -> tuple[ev.Event, ...]:
        self.at += after
        events = handle(self.case, command, SOP, WIB, self.at)
        for event in events:
            self.case = evolve(self.case, event)
        self.log += events
        return events

    def done(self, by: int = ANI, posts: frozenset[str] = EVERY, after: timedelta = MINUTE) -> tuple[ev.Event, ...]:
        return self.give(Complete(by, posts, self.task), after)

    def at_step(self, number: int) -> Story:
        while self.case.task and self.case.task.step != number:
            self.done()
        return self

    def refuses(self, command: Command, error: type[errors.DomainError], after: timedelta = MINUTE) -> None:
        with pytest.raises(error):
            handle(self.case, command, SOP, WIB, self.at + after)


# --- holds --------------------------------------------------------------------------------------


@given(before=st.integers(0, 3000), held=st.integers(0, 20_000), step=st.sampled_from([1, 2, 3, 5, 6]))
def test_a_hold_moves_the_deadline_by_the_working_time_held(before: int, held: int, step: int) -> None:
    story = Story().at_step(step)
    due = story.due
    story.give(Hold(RINA, "sekretariat", story.task, "menunggu BKN", outside=True), before * MINUTE)
    began = story.at
    story.give(Resume(RINA, "sekretariat", story.task), held * MINUTE)
    assert WIB.between(due, story.due) == WIB.between(began, story.at)
    assert story.case.task
    assert story.case.task.pause is None


def test_a_held_case_moves_neither_on_nor_back_until_its_clock_runs_again() -> None:
    story = Story().at_step(2)
    story.give(Hold(RINA, "sekretariat", story.task, "menunggu BKN"))
    for command in (
        Complete(ANI, EVERY, story.task),
        Reject(ANI, EVERY, story.task, "kurang"),
        Hold(RINA, "sekretariat", story.task, "lagi"),
        Move(RINA, "sekretariat", story.task, "kasubag", "staf", "cuti"),
        MoveDeadline(RINA, story.task, story.due + HOUR, "calendar"),
    ):
        story.refuses(command, errors.CaseOnHold)
    story.give(AddNote(ANI, EVERY, story.task, "sudah ditelepon"))
    story.give(Resume(ANI, "kasubag", story.task))
    story.done()


def test_what_does_not_stand_still_cannot_go_on_and_a_finished_case_is_not_held() -> None:
    story = Story()
    story.refuses(Resume(RINA, "sekretariat", story.task), errors.NotOnHold)
    story.refuses(Hold(RINA, "sekretariat", story.task, "  "), errors.ReasonMissing)
    task = story.task
    while story.case.task:
        story.done()
    story.refuses(Hold(RINA, "sekretariat", task, "x"), errors.CaseEnded)


# --- more time ----------------------------------------------------------------------------------


def test_granted_time_is_added_to_the_deadline_and_both_budgets_stay_in_the_log() -> None:
    story = Story().at_step(3)
    due = story.due
    story.give(RequestTime(BUDI, EVERY, story.task, Budget(2, Unit.DAY), "data dari kabupaten belum masuk"))
    story.refuses(RequestTime(ANI, EVERY, story.task, ONE_DAY, "saya juga"), errors.TimeAlreadyRequested)
    (granted,) = story.give(GrantTime(RINA, "sekretariat", story.task))
    assert story.due == WIB.due(due, Budget(2, Unit.DAY))
    assert isinstance(granted, ev.TimeGranted)
    assert (granted.amount, granted.unit, granted.due_at) == (2, "day", story.due)
    story.refuses(GrantTime(RINA, "sekretariat", story.task), errors.NoTimeRequested)


def test_time_granted_after_the_deadline_counts_from_now() -> None:
    story = Story()
    story.give(RequestTime(ANI, EVERY, story.task, TWO_HOURS, "sakit"))
    story.give(GrantTime(RINA, "sekretariat", story.task), timedelta(days=3))
    assert story.due == WIB.due(story.at, TWO_HOURS)


def test_refused_time_leaves_the_deadline_and_lets_one_ask_again() -> None:
    story = Story()
    due = story.due
    story.give(RequestTime(ANI, EVERY, story.task, TWO_HOURS, "sakit"))
    story.give(RefuseTime(RINA, "sekretariat", story.task))
    assert story.due == due
    story.give(RequestTime(ANI, EVERY, story.task, TWO_HOURS, "masih sakit"))


# --- taking back --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [1, 2, 3, 5, 6])
@pytest.mark.parametrize("word", ["done", "rejected"])
def test_within_five_minutes_one_may_take_back_ones_word_and_all_is_as_before(step: int, word: str) -> None:
    story = Story().at_step(step)
    if (step, word) == (1, "rejected"):
        return  # the first step cannot be rejected
    before, task = story.case, story.task
    command = Complete(ANI, EVERY, task) if word == "done" else Reject(ANI, EVERY, task, "kurang")
    story.give(command)
    story.give(Undo(ANI, task), UNDO_WITHIN)
    given = story.case.tasks_given
    assert story.case == replace(before, last=None, tasks_given=given)
    story.refuses(Undo(ANI, task), errors.NothingToUndo)
    story.done()
    if story.case.task:
        assert story.task == given + 1, "no number is given twice"


def test_after_five_minutes_or_by_anybody_else_nothing_is_taken_back() -> None:
    story = Story()
    task = story.task
    story.done()
    story.refuses(Undo(ANI, task), errors.UndoTooLate, UNDO_WITHIN + timedelta(seconds=1))
    story.refuses(Undo(BUDI, task), errors.NothingToUndo)
    story.refuses(Undo(ANI, task + 1), errors.NothingToUndo)


@pytest.mark.parametrize(
    "act", ["accept", "note", "attach", "claim", "part", "ask"], ids=lambda act: f"the next holder's {act}"
)
def test_once_the_next_holder_has_begun_nothing_is_taken_back(act: str) -> None:
    story = Story()
    task = story.task
    story.done()
    mine, now = frozenset({"kabid"}), story.task
    commands: dict[str, Command] = {
        "accept": Accept(BUDI, mine, now),
        "note": AddNote(BUDI, mine, now, "dibaca"),
        "attach": Attach(BUDI, mine, now, 7, "AQAD"),
        "claim": Claim(BUDI, mine, now),
        "part": Complete(BUDI, mine, now),
        "ask": RequestTime(BUDI, mine, now, ONE_DAY, "dinas luar"),
    }
    story.give(commands[act])
    story.refuses(Undo(ANI, task), errors.NextHolderActed)


def test_a_part_is_taken_back_while_the_others_have_not_reported() -> None:
    story = Story().at_step(2)
    task = story.task
    story.give(Complete(BUDI, frozenset({"kabid"}), task))
    story.give(Undo(BUDI, task))
    assert story.case.task
    assert story.case.task.reported == frozenset()
    story.give(Complete(BUDI, frozenset({"kabid"}), task))
    story.give(Complete(ANI, frozenset({"kasubag"}), task))
    story.refuses(Undo(BUDI, task), errors.NothingToUndo)


def test_a_cancelled_case_is_not_brought_back() -> None:
    story = Story()
    task = story.task
    story.done()
    story.give(Cancel(RINA, "sekretariat", "keliru"))
    story.refuses(Undo(ANI, task), errors.CaseEnded)


# --- posts over time ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["standin", "acting"])
@pytest.mark.parametrize(
    "command",
    [
        Complete(BUDI, HEAD, 5),
        Reject(BUDI, HEAD, 5, "kurang"),
        Accept(BUDI, HEAD, 5),
        Claim(BUDI, HEAD, 5),
        AddNote(BUDI, HEAD, 5, "x"),
        Attach(BUDI, HEAD, 5, 7, "AQAD"),
        RequestTime(BUDI, HEAD, 5, ONE_DAY, "x"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_a_strategic_step_refuses_whoever_only_stands_in(kind: str, command: HolderCommand) -> None:
    story = Story().at_step(5)
    meant = replace(command, task=story.task)
    standing = replace(meant, standin=HEAD) if kind == "standin" else replace(meant, acting=HEAD)
    story.refuses(standing, errors.StrategicStep)
    assert handle(story.case, meant, SOP, WIB, story.at), "the definitive holder may"


def test_the_log_tells_who_acted_as_plh_and_as_plt() -> None:
    story = Story().at_step(2)
    part, *_ = story.give(
        Complete(BUDI, EVERY, story.task, standin=frozenset({"kabid", "kepala"}), acting=frozenset({"kasubag"}))
    )
    assert isinstance(part, ev.PartDone)
    assert (part.posts, part.standin, part.acting) == (("kasubag", "kabid"), ("kabid",), ("kasubag",))


def test_one_claims_and_another_takes_over_and_only_the_claimer_lets_go() -> None:
    story = Story()
    story.give(Claim(ANI, EVERY, story.task))
    assert handle(story.case, Claim(ANI, EVERY, story.task), SOP, WIB, story.at) == ()
    story.refuses(Release(BUDI, story.task), errors.NotClaimed)
    story.give(Claim(BUDI, EVERY, story.task))
    story.refuses(Release(ANI, story.task), errors.NotClaimed)
    story.give(Release(BUDI, story.task))
    assert story.case.task
    assert story.case.task.claims == {}


# --- the sekretariat's moves --------------------------------------------------------------------


def test_a_task_handed_to_another_post_waits_for_that_post_only() -> None:
    story = Story().at_step(2)
    story.give(Complete(ANI, frozenset({"kasubag"}), story.task))
    story.give(Move(RINA, "sekretariat", story.task, "kabid", "staf", "cuti"))
    story.refuses(Complete(BUDI, frozenset({"kabid"}), story.task), errors.NotHolder)
    story.give(Complete(CITRA, frozenset({"staf"}), story.task))
    assert story.case.task
    assert story.case.task.step == 3


@pytest.mark.parametrize(("from_post", "to_post"), [("kepala", "staf"), ("kasubag", "kabid"), ("kasubag", "camat")])
def test_a_move_that_makes_no_sense_is_refused(from_post: str, to_post: str) -> None:
    story = Story().at_step(2)
    story.refuses(Move(RINA, "sekretariat", story.task, from_post, to_post, "x"), errors.ImpossibleMove)


@pytest.mark.parametrize(("now", "to_step"), [*product([2, 3, 5, 6], [1, 2, 3, 5, 6])])
def test_the_sekretariat_moves_a_case_back_to_any_earlier_step_and_to_no_other(now: int, to_step: int) -> None:
    story = Story().at_step(now)
    command = Return(RINA, "sekretariat", story.task, to_step, "salah berkas")
    if to_step >= now:
        story.refuses(command, errors.ImpossibleReturn)
        return
    story.give(command)
    assert story.case.task
    assert (story.case.task.step, story.case.task.round) == (to_step, 2)
    assert all(report.step < to_step for report in story.case.standing)


# --- recorded decisions -------------------------------------------------------------------------


def test_what_is_recorded_on_behalf_counts_as_the_word_of_whoever_decided() -> None:
    story = Story().at_step(5)
    origin = Origin(CITRA, "paper", evidence=4)
    part, *_ = story.give(Complete(RINA, frozenset({"kepala"}), story.task, origin=origin))
    assert isinstance(part, ev.PartDone)
    assert (part.by, part.on_behalf_of, part.medium, part.evidence) == (RINA, CITRA, "paper", 4)
    assert story.case.standing[-1].person == CITRA


@pytest.mark.parametrize("word", ["done", "rejected"])
def test_an_objection_in_time_opens_that_step_again(word: str) -> None:
    story = Story().at_step(5)
    task, origin = story.task, Origin(CITRA, "voice", "lewat telepon")
    kepala = frozenset({"kepala"})
    decision: Command = (
        Complete(RINA, kepala, task, origin=origin)
        if word == "done"
        else Reject(RINA, kepala, task, "angka", origin=origin)
    )
    story.give(decision)
    story.refuses(Object(BUDI, task, "bukan saya", ONE_DAY), errors.NothingToObject)
    story.refuses(Object(CITRA, task, "", ONE_DAY), errors.ReasonMissing)
    story.refuses(Object(CITRA, task, "bukan keputusan saya", ONE_DAY), errors.ObjectionTooLate, timedelta(days=2))
    story.give(Object(CITRA, task, "bukan keputusan saya", ONE_DAY))
    assert story.case.task
    assert story.case.task.step == 5
    story.refuses(Object(CITRA, task, "sekali lagi", ONE_DAY), errors.NothingToObject)


def test_an_objection_after_the_end_is_on_record_and_changes_nothing_else() -> None:
    story = Story().at_step(6)
    task = story.task
    story.give(Complete(RINA, frozenset({"staf"}), task, origin=Origin(CITRA, "voice")))
    assert story.case.status is Status.FINISHED
    assert [type(event) for event in story.give(Object(CITRA, task, "bukan saya", ONE_DAY))] == [ev.DecisionObjected]
    assert story.case.status is Status.FINISHED


@pytest.mark.parametrize("word", ["done", "rejected"])
def test_an_objection_to_what_no_longer_counts_is_on_record_and_moves_nothing(word: str) -> None:
    story, kepala = Story().at_step(3 if word == "done" else 5), frozenset({"kepala"})
    task, origin = story.task, Origin(CITRA, "voice", "lewat telepon")
    if word == "done":
        story.give(Complete(RINA, EVERY, task, origin=origin))
        story.give(Reject(BUDI, kepala, story.task, "angka"))  # back to step 2: step 3 comes again by itself
    else:
        story.give(Reject(RINA, kepala, task, "angka", origin=origin))
        story.at_step(6)  # the step has been given again, and done
    before = story.case.task
    assert [type(event) for event in story.give(Object(CITRA, task, "bukan saya", ONE_DAY))] == [ev.DecisionObjected]
    assert story.case.task == before


@given(late=st.integers(0, 5000), waited=st.integers(0, 5000))
def test_after_a_late_entry_the_next_deadline_counts_from_when_it_really_happened(late: int, waited: int) -> None:
    story = Story()
    story.at += (late + waited) * MINUTE
    real = MONDAY + waited * MINUTE
    origin = Origin(ANI, "outage", "listrik padam", real_at=real)
    story.give(Complete(RINA, frozenset({"staf"}), story.task, origin=origin), timedelta())
    assert story.case.task
    assert (story.case.task.given_at, story.due) == (real, WIB.due(real, TWO_HOURS))


def test_a_late_entry_lies_between_the_giving_and_now() -> None:
    story = Story()
    story.done()
    for real in (MONDAY, story.at + HOUR):
        origin = Origin(ANI, "outage", "listrik padam", real_at=real)
        story.refuses(Complete(RINA, EVERY, story.task, origin=origin), errors.ImplausibleMoment)


# --- whatever happens ---------------------------------------------------------------------------

TaskCommand = HolderCommand | MonitorCommand | Release | Undo | Object
PEOPLE = st.sampled_from([ANI, BUDI, CITRA])
HANDS = st.frozensets(st.sampled_from(sorted(EVERY)), min_size=1)
TASKS = st.integers(1, 12)
ORIGINS = st.none() | st.builds(Origin, PEOPLE, st.sampled_from(["paper", "voice"]))
MONITOR = (st.just(RINA), st.just("sekretariat"), TASKS)
COMMANDS: st.SearchStrategy[TaskCommand] = st.one_of(
    *[st.builds(Complete, PEOPLE, HANDS, TASKS, origin=ORIGINS)] * 4,
    *[st.builds(Reject, PEOPLE, HANDS, TASKS, st.just("kurang"), origin=ORIGINS)] * 2,
    *[st.builds(Undo, PEOPLE, TASKS)] * 2,
    st.builds(Accept, PEOPLE, HANDS, TASKS),
    st.builds(Claim, PEOPLE, HANDS, TASKS),
    st.builds(Release, PEOPLE, TASKS),
    st.builds(AddNote, PEOPLE, HANDS, TASKS, st.just("catatan")),
    st.builds(Attach, PEOPLE, HANDS, TASKS, st.just(1), st.just("AQAD")),
    st.builds(RequestTime, PEOPLE, HANDS, TASKS, st.just(ONE_DAY), st.just("perlu")),
    st.builds(GrantTime, *MONITOR),
    st.builds(RefuseTime, *MONITOR),
    st.builds(Hold, *MONITOR, st.just("menunggu"), st.booleans()),
    st.builds(Resume, *MONITOR),
    st.builds(Move, *MONITOR, st.sampled_from(sorted(EVERY)), st.sampled_from(sorted(EVERY)), st.just("cuti")),
    st.builds(Return, *MONITOR, st.sampled_from([1, 2, 3, 5, 6]), st.just("salah")),
    st.builds(Object, PEOPLE, TASKS, st.just("bukan saya"), st.just(ONE_DAY)),
    st.builds(MoveDeadline, st.none(), TASKS, st.just(MONDAY + 99 * HOUR), st.just("calendar")),
)


@given(st.lists(st.tuples(COMMANDS, st.booleans(), st.integers(0, 9)), max_size=25))
def test_whatever_is_tried_the_log_alone_tells_the_case_and_one_task_is_open(
    tries: list[tuple[TaskCommand, bool, int]],
) -> None:
    story = Story()
    for wanted, meant, minutes in tries:
        # Mostly the open task is meant, or most tries would be refused for that alone.
        command = replace(wanted, task=story.case.task.number) if meant and story.case.task else wanted
        before = story.case
        try:
            story.give(command, minutes * MINUTE)
        except errors.DomainError:
            assert story.case is before, "a refused command leads to nothing"
            continue
        assert (story.case.task is not None) == (story.case.status is Status.RUNNING)
        rows = [event_row(1, number, event, "") for number, event in enumerate(story.log, 1)]
        for row in rows:
            row.data = json.loads(json.dumps(row.data))
        assert replay([event_of(row) for row in rows]) == story.case
        numbers = [event.task for event in story.log if isinstance(event, ev.TaskGiven)]
        assert numbers == list(range(1, len(numbers) + 1)), "a task's number is never given twice"
