"""A database that came back from a backup: what was said since is not said twice, and what is missing is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.notices import CaseFinished
from bot.services.briefs import fire_briefs
from bot.services.complete_task import complete_task
from bot.services.meeting import begin_meeting
from bot.services.menu_buttons import chats_given, note_buttons
from bot.services.outbox import Delivery, tell
from bot.services.reject_task import reject_task
from bot.services.restoration import Settled, move, settle
from bot.store.tables import CaseRow, ChatRow, FloodRow, OutboxRow, PersonRow, RestorationRow, SendSlotRow

if TYPE_CHECKING:
    from bot.services.work import Work
    from tests.services.conftest import Town

FRIDAY = datetime(2026, 11, 13, 10, tzinfo=UTC)  # 17.00 WIB, when the backup was taken
MONDAY = datetime(2026, 11, 16, 2, tzinfo=UTC)  # 09.00 WIB, when it came back
GAP = 100


@pytest.fixture
def town(staffed: Town) -> Town:
    """Two offices with a case at its first step, whose card has arrived."""
    staffed.starts(title="Berkas lama")
    staffed.deliver()
    staffed.at = MONDAY
    return staffed


def _settle(town: Town, backup_at: datetime = FRIDAY) -> Settled:
    return town.run(settle, backup_at, gap=GAP)


def _states(town: Town) -> set[str]:
    return {row.state for row in town.rows(OutboxRow)}


def test_cards_of_open_tasks_are_edited_to_what_is_true_again_and_their_buttons_work(town: Town) -> None:
    case = town.rows(CaseRow)[0]
    card = town.cards(case.id)["Sinta"]
    _settle(town)
    arrived = town.deliver()
    [edited] = [mail for mail in arrived if mail.to == "Sinta"]
    assert (edited.edits, edited.message_id) == (card.message_id, card.message_id)
    assert f"1:done:{card.task_id}" in edited.buttons
    town.presses("Sinta", f"1:done:{card.task_id}")
    assert town.task(case.id).step == 2


def test_what_was_unsent_is_held_for_review_and_nothing_held_goes_out(town: Town) -> None:
    case = town.rows(CaseRow)[0]
    task = town.to_step(case.id, 2)
    town.deliver()
    town.do("Bagus", reject_task, task.id, "belum lengkap")
    waiting = [row.notice for row in town.rows(OutboxRow) if row.state == Delivery.PENDING]
    assert {"TaskCard", "RejectionTold"} <= set(waiting)
    settled = _settle(town)
    town.deliver()
    held = [row for row in town.rows(OutboxRow) if row.state == Delivery.HELD]
    assert sorted(row.notice for row in held) == sorted(notice for notice in waiting if notice != "TaskCard")
    assert settled.held == len(held)
    assert Delivery.PENDING not in _states(town)


def test_what_was_kept_for_a_chief_s_morning_is_held_too_and_their_cards_are_made_anew(town: Town) -> None:
    """The morning may have told them since the backup: what it said is not said again by itself."""
    town.at = FRIDAY
    town.do("Kemal", begin_meeting)
    case = town.starts(sop="dinas-sk")
    town.do("Bagus", complete_task, town.task(case).id)
    kemal = town.person_id("Kemal")
    town.run(lambda work: tell(work, work.session.get_one(PersonRow, kemal), CaseFinished(case)))
    assert [row.notice for row in town.rows(OutboxRow) if row.state == Delivery.FOLDED] == ["TaskCard", "CaseFinished"]
    town.at = MONDAY
    _settle(town)
    assert [row.state for row in town.rows(OutboxRow) if row.notice == "CaseFinished"] == [Delivery.HELD]
    arrived = [mail for mail in town.deliver() if mail.to == "Kemal" and town.case(case).code in mail.text]
    assert len(arrived) == 1
    town.run(fire_briefs)
    assert not [mail for mail in town.deliver() if "seluruh langkah selesai" in mail.text]


def test_a_card_that_had_not_gone_out_goes_out_once(town: Town) -> None:
    case = town.rows(CaseRow)[0]
    town.do("Sinta", complete_task, town.task(case.id).id)
    _settle(town)
    arrived = town.deliver()
    new = [mail for mail in arrived if mail.edits is None and mail.to in {"Bagus", "Endah"} and mail.buttons]
    assert sorted(mail.to for mail in new) == ["Bagus", "Endah"]
    # The card of the step that was done was to be edited: that is made up for as well.
    assert [mail.edits is not None for mail in arrived if mail.to == "Sinta"] == [True]


def test_the_sekretariat_is_told_once_since_when_acts_are_missing(town: Town) -> None:
    town.joins("Sari", "sekretariat", office="badan")
    town.deliver()
    _settle(town)
    told = [mail for mail in town.deliver() if "dipulihkan dari cadangan" in mail.text]
    assert sorted(mail.to for mail in told) == ["Sari", "Yosef"]
    assert all("Jumat, 13 Nov 17.00 WIB" in mail.text for mail in told if mail.to == "Sari")
    [row] = town.rows(RestorationRow)
    assert (row.backup_at, row.restored_at) == (FRIDAY, MONDAY)


def test_at_night_the_sekretariat_is_told_in_the_morning(town: Town) -> None:
    town.at = MONDAY + timedelta(hours=12)
    _settle(town)
    assert "Sari" not in {mail.to for mail in town.deliver()}
    town.at = MONDAY + timedelta(hours=23)
    assert "Sari" in {mail.to for mail in town.deliver()}


def test_numbers_of_cases_that_the_backup_does_not_know_are_not_given_again(town: Town) -> None:
    _settle(town)
    town.starts(title="Berkas baru")
    town.starts("Yosef", "badan-pk")
    assert [row.code for row in town.rows(CaseRow)] == ["PK-2026-001", "PK-2026-102", "PK-2026-101"]


def test_numbers_begin_above_those_of_the_replaced_database_and_every_jump_is_written_down(town: Town) -> None:
    """The same backup restored once more: its gap alone would lead to the numbers given after the first time."""
    replaced = {("dinas", "PK", 2026): 102, ("badan", "PK", 2026): 7, ("dinas", "LAMA", 2025): 3, ("x", "PK", 2026): 9}
    settled = town.run(settle, FRIDAY, gap=GAP, replaced=replaced)
    assert settled.numbers_known
    town.starts(title="Berkas baru")
    town.starts("Yosef", "badan-pk")
    assert [row.code for row in town.rows(CaseRow)] == ["PK-2026-001", "PK-2026-103", "PK-2026-101"]
    [row] = town.rows(RestorationRow)
    jumps = {(jump["office"], jump["abbreviation"], jump["year"]): (jump["from"], jump["to"]) for jump in row.jumps}
    assert {key: jump for key, jump in jumps.items() if key[1] != "SK"} == {
        ("dinas", "PK", 2026): (1, 102),
        ("badan", "PK", 2026): (0, 100),
        ("dinas", "LAMA", 2025): (0, 3),
    }
    assert not _settle(town).numbers_known


def test_numbers_jump_in_the_new_year_too_when_the_backup_is_of_the_old_one(town: Town) -> None:
    town.at = datetime(2027, 1, 4, 2, tzinfo=UTC)
    _settle(town, datetime(2026, 12, 31, 16, tzinfo=UTC))  # 23.00 WIB, but 01.00 of the new year in WIT
    town.starts(title="Berkas baru")
    town.starts("Yosef", "badan-pk")
    assert [row.code for row in town.rows(CaseRow)][1:] == ["PK-2027-101", "PK-2027-101"]


def test_an_update_from_before_the_backup_that_telegram_brings_again_is_recognised(staffed: Town) -> None:
    """Telegram's queue is younger than the backup: what was dealt with then is known still."""
    staffed.says("Sari", "/mulai dinas-pk Berkas", update_id=77)
    _settle(staffed)
    staffed.says("Sari", "/mulai dinas-pk Berkas", update_id=77)
    assert len(staffed.rows(CaseRow)) == 1
    staffed.says("Sari", "/mulai dinas-pk Berkas", update_id=78)
    assert len(staffed.rows(CaseRow)) == 2


def _belongings(work: Work) -> None:
    later = work.at + timedelta(hours=1)
    work.session.merge(ChatRow(id=7000, lease_owner="x", lease_until=later, blocked_until=later, moved_to=-5))
    work.session.add(SendSlotRow(bot_id=1, number=1, free_at=later))
    work.session.add(FloodRow(telegram_id=7000, level=9.0, at=work.at))


@pytest.mark.parametrize("how", ["settled", "moved"])
def test_what_belonged_to_processes_of_then_is_gone_but_where_a_group_moved_to_is_kept(town: Town, how: str) -> None:
    town.run(_belongings)
    if how == "settled":
        _settle(town)
    else:
        town.run(move)
    chat = next(row for row in town.rows(ChatRow) if row.id == 7000)
    assert (chat.lease_owner, chat.lease_until, chat.blocked_until, chat.moved_to) == (None, None, None, -5)
    assert not town.rows(SendSlotRow)
    assert not town.rows(FloodRow)


def test_menu_buttons_are_told_anew_for_who_left_after_the_backup_shows_none_any_more(town: Town) -> None:
    town.run(note_buttons, 1, "https://bot.example/papan/", given={7000}, taken=())
    _settle(town)
    assert town.run(chats_given, 1) == {7000: ""}, "not forgotten either: it may have to be taken away"


def test_a_database_that_was_only_moved_goes_on_where_it_stood(town: Town) -> None:
    case = town.rows(CaseRow)[0]
    town.do("Sinta", complete_task, town.task(case.id).id)
    waiting = town.told()
    town.run(_start_sending)
    town.run(move)
    assert (town.told(), town.rows(RestorationRow)) == (waiting, [])
    assert _states(town) <= {Delivery.SENT, Delivery.PENDING, Delivery.DROPPED}
    assert town.deliver()
    town.starts(title="Berkas baru")
    assert town.rows(CaseRow)[-1].code == "PK-2026-002"


def _start_sending(work: Work) -> None:
    for row in work.session.query(OutboxRow).filter_by(state=Delivery.PENDING):
        row.state = Delivery.SENDING
