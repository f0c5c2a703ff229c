"""What an office's group hears: each thing once, in threads, and receipted by its monitors; boards and digests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, cast

import pytest
from sqlalchemy import select

from bot.domain.notices import AuditFinding, MessageUndelivered
from bot.domain.sop import Office
from bot.domain.worktime import Calendar, DayException, DayKind
from bot.services import alerts, office_chats, outbox
from bot.services.boards import refresh_boards
from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.digest import fire_digests
from bot.services.library import Library
from bot.services.monitor_digests import fire_morning, fire_week_end
from bot.services.people import mark_unreachable
from bot.services.reject_task import reject_task
from bot.services.remind import fire_reminders
from bot.services.unheard import unheard
from bot.store.tables import (
    AlertThreadRow,
    BoardRow,
    DigestRow,
    OfficeChatRow,
    OutboxRow,
    ReminderReceiptRow,
    ReminderRow,
)
from tests.services.conftest import BADAN_PK, PK, SK, Town, wib

if TYPE_CHECKING:
    from bot.services.work import Work
    from bot.sop_files.calendars import Calendars

GROUP = -100
ANY_DATABASE = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)
"""For what no database does differently."""


def grouped(town: Town, office: str = "dinas", chat: int = GROUP, by: str = "Sari") -> Town:
    """Make a group the office's alert group, with everything said of it delivered."""
    town.do(by, office_chats.set_group, office, chat, topic=None, title="Pemantauan")
    town.deliver()
    return town


def to_group(town: Town, since: int = 0) -> list[OutboxRow]:
    """Return what was queued for the group since then, boards and pins aside."""
    rows = [row for row in town.rows(OutboxRow) if row.chat_id == GROUP and row.id > since]
    return [row for row in rows if row.notice not in {"Board", "Pin"}]


@ANY_DATABASE
def test_each_reminder_for_the_sekretariat_is_said_once_in_the_group_and_receipted_by_every_monitor(
    staffed: Town,
) -> None:
    staffed.joins("Dian", "sekretariat")
    grouped(staffed)
    case_id = staffed.starts()
    staffed.fire(wib(9, 10))  # two hours are up
    (due,) = [row for row in staffed.rows(ReminderRow) if row.kind == "due"]
    assert [row.data["reminder_ids"] for row in to_group(staffed)][-1] == [due.id]
    given = {r.person_id for r in staffed.rows(ReminderReceiptRow) if r.reminder_id == due.id}
    assert given == {staffed.person_id(who) for who in ("Sari", "Dian", "Sinta")}
    assert {who for who, notice in staffed.told() if notice == "Reminders"} == {str(GROUP), "Sinta"}
    mark = staffed.mark()
    staffed.fire(wib(9, 10, 1))
    assert to_group(staffed, mark) == []
    assert staffed.task(case_id).ended_at is None


def test_of_replicas_that_fire_at_once_one_tells_the_group(staffed: Town) -> None:
    grouped(staffed)
    staffed.starts()
    mark, staffed.at = staffed.mark(), wib(9, 10)
    staffed.run_at_once(*[fire_reminders] * 6)
    assert [row.notice for row in to_group(staffed, mark)] == ["Reminders"]


@ANY_DATABASE
def test_what_falls_due_within_two_minutes_is_one_message_to_the_group(staffed: Town) -> None:
    grouped(staffed)
    staffed.starts()  # on one desk, due at 10.00
    staffed.at = wib(9, 9, 31)
    staffed.starts(sop="dinas-sk")  # on another, due at 10.01
    staffed.fire(wib(9, 9, 56))  # the early warnings
    mark = staffed.mark()
    for minute in (0, 1, 2):
        staffed.fire(wib(9, 10, minute))
    told = [row for row in to_group(staffed, mark) if row.notice == "Reminders"]
    assert [len(row.data["reminder_ids"]) for row in told] == [2]
    assert [row.anchor for row in told] == [None]  # of two cases: no thread
    assert staffed.told(mark)["Sinta", "Reminders"] == 1


@ANY_DATABASE
def test_a_monitor_who_holds_the_task_hears_of_it_as_its_holder(staffed: Town) -> None:
    staffed.joins("Sari", "staf")
    grouped(staffed)
    staffed.starts()
    mark = staffed.mark()
    staffed.fire(wib(9, 10))
    told = [row for row in staffed.queued(mark) if row.notice == "Reminders" and not row.edit]
    assert sorted(row.to for row in told) == [str(GROUP), "Sari", "Sinta"]


@ANY_DATABASE
def test_alerts_about_one_case_reply_to_the_first_whatever_the_order_they_are_sent_in(staffed: Town) -> None:
    grouped(staffed)
    case_id, mark = staffed.starts(), staffed.mark()
    for _ in range(3):
        staffed.run(alerts.alert, "dinas", MessageUndelivered((1,)), case_id=case_id)
    (thread,) = staffed.rows(AlertThreadRow)
    assert {row.anchor for row in to_group(staffed, mark)} == {f"alert:{thread.id}"}
    with_ids = [row for row in staffed.rows(OutboxRow) if row.id > mark]
    assert thread.message_id is None
    assert len(with_ids) == 3


@ANY_DATABASE
@pytest.mark.parametrize(
    ("words", "lost"),
    [
        ("Forbidden: bot was kicked from the supergroup chat", True),
        ("Not enough rights to send text messages to the chat", True),
        ("Chat not found", True),
        ("Can't parse entities: unsupported start tag", False),
    ],
)
def test_what_a_group_refuses_its_monitors_are_told_and_the_group_is_given_up_only_for_its_own_sake(
    staffed: Town, words: str, *, lost: bool
) -> None:
    staffed.joins("Dian", "sekretariat")
    grouped(staffed)
    for number in (1, 2):
        staffed.run(alerts.alert, "dinas", AuditFinding((number,)))
    mark = staffed.mark()

    def refuse(work: Work) -> None:
        row = work.session.scalars(select(OutboxRow).where(OutboxRow.notice == "AuditFinding")).first()
        assert row
        row.state = outbox.Delivery.DEAD  # as delivery has buried it
        work.session.flush()
        unheard(work, row, words)

    staffed.run(refuse)
    told = staffed.told(mark)
    assert {who: count for (who, notice), count in told.items() if notice == "AuditFinding"} == dict.fromkeys(
        ("Sari", "Dian"), 2 if lost else 1
    )
    assert {who for who, notice in told if notice == "GroupLost"} == ({"Sari", "Dian"} if lost else set())
    (row,) = staffed.rows(OfficeChatRow)
    assert (row.lost_at is not None) is lost
    assert bool(staffed.rows(BoardRow)) is not lost
    assert staffed.run(office_chats.lose, GROUP, "left") is not lost  # once


def test_an_alert_that_meets_the_loss_of_its_group_is_told_in_private(staffed: Town) -> None:
    """Whoever queues for a group holds it: none is lost between reading that there is one and the commit."""
    grouped(staffed)
    mark = staffed.mark()
    staffed.meanwhile(
        lambda work: alerts.alert(work, "dinas", AuditFinding((1,))),
        lambda work: office_chats.lose(work, GROUP, "left"),
    )
    waiting = [row for row in staffed.rows(OutboxRow) if row.id > mark and row.state == "pending"]
    assert [(staffed.name(row.chat_id), row.notice) for row in waiting if row.notice == "AuditFinding"] == [
        ("Sari", "AuditFinding")
    ]


def test_two_offices_that_want_one_group_at_once_do_not_both_get_it(staffed: Town) -> None:
    def wants(who: str, office: str) -> object:
        return staffed.as_(who, office_chats.set_group, office, GROUP, topic=None, title="Bersama")

    staffed.run_at_once(wants("Sari", "dinas"), wants("Yosef", "badan"))  # type: ignore[arg-type] # as_ gives use cases
    assert len(staffed.rows(OfficeChatRow)) == 1


@ANY_DATABASE
def test_people_and_messages_that_do_not_arrive_are_the_group_s_matter(staffed: Town) -> None:
    grouped(staffed)
    staffed.run(mark_unreachable, staffed.person_id("Kemal"))
    staffed.at = wib(9, 9)
    (row,) = to_group(staffed)[-1:]
    assert (row.notice, row.data) == ("PersonUnreachable", {"person_id": staffed.person_id("Kemal")})
    assert ("Sari", "PersonUnreachable") not in staffed.told()
    (mail,) = [mail for mail in staffed.deliver() if mail.to == str(GROUP) and "Kemal" in mail.text]
    assert "Kepala Dinas" in mail.text


@ANY_DATABASE
def test_a_rejection_that_was_the_second_is_told_to_the_group_and_the_first_in_private(staffed: Town) -> None:
    grouped(staffed)
    case_id, told = staffed.starts(), []
    for _ in range(2):
        staffed.to_step(case_id, 2)
        mark = staffed.mark()
        staffed.do("Bagus", reject_task, staffed.task(case_id).id, "kurang")
        told.append({who for who, notice in staffed.told(mark) if notice == "RejectionTold"})
    assert told == [{"Sari"}, {str(GROUP)}]


# --- the board ------------------------------------------------------------------------------


def _edits(town: Town, since: int) -> list[OutboxRow]:
    return [row for row in town.rows(OutboxRow) if row.id > since and row.notice == "Board"]


def test_however_much_happens_a_board_is_edited_once_a_minute_by_whichever_replica(staffed: Town) -> None:
    grouped(staffed)
    cases = [staffed.starts(sop="dinas-sk", title=f"Berkas {number}") for number in range(9)]
    staffed.deliver()
    mark, staffed.at = staffed.mark(), staffed.at + timedelta(minutes=1)
    for case_id in cases:
        staffed.at += timedelta(seconds=20)
        staffed.do("Bagus", complete_task, staffed.task(case_id).id)
        staffed.run_at_once(refresh_boards, refresh_boards)
        for row in _edits(staffed, mark):
            staffed.run(_send, row.id)
    assert len(_edits(staffed, mark)) == 3


def _send(work: Work, outbox_id: int) -> None:
    work.session.get_one(OutboxRow, outbox_id).state = outbox.Delivery.SENT


@ANY_DATABASE
def test_a_board_of_whoever_watches_no_more_ends(staffed: Town) -> None:
    staffed.joins("Dian", "sekretariat")
    staffed.says("Dian", "/papan")
    staffed.deliver()
    assert len(staffed.rows(BoardRow)) == 1
    staffed.leaves("Dian", "sekretariat")
    staffed.at += timedelta(minutes=2)
    staffed.run(refresh_boards)
    assert staffed.rows(BoardRow) == []
    assert any("tidak diperbarui lagi" in mail.text for mail in staffed.deliver() if mail.to == "Dian")


@ANY_DATABASE
def test_an_unreachable_owner_s_board_rests(staffed: Town) -> None:
    staffed.says("Sari", "/papan")
    staffed.deliver()
    staffed.starts()
    staffed.run(mark_unreachable, staffed.person_id("Sari"))
    staffed.at += timedelta(minutes=2)
    assert staffed.run(refresh_boards) == 0


# --- digests --------------------------------------------------------------------------------


def _morning(town: Town, at: object) -> list[str]:
    town.at, mark = at, town.mark()  # type: ignore[assignment] # a moment
    town.run_at_once(*[fire_morning] * 3)
    return [row.to for row in town.queued(mark) if row.notice == "MorningDigest"]


def test_a_working_day_s_first_opening_tells_what_it_brings_once(staffed: Town) -> None:
    assert _morning(staffed, wib(10, 8)) == []  # nothing to say
    staffed.at = wib(10, 9)
    staffed.starts(title="Berkas terlambat")
    assert _morning(staffed, wib(10, 15)) == []  # the day had begun without it
    assert _morning(staffed, wib(11, 7, 29)) == []
    assert _morning(staffed, wib(11, 7, 30)) == ["Sari"]
    assert _morning(staffed, wib(11, 12)) == []
    (mail,) = [mail for mail in staffed.deliver() if "Ringkasan pagi" in mail.text]
    assert "Lewat batas waktu: 1" in mail.text
    grouped(staffed)
    assert _morning(staffed, wib(12, 9)) == [str(GROUP)]


@ANY_DATABASE
def test_a_digest_that_an_outage_kept_past_its_day_is_not_sent(staffed: Town) -> None:
    staffed.starts()
    assert _morning(staffed, wib(10, 15, 59)) == ["Sari"]
    for moment in (wib(10, 20), wib(11, 7, 30)):
        staffed.at = moment
        assert not [mail for mail in staffed.deliver() if "Ringkasan pagi" in mail.text]


def _week_end(town: Town, at: object) -> list[str]:
    town.at, mark = at, town.mark()  # type: ignore[assignment] # a moment
    town.run_at_once(*[fire_week_end] * 3)
    return [row.to for row in town.queued(mark) if row.notice == "WeekSummary"]


def test_the_week_s_summary_comes_an_hour_before_the_last_closing(staffed: Town) -> None:
    done = staffed.starts()
    staffed.finish(done)
    stopped = staffed.starts()
    staffed.do("Sari", cancel_case, stopped, "keliru")
    staffed.starts()
    assert _week_end(staffed, wib(12, 15, 30)) == []  # Thursday
    assert _week_end(staffed, wib(13, 15, 29)) == []
    assert _week_end(staffed, wib(13, 15, 30)) == ["Sari"]
    assert _week_end(staffed, wib(13, 16)) == []
    (mail,) = [mail for mail in staffed.deliver() if "Ringkasan akhir pekan" in mail.text]
    assert staffed.case(done).code in mail.text
    assert "4 tugas diselesaikan, dengan rata-rata" in mail.text
    assert "Dihentikan: 1 berkas" in mail.text
    assert "Sinta" not in mail.text  # posts, nobody's name


@ANY_DATABASE
def test_a_holiday_on_friday_brings_the_summary_a_day_earlier_and_next_week_s_are_named(staffed: Town) -> None:
    off = DayException(DayKind.LOCAL_HOLIDAY, "Hari Jadi")

    class Holidays:
        def for_office(self, office: Office) -> Calendar:
            return Calendar(office.zone, exceptions={date(2026, 11, 13): off, date(2026, 11, 17): off})

    staffed.library = Library({sop.id: sop for sop in (PK, SK, BADAN_PK)}, cast("Calendars", Holidays()))
    staffed.starts()
    assert _week_end(staffed, wib(12, 15)) == ["Sari"]
    (mail,) = [mail for mail in staffed.deliver() if "Ringkasan akhir pekan" in mail.text]
    assert "Libur minggu depan: Sel 17 Nov (Hari Jadi)" in mail.text


def test_the_fingerprints_digest_is_the_group_s_too_and_the_others_vouch_for_nothing(staffed: Town) -> None:
    grouped(staffed)
    staffed.starts()
    mark, staffed.at = staffed.mark(), wib(16, 7, 30)
    assert staffed.run(fire_digests) == 1
    assert [row.notice for row in to_group(staffed, mark)] == ["WeeklyDigest"]
    assert _morning(staffed, wib(16, 7, 31)) == [str(GROUP)]
    kinds = [row.kind for row in staffed.rows(DigestRow) if row.office_id == "dinas"]
    assert kinds == ["weekly", "morning"]


@ANY_DATABASE
def test_a_reader_of_one_office_s_group_sees_nothing_of_another(staffed: Town) -> None:
    grouped(staffed)
    other = staffed.starts("Yosef", "badan-pk")
    staffed.run(outbox.put, GROUP, replace(AuditFinding((1,))))
    staffed.run(alerts.to_group, "dinas", MessageUndelivered((1,)), case_id=other)
    assert not [mail for mail in staffed.deliver() if mail.to == str(GROUP) and "PK-2026" in mail.text]
