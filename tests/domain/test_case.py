"""The case engine by example: who may do what, and what follows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest

from bot.domain import events as ev
from bot.domain.budget import Budget, Unit
from bot.domain.case import (
    Cancel,
    Case,
    Command,
    Complete,
    Reject,
    Report,
    Status,
    evolve,
    handle,
    replay,
    start,
    undone_by,
    waiting_posts,
)
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

if TYPE_CHECKING:
    from collections.abc import Iterable

ANI, BUDI, CITRA, SECRETARY = 1, 2, 3, 9
WIB = Calendar(Zone.WIB)
MONDAY = datetime(2026, 2, 2, 3, 0, tzinfo=UTC)  # 10.00 in Jakarta
HOUR = timedelta(hours=1)
TWO_HOURS = Budget(2, Unit.HOUR)


def sop_of(*steps: Step) -> Sop:
    posts = dict.fromkeys(post for step in steps for post in step.posts)
    return Sop(
        id="dinas-pk",
        name="Perjanjian Kinerja",
        abbreviation="PK",
        office=Office("dinas", "Dinas", Zone.WIB),
        posts=tuple(Post(post, post.title()) for post in posts),
        steps=steps,
    )


def step(number: int, *posts: str, completion: Completion = Completion.ALL, reject_to: int | None = None) -> Step:
    return Step(number, f"Langkah {number}", posts, TWO_HOURS, completion, reject_to=reject_to)


SOP = sop_of(
    step(1, "staf"),
    step(2, "kasubag", "kabid", "sekretaris"),
    step(4, "kasubag", "kabid", completion=Completion.ANY),
    step(5, "kepala", reject_to=2),
)
"""Step 3 is missing, as documents sometimes have it."""


class Story:
    """One case, told command by command."""

    def __init__(self, sop: Sop = SOP) -> None:
        self.sop = sop
        self.log = list(start(sop, WIB, by=ANI, capacity="staf", at=MONDAY))
        self.at = MONDAY

    @property
    def case(self) -> Case:
        return replay(self.log)

    @property
    def task(self) -> int:
        task = self.case.task
        assert task
        return task.number

    @property
    def step(self) -> int | None:
        task = self.case.task
        return task.step if task else None

    def give(self, command: Command) -> ev.Event:
        """Give a command an hour later; returns the last thing that followed."""
        self.at += HOUR
        self.log += handle(self.case, command, self.sop, WIB, self.at)
        return self.log[-1]

    def done(self, by: int, *posts: str, task: int | None = None, note: str | None = None) -> ev.Event:
        return self.give(Complete(by, frozenset(posts), task or self.task, note))

    def reject(self, by: int, *posts: str, task: int | None = None, reason: str = "Tabel kurang") -> ev.Event:
        return self.give(Reject(by, frozenset(posts), task or self.task, reason))

    def at_step(self, number: int) -> Story:
        """Go on until a step is open; one person holds every post."""
        for _ in self.sop.steps:
            if self.step != number:
                self.done(ANI, "staf", "kasubag", "kabid", "sekretaris", "kepala")
        assert self.step == number
        return self


def test_a_case_begins_with_the_first_step_and_its_deadline() -> None:
    assert start(SOP, WIB, by=ANI, capacity="staf", at=MONDAY) == (
        ev.CaseStarted(MONDAY, ANI, "staf"),
        ev.TaskGiven(MONDAY, task=1, step=1, round=1, due_at=MONDAY + 2 * HOUR),
    )


def test_the_only_post_of_a_step_ends_it_and_the_next_is_given_at_once() -> None:
    story = Story()
    story.done(ANI, "staf", note="Lengkap")
    at = MONDAY + HOUR
    assert story.log[2:] == [
        ev.PartDone(at, ANI, ("staf",), task=1, step=1, note="Lengkap"),
        ev.StepDone(at, task=1, step=1),
        ev.TaskGiven(at, task=2, step=2, round=1, due_at=WIB.due(at, TWO_HOURS)),
    ]


def test_a_step_for_all_waits_for_every_post() -> None:
    story = Story().at_step(2)
    assert isinstance(story.done(BUDI, "kabid"), ev.PartDone)
    task = story.case.task
    assert task
    assert waiting_posts(SOP.step(2), task) == ("kasubag", "sekretaris")
    assert isinstance(story.done(ANI, "sekretaris"), ev.PartDone)
    assert isinstance(story.done(CITRA, "kasubag"), ev.TaskGiven)
    assert story.step == 4


def test_one_report_of_any_post_ends_a_step_for_one() -> None:
    story = Story().at_step(4)
    story.done(BUDI, "kabid")
    assert story.step == 5


def test_somebody_with_several_posts_reports_for_all_of_them_at_once_in_document_order() -> None:
    story = Story().at_step(2)
    story.done(ANI, "sekretaris", "kasubag", "kepala")
    part = story.log[-1]
    assert isinstance(part, ev.PartDone)
    assert part.posts == ("kasubag", "sekretaris")
    story.done(BUDI, "kabid")
    assert story.step == 4


def test_somebody_who_got_another_post_meanwhile_reports_only_what_is_left() -> None:
    story = Story().at_step(2)
    story.done(ANI, "kasubag")
    story.done(ANI, "kasubag", "kabid")
    part = story.log[-1]
    assert isinstance(part, ev.PartDone)
    assert part.posts == ("kabid",)


def test_the_last_step_ends_the_case() -> None:
    story = Story().at_step(5)
    story.done(CITRA, "kepala")
    assert isinstance(story.log[-1], ev.CaseFinished)
    assert (story.case.status, story.case.task) == (Status.FINISHED, None)
    assert [report.step for report in story.case.standing] == [1, 2, 2, 2, 4, 4, 5]


# --- rejection ------------------------------------------------------------------------------


@pytest.mark.parametrize(("rejected", "target"), [(2, 1), (4, 2), (5, 2)])
def test_a_rejection_goes_to_its_target_or_to_the_step_before(rejected: int, target: int) -> None:
    story = Story().at_step(rejected)
    task = story.task
    given = story.reject(ANI, "kasubag", "kepala", reason="  Tabel 2 kurang \n")
    rejection = story.log[-2]
    assert isinstance(rejection, ev.StepRejected)
    assert (rejection.task, rejection.step, rejection.to_step) == (task, rejected, target)
    assert rejection.reason == "Tabel 2 kurang"
    assert isinstance(given, ev.TaskGiven)
    assert (given.task, given.step, given.round) == (task + 1, target, 2)
    assert given.due_at == WIB.due(story.at, TWO_HOURS)


def test_a_rejection_needs_nobody_elses_word_and_everybody_reports_again() -> None:
    story = Story().at_step(2)
    story.done(BUDI, "kabid")
    story.done(ANI, "kasubag")
    story.reject(CITRA, "sekretaris")
    assert (story.step, story.case.standing) == (1, ())
    story.done(ANI, "staf")
    task = story.case.task
    assert task
    assert (task.round, task.reports) == (2, ())
    story.done(BUDI, "kabid")
    assert story.step == 2


def said(reports: Iterable[Report]) -> tuple[tuple[str, int, int, int], ...]:
    """Return who reported what, without when."""
    return tuple((report.post, report.person, report.task, report.step) for report in reports)


def test_what_a_rejection_undoes_are_the_reports_from_its_target_on() -> None:
    story = Story()
    story.done(CITRA, "staf")
    story.done(ANI, "kasubag", "sekretaris")
    story.done(BUDI, "kabid")
    story.done(BUDI, "kabid")
    assert story.step == 5
    assert said(undone_by(story.case, 2)) == (
        ("kasubag", ANI, 2, 2),
        ("sekretaris", ANI, 2, 2),
        ("kabid", BUDI, 2, 2),
        ("kabid", BUDI, 3, 4),
    )
    story.reject(SECRETARY, "kepala")
    assert said(story.case.standing) == (("staf", CITRA, 1, 1),)


def test_parts_reported_on_the_rejected_step_itself_are_undone_too() -> None:
    story = Story().at_step(2)
    story.done(BUDI, "kabid")
    assert [report.post for report in undone_by(story.case, 1)] == ["staf", "kabid"]


def test_each_step_counts_its_own_rounds() -> None:
    story = Story()
    for _ in range(3):
        story.at_step(5).reject(ANI, "kepala")
    story.at_step(5)
    assert story.case.rounds == {1: 1, 2: 4, 4: 4, 5: 4}
    assert story.case.tasks_given == 13


# --- refusals -------------------------------------------------------------------------------


def refusal(story: Story, command: Command) -> DomainError:
    """Return why a command is refused; it must change nothing."""
    before, length = story.case, len(story.log)
    with pytest.raises(DomainError) as refused:
        story.give(command)
    assert (story.case, len(story.log)) == (before, length)
    return refused.value


def test_the_first_step_cannot_be_rejected() -> None:
    error = refusal(Story(), Reject(ANI, frozenset({"staf"}), 1, "Salah"))
    assert isinstance(error, FirstStepNotRejectable)
    assert error.step == 1


@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_a_rejection_and_a_cancellation_need_a_reason(reason: str) -> None:
    story = Story().at_step(2)
    for command in (Reject(ANI, frozenset({"kabid"}), 2, reason), Cancel(SECRETARY, "sekretariat", reason)):
        assert isinstance(refusal(story, command), ReasonMissing)


@pytest.mark.parametrize("posts", [frozenset[str](), frozenset({"staf", "kepala", "sekretariat"})])
def test_nobody_but_the_holders_of_the_open_step_moves_a_case(posts: frozenset[str]) -> None:
    story = Story().at_step(2)
    for command in (Complete(CITRA, posts, 2), Reject(CITRA, posts, 2, "Salah")):
        error = refusal(story, command)
        assert isinstance(error, NotHolder)
        assert (error.step, error.posts) == (2, ("kasubag", "kabid", "sekretaris"))


def test_who_has_reported_is_told_whom_the_step_waits_for() -> None:
    story = Story().at_step(2)
    story.done(ANI, "kasubag")
    error = refusal(story, Complete(ANI, frozenset({"kasubag"}), 2))
    assert isinstance(error, AlreadyReported)
    assert (error.step, error.waiting) == (2, ("kabid", "sekretaris"))


def test_a_post_with_two_people_reports_once() -> None:
    story = Story().at_step(2)
    story.done(ANI, "kasubag")
    assert isinstance(refusal(story, Complete(BUDI, frozenset({"kasubag"}), 2)), AlreadyReported)


@pytest.mark.parametrize("task", [1, 3])
def test_a_button_of_another_task_does_nothing(task: int) -> None:
    story = Story().at_step(2)
    for command in (Complete(ANI, frozenset({"kasubag"}), task), Reject(ANI, frozenset({"kasubag"}), task, "Salah")):
        error = refusal(story, command)
        assert isinstance(error, TaskEnded)
        assert error.task == task


def test_a_button_of_an_earlier_round_of_the_same_step_does_nothing() -> None:
    story = Story().at_step(2)
    story.reject(ANI, "kabid")
    story.at_step(2)
    assert isinstance(refusal(story, Complete(ANI, frozenset({"kabid"}), 2)), TaskEnded)


def test_two_who_end_a_step_at_once_are_one_and_one_too_late() -> None:
    story = Story().at_step(4)
    story.done(ANI, "kasubag", task=3)
    assert isinstance(refusal(story, Complete(BUDI, frozenset({"kabid"}), 3)), TaskEnded)


# --- every status and every command ---------------------------------------------------------


def finished() -> Story:
    story = Story().at_step(5)
    story.done(ANI, "kepala")
    return story


def cancelled() -> Story:
    story = Story().at_step(2)
    story.give(Cancel(SECRETARY, "sekretariat", " Salah instansi "))
    return story


COMMANDS: dict[type[Command], Command] = {
    Complete: Complete(ANI, frozenset({"kasubag"}), 2),
    Reject: Reject(ANI, frozenset({"kasubag"}), 2, "Salah"),
    Cancel: Cancel(SECRETARY, "sekretariat", "Salah"),
}


@pytest.mark.parametrize(
    ("command", "events"),
    [
        (Complete, [ev.PartDone]),
        (Reject, [ev.StepRejected, ev.TaskGiven]),
        (Cancel, [ev.CaseCancelled]),
    ],
)
def test_a_running_case_takes_every_command(command: type[Command], events: list[type[ev.Event]]) -> None:
    story = Story().at_step(2)
    length = len(story.log)
    story.give(COMMANDS[command])
    assert [type(event) for event in story.log[length:]] == events


@pytest.mark.parametrize(("ended", "command"), [*product([finished, cancelled], COMMANDS.values())])
def test_a_case_that_has_ended_takes_no_command(ended: type[Story], command: Command) -> None:
    assert isinstance(refusal(ended(), command), CaseEnded)


def test_a_cancelled_case_says_who_ended_it_in_which_capacity_and_why() -> None:
    story = cancelled()
    assert story.log[-1] == ev.CaseCancelled(story.at, SECRETARY, "sekretariat", "Salah instansi")
    assert (story.case.status, story.case.task) == (Status.CANCELLED, None)


# --- the log --------------------------------------------------------------------------------


def test_an_empty_log_is_no_case() -> None:
    with pytest.raises(ValueError, match="at least its start"):
        replay([])


GIVEN = ev.TaskGiven(MONDAY, 2, 2, 1, MONDAY)
PART = ev.PartDone(MONDAY, ANI, ("staf",), 1, 1)
OTHER_TASK = 7


@pytest.mark.parametrize(
    "event",
    [
        ev.CaseStarted(MONDAY, ANI, "staf"),
        GIVEN,
        ev.CaseFinished(MONDAY),
        ev.PartDone(MONDAY, ANI, ("staf",), OTHER_TASK, 1),
        ev.StepDone(MONDAY, OTHER_TASK, 1),
        ev.StepRejected(MONDAY, ANI, ("staf",), OTHER_TASK, 1, 1, "Salah"),
    ],
)
def test_a_log_in_which_an_event_does_not_follow_is_refused(event: ev.Event) -> None:
    story = Story()
    with pytest.raises(ValueError, match=r"does not follow|is not open"):
        evolve(story.case, event)


@pytest.mark.parametrize("event", [PART, ev.StepDone(MONDAY, 1, 1), GIVEN, ev.CaseFinished(MONDAY)])
def test_nothing_comes_before_the_start_of_a_case(event: ev.Event) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        evolve(None, event)


@pytest.mark.parametrize(("ended", "event"), [*product([finished, cancelled], [GIVEN, PART, ev.CaseFinished(MONDAY)])])
def test_nothing_comes_after_the_end_of_a_case(ended: type[Story], event: ev.Event) -> None:
    with pytest.raises(ValueError, match="does not follow"):
        evolve(ended().case, event)
