"""Reminders: the ladder row by row at exact moments, one message per person, never outside working time."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event, update

from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.deliver import postpone, take
from bot.services.outbox import Delivery
from bot.services.reject_task import reject_task
from bot.services.remind import Fired, fire_reminders, next_wake
from bot.services.work import Work
from bot.store.tables import OutboxRow, ReminderReceiptRow, ReminderRow
from tests.services.conftest import SENDER, Mail, Town, wib

if TYPE_CHECKING:
    from collections.abc import Iterator

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def who(mail: list[Mail]) -> list[str]:
    """Return who got a message, with repetitions."""
    return sorted(item.to for item in mail)


@pytest.fixture
def half_hour(staffed: Town) -> int:
    """Return a case whose open task has 30 Menit, given to Bagus on Monday at 08.00."""
    case = staffed.starts("Sari", "dinas-sk")
    staffed.deliver()
    return case


@pytest.fixture
def two_hours(staffed: Town) -> int:
    """Return a case whose open task has 2 Jam, given to Sinta on Monday at 08.00."""
    case = staffed.starts()
    staffed.deliver()
    return case


# --- the ladder -----------------------------------------------------------------------------


def test_the_ladder_of_30_menit(staffed: Town, half_hour: int) -> None:
    assert staffed.pending(half_hour) == [
        ("early", 80, wib(9, 8, 24)),
        ("due", 0, wib(9, 8, 30)),
        ("late", 1, wib(9, 9, 30)),
        ("superior", 0, wib(9, 9, 30)),
        ("head", 0, wib(10, 9, 30)),
    ]


def test_the_ladder_of_2_jam(staffed: Town, two_hours: int) -> None:
    assert staffed.pending(two_hours) == [
        ("early", 80, wib(9, 9, 36)),
        ("due", 0, wib(9, 10)),
        ("late", 1, wib(9, 11)),
        ("superior", 0, wib(9, 12)),
        ("head", 0, wib(10, 12)),
    ]


def test_the_ladder_of_4_hari(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 4)
    assert staffed.pending(case) == [
        ("early", 50, wib(11, 8)),
        ("early", 80, wib(12, 9, 30)),
        ("due", 0, wib(13, 8)),
        ("late", 1, wib(13, 9)),
        ("superior", 0, wib(19, 8)),
        ("head", 0, wib(20, 8)),
    ]


def test_each_rung_reaches_its_people_at_its_moment_and_not_a_second_before(staffed: Town, half_hour: int) -> None:
    walk: list[tuple[datetime, list[str]]] = [
        (wib(9, 8, 24), ["Bagus"]),
        (wib(9, 8, 30), ["Bagus", "Sari"]),
        (wib(9, 9, 30), ["Bagus", "Rini", "Sari"]),
        (wib(10, 7, 30), ["Bagus"]),
        (wib(10, 9, 30), ["Kemal"]),
        (wib(11, 7, 30), ["Bagus"]),
        (wib(12, 7, 30), ["Bagus"]),
        (wib(13, 7, 30), ["Bagus"]),
        (wib(16, 7, 30), ["Bagus"]),
    ]
    for moment, people in walk:
        assert staffed.fire(moment - SECOND) == []
        assert who(staffed.fire(moment)) == people, moment
    assert staffed.task(half_hour).ended_at is None


def test_a_reminder_replies_to_the_card_and_has_no_buttons(staffed: Town, half_hour: int) -> None:
    card = staffed.cards(half_hour)["Bagus"]
    staffed.at = wib(9, 8, 24)
    staffed.run(fire_reminders)
    (parcel,) = staffed.run(take, SENDER, limit=10).parcels
    assert parcel.message.reply_to == card.message_id
    assert parcel.message.buttons == ()
    assert not parcel.silent


def test_the_other_office_s_hours_are_its_own(staffed: Town) -> None:
    staffed.at = wib(9, 13, 30)  # 15.30 WIT
    case = staffed.starts("Yosef", "badan-pk")
    staffed.deliver()
    moments = {kind: at for kind, _, at in staffed.pending(case)}
    assert (moments["due"], moments["late"]) == (wib(10, 7), wib(10, 8))  # 09.00 and 10.00 WIT
    assert staffed.fire(wib(9, 15)) == []
    assert who(staffed.fire(wib(10, 7))) == ["Paulus", "Yosef"]


# --- one message per person -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("gap", "messages"), [(0, [1, 0]), (90, [0, 1]), (120, [0, 1]), (121, [1, 1])], ids=["0", "90", "120", "121"]
)
def test_two_reminders_within_two_minutes_are_one_message_at_the_later_moment(
    staffed: Town, two_hours: int, gap: int, messages: list[int]
) -> None:
    later = timedelta(seconds=gap)
    staffed.at += later
    other = staffed.starts()
    staffed.deliver()
    early = wib(9, 9, 36)
    arrived = [staffed.fire(early), staffed.fire(early + later) if gap else []]
    assert [len(mail) for mail in arrived] == messages
    text = "".join(mail.text for mail in staffed.mail[-sum(messages) :])
    assert all(staffed.case(case).code in text for case in (two_hours, other))


def test_groups_do_not_chain(staffed: Town, two_hours: int) -> None:
    for offset in (90, 90):
        staffed.at += timedelta(seconds=offset)
        staffed.starts()
    staffed.deliver()
    early = wib(9, 9, 36)
    assert [len(staffed.fire(early + timedelta(seconds=s))) for s in (0, 90, 150, 180)] == [0, 1, 0, 1]
    assert [text.text.count("PK-2026-") for text in staffed.mail[-2:]] == [2, 1]
    assert staffed.case(two_hours).code == "PK-2026-001"


def test_who_waits_for_a_second_reminder_does_not_make_others_wait(staffed: Town, two_hours: int) -> None:
    staffed.fire(wib(9, 9, 36))
    staffed.at = wib(9, 9, 31)
    staffed.starts("Sari", "dinas-sk")  # due at 10.01
    staffed.deliver()
    staffed.fire(wib(9, 9, 55))
    assert who(staffed.fire(wib(9, 10))) == ["Sinta"]
    assert who(staffed.fire(wib(9, 10, 1))) == ["Bagus", "Sari"]
    sari = [mail for mail in staffed.mail if mail.to == "Sari"][-1]
    assert "PK-2026-001" in sari.text
    assert "SK-2026-001" in sari.text
    assert staffed.task(two_hours).ended_at is None


def test_who_is_holder_sekretariat_and_superior_gets_one_message(staffed: Town) -> None:
    staffed.joins("Sari", "kasubag", "sekretaris", "kepala")
    case = staffed.starts("Sari", "dinas-sk")
    staffed.deliver()
    for moment, people in (
        (wib(9, 8, 24), ["Bagus", "Sari"]),
        (wib(9, 8, 30), ["Bagus", "Sari"]),
        (wib(9, 9, 30), ["Bagus", "Rini", "Sari"]),
        (wib(10, 9, 30), ["Bagus", "Kemal", "Sari"]),
    ):
        assert who(staffed.fire(moment)) == people
    assert staffed.case(case).status == "running"


def test_only_those_are_reminded_who_have_not_reported(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    staffed.deliver()
    assert who(staffed.fire(wib(9, 8, 24))) == ["Endah"]
    assert who(staffed.fire(wib(9, 8, 30))) == ["Endah", "Sari"]


# --- outside working time -------------------------------------------------------------------


def test_what_is_due_at_closing_time_goes_out_although_the_clock_has_moved_on(staffed: Town) -> None:
    staffed.at = wib(9, 14)
    staffed.starts()
    staffed.deliver()
    staffed.fire(wib(9, 15, 36))
    assert who(staffed.fire(wib(9, 16, 0, 1))) == ["Sari", "Sinta"]


def test_two_minutes_after_closing_it_waits_for_the_morning(staffed: Town) -> None:
    staffed.at = wib(9, 14)
    case = staffed.starts()
    staffed.deliver()
    staffed.fire(wib(9, 15, 36))
    assert staffed.fire(wib(9, 16, 2, 1)) == []
    assert staffed.pending(case)[0] == ("due", 0, wib(10, 7, 30))
    assert who(staffed.fire(wib(10, 7, 30))) == ["Sari", "Sinta"]


@pytest.mark.parametrize("moment", [wib(9, 12, 30), wib(9, 20), wib(14, 10), wib(15, 23, 59)])
def test_nobody_is_disturbed_at_lunch_at_night_or_at_the_weekend(
    staffed: Town, half_hour: int, moment: datetime
) -> None:
    assert staffed.fire(moment) == []
    assert staffed.run(fire_reminders).messages == 0
    assert staffed.pending(half_hour)[-1][2] > moment


@pytest.mark.parametrize(
    ("wake", "arrives"),
    [
        (wib(12, 10), wib(12, 10)),  # slept until Thursday, in working time
        (wib(12, 20), wib(13, 7, 30)),  # until Thursday evening
        (wib(14, 10), wib(16, 7, 30)),  # until Saturday
    ],
)
def test_a_machine_that_slept_over_everything_sends_one_message_each(
    staffed: Town, half_hour: int, wake: datetime, arrives: datetime
) -> None:
    early = staffed.fire(wake)
    assert bool(early) == (wake == arrives)
    arrived = early or staffed.fire(arrives)
    assert who(arrived) == ["Bagus", "Kemal", "Rini", "Sari"]
    assert all(mail.text.count("SK-2026-001") == 1 for mail in arrived)
    assert [(kind, number) for kind, number, _ in staffed.pending(half_hour)] == [("late", 2)]
    assert staffed.fire(arrives + MINUTE) == []


def test_the_late_sequence_goes_on_from_the_day_of_waking(staffed: Town, half_hour: int) -> None:
    staffed.fire(wib(12, 10))
    assert staffed.pending(half_hour) == [("late", 2, wib(13, 7, 30))]
    assert who(staffed.fire(wib(13, 7, 30))) == ["Bagus"]
    assert staffed.pending(half_hour) == [("late", 3, wib(16, 7, 30))]


# --- the end of a task ----------------------------------------------------------------------


@pytest.mark.parametrize("end", ["complete", "reject", "cancel"])
def test_a_task_that_has_ended_reminds_nobody_ever(staffed: Town, end: str) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    staffed.deliver()
    if end == "complete":
        for name in ("Bagus", "Endah"):
            staffed.do(name, complete_task, task.id)
    elif end == "reject":
        staffed.do("Bagus", reject_task, task.id, "angka salah")
    else:
        staffed.do("Sari", cancel_case, case, "salah tekan")
    staffed.deliver()
    rows = [row for row in staffed.rows(ReminderRow) if row.task_id == task.id]
    assert all(row.settled_at == staffed.at for row in rows)
    staffed.fire(wib(9, 8, 30))
    staffed.fire(wib(10, 9, 30))
    told = {row.reminder_id for row in staffed.rows(ReminderReceiptRow)}
    assert told.isdisjoint({row.id for row in rows})


def test_a_reminder_that_was_queued_is_dropped_when_the_task_ends_before_it_is_sent(
    staffed: Town, half_hour: int
) -> None:
    staffed.at = wib(9, 8, 24)
    assert staffed.run(fire_reminders).messages == 1
    staffed.do("Bagus", complete_task, staffed.task(half_hour).id)
    assert [mail.to for mail in staffed.deliver() if mail.edits is None] == ["Kemal"]  # the next card only


def test_a_task_that_ends_while_reminders_are_given_out_is_not_reminded_of_again(staffed: Town, half_hour: int) -> None:
    staffed.fire(wib(9, 9))
    staffed.at = wib(9, 9, 30)
    task = staffed.task(half_hour)
    staffed.meanwhile(staffed.as_("Bagus", complete_task, task.id), fire_reminders)
    rows = [row for row in staffed.rows(ReminderRow) if row.task_id == task.id]
    assert [row.sequence for row in rows if row.settled_at is None] == []
    assert [row.sequence for row in rows if row.kind == "late"] == [1]


# --- once only ------------------------------------------------------------------------------


@pytest.mark.usefixtures("half_hour")
def test_a_second_call_at_the_same_moment_sends_nothing(staffed: Town) -> None:
    assert who(staffed.fire(wib(9, 8, 30))) == ["Bagus", "Sari"]
    assert staffed.run(fire_reminders).messages == 0
    assert staffed.deliver() == []


@pytest.mark.usefixtures("half_hour")
def test_two_processes_that_fire_at_once_remind_once(staffed: Town) -> None:
    staffed.at = wib(9, 8, 30)
    results = staffed.run_at_once(fire_reminders, fire_reminders)
    assert sorted(result.messages for result in results if isinstance(result, Fired)) == [0, 2]
    assert who(staffed.deliver()) == ["Bagus", "Sari"]


@pytest.mark.usefixtures("half_hour")
def test_a_crash_before_the_commit_repeats_and_one_after_it_does_not(staffed: Town) -> None:
    class Crash(Exception):  # noqa: N818 - what a machine does
        pass

    def crashing(work: Work) -> None:
        fire_reminders(work)
        raise Crash

    staffed.at = wib(9, 8, 30)
    with pytest.raises(Crash):
        staffed.run(crashing)
    assert staffed.rows(ReminderReceiptRow) == []
    assert staffed.run(fire_reminders).messages == 2
    staffed.at += MINUTE  # the program ended here, before anything was sent
    assert staffed.run(fire_reminders).messages == 0
    assert who(staffed.deliver()) == ["Bagus", "Sari"]


@pytest.mark.usefixtures("two_hours")
def test_whoever_had_it_while_others_waited_does_not_get_it_twice(staffed: Town) -> None:
    """Sinta's reminder is given at once, Sari's waits for the second one; the row stays open meanwhile."""
    staffed.at = wib(9, 9, 31)
    staffed.starts("Sari", "dinas-sk")
    staffed.fire(wib(9, 9, 56))
    assert who(staffed.fire(wib(9, 10))) == ["Sinta"]
    for _ in range(3):
        assert staffed.fire(wib(9, 10, 0, 30)) == []
    assert who(staffed.fire(wib(9, 10, 1))) == ["Bagus", "Sari"]


# --- posts without a holder -----------------------------------------------------------------


@pytest.mark.usefixtures("half_hour")
def test_an_empty_post_is_reminded_of_to_those_who_are_there(staffed: Town) -> None:
    staffed.leaves("Bagus", "kasubag")
    staffed.deliver()
    assert staffed.fire(wib(9, 8, 24)) == []
    assert who(staffed.fire(wib(9, 8, 30))) == ["Sari"]
    staffed.joins("Bowo", "kasubag")
    staffed.deliver()
    assert who(staffed.fire(wib(9, 9, 30))) == ["Bowo", "Rini", "Sari"]


@pytest.mark.usefixtures("half_hour")
def test_who_has_lost_the_post_is_not_reminded(staffed: Town) -> None:
    staffed.joins("Bowo", "kasubag")
    staffed.leaves("Bagus", "kasubag")
    staffed.deliver()
    assert who(staffed.fire(wib(9, 8, 24))) == ["Bowo"]


def test_a_step_of_the_head_has_nobody_above_it(staffed: Town) -> None:
    case = staffed.starts("Sari", "dinas-sk")
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    staffed.deliver()
    staffed.fire(wib(9, 11))
    assert who(staffed.fire(wib(9, 12))) == ["Sari"]  # superior: nobody, sekretariat
    assert who(staffed.fire(wib(10, 7, 30))) == ["Kemal"]


# --- when to wake ---------------------------------------------------------------------------


@pytest.mark.usefixtures("half_hour")
def test_the_next_wake_is_the_earliest_of_what_is_to_come(staffed: Town) -> None:
    assert staffed.run(next_wake) == wib(9, 8, 24)
    staffed.fire(wib(9, 8, 24))
    assert staffed.run(next_wake) == wib(9, 8, 30)


def test_without_anything_open_there_is_no_next_wake(staffed: Town) -> None:
    assert staffed.run(next_wake) is None


@pytest.mark.usefixtures("half_hour")
def test_a_held_alert_and_a_blocked_chat_wake_too(staffed: Town) -> None:
    staffed.at = wib(9, 8, 24)
    staffed.run(fire_reminders)
    (parcel,) = staffed.run(take, SENDER, limit=10).parcels
    staffed.run(postpone, parcel, timedelta(seconds=40), "Too Many Requests")
    assert staffed.run(next_wake) == staffed.at + timedelta(seconds=40)
    staffed.at = wib(9, 19)
    staffed.fire(staffed.at)
    staffed.leaves("Bagus", "kasubag")
    staffed.joins("Umi", "sekretariat")
    staffed.starts("Sari", "dinas-sk")
    assert staffed.run(next_wake) == wib(10, 7, 30)


@pytest.mark.usefixtures("two_hours")
def test_a_reminder_that_waits_for_its_companion_is_woken_for(staffed: Town) -> None:
    staffed.at += timedelta(seconds=90)
    staffed.starts()
    staffed.deliver()
    early = wib(9, 9, 36)
    assert staffed.fire(early) == []
    assert staffed.run(next_wake) == early + timedelta(seconds=90)


@pytest.mark.usefixtures("half_hour")
def test_what_may_leave_at_once_wakes_nobody(staffed: Town) -> None:
    staffed.starts("Sari", "dinas-sk")
    fired_at = staffed.at - SECOND
    assert staffed.run(next_wake, fired_at) == wib(9, 8, 24), "the courier was told by the commit"


@pytest.mark.usefixtures("half_hour")
def test_a_rest_of_a_chat_for_which_nothing_waits_wakes_nobody(staffed: Town) -> None:
    staffed.at = wib(9, 8, 24)
    staffed.run(fire_reminders)
    (parcel,) = staffed.run(take, SENDER, limit=10).parcels
    staffed.run(postpone, parcel, timedelta(seconds=40), "Too Many Requests")
    staffed.run(lambda work: work.session.execute(update(OutboxRow).values(state=Delivery.DROPPED)).close())
    assert staffed.run(next_wake) == wib(9, 8, 30)


# --- after an outage ------------------------------------------------------------------------


def test_catching_up_asks_the_database_as_often_for_many_cases_as_for_few(staffed: Town) -> None:
    asked: list[int] = []
    for more in (2, 20):
        for _ in range(more):
            staffed.starts("Sari", "dinas-sk")
        staffed.deliver()
        staffed.at += timedelta(days=2)
        with counted(staffed) as statements:
            staffed.run(fire_reminders)
        assert who(staffed.deliver()) == ["Bagus", "Kemal", "Rini", "Sari"], "one message each"
        asked.append(len(statements))
    assert asked[0] == asked[1]


@contextmanager
def counted(town: Town) -> Iterator[list[str]]:
    """Yield the statements that the database is asked meanwhile."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(town.store.engine, "before_cursor_execute", note)
    yield statements
    event.remove(town.store.engine, "before_cursor_execute", note)
