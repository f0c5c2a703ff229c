"""The chief's phone in the store: one start-of-day message, nothing at night, a cap, meetings, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.notices import NotAllowed, RejectionTold
from bot.domain.office_rules import DEFAULT_RULES, QuietHours
from bot.services.briefs import fire_briefs, next_brief
from bot.services.cancel_case import cancel_case
from bot.services.chief import chiefs_of
from bot.services.complete_task import complete_task
from bot.services.deliver import postpone, take
from bot.services.meeting import begin_meeting, end_meeting
from bot.services.outbox import Delivery, tell
from bot.services.publish import publish
from bot.services.reject_task import reject_task
from bot.services.remind import fire_reminders
from bot.store.tables import CardRow, DigestRow, OutboxRow, PersonRow, QuietRow
from tests.services.conftest import FOUR_DAYS, PK, SENDER, SK, Mail, Town, library, wib

if TYPE_CHECKING:
    from datetime import datetime

    from bot.services.work import Work

# What such a test shows does not depend on the database.
ONE_DATABASE = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)


QUIET_AT_NIGHT = replace(DEFAULT_RULES, quiet=QuietHours(time(17), time(7)))


@pytest.fixture
def staffed(staffed: Town) -> Town:
    """Return the town where the chief's office wants no message at all at night."""
    staffed.library = replace(staffed.library, rules={"dinas": QUIET_AT_NIGHT})
    return staffed


def _wakes(town: Town, at: datetime) -> list[Mail]:
    """Let the program wake up, as it does; returns the new messages that Kemal, the chief, gets."""
    town.at = at
    town.run(fire_reminders)
    town.run(fire_briefs)
    return _to_chief(town)


def _to_chief(town: Town) -> list[Mail]:
    return [mail for mail in town.deliver() if mail.to == "Kemal" and mail.edits is None]


def _states(town: Town) -> list[tuple[str, str]]:
    return [
        (row.notice, row.state) for row in town.rows(OutboxRow) if row.chat_id == town.ids["Kemal"] and not row.edit
    ]


def _on_the_desk(town: Town, sop: str = "dinas-sk") -> int:
    """Bring a case to the chief's desk; returns it."""
    case = town.starts(sop=sop)
    town.do("Bagus", complete_task, town.task(case).id)
    return case


# --- who is a chief ---------------------------------------------------------------------------


def test_a_chief_holds_the_post_without_a_superior_in_that_office(staffed: Town) -> None:
    staffed.joins("Dewi", "kepala")

    def names(work: Work, office: str) -> list[str]:
        return [person.name for person in chiefs_of(work, office)]

    assert staffed.run(names, "dinas") == ["Kemal", "Dewi"]
    assert staffed.run(names, "badan") == ["Maria"]


# --- at night -----------------------------------------------------------------------------------


@ONE_DATABASE
def test_where_no_quiet_hours_are_set_a_card_comes_at_night_without_a_sound_and_no_reminder_does(staffed: Town) -> None:
    staffed.library = replace(staffed.library, rules={})
    _on_the_desk(staffed)
    assert [mail.silent for mail in _to_chief(staffed)] == [False]
    staffed.at = wib(9, 20)
    case = _on_the_desk(staffed)
    (card,) = _to_chief(staffed)
    assert card.silent
    assert staffed.case(case).code in card.text
    assert _wakes(staffed, wib(10, 7)) == [], "what fell due waits for the office to open"


# --- the start of the day ---------------------------------------------------------------------


def test_what_comes_at_night_waits_and_opens_the_day_in_one_message(staffed: Town) -> None:
    staffed.at = wib(9, 20)
    cases = [_on_the_desk(staffed), _on_the_desk(staffed)]
    assert _to_chief(staffed) == []
    assert _states(staffed) == [("TaskCard", "folded")] * 2
    assert _wakes(staffed, wib(10, 7, 29)) == []
    (brief,) = _wakes(staffed, wib(10, 7, 30))
    assert all(staffed.case(case).code in brief.text for case in cases)
    assert not brief.silent
    tasks = [staffed.task(case).id for case in cases]
    assert brief.buttons == (
        *(f"1:{verb}:{task}" for task in tasks for verb in ("papers", "done", "reject")),
        "1:meeting:0",
    )
    assert _wakes(staffed, wib(10, 8)) == []
    assert {card.folded_at for card in staffed.rows(CardRow) if card.task_id in tasks} == {wib(10, 7, 30)}


def test_what_waits_since_before_is_told_each_day_and_what_came_today_is_not(staffed: Town) -> None:
    _on_the_desk(staffed)
    assert len(_to_chief(staffed)) == 1  # the card
    assert _wakes(staffed, wib(9, 9)) == []
    assert "Menunggu" in _wakes(staffed, wib(11, 7, 30))[0].text
    kinds = [(row.office_id, row.kind, row.day.day) for row in staffed.rows(DigestRow) if row.data["tasks"]]
    assert kinds == [("dinas", f"chief:{staffed.person_id('Kemal')}", 11)]


@ONE_DATABASE
def test_with_nothing_to_say_there_is_no_message(staffed: Town) -> None:
    assert [_wakes(staffed, wib(day, 7, 30)) for day in (9, 10)] == [[], []]


def test_late_after_an_outage_but_on_that_day_alone(staffed: Town) -> None:
    staffed.at = wib(9, 20)
    _on_the_desk(staffed)
    assert _wakes(staffed, wib(10, 16, 30)) == []
    assert _wakes(staffed, wib(14, 10)) == []  # a Saturday
    (brief,) = _wakes(staffed, wib(16, 14))
    assert "Yth. Kemal" in brief.text


def test_replicas_that_try_at_once_make_one(staffed: Town) -> None:
    staffed.at = wib(9, 20)
    _on_the_desk(staffed)
    staffed.at = wib(10, 7, 30)
    assert sorted(map(str, staffed.run_at_once(*[fire_briefs] * 6))) == ["0"] * 5 + ["1"]
    assert len(_to_chief(staffed)) == 1


def test_the_loser_of_a_race_says_nothing(staffed: Town) -> None:
    staffed.at = wib(9, 20)
    _on_the_desk(staffed)
    staffed.at = wib(10, 7, 30)
    assert staffed.meanwhile(fire_briefs, fire_briefs) == [0]
    assert len(_to_chief(staffed)) == 1


@ONE_DATABASE
def test_a_reminder_of_the_opening_is_part_of_the_start_of_day_message(staffed: Town) -> None:
    _on_the_desk(staffed)
    staffed.deliver()
    _wakes(staffed, wib(9, 15))  # late since 11.00
    assert [mail.text.count("Waktu habis") for mail in _wakes(staffed, wib(10, 7, 30))] == [0]


@ONE_DATABASE
def test_the_program_wakes_for_a_brief(staffed: Town) -> None:
    assert staffed.run(next_brief, staffed.at) is None
    _on_the_desk(staffed)
    assert staffed.run(next_brief, staffed.at) == wib(10, 7, 30)


def test_who_leads_no_office_any_more_gets_what_was_kept_by_itself(staffed: Town) -> None:
    staffed.joins("Dewi", "kepala")
    staffed.at = wib(9, 20)
    case = _on_the_desk(staffed)
    staffed.leaves("Kemal", "kepala")
    staffed.joins("Kemal", "bendahara")
    staffed.at = wib(10, 7, 30)
    staffed.run(fire_briefs)
    assert ("TaskCard", "folded") not in _states(staffed)
    assert [mail for mail in staffed.deliver() if mail.to == "Dewi" and staffed.case(case).code in mail.text]


# --- the cap ----------------------------------------------------------------------------------


@pytest.fixture
def three_a_day(staffed: Town) -> Town:
    """Return the town where a chief gets three messages a day."""
    patient = replace(SK, steps=(SK.steps[0], replace(SK.steps[1], budget=FOUR_DAYS)))
    staffed.library = library(PK, patient)
    staffed.library = replace(staffed.library, rules={"dinas": replace(QUIET_AT_NIGHT, chief_cap=3)})
    staffed.run(publish)
    return staffed


def test_no_more_than_stated_and_the_last_one_says_where_the_rest_is(three_a_day: Town) -> None:
    town, cases = three_a_day, [_on_the_desk(three_a_day) for _ in range(5)]
    arrived = _to_chief(town)
    assert [("Batas pesan hari ini tercapai" in mail.text) for mail in arrived] == [False, False, True]
    told = [case for case in cases if any(town.case(case).code in mail.text for mail in arrived)]
    assert _wakes(town, wib(9, 15, 59)) == []
    (brief,) = _wakes(town, wib(10, 7, 30))
    assert len(told) == 3
    assert all(town.case(case).code in brief.text for case in cases)
    assert {row.state for row in town.rows(OutboxRow)} <= {Delivery.SENT, Delivery.DROPPED}


@ONE_DATABASE
def test_what_an_own_act_leads_to_is_no_message_of_the_day(three_a_day: Town) -> None:
    town = three_a_day
    cases = [_on_the_desk(town) for _ in range(3)]
    assert len(_to_chief(town)) == 3
    town.at = wib(9, 20)
    for case in cases:
        town.says("Kemal", f"/selesai {town.case(case).code}")
        assert any(town.case(case).code in mail.text for mail in _to_chief(town))


@ONE_DATABASE
def test_news_beyond_the_cap_is_one_line_each_in_the_next_message(three_a_day: Town) -> None:
    town = three_a_day
    for _ in range(3):
        _on_the_desk(town)
    town.deliver()
    rejected = town.starts("Sari")
    task = town.to_step(rejected, 2)
    town.do("Endah", reject_task, task.id, "angka salah")
    town.run(lambda work: tell(work, _person(work, town, "Kemal"), RejectionTold(task.id)))
    assert _to_chief(town) == []
    (brief,) = _wakes(town, wib(10, 7, 30))
    assert f"{town.case(rejected).code}</b>" in brief.text


@ONE_DATABASE
def test_what_is_due_before_the_morning_and_the_end_of_a_case_come_beyond_the_cap_too(three_a_day: Town) -> None:
    town = three_a_day
    cases = [_on_the_desk(town) for _ in range(3)]
    assert len(_to_chief(town)) == 3
    town.do("Sari", cancel_case, cases[0], "keliru")
    urgent = town.starts("Sari")
    town.to_step(urgent, 5)
    codes = [town.case(case).code for case in (cases[0], urgent)]
    arrived = [mail.text for mail in _to_chief(town)]
    assert [any(code in text for text in arrived) for code in codes] == [True, True]


@ONE_DATABASE
def test_what_must_arrive_as_it_is_waits_by_itself(three_a_day: Town) -> None:
    """An alert with buttons is no line in a list."""
    town = three_a_day
    town.at = wib(9, 20)
    town.run(lambda work: tell(work, _person(work, town, "Kemal"), NotAllowed("member")))
    assert _states(town) == [("NotAllowed", "pending")]
    assert _wakes(town, wib(10, 7, 29)) == []
    assert len(_wakes(town, wib(10, 7, 30))) == 1


def _person(work: Work, town: Town, who: str) -> PersonRow:
    return work.session.get_one(PersonRow, town.person_id(who))


def test_a_row_that_an_outage_carried_past_the_end_of_work_waits_for_the_morning(staffed: Town) -> None:
    staffed.at = wib(9, 15, 59)
    _on_the_desk(staffed)
    staffed.at = wib(9, 18)
    assert _to_chief(staffed) == []
    assert len(_wakes(staffed, wib(10, 7, 30))) == 1


def test_a_card_that_was_kept_back_comes_when_the_chief_asks_for_it(staffed: Town) -> None:
    staffed.at = wib(9, 20)
    case = _on_the_desk(staffed)
    task = staffed.task(case)
    staffed.presses("Kemal", f"1:papers:{task.id}")
    card, status = _to_chief(staffed)
    assert f"1:done:{task.id}" in status.buttons + card.buttons
    (row,) = (row for row in staffed.rows(CardRow) if row.task_id == task.id)
    assert (row.message_id is not None, row.folded_at) == (True, None)
    assert ("TaskCard", "folded") not in _states(staffed)


def test_a_press_on_the_brief_shows_in_it_what_was_decided(staffed: Town) -> None:
    staffed.at = wib(9, 20)
    first, second = _on_the_desk(staffed), _on_the_desk(staffed)
    (brief,) = _wakes(staffed, wib(10, 7, 30))
    staffed.presses("Kemal", f"1:done:{staffed.task(first).id}", message_id=brief.message_id)
    (shown,) = (mail for mail in staffed.deliver() if mail.edits == brief.message_id)
    assert "Sudah selesai" in shown.text
    assert f"1:done:{staffed.task(second).id}" in shown.buttons
    assert staffed.case(first).status == "finished"
    (card,) = (card for card in staffed.rows(CardRow) if card.task_id == staffed.task(first).id)
    assert card.message_id is None, "the brief is not taken for the card"


# --- meetings ---------------------------------------------------------------------------------


def test_during_a_meeting_nothing_comes_and_after_it_all_in_one(staffed: Town) -> None:
    _wakes(staffed, wib(9, 9))
    assert staffed.do("Kemal", begin_meeting).until == wib(9, 13).isoformat()
    cases = [_on_the_desk(staffed), _on_the_desk(staffed)]
    assert _wakes(staffed, wib(9, 11)) == []
    (kept,) = _wakes(staffed, wib(9, 13))
    assert "Yang masuk selama pesan ditahan" in kept.text
    assert all(staffed.case(case).code in kept.text for case in cases)
    assert _wakes(staffed, wib(9, 13, 5)) == []


@ONE_DATABASE
def test_a_time_that_runs_out_during_a_meeting_is_told_after_it_though_its_card_came_before(staffed: Town) -> None:
    staffed.at = wib(9, 8)
    case = _on_the_desk(staffed)  # two hours
    assert len(_wakes(staffed, wib(9, 8, 1))) == 1
    _wakes(staffed, wib(9, 9))
    staffed.do("Kemal", begin_meeting)
    assert _wakes(staffed, wib(9, 10)) == []
    assert _wakes(staffed, wib(9, 11)) == []
    (kept,) = _wakes(staffed, wib(9, 13))
    assert staffed.case(case).code in kept.text
    assert "terlambat 2 jam" in kept.text


@ONE_DATABASE
def test_one_thing_alone_comes_as_itself(staffed: Town) -> None:
    _wakes(staffed, wib(9, 11, 50))
    staffed.do("Kemal", begin_meeting)
    case = _on_the_desk(staffed)
    (card,) = _wakes(staffed, wib(9, 13))
    assert card.buttons[0] == f"1:done:{staffed.task(case).id}"


def test_a_meeting_ends_early(staffed: Town) -> None:
    staffed.at = wib(9, 9)
    staffed.do("Kemal", begin_meeting)
    for _ in range(2):
        _on_the_desk(staffed)
    staffed.at = wib(9, 10)
    assert staffed.do("Kemal", end_meeting).kept == 2
    (kept,) = _to_chief(staffed)
    assert "2 berkas" in kept.text
    assert [row.until for row in staffed.rows(QuietRow)] == [wib(9, 10)]
    _on_the_desk(staffed)
    assert len(_to_chief(staffed)) == 1


@ONE_DATABASE
def test_a_second_touch_makes_a_meeting_no_longer(staffed: Town) -> None:
    staffed.at = wib(9, 9)
    until = staffed.do("Kemal", begin_meeting).until
    staffed.at = wib(9, 12, 30)
    assert staffed.do("Kemal", begin_meeting).until == until


@ONE_DATABASE
def test_a_meeting_is_for_chiefs(staffed: Town) -> None:
    assert staffed.refused("Rini", begin_meeting) == NotAllowed("chief")
    assert staffed.refused("Sari", end_meeting) == NotAllowed("chief")


@ONE_DATABASE
def test_what_must_arrive_as_it_is_comes_too_when_a_meeting_ends_early(staffed: Town) -> None:
    staffed.at = wib(9, 9)
    staffed.do("Kemal", begin_meeting)
    staffed.run(lambda work: tell(work, _person(work, staffed, "Kemal"), NotAllowed("member")))
    later = wib(10, 9)
    staffed.run(lambda work: tell(work, _person(work, staffed, "Kemal"), NotAllowed("chief"), not_before=later))
    staffed.at = wib(9, 10)
    assert _to_chief(staffed) == []
    assert staffed.do("Kemal", end_meeting).kept == 1
    assert len(_to_chief(staffed)) == 1, "what waits for an hour of its own goes on waiting"


@ONE_DATABASE
def test_what_was_tried_before_the_evening_has_its_time_from_the_morning_on(staffed: Town) -> None:
    """Tried on Friday and kept over the weekend, it was given up at the first hitch of Monday."""
    staffed.at = wib(13, 15, 59)
    staffed.run(lambda work: tell(work, _person(work, staffed, "Kemal"), NotAllowed("member")))
    staffed.run(_hitch)
    staffed.do("Kemal", begin_meeting)
    staffed.at = wib(13, 16, 10)
    assert _to_chief(staffed) == []
    staffed.at = wib(16, 7, 30)
    staffed.run(_hitch)
    assert [state for notice, state in _states(staffed) if notice == "NotAllowed"] == [Delivery.PENDING]
    staffed.at = wib(16, 7, 31)
    assert len(_to_chief(staffed)) == 1


def _hitch(work: Work) -> None:
    """Let everything that leaves now meet a server that is not there."""
    for parcel in take(work, SENDER, limit=100).parcels:
        postpone(work, parcel, timedelta(seconds=1), "down")
