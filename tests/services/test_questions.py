"""What the bot asked is a row: answered once, by whom it was asked, in time, also after a restart."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.notices import AlreadyChosen, AskReason, QuestionDropped
from bot.messages.actions import Action, Verb
from bot.services.complete_task import complete_task
from bot.services.questions import LAPSES_AFTER, Kind, option, settle
from bot.services.reject_task import reject_task
from bot.services.work import Actor, Work
from bot.store.database import Store
from bot.store.tables import CaseRow, QuestionRow, TaskRow
from tests.services.conftest import Town

SECOND = timedelta(seconds=1)


@pytest.fixture
def at_review(staffed: Town) -> int:
    """Return a case whose second step is open."""
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.deliver()
    return case


def rejections(town: Town) -> list[TaskRow]:
    return [task for task in town.rows(TaskRow) if task.outcome == "rejected"]


def pick(town: Town, index: int) -> str:
    return Action(Verb.PICK, town.question().id, index).data()


# --- a text that is awaited -----------------------------------------------------------------


def test_the_next_text_after_tolak_is_the_reason(staffed: Town, at_review: int) -> None:
    staffed.presses("Endah", Action(Verb.REJECT, staffed.task(at_review).id).data())
    (question,) = staffed.deliver()
    assert "alasan" in question.text.lower()
    assert staffed.question().message_id == question.message_id
    staffed.says("Endah", "angka di lampiran salah\nmohon diperiksa")
    staffed.holds(at_review, 1)
    told = [mail.text for mail in staffed.deliver() if mail.to == "Sinta"]
    assert ["mohon diperiksa" in text for text in told] == [True]


def test_the_reason_is_still_awaited_after_a_restart(staffed: Town, at_review: int) -> None:
    staffed.do("Endah", reject_task, staffed.task(at_review).id, None)
    staffed.store = Store(staffed.store.engine)
    staffed.says("Endah", "angka salah")
    staffed.store.close()
    staffed.holds(at_review, 1)


def test_each_of_two_people_is_asked_for_a_reason_of_their_own(staffed: Town, at_review: int) -> None:
    task = staffed.task(at_review)
    for who in ("Endah", "Bagus"):
        staffed.do(who, reject_task, task.id, None)
    staffed.says("Bagus", "kata Bagus")
    staffed.says("Endah", "kata Endah")
    (rejected,) = rejections(staffed)
    assert rejected.id == task.id
    answers = {mail.to: mail.text for mail in staffed.deliver() if mail.edits is None and mail.to != "Bagus"}
    assert "kata Bagus" in answers["Sinta"]
    assert "Bagus" in answers["Endah"], "who was later is told who was first"
    assert "kata Endah" not in answers["Sinta"]


@pytest.mark.parametrize("command", ["/status", "/tugas", "/batal", "/apakah-ini", "/selesai"])
def test_a_command_in_between_drops_the_question(staffed: Town, at_review: int, command: str) -> None:
    staffed.do("Endah", reject_task, staffed.task(at_review).id, None)
    staffed.says("Endah", command)
    mark = staffed.mark()
    staffed.says("Endah", "angka salah")
    assert [row.notice for row in staffed.queued(mark)] == ["NotUnderstood"]
    assert rejections(staffed) == []


@pytest.mark.parametrize(("late", "open_step"), [(-SECOND, 1), (timedelta(0), 2), (timedelta(days=3), 2)])
def test_a_reason_counts_for_24_hours(staffed: Town, at_review: int, late: timedelta, open_step: int) -> None:
    staffed.do("Endah", reject_task, staffed.task(at_review).id, None)
    staffed.at += LAPSES_AFTER + late
    mark = staffed.mark()
    staffed.says("Endah", "angka salah")
    staffed.holds(at_review, open_step)
    assert ("QuestionDropped" in {row.notice for row in staffed.queued(mark)}) == (open_step == 2)


def test_who_was_told_that_the_question_lapsed_is_told_once(staffed: Town, at_review: int) -> None:
    staffed.do("Endah", reject_task, staffed.task(at_review).id, None)
    staffed.at += LAPSES_AFTER
    mark = staffed.mark()
    for _ in range(2):
        staffed.says("Endah", "angka salah")
    assert [row.notice for row in staffed.queued(mark)] == ["QuestionDropped", "NotUnderstood"]


def test_a_plain_text_answers_the_latest_question_and_no_older_one(staffed: Town, at_review: int) -> None:
    staffed.joins("Bagus", "sekretariat")
    staffed.do("Bagus", reject_task, staffed.task(at_review).id, None)
    other = staffed.starts("Bagus", "dinas-sk")
    staffed.do("Bagus", reject_task, staffed.task(at_review).id, None)
    staffed.says("Bagus", "angka salah")
    staffed.holds(at_review, 1)
    staffed.holds(other, 1)
    staffed.says("Bagus", "terima kasih")
    first, second = (row for row in staffed.rows(QuestionRow) if row.kind == Kind.REJECT_REASON)
    assert (first.answered_at, second.answer) == (None, {"text": "angka salah"})


def test_the_reason_is_asked_for_only_where_it_would_be_taken(staffed: Town) -> None:
    first = staffed.task(staffed.starts())
    staffed.refused("Sinta", reject_task, first.id, None)
    staffed.refused("Kemal", reject_task, first.id, None)
    assert staffed.rows(QuestionRow) == []


def test_a_reason_that_comes_after_the_step_was_completed_changes_nothing(staffed: Town, at_review: int) -> None:
    task = staffed.task(at_review)
    staffed.do("Endah", reject_task, task.id, None)
    for who in ("Bagus", "Endah"):
        staffed.do(who, complete_task, task.id)
    mark = staffed.mark()
    staffed.says("Endah", "angka salah")
    staffed.holds(at_review, 4)
    assert [row.notice for row in staffed.queued(mark)] == ["TaskOver"]
    assert staffed.question().answered_at is not None


@pytest.mark.parametrize("blank", [" ", "\n\n", "\t"])
def test_an_empty_text_is_no_reason_and_the_question_stays(staffed: Town, at_review: int, blank: str) -> None:
    staffed.do("Endah", reject_task, staffed.task(at_review).id, None)
    staffed.says("Endah", blank)
    assert staffed.question().answered_at is None
    staffed.says("Endah", "angka salah")
    staffed.holds(at_review, 1)


def test_the_answer_to_a_rejection_without_reason_is_the_question(staffed: Town, at_review: int) -> None:
    notice = staffed.do("Endah", reject_task, staffed.task(at_review).id, "  ")
    assert notice == AskReason(staffed.question().id)
    assert staffed.question().kind == Kind.REJECT_REASON


# --- a choice by buttons --------------------------------------------------------------------


def test_the_second_pick_of_one_choice_is_told_that_it_was_made(staffed: Town) -> None:
    staffed.says("Sari", "/mulai")
    data = pick(staffed, 0)
    staffed.presses("Sari", data)
    assert staffed.refused("Sari", option, staffed.question().id) == AlreadyChosen()
    assert staffed.presses("Sari", data).alert
    assert staffed.presses("Sari", pick(staffed, 1)).alert
    assert len(staffed.rows(CaseRow)) == 1


def test_of_two_picks_at_once_one_counts(staffed: Town) -> None:
    staffed.says("Sari", "/mulai")
    question = staffed.question().id

    def choose(work: Work, actor: Actor) -> None:
        settle(work, option(work, actor, question), {"index": 0})

    results = staffed.run_at_once(staffed.as_("Sari", choose), staffed.as_("Sari", choose))
    assert sum(result is None for result in results) == 1


def test_a_choice_lapses_after_24_hours(staffed: Town) -> None:
    staffed.says("Sari", "/mulai")
    staffed.at += LAPSES_AFTER
    assert staffed.refused("Sari", option, staffed.question().id) == QuestionDropped(lapsed=True)
    assert staffed.presses("Sari", pick(staffed, 0)).alert
    assert staffed.rows(CaseRow) == []


def test_a_command_in_between_leaves_a_choice_open(staffed: Town) -> None:
    staffed.says("Sari", "/mulai Perjanjian Kinerja 2027")
    data = pick(staffed, 0)
    staffed.says("Sari", "/status")
    staffed.presses("Sari", data)
    assert [case.title for case in staffed.rows(CaseRow)] == ["Perjanjian Kinerja 2027"]


def test_selesai_with_two_tasks_asks_which_and_does_the_one_chosen_with_the_note(staffed: Town) -> None:
    first, second = staffed.starts(), staffed.starts()
    staffed.deliver()
    staffed.says("Sinta", "/selesai sudah rapi")
    (choice,) = staffed.deliver()
    assert len(choice.buttons) == 2
    staffed.presses("Sinta", choice.buttons[1])
    staffed.holds(second, 2)
    staffed.holds(first, 1)
    assert any("sudah rapi" in mail.text for mail in staffed.deliver())


def test_a_task_chosen_after_it_has_ended_changes_nothing(staffed: Town) -> None:
    first, second = staffed.starts(), staffed.starts()
    staffed.deliver()
    staffed.says("Sinta", "/selesai")
    (choice,) = staffed.deliver()
    staffed.do("Sinta", complete_task, staffed.task(first).id)
    assert staffed.presses("Sinta", choice.buttons[0]).alert
    staffed.holds(first, 2)
    staffed.holds(second, 1)


def test_tidak_leaves_the_case_running(staffed: Town) -> None:
    case = staffed.starts()
    staffed.says("Sari", "/batal PK-2026-001 salah tekan")
    staffed.presses("Sari", pick(staffed, 1))
    assert staffed.case(case).status == "running"
    assert staffed.presses("Sari", pick(staffed, 0)).alert
    assert staffed.case(case).status == "running"


def test_batal_asks_for_the_reason_then_for_the_confirmation(staffed: Town) -> None:
    case = staffed.starts()
    staffed.says("Sari", "/batal PK-2026-001")
    staffed.says("Sari", "salah tekan")
    assert staffed.case(case).status == "running"
    staffed.presses("Sari", pick(staffed, 0))
    assert staffed.case(case).status == "cancelled"
