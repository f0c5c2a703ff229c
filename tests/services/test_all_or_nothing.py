"""One use case, one transaction: everything of it is written, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from bot.domain.case import Status
from bot.domain.notices import PartReported, TaskOver
from bot.services.cancel_case import cancel_case
from bot.services.complete_task import complete_task
from bot.services.publish import publish
from bot.services.reject_task import reject_task
from bot.services.start_case import start_case
from bot.services.work import Refusal, Work
from bot.store import queries
from bot.store.tables import CaseRow, EventRow, SerialRow, SopVersionRow, TaskRow
from tests.services.conftest import BADAN_PK, MINUTE, PK, SK, Town, library

if TYPE_CHECKING:
    from bot.domain.notices import Notice
    from bot.domain.sop import Sop

Command = Callable[[Town], Callable[[Work], "Notice"]]


def _start(town: Town) -> Callable[[Work], Notice]:
    return town.as_("Sari", start_case, PK, None)


def _complete(town: Town) -> Callable[[Work], Notice]:
    return town.as_("Sinta", complete_task, town.task(town.starts()).id, "beres")


def _reject(town: Town) -> Callable[[Work], Notice]:
    case = town.starts()
    town.do("Sinta", complete_task, town.task(case).id)
    return town.as_("Endah", reject_task, town.task(case).id, "angka salah")


def _cancel(town: Town) -> Callable[[Work], Notice]:
    return town.as_("Sari", cancel_case, town.starts(), "salah tekan")


WRITTEN: list[tuple[Command, dict[str, int]]] = [
    # start: its event and the task's, the task with its post, five reminders, one card with its row
    (
        _start,
        {"case": 1, "serial": 1, "event": 2, "task": 1, "task_post": 1, "reminder": 5, "card": 1, "outbox": 1},
    ),
    # two holders: two cards; the old card is edited, and again when it can no longer be undone
    (_complete, {"event": 3, "task": 1, "task_post": 2, "reminder": 5, "card": 2, "outbox": 4}),
    # back to step 1: Sinta's card; edits of both old cards; the sekretariat is told; and Endah's without *Urungkan*
    (_reject, {"event": 2, "task": 1, "task_post": 1, "reminder": 5, "card": 1, "outbox": 5}),
    # the card is edited; Sinta is told
    (_cancel, {"event": 1, "outbox": 2}),
]


@pytest.mark.parametrize(("command", "rows"), WRITTEN)
def test_state_events_reminders_and_messages_are_written_together(
    staffed: Town, command: Command, rows: dict[str, int]
) -> None:
    prepared = command(staffed)
    staffed.deliver()
    before = staffed.counts()
    staffed.run(prepared)
    assert dict(staffed.counts() - before) == rows


class Crash(Exception):  # noqa: N818 - what a machine does
    """The program ends just before the commit."""


@pytest.mark.parametrize("command", [command for command, _ in WRITTEN])
def test_a_crash_before_the_commit_leaves_nothing(staffed: Town, command: Command) -> None:
    prepared = command(staffed)
    before = staffed.dump()

    def crashing(work: Work) -> None:
        prepared(work)
        raise Crash

    with pytest.raises(Crash):
        staffed.run(crashing)
    assert staffed.dump() == before
    staffed.run(prepared)
    assert staffed.dump() != before


# --- codes ----------------------------------------------------------------------------------


def test_codes_ascend_per_office_abbreviation_and_year(staffed: Town) -> None:
    cases = [
        staffed.starts(who, sop)
        for who, sop in (
            ("Sari", "dinas-pk"),
            ("Sari", "dinas-sk"),
            ("Yosef", "badan-pk"),
            ("Sari", "dinas-pk"),
        )
    ]
    assert [staffed.case(case).code for case in cases] == ["PK-2026-001", "SK-2026-001", "PK-2026-001", "PK-2026-002"]


@pytest.mark.parametrize(
    ("moment", "who", "sop", "code"),
    [
        (datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), "Sari", "dinas-pk", "PK-2026-002"),
        (datetime(2026, 12, 31, 22, 30, tzinfo=UTC), "Sari", "dinas-pk", "PK-2027-001"),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), "Yosef", "badan-pk", "PK-2027-001"),
        (datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC), "Yosef", "badan-pk", "PK-2026-001"),
    ],
)
def test_the_year_of_a_code_is_the_one_on_the_office_s_wall(
    staffed: Town, moment: datetime, who: str, sop: str, code: str
) -> None:
    staffed.starts()
    staffed.at = moment
    assert staffed.case(staffed.starts(who, sop)).code == code


def test_twenty_starts_at_once_draw_twenty_codes(staffed: Town) -> None:
    results = staffed.run_at_once(*[staffed.as_("Sari", start_case, PK, None)] * 20)
    assert [result for result in results if isinstance(result, BaseException)] == []
    codes = sorted(case.code for case in staffed.rows(CaseRow))
    assert codes == [f"PK-2026-{number:03d}" for number in range(1, 21)]
    assert [row.last for row in staffed.rows(SerialRow)] == [20]


def test_the_thousandth_case_has_a_longer_code(staffed: Town) -> None:
    staffed.starts()
    staffed.run(lambda work: work.session.execute(update(SerialRow).values(last=999)))
    assert staffed.case(staffed.starts()).code == "PK-2026-1000"


# --- two at once ----------------------------------------------------------------------------


def test_of_two_who_press_at_once_exactly_one_moves_the_case(staffed: Town) -> None:
    staffed.joins("Bowo", "staf")
    case = staffed.starts()
    task = staffed.task(case)
    results = staffed.run_at_once(*(staffed.as_(who, complete_task, task.id) for who in ("Sinta", "Bowo")))
    assert sorted(map(type, results), key=repr) == [PartReported, Refusal]
    refusal = next(result for result in results if isinstance(result, Refusal))
    assert refusal.notice == TaskOver(task.id)
    assert [event.kind for event in staffed.rows(EventRow)].count("StepDone") == 1
    assert [row.step for row in staffed.rows(TaskRow)] == [1, 2]


def test_fifty_presses_at_once_complete_a_step_of_two_posts_once(staffed: Town) -> None:
    case = staffed.starts()
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    task = staffed.holds(case, 2)
    presses = [staffed.as_(who, complete_task, task.id) for who in ("Bagus", "Endah")] * 25
    results = staffed.run_at_once(*presses)
    assert sum(isinstance(result, PartReported) for result in results) == 2
    assert sum(isinstance(result, Refusal) for result in results) == 48
    kinds = [event.kind for event in staffed.rows(EventRow)]
    assert (kinds.count("PartDone"), kinds.count("StepDone")) == (3, 2)
    staffed.holds(case, 4)


def test_a_completion_and_a_rejection_at_once_lead_one_way(staffed: Town) -> None:
    case = staffed.starts()
    for who in ("Sinta", "Bagus", "Endah"):
        staffed.do(who, complete_task, staffed.task(case).id)
    task = staffed.holds(case, 4)
    results = staffed.run_at_once(
        staffed.as_("Rini", complete_task, task.id), staffed.as_("Bagus", reject_task, task.id, "belum lengkap")
    )
    assert sum(isinstance(result, Refusal) for result in results) == 1
    log = staffed.store.run_now(queries.log_of, case)
    assert staffed.case(case).events == len(log)
    state = staffed.store.run_now(queries.state_of, case)
    assert state.task
    assert state.task.step == staffed.task(case).step


# --- definitions ----------------------------------------------------------------------------


def _shorter(sop: Sop) -> Sop:
    """Return the SOP as a newer file has it: one step, another budget."""
    return replace(sop, steps=(replace(sop.first, budget=MINUTE),))


def test_a_case_keeps_the_definition_it_began_with(staffed: Town) -> None:
    case = staffed.starts()
    staffed.library = library(_shorter(PK), SK, BADAN_PK)
    staffed.run(publish)
    staffed.do("Sinta", complete_task, staffed.task(case).id)
    staffed.holds(case, 2)
    later = staffed.starts()
    staffed.do("Sinta", complete_task, staffed.task(later).id)
    assert staffed.case(later).status == Status.FINISHED
    assert staffed.case(case).status == Status.RUNNING


def test_a_case_goes_on_when_its_file_is_gone(staffed: Town) -> None:
    case = staffed.starts()
    staffed.library = library(BADAN_PK)
    staffed.run(publish)
    for who in ("Sinta", "Bagus", "Endah", "Rini", "Kemal"):
        staffed.do(who, complete_task, staffed.task(case).id)
    staffed.deliver()
    assert staffed.case(case).status == Status.FINISHED


def test_unchanged_files_make_no_new_version(staffed: Town) -> None:
    before = staffed.rows(SopVersionRow)
    staffed.run(publish)
    assert [row.id for row in staffed.rows(SopVersionRow)] == [row.id for row in before]
