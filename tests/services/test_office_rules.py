"""Changing what an office has set: what moves, who hears of it, and who wins where several do."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import TYPE_CHECKING

import pytest

from bot.domain.budget import Budget, Unit
from bot.domain.events import DeadlineMoved
from bot.domain.notices import ConfirmSettings, SettingsChanged
from bot.domain.office_rules import SIX_DAYS, Ladders, OfficeRules, QuietHours, patch_between
from bot.domain.reminders import Audience, EarlyRung, Ladder, ReminderKind
from bot.domain.worktime import DayException, DayKind
from bot.services.auditor import audit_cases
from bot.services.change_rules import Applied, RulesRefusedError, apply_patch, apply_rules, preview
from bot.services.complete_task import complete_task
from bot.services.ledger import lock
from bot.services.office_rules import rules_of, setting_of
from bot.services.questions import Kind, ask
from bot.services.settings import confirmed
from bot.services.start_case import start_case
from bot.services.work import Refusal
from bot.store import queries
from bot.store.tables import CalendarRow, EventRow, OfficeSettingRow, QuestionRow, ReminderRow
from tests.services.conftest import Town, wib

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.services.work import Actor, Work
    from bot.store.tables import PersonRow

OFF = DayException(DayKind.LOCAL_HOLIDAY, "Hari jadi")
QUIETLY = {ReminderKind.EARLY: frozenset[Audience]()}
QUIET_CARDS = {("Bagus", True), ("Endah", True)}
TUESDAY_OFF = OfficeRules(holidays={date(2026, 11, 10): OFF})


def person(work: Work, town: Town, who: str) -> PersonRow:
    """Return somebody's row."""
    found = queries.person_by_telegram_id(work.session, town.ids[who])
    assert found
    return found


def sets(town: Town, rules: OfficeRules, who: str = "Sari", office: str = "dinas") -> Applied:
    """Let somebody change the office's rules to these."""

    def use_case(work: Work) -> Applied:
        present = setting_of(work, office)
        patch = patch_between(present.rules, rules)
        return apply_patch(work, office, patch, by=person(work, town, who), version=present.version)

    return town.run(use_case)


@pytest.fixture
def four_days(staffed: Town) -> int:
    """Return a case whose open task has 4 Hari since Monday 08.00, due on Friday 08.00: with Rini and Bagus."""
    case = staffed.starts()
    staffed.to_step(case, 4)
    staffed.deliver()
    assert staffed.task(case).due_at == wib(13, 8)
    return case


# --- what moves -------------------------------------------------------------------------------


def test_a_day_off_moves_the_deadline_the_reminders_and_the_card(staffed: Town, four_days: int) -> None:
    mark = staffed.mark()
    applied = sets(staffed, TUESDAY_OFF)

    assert [(move.before, move.after, move.by.days) for move in applied.moves] == [(wib(13, 8), wib(16, 8), 1)]
    assert staffed.task(four_days).due_at == wib(16, 8)
    assert [at for kind, _, at in staffed.pending(four_days) if kind == "due"] == [wib(16, 8)]
    edits = {(row.to, row.notice) for row in staffed.queued(mark) if row.edit}
    assert edits == {("Rini", "TaskCard"), ("Bagus", "TaskCard")}
    assert not staffed.told(mark), "later is seen on the card; the only monitor did it herself"


def test_a_move_stands_in_the_log_with_whoever_made_it(staffed: Town, four_days: int) -> None:
    sets(staffed, TUESDAY_OFF)
    last = staffed.store.run_now(queries.log_of, four_days)[-1]
    assert last == DeadlineMoved(staffed.at, 3, wib(16, 8), "office_rules", staffed.person_id("Sari"))


@pytest.mark.usefixtures("four_days")
def test_the_preview_tells_what_applying_does_and_changes_nothing(staffed: Town) -> None:
    before = staffed.dump()
    told = staffed.run(preview, "dinas", TUESDAY_OFF)

    assert staffed.dump() == before
    assert told == list(sets(staffed, TUESDAY_OFF).moves)


def test_only_who_has_less_time_is_told(staffed: Town, four_days: int) -> None:
    staffed.joins("Sena", "sekretariat")
    sets(staffed, TUESDAY_OFF)
    mark = staffed.mark()
    sets(staffed, OfficeRules())

    assert staffed.task(four_days).due_at == wib(13, 8)
    assert staffed.told(mark) == {
        ("Rini", "DeadlinesEarlier"): 1,
        ("Bagus", "DeadlinesEarlier"): 1,
        ("Sena", "SettingsChanged"): 1,
    }


def test_what_is_held_does_not_move_and_what_was_adjusted_keeps_its_working_time(staffed: Town, four_days: int) -> None:
    staffed.at = wib(9, 12)

    def adjusted(work: Work) -> None:
        task = queries.open_task(work.session, four_days)
        assert task
        task.adjusted, task.due_at = True, wib(10, 12)

    staffed.run(adjusted)
    (move,) = staffed.run(preview, "dinas", TUESDAY_OFF)
    assert move.after == wib(11, 12)

    def held(work: Work) -> None:
        task = queries.open_task(work.session, four_days)
        assert task
        task.held_at = work.at

    staffed.run(held)
    assert staffed.run(preview, "dinas", TUESDAY_OFF) == []


def test_a_new_ladder_plans_what_is_still_to_come_and_moves_no_deadline(staffed: Town, four_days: int) -> None:
    staffed.at = wib(12, 9)
    rungs = Ladder(early=(EarlyRung(90, Budget(1, Unit.DAY)),), late_after=Budget(2, Unit.HOUR))
    applied = sets(staffed, OfficeRules(ladders=Ladders(steps={("dinas-pk", 4): rungs})))

    assert applied.moves == ()
    assert [(kind, at) for kind, _, at in staffed.pending(four_days)][:3] == [
        ("early", wib(12, 13, 30)),
        ("due", wib(13, 8)),
        ("late", wib(13, 10)),
    ]


@pytest.mark.usefixtures("four_days")
def test_a_setting_that_touches_no_reminder_leaves_them_alone(staffed: Town) -> None:
    before = [(row.id, row.settled_at) for row in staffed.rows(ReminderRow)]
    sets(staffed, OfficeRules(chief_cap=5))
    assert [(row.id, row.settled_at) for row in staffed.rows(ReminderRow)] == before


def test_another_office_is_not_touched(staffed: Town) -> None:
    there = staffed.starts("Yosef", "badan-pk")
    before = staffed.task(there).due_at
    sets(staffed, OfficeRules(holidays={date(2026, 11, 9): OFF}))
    assert staffed.task(there).due_at == before


def test_what_begins_afterwards_goes_by_the_new_hours(staffed: Town) -> None:
    sets(staffed, OfficeRules(hours=SIX_DAYS))
    staffed.at = wib(13, 8)
    case = staffed.starts()
    staffed.to_step(case, 4)
    assert staffed.task(case).due_at == wib(18, 8)


# --- who hears what, and when -----------------------------------------------------------------


@pytest.mark.usefixtures("four_days")
def test_lateness_goes_through_another_post_to_the_head(staffed: Town) -> None:
    sets(staffed, OfficeRules(via_secretary="bendahara"))

    at_superior = {mail.to for mail in staffed.fire(wib(19, 8))}
    assert "Endah" in at_superior
    assert "Kemal" not in at_superior
    assert "Kemal" in {mail.to for mail in staffed.fire(wib(20, 8))}


@pytest.mark.usefixtures("four_days")
def test_a_rung_that_nobody_shall_hear_is_not_sent(staffed: Town) -> None:
    sets(staffed, OfficeRules(audiences={ReminderKind.EARLY: frozenset()}))
    assert staffed.fire(wib(11, 10)) == []
    assert [mail.to for mail in staffed.fire(wib(13, 8, 0))] != []


def test_in_quiet_hours_a_reminder_waits(staffed: Town) -> None:
    case = staffed.starts("Sari", "dinas-sk")  # 30 Menit since 08.00
    staffed.deliver()
    sets(staffed, OfficeRules(quiet=QuietHours(time(8, 20), time(9, 15))))

    assert staffed.fire(wib(9, 8, 24)) == []
    assert staffed.fire(wib(9, 8, 40)) == []
    assert {mail.to for mail in staffed.fire(wib(9, 9, 15))} == {"Bagus", "Sari"}
    assert staffed.task(case).due_at == wib(9, 8, 30)


def test_in_quiet_hours_nothing_of_others_rings(staffed: Town) -> None:
    case = staffed.starts()
    staffed.joins("Sena", "sekretariat")
    staffed.deliver()
    sets(staffed, OfficeRules(quiet=QuietHours(time(8, 20), time(9, 15)), audiences=QUIETLY))
    staffed.deliver()
    staffed.at = wib(9, 8, 30)
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    sets(staffed, OfficeRules(quiet=QuietHours(time(8, 20), time(9, 15)), chief_cap=5))
    staffed.at = wib(9, 8, 31)
    assert {(mail.to, mail.silent) for mail in staffed.deliver() if mail.edits is None} == QUIET_CARDS
    staffed.at = wib(9, 9, 15)
    assert {(mail.to, mail.silent) for mail in staffed.deliver() if mail.edits is None} == {("Sena", False)}


@pytest.mark.usefixtures("four_days")
def test_words_about_a_change_wait_for_the_next_opening(staffed: Town) -> None:
    staffed.joins("Sena", "sekretariat")
    staffed.at = wib(9, 20)
    mark = staffed.mark()
    sets(staffed, TUESDAY_OFF)
    assert [row.not_before for row in staffed.queued(mark) if row.to == "Sena"] == [wib(11, 7, 30)]


# --- file and chat ----------------------------------------------------------------------------


def test_what_was_set_in_chat_outranks_the_file(staffed: Town) -> None:
    staffed.library = replace(staffed.library, rules={"dinas": OfficeRules(chief_cap=3)})
    assert staffed.run(rules_of, "dinas").chief_cap == 3
    sets(staffed, OfficeRules(chief_cap=5))
    assert staffed.run(rules_of, "dinas") == OfficeRules(chief_cap=5)
    assert staffed.run(rules_of, "badan") == OfficeRules()


def test_a_stored_state_that_cannot_be_read_leaves_the_office_its_file(staffed: Town) -> None:
    def alter(work: Work) -> None:
        row = OfficeSettingRow(office_id="dinas", version=1, data={"quiet": ["pagi"]}, at=work.at)
        work.session.add(row)

    staffed.library = replace(staffed.library, rules={"dinas": OfficeRules(chief_cap=3)})
    staffed.run(alter)
    assert staffed.run(rules_of, "dinas").chief_cap == 3


@pytest.mark.usefixtures("four_days")
def test_a_file_is_applied_like_a_change_in_chat(staffed: Town) -> None:
    mark = staffed.mark()
    applied = staffed.run(apply_rules, "dinas", TUESDAY_OFF, note="dinas.yaml")

    assert (applied.version, len(applied.moves)) == (1, 1)
    assert staffed.told(mark) == {("Sari", "SettingsChanged"): 1}
    assert staffed.run(apply_rules, "dinas", TUESDAY_OFF) == Applied(1, changed=False)


@pytest.mark.usefixtures("four_days")
def test_rules_that_leave_no_working_time_are_refused_whole(staffed: Town) -> None:
    before = staffed.dump()
    never = {date(2026, 11, 10).fromordinal(date(2026, 11, 10).toordinal() + n): OFF for n in range(500)}

    def use_case(work: Work) -> None:
        with pytest.raises(RulesRefusedError):
            apply_rules(work, "dinas", OfficeRules(holidays=never))

    staffed.run(use_case)
    assert staffed.dump() == before


def test_the_auditor_finds_nothing_amiss_after_a_change(staffed: Town, four_days: int) -> None:
    ladder = Ladder(early=(EarlyRung(90, Budget(1, Unit.DAY)),))
    sets(staffed, replace(TUESDAY_OFF, ladders=Ladders(default=ladder), via_secretary="sekretaris"))
    staffed.fire(wib(12, 9))
    assert staffed.run(audit_cases, [four_days]) == 0
    assert len(staffed.rows(CalendarRow)) == 3


# --- at once ----------------------------------------------------------------------------------


def question(town: Town, who: str, rules: OfficeRules) -> int:
    """Ask somebody whether to apply these rules; returns the question's id."""

    def use_case(work: Work) -> int:
        present = setting_of(work, "dinas")
        about = {"office_id": "dinas", "version": present.version, "patch": patch_between(present.rules, rules)}
        return ask(work, person(work, town, who), Kind.CONFIRM_SETTINGS, about).id

    return town.run(use_case)


def presses(town: Town, who: str, question_id: int) -> Callable[[Work], object]:
    """Return the use case of somebody confirming."""

    def use_case(work: Work, actor: Actor) -> object:
        return confirmed(work, actor, work.session.get_one(QuestionRow, question_id))

    return town.as_(who, use_case)


@pytest.mark.usefixtures("four_days")
def test_of_two_who_apply_at_once_one_wins_and_the_other_sees_what_is_now(staffed: Town) -> None:
    staffed.joins("Sena", "sekretariat")
    one = question(staffed, "Sari", OfficeRules(chief_cap=5))
    other = question(staffed, "Sena", TUESDAY_OFF)

    results = staffed.run_at_once(presses(staffed, "Sari", one), presses(staffed, "Sena", other))

    notices = [result.notice if isinstance(result, Refusal) else result for result in results]
    assert sorted(type(notice).__name__ for notice in notices) == ["ConfirmSettings", "SettingsChanged"]
    assert [row.version for row in staffed.rows(OfficeSettingRow)] == [1]


@pytest.mark.usefixtures("four_days")
def test_who_comes_second_can_apply_beside_what_came_first(staffed: Town) -> None:
    staffed.joins("Sena", "sekretariat")
    mine = question(staffed, "Sari", TUESDAY_OFF)
    sets(staffed, OfficeRules(chief_cap=5), "Sena")

    def late(work: Work, actor: Actor) -> int:
        with pytest.raises(Refusal) as caught:
            confirmed(work, actor, work.session.get_one(QuestionRow, mine))
        assert isinstance(caught.value.notice, ConfirmSettings)
        return caught.value.notice.question_id

    again = staffed.do("Sari", late)
    assert staffed.run(presses(staffed, "Sari", again)) == SettingsChanged("dinas", 2, 1)
    assert staffed.run(rules_of, "dinas") == replace(TUESDAY_OFF, chief_cap=5)


def test_a_task_given_while_the_rules_change_goes_by_the_new_ones(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    task = staffed.task(case).id

    def change(work: Work) -> None:
        apply_rules(work, "dinas", TUESDAY_OFF)

    staffed.meanwhile(change, staffed.as_("Endah", complete_task, task))

    assert staffed.holds(case, 4).due_at == wib(16, 8)


def test_a_case_that_begins_while_the_rules_change_goes_by_the_new_ones(staffed: Town) -> None:
    off = OfficeRules(holidays={date(2026, 11, 9): OFF})
    begin = staffed.as_("Sari", start_case, staffed.library.sops["dinas-pk"], None)
    staffed.meanwhile(lambda work: apply_rules(work, "dinas", off), begin)
    (started,) = staffed.rows(EventRow)[:1]
    assert staffed.task(started.case_id).due_at == wib(10, 9, 30)


def test_a_change_sees_the_task_that_was_given_while_it_waited(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 2)
    staffed.do("Bagus", complete_task, staffed.task(case).id)
    task = staffed.task(case).id

    staffed.meanwhile(staffed.as_("Endah", complete_task, task), lambda work: apply_rules(work, "dinas", TUESDAY_OFF))

    assert staffed.holds(case, 4).due_at == wib(16, 8)


def test_the_rules_are_read_once_in_a_transaction_and_again_after_a_lock(staffed: Town, four_days: int) -> None:
    def use_case(work: Work) -> tuple[int, int]:
        first = rules_of(work, "dinas").chief_cap
        row = OfficeSettingRow(office_id="dinas", version=1, data={"chief_cap": 5}, at=work.at)
        work.session.add(row)
        work.session.flush()
        assert rules_of(work, "dinas").chief_cap == first
        lock(work, four_days)
        return first, rules_of(work, "dinas").chief_cap

    assert staffed.run(use_case) == (OfficeRules().chief_cap, 5)
