"""Plh and Plt: authority by the dates alone, desks at the opening, once, and every refusal before anything changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from bot.domain.notices import (
    HeldByOthers,
    HoldingOver,
    NotAllowed,
    StandinRefused,
    StandinSet,
    StrategicOnly,
    TaskOver,
)
from bot.domain.posts import Fault, HoldingKind
from bot.domain.sop import Zone
from bot.services import roster
from bot.services.changeovers import changeovers
from bot.services.complete_task import complete_task
from bot.services.find import my_task
from bot.services.forget import forget
from bot.services.holdings import appoint, remove_holding
from bot.services.people import ensure_person
from bot.services.remind import next_wake
from bot.services.standins import Wish, appoint_standin
from bot.services.work import Work
from bot.store import queries
from bot.store.tables import EventRow, HoldingRow, PersonRow
from tests.services.conftest import BADAN_PK, PK, SK, Town, library, wib

if TYPE_CHECKING:
    from bot.domain.notices import Notice

ONE_DATABASE = pytest.mark.parametrize("lasting_store", ["sqlite"], indirect=True)  # what they show depends on none
NOVEMBER = {day: date(2026, 11, day) for day in range(1, 31)}
MONDAY, TUESDAY, WEDNESDAY, FRIDAY, SATURDAY, SUNDAY = (NOVEMBER[day] for day in (9, 10, 11, 13, 14, 15))


def wish(town: Town, absent: str, post: str, standin: str, *days: date | None) -> Wish:
    """Return that somebody stands in for somebody else of the first office, from one day to another."""
    return Wish("dinas", post, town.holding(absent, post), town.person_id(standin), first=days[0], last=days[1])


def plh(town: Town, absent: str, post: str, standin: str, *days: date) -> int:
    """Let the sekretariat set a Plh; returns its holding."""
    answer = town.do("Sari", appoint_standin, wish(town, absent, post, standin, *days))
    assert isinstance(answer, StandinSet)
    return answer.holding_id


def holders(town: Town, post: str, *, strategic: bool = False) -> list[str]:
    """Return who may act for a post now."""
    people = town.store.run_now(queries.holders_of, "dinas", [post], town.at, strategic=strategic)
    return [town.name(person.account) for person in people]


def row(town: Town, holding_id: int) -> HoldingRow:
    """Return a holding as it stands."""
    return town.store.run_now(lambda session: session.get_one(HoldingRow, holding_id))


def signing(town: Town) -> int:
    """Return a case that waits for Kemal's signature, its cards delivered."""
    case = town.starts("Sari", "dinas-sk")
    town.do("Bagus", complete_task, town.task(case).id)
    town.deliver()
    return case


# --- authority --------------------------------------------------------------------------------


def test_authority_passes_at_local_midnight_and_comes_back_at_the_midnight_after_the_last_day(staffed: Town) -> None:
    plh(staffed, "Kemal", "kepala", "Rini", TUESDAY, WEDNESDAY)
    second = timedelta(seconds=1)
    for moment, expected in (
        (wib(10, 0) - second, ["Kemal"]),
        (wib(10, 0), ["Rini"]),
        (wib(12, 0) - second, ["Rini"]),
        (wib(12, 0), ["Kemal"]),
    ):
        staffed.at = moment
        assert holders(staffed, "kepala") == expected


@pytest.mark.parametrize(("zone", "midnight"), [(Zone.WIB, 17), (Zone.WITA, 16), (Zone.WIT, 15)])
def test_midnight_is_the_office_s_own(town: Town, zone: Zone, midnight: int) -> None:
    pk = replace(PK, office=replace(PK.office, zone=zone))
    town.library = library(pk, replace(SK, office=pk.office), BADAN_PK)
    town.staff()
    held = row(town, plh(town, "Kemal", "kepala", "Rini", TUESDAY, TUESDAY))
    assert held.since == datetime(2026, 11, 9, midnight, tzinfo=UTC)
    assert held.until == datetime(2026, 11, 10, midnight, tzinfo=UTC)
    # The office opens at 07.30 on its own wall.
    assert held.moves_at == held.since + timedelta(hours=7, minutes=30)


@ONE_DATABASE
def test_the_log_tells_who_acted_as_plh(staffed: Town) -> None:
    case = signing(staffed)
    plh(staffed, "Kemal", "kepala", "Rini", MONDAY, TUESDAY)
    assert staffed.refused("Kemal", complete_task, staffed.task(case).id) == HeldByOthers(case)
    staffed.do("Rini", complete_task, staffed.task(case).id)
    done = [event for event in staffed.rows(EventRow) if event.kind == "PartDone"][-1]
    assert (done.data["posts"], done.data["standin"]) == (["kepala"], ["kepala"])


# --- desks ------------------------------------------------------------------------------------


def test_desks_move_at_the_opening_and_both_are_told_once(staffed: Town) -> None:
    case = signing(staffed)
    plh(staffed, "Kemal", "kepala", "Rini", TUESDAY, WEDNESDAY)
    staffed.deliver()
    mark = staffed.mark()
    for moment in (wib(10, 0, 1), wib(10, 7, 29)):
        staffed.at = moment
        assert staffed.run(changeovers) == 0
    assert staffed.told(mark) == {}
    staffed.at = wib(10, 7, 30)
    assert staffed.run(changeovers) == 1
    assert staffed.run(changeovers) == 0
    assert staffed.told(mark) == {("Rini", "TaskCard"): 1, ("Rini", "StandinBegan"): 1, ("Kemal", "StandinBegan"): 1}
    mail = staffed.deliver()
    told = {item.to: item.text for item in mail if item.edits is None and "bertugas sebagai" in item.text}
    assert staffed.case(case).code in told["Rini"]
    assert staffed.case(case).code in told["Kemal"]
    (moved,) = (item for item in mail if item.to == "Kemal" and item.edits is not None)
    assert "Rini (Plh. Kepala Dinas)" in moved.text
    assert moved.buttons == ()


def test_desks_come_back_at_the_opening_after_the_last_day(staffed: Town) -> None:
    case = signing(staffed)
    plh(staffed, "Kemal", "kepala", "Rini", MONDAY, TUESDAY)
    staffed.deliver()
    mark = staffed.mark()
    staffed.at = wib(11, 7, 30)
    assert staffed.run(changeovers) == 1
    assert staffed.told(mark) == {("Kemal", "TaskCard"): 1, ("Rini", "StandinEnded"): 1, ("Kemal", "StandinEnded"): 1}
    staffed.deliver()
    staffed.do("Kemal", complete_task, staffed.task(case).id)


@ONE_DATABASE
def test_a_stand_in_from_today_begins_at_once_in_working_hours_and_else_at_the_opening(staffed: Town) -> None:
    signing(staffed)
    mark = staffed.mark()
    plh(staffed, "Kemal", "kepala", "Rini", MONDAY, MONDAY)
    assert staffed.told(mark)["Rini", "StandinBegan"] == 1
    staffed.at = wib(10, 20)
    mark = staffed.mark()
    plh(staffed, "Bagus", "kasubag", "Endah", TUESDAY, WEDNESDAY)
    assert holders(staffed, "kasubag") == ["Endah"]
    assert staffed.told(mark) == {("Endah", "StandinSet"): 1, ("Bagus", "StandinSet"): 1}


@ONE_DATABASE
def test_what_was_given_between_midnight_and_the_opening_is_not_given_twice(staffed: Town) -> None:
    plh(staffed, "Bagus", "kasubag", "Endah", TUESDAY, WEDNESDAY)
    staffed.deliver()
    staffed.at = wib(10, 5)
    staffed.starts("Sari", "dinas-sk")
    assert "Endah" in {item.to for item in staffed.deliver()}
    mark = staffed.mark()
    staffed.at = wib(10, 7, 30)
    staffed.run(changeovers)
    assert staffed.told(mark) == {("Endah", "StandinBegan"): 1, ("Bagus", "StandinBegan"): 1}


@ONE_DATABASE
def test_a_weekend_s_stand_in_rings_nobody_up(staffed: Town) -> None:
    signing(staffed)
    plh(staffed, "Kemal", "kepala", "Rini", SATURDAY, SUNDAY)
    staffed.deliver()
    mark = staffed.mark()
    for moment in (wib(14, 9), wib(16, 7, 30)):
        staffed.at = moment
        staffed.run(changeovers)
    assert {notice for _, notice in staffed.told(mark)} <= {"TaskCard"}
    assert holders(staffed, "kepala") == ["Kemal"]


@ONE_DATABASE
def test_the_program_wakes_for_both_ends(staffed: Town) -> None:
    plh(staffed, "Kemal", "kepala", "Rini", TUESDAY, FRIDAY)
    staffed.deliver()
    assert staffed.run(next_wake) == wib(10, 7, 30)
    staffed.at = wib(10, 7, 30)
    staffed.run(changeovers)
    staffed.deliver()
    assert staffed.run(next_wake) == wib(16, 7, 30)


@ONE_DATABASE
def test_where_one_stand_in_follows_another_the_desk_passes_to_the_second(staffed: Town) -> None:
    signing(staffed)
    plh(staffed, "Kemal", "kepala", "Rini", MONDAY, MONDAY)
    plh(staffed, "Kemal", "kepala", "Bagus", TUESDAY, TUESDAY)
    staffed.deliver()
    mark = staffed.mark()
    staffed.at = wib(10, 7, 30)
    assert staffed.run(changeovers) == 2
    assert staffed.told(mark)["Bagus", "TaskCard"] == 1
    assert ("Kemal", "TaskCard") not in staffed.told(mark)


def test_replicas_that_look_at_once_move_a_desk_once(staffed: Town) -> None:
    signing(staffed)
    plh(staffed, "Kemal", "kepala", "Rini", TUESDAY, WEDNESDAY)
    mark = staffed.mark()
    staffed.at = wib(10, 7, 30)
    assert sorted(map(repr, staffed.run_at_once(*[changeovers] * 4))) == ["0", "0", "0", "1"]
    assert staffed.told(mark)["Rini", "StandinBegan"] == 1
    staffed.at = wib(12, 7, 30)
    results = staffed.meanwhile(changeovers, changeovers)
    assert results == [0]
    assert staffed.told(mark)["Rini", "StandinEnded"] == 1


def test_a_post_that_nobody_holds_at_midnight_is_told_at_the_opening(staffed: Town) -> None:
    signing(staffed)
    plh(staffed, "Kemal", "kepala", "Rini", MONDAY, MONDAY)
    staffed.leaves("Kemal", "kepala")
    assert holders(staffed, "kepala") == ["Rini"]
    staffed.deliver()
    mark = staffed.mark()
    staffed.at = wib(10, 7, 30)
    staffed.run(changeovers)
    assert staffed.told(mark)["Sari", "EmptyPosts"] == 1
    (told,) = (item.text for item in staffed.deliver() if item.to == "Sari")
    assert "Kepala Dinas" in told


# --- Plt --------------------------------------------------------------------------------------


@ONE_DATABASE
def test_a_plt_fills_a_vacant_post_until_a_definitive_holder_takes_it(staffed: Town) -> None:
    case = signing(staffed)
    staffed.leaves("Kemal", "kepala")
    acting = Wish("dinas", "kepala", None, staffed.person_id("Rini"), MONDAY, None)
    staffed.do("Sari", appoint_standin, acting)
    assert holders(staffed, "kepala") == ["Rini"]
    assert staffed.refused("Rini", complete_task, 10_000) == TaskOver(0)
    mark = staffed.mark()
    staffed.joins("Umi", "kepala")
    assert holders(staffed, "kepala") == ["Umi"]
    assert staffed.told(mark) == {("Umi", "TaskCard"): 1, ("Rini", "PostLost"): 1}
    staffed.do("Umi", complete_task, staffed.task(case).id)


@ONE_DATABASE
@pytest.mark.parametrize("begun", [True, False])
def test_a_plh_whose_absent_holder_has_left_makes_way_for_a_new_definitive_one(staffed: Town, *, begun: bool) -> None:
    plh(staffed, "Kemal", "kepala", "Rini", MONDAY if begun else TUESDAY, FRIDAY)
    staffed.leaves("Kemal", "kepala")
    staffed.at += timedelta(hours=1)
    assert holders(staffed, "kepala") == (["Rini"] if begun else [])  # the desk does not stand still meanwhile
    staffed.joins("Kartika", "kepala")
    staffed.at = wib(12, 9)
    assert holders(staffed, "kepala") == ["Kartika"]


@ONE_DATABASE
def test_a_plt_who_is_appointed_definitively_holds_the_post_so(staffed: Town) -> None:
    staffed.leaves("Kemal", "kepala")
    staffed.do("Sari", appoint_standin, Wish("dinas", "kepala", None, staffed.person_id("Rini"), MONDAY, None))
    staffed.joins("Rini", "kepala")
    held = staffed.store.run_now(queries.kinds_of, staffed.person_id("Rini"), "dinas", staffed.at)
    assert held["kepala"] is HoldingKind.DEFINITIVE


# --- strategic steps --------------------------------------------------------------------------


@pytest.fixture
def strategic(town: Town) -> Town:
    """Return the office whose signature is strategic."""
    steps = (SK.steps[0], replace(SK.steps[1], strategic=True))
    town.library = library(PK, replace(SK, steps=steps), BADAN_PK)
    return town.staff()


@ONE_DATABASE
def test_a_strategic_step_stays_with_the_definitive_holder_even_from_afar(strategic: Town) -> None:
    case = signing(strategic)
    task = strategic.task(case)
    mark = strategic.mark()
    plh(strategic, "Kemal", "kepala", "Rini", MONDAY, TUESDAY)
    assert ("Rini", "TaskCard") not in strategic.told(mark)
    assert strategic.refused("Rini", complete_task, task.id) == StrategicOnly(task.id)
    code = strategic.case(case).code
    asked: Notice = strategic.refused("Rini", my_task, code, verb="done", command="selesai", text=None)
    assert asked == StrategicOnly(task.id)
    strategic.deliver()
    assert (
        strategic.run(lambda work: len(queries.open_tasks_of(work.session, strategic.person_id("Rini"), work.at))) == 0
    )
    strategic.do("Kemal", complete_task, task.id)


@ONE_DATABASE
def test_with_a_plt_alone_a_strategic_step_alerts_the_sekretariat_in_plain_words(strategic: Town) -> None:
    strategic.leaves("Kemal", "kepala")
    strategic.do("Sari", appoint_standin, Wish("dinas", "kepala", None, strategic.person_id("Rini"), MONDAY, None))
    strategic.deliver()
    case = strategic.starts("Sari", "dinas-sk")
    strategic.do("Bagus", complete_task, strategic.task(case).id)
    (alert,) = (item.text for item in strategic.deliver() if item.to == "Sari" and "definitif" in item.text)
    assert "UU 30/2014 Pasal 14" in alert


# --- ending early -----------------------------------------------------------------------------


def test_a_stand_in_ends_early_and_the_desk_is_back_at_once(staffed: Town) -> None:
    case = signing(staffed)
    holding = plh(staffed, "Kemal", "kepala", "Rini", MONDAY, FRIDAY)
    staffed.deliver()
    mark = staffed.mark()
    staffed.do("Sari", remove_holding, holding)
    assert staffed.told(mark) == {("Kemal", "TaskCard"): 1, ("Kemal", "StandinEnded"): 1, ("Rini", "PostLost"): 1}
    staffed.do("Kemal", complete_task, staffed.task(case).id)
    staffed.at = wib(16, 7, 30)
    assert staffed.run(changeovers) == 0


@ONE_DATABASE
def test_one_that_has_not_begun_is_taken_back(staffed: Town) -> None:
    holding = plh(staffed, "Kemal", "kepala", "Rini", WEDNESDAY, FRIDAY)
    staffed.do("Sari", remove_holding, holding)
    assert staffed.refused("Sari", remove_holding, holding) == HoldingOver(holding)
    staffed.at = wib(11, 7, 30)
    assert staffed.run(changeovers) == 0
    assert holders(staffed, "kepala") == ["Kemal"]
    plh(staffed, "Kemal", "kepala", "Bagus", WEDNESDAY, FRIDAY)


@ONE_DATABASE
def test_present_and_coming_stand_ins_are_listed_to_be_taken_off(staffed: Town) -> None:
    now = plh(staffed, "Kemal", "kepala", "Rini", MONDAY, FRIDAY)
    later = plh(staffed, "Bagus", "kasubag", "Endah", WEDNESDAY, FRIDAY)
    staffed.says("Sari", "/cabut")
    assert {now, later} <= set(staffed.question().about["options"])


# --- refusals ---------------------------------------------------------------------------------


@ONE_DATABASE
def test_a_refused_wish_changes_nothing_and_names_its_reason(staffed: Town) -> None:
    standing = plh(staffed, "Kemal", "kepala", "Rini", TUESDAY, WEDNESDAY)
    endah = staffed.person_id("Endah")
    wishes = {
        Fault.BACKWARD: wish(staffed, "Bagus", "kasubag", "Endah", WEDNESDAY, TUESDAY),
        Fault.PAST: wish(staffed, "Bagus", "kasubag", "Endah", NOVEMBER[8], TUESDAY),
        Fault.SELF: wish(staffed, "Bagus", "kasubag", "Bagus", TUESDAY, TUESDAY),
        Fault.OVERLAP: wish(staffed, "Kemal", "kepala", "Endah", WEDNESDAY, FRIDAY),
        Fault.STANDIN_ABSENT: wish(staffed, "Endah", "bendahara", "Kemal", TUESDAY, TUESDAY),
        Fault.ABSENT_STANDS_IN: wish(staffed, "Rini", "sekretaris", "Endah", TUESDAY, TUESDAY),
        Fault.NOT_VACANT: Wish("dinas", "kasubag", None, endah, TUESDAY, None),
        Fault.ENDLESS: Wish("dinas", "kasubag", staffed.holding("Bagus", "kasubag"), endah, TUESDAY, None),
    }
    for fault, unfit in wishes.items():
        notice = staffed.refused("Sari", appoint_standin, unfit)
        assert isinstance(notice, StandinRefused)
        assert notice.why == fault
        assert notice.holding_id in {0, standing, staffed.holding("Bagus", "kasubag")}


@ONE_DATABASE
def test_whoever_telegram_does_not_reach_cannot_stand_in(staffed: Town) -> None:
    staffed.run(lambda work: setattr(work.session.get_one(PersonRow, _id(work, staffed)), "unreachable_since", work.at))
    unfit = wish(staffed, "Kemal", "kepala", "Rini", TUESDAY, TUESDAY)
    notice = staffed.refused("Sari", appoint_standin, unfit)
    assert notice == StandinRefused("unreachable", person_id=unfit.person_id)


def _id(work: Work, town: Town) -> int:
    return ensure_person(work, town.ids["Rini"], "Rini").id


@ONE_DATABASE
def test_only_the_office_s_own_sekretariat_appoints(staffed: Town) -> None:
    fit = wish(staffed, "Kemal", "kepala", "Rini", TUESDAY, TUESDAY)
    assert staffed.refused("Kemal", appoint_standin, fit) == NotAllowed("secretariat")
    assert not isinstance(staffed.refused("Yosef", appoint_standin, fit), StandinSet)


def test_two_monitors_who_set_the_same_absence_at_once_set_one(staffed: Town) -> None:
    staffed.joins("Umi", "sekretariat")
    first = wish(staffed, "Kemal", "kepala", "Rini", TUESDAY, WEDNESDAY)
    second = wish(staffed, "Kemal", "kepala", "Bagus", WEDNESDAY, FRIDAY)
    (result,) = staffed.meanwhile(
        staffed.as_("Sari", appoint_standin, first), staffed.as_("Umi", appoint_standin, second), patience=0.5
    )
    assert getattr(result, "notice", None) is not None
    assert [held.kind for held in staffed.rows(HoldingRow)].count(HoldingKind.STANDIN) == 1


# --- beside periods ---------------------------------------------------------------------------


def test_who_is_forgotten_stands_in_no_more_and_the_desk_is_back(staffed: Town) -> None:
    case = signing(staffed)
    plh(staffed, "Kemal", "kepala", "Rini", MONDAY, FRIDAY)
    plh(staffed, "Bagus", "kasubag", "Rini", WEDNESDAY, FRIDAY)
    staffed.deliver()
    mark, rini = staffed.mark(), staffed.person_id("Rini")
    staffed.run(forget, rini)
    assert ("Kemal", "TaskCard") in staffed.told(mark)
    staffed.do("Kemal", complete_task, staffed.task(case).id)
    staffed.at = wib(11, 9)
    assert holders(staffed, "kasubag") == ["Bagus"]


@ONE_DATABASE
def test_the_roster_is_of_definitive_holders_alone(staffed: Town) -> None:
    before = staffed.run(roster.export_roster)
    plh(staffed, "Kemal", "kepala", "Rini", MONDAY, FRIDAY)
    assert staffed.run(roster.export_roster) == before
    table = f"instansi,jabatan,telegram_id,nama\ndinas,kepala,{staffed.ids['Rini']},Rini\n"
    assert staffed.run(roster.import_roster, table.encode()).added == 1
    held = staffed.store.run_now(queries.kinds_of, staffed.person_id("Rini"), "dinas", staffed.at)
    assert held["kepala"] is HoldingKind.DEFINITIVE


@ONE_DATABASE
def test_a_second_holder_goes_on_acting_while_the_first_is_absent(staffed: Town) -> None:
    staffed.run(lambda work: appoint(work, ensure_person(work, staffed.stranger("Bowo"), "Bowo"), "dinas", "staf"))
    case = staffed.starts()
    plh(staffed, "Sinta", "staf", "Endah", MONDAY, TUESDAY)
    assert holders(staffed, "staf") == ["Endah", "Bowo"]
    staffed.do("Bowo", complete_task, staffed.task(case).id)
