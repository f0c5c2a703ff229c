"""A post passes from one person to another, with all that is open; and who of several holders is at a task."""

from __future__ import annotations

from datetime import date

import pytest

from bot.domain.notices import (
    ClaimTold,
    HoldingOver,
    InvitationAccepted,
    InvitationLink,
    NotAllowed,
    NotClaimed,
    PostMoved,
)
from bot.services.claims import claim_task, release_task
from bot.services.complete_task import complete_task
from bot.services.invitations import accept, code_of, invite
from bot.services.mutations import move_post
from bot.services.standins import Wish, appoint_standin
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import EventRow, InvitationRow, TaskPostRow
from tests.services.conftest import Town, wib

ONE_DATABASE = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)  # what they show depends on none
MONDAY, TUESDAY = date(2026, 11, 9), date(2026, 11, 10)


def holders(town: Town, post: str) -> list[str]:
    """Return who may act for a post now."""
    people = town.store.run_now(queries.holders_of, "dinas", [post], town.at)
    return [town.name(person.account) for person in people]


# --- mutasi -----------------------------------------------------------------------------------


def test_a_post_moves_with_its_open_tasks_and_one_list_goes_to_both(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    first, second = staffed.starts(), staffed.starts()
    staffed.deliver()
    mark, holding = staffed.mark(), staffed.holding("Sinta", "staf")
    answer = staffed.do("Sari", move_post, holding, staffed.person_id("Endah"))
    assert isinstance(answer, PostMoved)
    assert holders(staffed, "staf") == ["Endah"]
    assert staffed.told(mark) == {
        ("Endah", "TaskCard"): 2,
        ("Endah", "Handover"): 1,
        ("Sinta", "Handover"): 1,
        ("Umi", "PostMoved"): 1,
    }
    lists = {item.to: item.text for item in staffed.deliver() if "serah terima" in item.text and item.to != "Umi"}
    assert lists.keys() == {"Sinta", "Endah"}
    for case in (first, second):
        assert all(staffed.case(case).code in text for text in lists.values())
        staffed.do("Endah", complete_task, staffed.task(case).id)


def test_the_former_holder_keeps_the_post_until_the_link_is_used(staffed: Town) -> None:
    case = staffed.starts()
    holding = staffed.holding("Sinta", "staf")
    link = staffed.do("Sari", invite, "dinas", "staf", replaces=holding)
    assert isinstance(link, InvitationLink)
    assert holders(staffed, "staf") == ["Sinta"]
    code = staffed.run(lambda work: code_of(work, work.session.get_one(InvitationRow, link.invitation_id)))
    assert code
    staffed.deliver()
    mark = staffed.mark()
    staffed.stranger("Bowo")
    assert isinstance(staffed.do("Bowo", accept, code), InvitationAccepted)
    assert holders(staffed, "staf") == ["Bowo"]
    assert staffed.told(mark) == {
        ("Bowo", "TaskCard"): 1,
        ("Bowo", "Handover"): 1,
        ("Sinta", "Handover"): 1,
        ("Sari", "PostMoved"): 1,
    }
    staffed.do("Bowo", complete_task, staffed.task(case).id)


@ONE_DATABASE
def test_a_link_whose_post_has_moved_meanwhile_still_lets_in(staffed: Town) -> None:
    link = staffed.do("Sari", invite, "dinas", "staf", replaces=staffed.holding("Sinta", "staf"))
    assert isinstance(link, InvitationLink)
    code = staffed.run(lambda work: code_of(work, work.session.get_one(InvitationRow, link.invitation_id)))
    staffed.leaves("Sinta", "staf")
    staffed.stranger("Bowo")
    assert code
    staffed.do("Bowo", accept, code)
    assert holders(staffed, "staf") == ["Bowo"]


def test_a_stand_in_for_the_former_holder_ends_with_the_move(staffed: Town) -> None:
    kemal = staffed.holding("Kemal", "kepala")
    for standin, first in (("Rini", MONDAY), ("Bagus", TUESDAY)):
        staffed.do("Sari", appoint_standin, Wish("dinas", "kepala", kemal, staffed.person_id(standin), first, first))
    mark = staffed.mark()
    staffed.do("Sari", move_post, kemal, staffed.person_id("Endah"))
    assert holders(staffed, "kepala") == ["Endah"]
    assert staffed.told(mark)["Rini", "PostLost"] == staffed.told(mark)["Bagus", "PostLost"] == 1
    staffed.at = wib(10, 9)
    assert holders(staffed, "kepala") == ["Endah"]


def test_two_who_move_one_post_at_once_move_it_once(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    holding = staffed.holding("Sinta", "staf")
    first, second = staffed.person_id("Endah"), staffed.person_id("Bagus")
    (result,) = staffed.meanwhile(
        staffed.as_("Sari", move_post, holding, first), staffed.as_("Umi", move_post, holding, second)
    )
    assert isinstance(result, Refusal)
    assert result.notice == HoldingOver(holding)
    assert holders(staffed, "staf") == ["Endah"]


@ONE_DATABASE
def test_only_the_sekretariat_moves_a_post(staffed: Town) -> None:
    refused = staffed.refused("Kemal", move_post, staffed.holding("Sinta", "staf"), staffed.person_id("Endah"))
    assert refused == NotAllowed("secretariat")


# --- ambil and lepas --------------------------------------------------------------------------


def _shared(town: Town) -> int:
    """Return a case that waits for staf, which Sinta and Bowo hold."""
    town.joins("Bowo", "staf")
    case = town.starts()
    town.deliver()
    return case


def _claimer(town: Town, case: int) -> str | None:
    """Return who has claimed the case's open task, whether that counts or not."""
    (post,) = (row for row in town.rows(TaskPostRow) if row.task_id == town.task(case).id)
    people = {town.person_id(who): who for who in ("Sinta", "Bowo")}
    return people.get(post.claimed_by or 0)


@ONE_DATABASE
def test_who_takes_a_shared_task_is_named_on_the_others_cards(staffed: Town) -> None:
    case = _shared(staffed)
    task = staffed.task(case).id
    assert staffed.do("Sinta", claim_task, task) == ClaimTold(task)
    cards = {item.to: item for item in staffed.deliver()}
    assert "Sedang dikerjakan oleh Sinta." in cards["Bowo"].text
    assert any(":claim:" in button for button in cards["Bowo"].buttons)
    assert any(":release:" in button for button in cards["Sinta"].buttons)
    staffed.do("Bowo", claim_task, task)
    assert _claimer(staffed, case) == "Bowo"
    assert staffed.refused("Sinta", release_task, task) == NotClaimed(task)
    staffed.do("Bowo", release_task, task)
    assert _claimer(staffed, case) is None
    staffed.do("Sinta", complete_task, task)


@ONE_DATABASE
def test_a_second_press_claims_nothing_twice(staffed: Town) -> None:
    case = _shared(staffed)
    for _ in range(2):
        staffed.do("Sinta", claim_task, staffed.task(case).id)
    assert [event.kind for event in staffed.rows(EventRow)].count("TaskClaimed") == 1


@ONE_DATABASE
def test_who_alone_holds_a_post_is_offered_nothing_to_take(staffed: Town) -> None:
    staffed.starts()
    (card,) = staffed.deliver()
    assert not any(":claim:" in button for button in card.buttons)


def _heard(town: Town, at: tuple[int, ...]) -> list[str]:
    return sorted(item.to for item in town.fire(wib(9, *at)))


def test_early_and_late_reminders_go_to_whoever_is_at_it_and_that_time_is_up_to_all(staffed: Town) -> None:
    case = _shared(staffed)
    staffed.do("Sinta", claim_task, staffed.task(case).id)
    staffed.deliver()
    assert _heard(staffed, (9, 36)) == ["Sinta"]
    assert _heard(staffed, (10, 0)) == ["Bowo", "Sari", "Sinta"]
    assert "Bowo" not in _heard(staffed, (11, 0))


def test_the_claim_of_somebody_who_is_absent_or_has_left_does_not_count(staffed: Town) -> None:
    case = _shared(staffed)
    staffed.do("Sinta", claim_task, staffed.task(case).id)
    sinta = staffed.holding("Sinta", "staf")
    staffed.do("Sari", appoint_standin, Wish("dinas", "staf", sinta, staffed.person_id("Endah"), MONDAY, MONDAY))
    edits = {item.to: item for item in staffed.deliver() if item.edits is not None}
    assert "Sedang dikerjakan" not in edits["Bowo"].text
    assert _heard(staffed, (9, 36)) == ["Bowo", "Endah"]
