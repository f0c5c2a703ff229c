"""Holds and moves in the store: what is still said while a clock stands still, and after it runs again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.notices import CaseOver, HoldRecorded, MoveRefused, OnHold, TaskOver
from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.holds import hold_task, resume_task
from bot.services.moves import move_case, move_task, return_task
from bot.services.reject_task import reject_task
from bot.services.remind import fire_reminders
from tests.services.conftest import Town, wib

MINUTE = timedelta(minutes=1)


@pytest.fixture
def half_hour(staffed: Town) -> int:
    """Return a case whose open task has 30 Menit, given to Bagus on Monday at 08.00."""
    case = staffed.starts("Sari", "dinas-sk")
    staffed.deliver()
    return case


def hold(town: Town, case: int, at_minute: int, who: str = "Bagus") -> None:
    town.at = wib(9, 8, at_minute)
    answer = town.do(who, hold_task, town.task(case).id, "menunggu BKN", outside=True)
    assert isinstance(answer, HoldRecorded)
    town.deliver()


def test_while_held_only_the_sekretariat_hears_of_it_every_few_working_days(staffed: Town, half_hour: int) -> None:
    hold(staffed, half_hour, 10)
    assert staffed.pending(half_hour) == [("hold", 1, wib(12, 8, 10))]
    assert staffed.fire(wib(12, 8, 9)) == []
    [mail] = staffed.fire(wib(12, 8, 10))
    assert mail.to == "Sari"
    assert "Masih dijeda" in mail.text
    assert "3 hari kerja" in mail.text
    assert "menunggu BKN" in mail.text
    assert staffed.pending(half_hour) == [("hold", 2, wib(17, 8, 10))]


def test_after_a_hold_exactly_what_remained_comes_with_the_same_working_time(staffed: Town, half_hour: int) -> None:
    hold(staffed, half_hour, 10)
    staffed.at = wib(16, 9, 0)
    staffed.do("Sari", resume_task, staffed.task(half_hour).id)
    assert staffed.pending(half_hour)[:2] == [("early", 80, wib(16, 9, 14)), ("due", 0, wib(16, 9, 20))]
    assert staffed.task(half_hour).due_at == wib(16, 9, 20)
    arrived = [mail for mail in staffed.deliver() if mail.edits is None]
    assert [mail.to for mail in arrived] == ["Bagus"], "who pressed has the answer, the other sekretariat is nobody"
    [mail] = staffed.fire(wib(16, 9, 14))
    assert mail.to == "Bagus"


def test_a_reminder_that_an_outage_kept_is_not_said_of_a_task_that_is_held_meanwhile(
    staffed: Town, half_hour: int
) -> None:
    staffed.at = wib(9, 8, 24)
    staffed.run(fire_reminders)
    staffed.do("Sari", hold_task, staffed.task(half_hour).id, "pelantikan", outside=False)
    assert not [mail for mail in staffed.deliver() if "Mohon diselesaikan sebelum" in mail.text and mail.edits is None]


def test_a_held_task_neither_ends_nor_goes_back_and_is_held_once(staffed: Town, half_hour: int) -> None:
    hold(staffed, half_hour, 10)
    task = staffed.task(half_hour)
    refusal = OnHold(half_hour)
    assert staffed.refused("Bagus", complete_task, task.id) == refusal
    assert staffed.refused("Sari", hold_task, task.id, "lagi", outside=False) == refusal
    assert staffed.refused("Sari", move_case, staffed.case(half_hour), "cuti") == refusal


def test_a_hold_ends_with_its_task(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.do("Bagus", hold_task, staffed.task(case).id, "menunggu BKN", outside=True)
    held = staffed.task(case)
    staffed.do("Sari", return_task, held.id, 1, "dasar hukum berubah")
    assert staffed.holds(case, 1).held_at is None
    assert staffed.refused("Bagus", resume_task, held.id) == TaskOver(held.id)
    staffed.do("Sari", cancel_case, case, "keliru")
    assert staffed.refused("Sari", move_case, staffed.case(case), "cuti") == CaseOver(case)


def test_a_return_tells_each_person_once(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 4)
    staffed.deliver()
    since = staffed.mark()
    staffed.do("Sari", return_task, staffed.task(case).id, 2, "dasar hukum berubah")
    assert dict(staffed.told(since)) == {
        ("Rini", "ReturnTold"): 1,  # whose task it took; Bagus and Endah read it on their cards
        ("Bagus", "TaskCard"): 1,
        ("Endah", "TaskCard"): 1,
    }


def test_who_gets_a_task_back_gets_a_card_with_a_sound(staffed: Town) -> None:
    task = staffed.to_step(staffed.starts(), 2)
    for away, ends in ((True, ("kasubag", "kepala")), (False, ("kepala", "kasubag"))):
        staffed.deliver()
        since = staffed.mark()
        staffed.do("Sari", move_task, task.id, from_post=ends[0], to_post=ends[1], reason="cuti")
        gets, loses = ("Kemal", "Bagus") if away else ("Bagus", "Kemal")
        assert dict(staffed.told(since)) == {(gets, "TaskCard"): 1, (loses, "MoveTold"): 1}


def test_only_a_waiting_post_hands_on_and_only_to_one_that_does_not_have_the_task(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    ends = ({"from_post": "staf", "to_post": "kepala"}, {"from_post": "kasubag", "to_post": "bendahara"})
    for end in ends:
        assert staffed.refused("Sari", move_task, task.id, **end, reason="cuti") == MoveRefused(case)
    staffed.do("Sari", move_task, task.id, from_post="kasubag", to_post="kepala", reason="cuti")
    staffed.do("Kemal", reject_task, task.id, "kurang")
    assert staffed.holds(case, 1).round == 2
