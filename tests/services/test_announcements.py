"""Who is told what: everybody concerned, once, and nobody at night."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.reject_task import reject_task
from bot.services.start_case import start_case
from bot.store.tables import CardRow
from tests.services.conftest import PK, Mail, Town, wib


def texts(mail: list[Mail]) -> dict[str, str]:
    """Return the text that each person got; fails where somebody got two."""
    assert max(Counter(item.to for item in mail).values(), default=0) < 2, mail
    return {item.to: item.text for item in mail}


def new(mail: list[Mail]) -> list[Mail]:
    """Return the new messages, without the edits."""
    return [item for item in mail if item.edits is None]


# --- cards ----------------------------------------------------------------------------------


def test_every_holder_of_every_post_of_a_step_gets_its_card_once(staffed: Town) -> None:
    staffed.joins("Bowo", "bendahara")
    case = staffed.starts()
    mark = staffed.mark()
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    assert staffed.told(mark) == {(who, "TaskCard"): 1 for who in ("Bagus", "Endah", "Bowo")}


def test_who_holds_two_posts_of_a_step_gets_one_card_and_reports_for_both(staffed: Town) -> None:
    staffed.joins("Bagus", "bendahara")
    case = staffed.starts()
    mark = staffed.mark()
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    assert staffed.told(mark) == {("Bagus", "TaskCard"): 1, ("Endah", "TaskCard"): 1}
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    staffed.holds(case, 4)


def test_who_takes_a_second_post_of_the_step_while_the_card_is_on_its_way_gets_one(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.joins("Bagus", "bendahara")
    assert sorted(mail.to for mail in new(staffed.deliver())) == ["Bagus", "Endah"]


def test_a_card_is_edited_to_the_truth_when_its_task_ends(staffed: Town) -> None:
    case = staffed.starts()
    first = next(mail for mail in staffed.deliver() if mail.to == "Sinta")
    task = staffed.task(case)
    assert {button.split(":")[1] for button in first.buttons} == {"done", "accept", "more"}
    staffed.do("Sinta", complete_task, task.id, "sudah rapi")
    edited = [mail for mail in staffed.deliver() if mail.edits == first.message_id]
    assert [(mail.to, mail.buttons) for mail in edited] == [("Sinta", (f"1:undo:{task.id}",))]
    assert "sudah rapi" not in first.text


def test_who_has_reported_their_part_sees_whom_the_step_waits_for(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    staffed.deliver()
    staffed.do("Bagus", complete_task, task.id)
    edits = {mail.to: mail for mail in staffed.deliver()}
    assert set(edits) == {"Bagus", "Endah"}
    assert "Endah" in edits["Bagus"].text
    assert edits["Bagus"].buttons == (f"1:undo:{task.id}",)
    assert edits["Endah"].buttons != ()


def test_several_changes_before_delivery_are_one_edit(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    staffed.deliver()
    staffed.do("Bagus", complete_task, task.id)
    staffed.do("Endah", reject_task, task.id, "angka salah")
    edits = [mail for mail in staffed.deliver() if mail.edits is not None]
    assert sorted(mail.to for mail in edits) == ["Bagus", "Endah"]
    assert all("angka salah" in mail.text for mail in edits)


def test_a_second_round_is_a_new_card(staffed: Town) -> None:
    case = staffed.starts()
    staffed.deliver()
    task = staffed.to_step(case, 2)
    staffed.deliver()
    staffed.do("Endah", reject_task, task.id, "angka salah")
    (card,) = (mail for mail in new(staffed.deliver()) if mail.to == "Sinta")
    assert "angka salah" in card.text
    assert "Endah" in card.text
    assert len({row.message_id for row in staffed.rows(CardRow) if row.message_id}) == 4


# --- rejections -----------------------------------------------------------------------------


def test_a_rejection_is_told_to_the_sekretariat_and_all_whose_report_it_undid_and_the_target_reads_it_on_the_card(
    staffed: Town,
) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 4)
    staffed.deliver()
    staffed.do("Rini", reject_task, task.id, "target belum diisi")
    mail = staffed.deliver()
    undo = (f"1:undo:{task.id}",)
    assert {item.to: item.buttons for item in mail if item.edits} == {"Bagus": (), "Rini": undo}
    told = texts(new(mail))
    assert set(told) == {"Sinta", "Bagus", "Endah", "Sari"}
    assert all("target belum diisi" in text for text in told.values())


def test_a_rejection_to_a_later_step_does_not_bother_those_before_it(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 5)
    mark = staffed.mark()
    staffed.do("Kemal", reject_task, task.id, "salah ketik")
    assert staffed.told(mark) == {
        ("Rini", "TaskCard"): 1,  # reported on the target, and holds it
        ("Bagus", "TaskCard"): 1,  # holds the target
        ("Sari", "RejectionTold"): 1,
    }


def test_a_rejection_undoes_the_part_a_colleague_has_reported_and_tells_them(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    staffed.do("Bagus", complete_task, task.id)
    mark = staffed.mark()
    staffed.do("Endah", reject_task, task.id, "angka salah")
    assert staffed.told(mark) == {
        ("Sinta", "TaskCard"): 1,
        ("Bagus", "RejectionTold"): 1,
        ("Sari", "RejectionTold"): 1,
    }


def test_a_sekretariat_who_rejects_or_holds_the_target_is_not_told_twice(staffed: Town) -> None:
    staffed.joins("Sari", "bendahara", "staf")
    case = staffed.starts()
    task = staffed.to_step(case, 2)
    mark = staffed.mark()
    staffed.do("Sari", reject_task, task.id, "angka salah")
    assert staffed.told(mark) == {("Sinta", "TaskCard"): 1, ("Sari", "TaskCard"): 1}


# --- the end --------------------------------------------------------------------------------


def test_the_end_is_told_to_the_starter_to_all_who_held_a_task_and_to_the_sekretariat(staffed: Town) -> None:
    staffed.joins("Bowo", "staf")  # held the first task, did nothing on it
    staffed.joins("Umi", "sekretariat")
    case = staffed.starts("Sinta")
    staffed.finish(case)
    ending = [row for row in staffed.queued() if row.notice == "CaseFinished"]
    assert Counter(row.to for row in ending) == Counter(
        ("Sari", "Umi", "Sinta", "Bowo", "Bagus", "Endah", "Rini")
    )  # Kemal, who ended it, is answered directly
    code = staffed.case(case).code
    told = [mail for mail in new(staffed.deliver()) if code in mail.text and "selesai" in mail.text.lower()]
    assert {row.to for row in ending} <= {mail.to for mail in told}


def test_a_starter_who_has_left_hears_of_the_end(staffed: Town) -> None:
    staffed.joins("Bowo", "staf")
    case = staffed.starts("Bowo")
    staffed.leaves("Bowo", "staf")
    mark = staffed.mark()
    staffed.finish(case)
    assert staffed.told(mark)["Bowo", "CaseFinished"] == 1


def test_a_starter_who_held_no_task_and_is_no_sekretariat_any_more_hears_of_the_end(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    case = staffed.starts("Umi")
    staffed.leaves("Umi", "sekretariat")
    mark = staffed.mark()
    staffed.finish(case)
    assert staffed.told(mark)["Umi", "CaseFinished"] == 1


def test_a_cancellation_is_told_to_all_who_took_part_and_the_card_loses_its_buttons(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    case = staffed.starts("Sinta")
    task = staffed.to_step(case, 2)
    staffed.deliver()
    mark = staffed.mark()
    staffed.do("Umi", cancel_case, case, "salah tekan")
    assert staffed.told(mark) == {(who, "CaseCancelled"): 1 for who in ("Sinta", "Sari", "Bagus", "Endah")}
    delivered = staffed.deliver()
    edits = [mail for mail in delivered if mail.edits is not None]
    assert sorted(mail.to for mail in edits) == ["Bagus", "Endah"]
    assert all(mail.buttons == () and "salah tekan" in mail.text for mail in delivered), task.id


# --- at night -------------------------------------------------------------------------------

EVENING, OPENING = wib(9, 19), wib(10, 7, 30)


@pytest.mark.parametrize(("at", "silent"), [(wib(9, 9), False), (EVENING, True), (wib(14, 10), True)])
def test_a_colleague_s_card_comes_at_once_but_without_a_sound_outside_working_time(
    staffed: Town, at: datetime, silent: bool
) -> None:
    staffed.at = at
    mark = staffed.mark()
    staffed.starts()
    (card,) = staffed.queued(mark)
    (mail,) = staffed.deliver()
    assert (card.to, card.not_before) == ("Sinta", at)
    assert (mail.to, mail.silent) == ("Sinta", silent)


def test_one_s_own_card_rings_at_any_time(staffed: Town) -> None:
    staffed.at = EVENING
    staffed.starts("Sinta")
    assert [(mail.to, mail.silent) for mail in staffed.deliver()] == [("Sinta", False)]


def test_a_card_that_an_outage_carried_into_the_night_comes_without_a_sound(staffed: Town) -> None:
    staffed.starts()
    staffed.at = EVENING
    assert [(mail.to, mail.silent) for mail in staffed.deliver()] == [("Sinta", True)]


@pytest.mark.parametrize("at", [wib(9, 9), EVENING])
def test_rejections_and_bad_endings_ring_by_day_and_a_good_one_for_who_waits_for_it(
    staffed: Town, at: datetime
) -> None:
    rejected, finished, cancelled = (staffed.starts() for _ in range(3))
    task, last = staffed.to_step(rejected, 2), staffed.to_step(finished, 5)
    staffed.deliver()
    staffed.at = at
    mark = staffed.mark()
    staffed.do("Endah", reject_task, task.id, "angka salah")
    staffed.do("Kemal", complete_task, last.id)
    staffed.do("Sari", cancel_case, cancelled, "salah tekan")
    told = [row for row in staffed.queued(mark) if not row.edit]
    assert {row.notice for row in told} == {"TaskCard", "RejectionTold", "CaseFinished", "CaseCancelled"}
    new = [mail for mail in staffed.deliver() if mail.edits is None]
    end = [mail for mail in new if "sudah <b>selesai</b>" in mail.text]
    assert {mail.to for mail in end} > {"Sari"}
    assert [mail.to for mail in end if not mail.silent] == (["Sari"] if at != EVENING else [])
    assert {mail.silent for mail in new if mail not in end} == {at == EVENING}


# --- posts that nobody holds ----------------------------------------------------------------


def test_a_case_starts_although_nobody_holds_the_post_and_monitors_hear_of_it_when_work_begins(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    staffed.leaves("Sinta", "staf")
    staffed.deliver()
    staffed.at = EVENING
    mark = staffed.mark()
    case = staffed.starts("Sari")
    alerts = {row.to: row.not_before for row in staffed.queued(mark)}
    assert alerts == {"Sari": EVENING, "Umi": OPENING}
    assert staffed.task(case).due_at == wib(10, 9, 30)
    assert [mail.to for mail in staffed.deliver()] == ["Sari"]
    staffed.at = OPENING - timedelta(seconds=1)
    assert staffed.deliver() == []
    staffed.at = OPENING
    (alert,) = staffed.deliver()
    assert (alert.to, alert.silent) == ("Umi", False)
    assert "Staf" in alert.text


def test_an_alert_about_an_empty_post_is_not_sent_once_somebody_has_taken_it(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    staffed.leaves("Sinta", "staf")
    staffed.at = EVENING
    staffed.starts("Sari")
    staffed.deliver()
    staffed.joins("Bowo", "staf")
    assert [mail.to for mail in staffed.deliver()] == ["Bowo"]
    staffed.at = OPENING
    assert staffed.deliver() == []


def test_one_empty_post_of_two_is_reported_and_the_other_s_holder_gets_the_card(staffed: Town) -> None:
    staffed.leaves("Endah", "bendahara")
    case = staffed.starts()
    mark = staffed.mark()
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    assert staffed.told(mark) == {("Bagus", "TaskCard"): 1, ("Sari", "EmptyPosts"): 1}
    mark = staffed.mark()
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    staffed.joins("Bowo", "bendahara")
    assert staffed.told(mark) == {("Bowo", "TaskCard"): 1}
    staffed.do("Bowo", complete_task, staffed.task(case).id)
    staffed.holds(case, 4)


def test_an_office_without_any_sekretariat_can_still_work(town: Town) -> None:
    town.joins("Sinta", "staf")
    town.do("Sinta", start_case, PK, None)
    assert town.told() == {("Sinta", "TaskCard"): 1}
