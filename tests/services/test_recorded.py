"""Decisions recorded for somebody else and late entries, on both databases: authority, evidence, time and reminders."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import update

from bot.domain import notices as n
from bot.domain.case import Status
from bot.domain.posts import HoldingKind
from bot.domain.reminders import ReminderKind
from bot.domain.sop import Zone
from bot.domain.worktime import Calendar
from bot.messages.case_file import CaseFile
from bot.services.attach import Offered, attach
from bot.services.attachments_due import checked
from bot.services.complete_task import complete_task
from bot.services.digest import fire_digests
from bot.services.evidence.export import case_file
from bot.services.late_entry import read_moment
from bot.services.objections import ask_objection, object_to
from bot.services.on_behalf import begin_entry, deciders, go_on, record_decision
from bot.services.people import identify
from bot.services.questions import Place
from bot.services.undo import undo
from bot.store.tables import AttachmentRow, CaseRow, DigestRow, EventRow, HoldingRow, OutboxRow, QuestionRow, TaskRow
from tests.services.conftest import PK, WIB, wib

if TYPE_CHECKING:
    from bot.services.work import Actor, Work
    from tests.services.conftest import Town

PICTURE = Offered("AgAC1", "AQ-lembar", "", "image/jpeg", 900, photo=True)


def _entry(town: Town, case: int, who: str, **more: Any) -> dict[str, Any]:
    known = {"task_id": town.task(case).id, "late": False, "person_id": town.person_id(who), "decision": "done"}
    return {**known, "medium": "paper", "remark": None, "file": asdict(PICTURE), **more}


def _late(town: Town, case: int, who: str, real_at: datetime, **more: Any) -> dict[str, Any]:
    origin = {"late": True, "medium": "outage", "remark": "server padam", "file": None}
    return _entry(town, case, who, **origin, real_at=real_at.isoformat(), **more)


def _on_step_5(town: Town) -> int:
    case = town.starts()
    town.to_step(case, 5)
    return case


def _deciders(town: Town, case: int, *, late: bool = False) -> list[str]:
    task = town.task(case).id

    def use_case(work: Work) -> list[int]:
        row = work.session.get_one(TaskRow, task)
        of = work.session.get_one(CaseRow, case)
        return deciders(work, identify(work, town.ids["Sari"], "Sari"), of, row, late=late)

    found = town.run(use_case)
    return [who for who in town.ids if town.person_id(who) in found]


def test_the_log_tells_who_recorded_it_from_whose_decision_it_is(staffed: Town) -> None:
    case = _on_step_5(staffed)
    answer = staffed.do("Sari", record_decision, _entry(staffed, case, "Kemal"))
    assert answer == n.DecisionRecorded(staffed.task(case).id)
    word = [row for row in staffed.rows(EventRow) if row.kind == "PartDone"][-1]
    [proof] = staffed.rows(AttachmentRow)
    assert (word.by, word.data["on_behalf_of"]) == (staffed.person_id("Sari"), staffed.person_id("Kemal"))
    assert (word.data["posts"], word.data["medium"], word.data["evidence"]) == (["kepala"], "paper", proof.id)
    assert (staffed.case(case).status, staffed.told()["Kemal", "RecordedTold"]) == (Status.FINISHED, 1)


def test_what_is_refused_leaves_no_evidence_and_no_message(staffed: Town) -> None:
    case = _on_step_5(staffed)
    entry = _entry(staffed, case, "Rini")  # the sekretaris does not hold this step
    assert isinstance(staffed.refused("Sari", record_decision, entry), n.NotHeldThen)
    assert staffed.refused("Kemal", record_decision, _entry(staffed, case, "Kemal")) == n.NotAllowed("secretariat")
    over = _entry(staffed, case, "Kemal")
    staffed.do("Kemal", complete_task, staffed.task(case).id)
    assert isinstance(staffed.refused("Sari", record_decision, over), n.TaskOver)


def test_a_strategic_step_may_be_decided_on_paper_by_its_definitive_holder_though_absent_and_by_no_plh(
    staffed: Town,
) -> None:
    case = _on_step_5(staffed)
    rini, kemal = staffed.person_id("Rini"), staffed.holding("Kemal", "kepala")

    def stand_in(work: Work) -> None:
        values = {"office_id": "dinas", "post_id": "kepala", "person_id": rini, "kind": HoldingKind.STANDIN}
        work.session.add(HoldingRow(**values, since=work.at, stands_for=kemal))

    staffed.run(stand_in)
    assert _deciders(staffed, case) == ["Rini"]
    staffed.run(lambda work: work.session.execute(update(TaskRow).values(strategic=True)))
    assert _deciders(staffed, case) == ["Kemal"]
    version, (*others, last) = staffed.case(case).sop_version_id, PK.steps
    strategic = replace(PK, steps=(*others, replace(last, strategic=True)))
    staffed.library._pinned[version] = strategic  # noqa: SLF001 - the definition as the case has it
    assert isinstance(
        staffed.refused("Sari", record_decision, _entry(staffed, case, "Rini")), n.NotHeldThen | n.StrategicOnly
    )
    staffed.do("Sari", record_decision, _entry(staffed, case, "Kemal"))
    assert staffed.case(case).status == Status.FINISHED


def test_the_recorder_takes_a_recorded_decision_back_and_the_message_about_it_is_edited(staffed: Town) -> None:
    case = _on_step_5(staffed)
    task = staffed.task(case).id
    staffed.do("Sari", record_decision, _entry(staffed, case, "Kemal"))
    staffed.deliver()
    staffed.at += timedelta(minutes=5)
    staffed.do("Sari", undo, task)
    assert staffed.holds(case, 5).id == task
    edited = [mail for mail in staffed.deliver() if mail.to == "Kemal" and mail.edits and "ditarik" in mail.text]
    assert len(edited) == 1


def test_whose_step_an_objection_takes_away_hears_of_it_once(staffed: Town) -> None:
    case = staffed.starts()
    staffed.to_step(case, 4)
    staffed.do("Sari", record_decision, _entry(staffed, case, "Bagus"))
    staffed.deliver()
    [told] = [row for row in staffed.rows(QuestionRow) if row.kind == Place.MAY_OBJECT]
    since = staffed.mark()

    def objects(work: Work, actor: Actor) -> object:
        asked = ask_objection(work, actor, work.session.get_one(QuestionRow, told.id))
        question = work.session.get_one(QuestionRow, cast("n.AskObjection", asked).question_id)
        return object_to(work, actor, question, "bukan keputusan saya")

    staffed.do("Bagus", objects)
    heard = staffed.told(since)
    assert {who: heard[who, "ReturnTold"] for who in ("Kemal", "Sari", "Bagus", "Rini")} == {
        "Kemal": 1,  # had it since; Bagus and Rini have the step's new card, and Sari hears of the objection
        "Sari": 0,
        "Bagus": 0,
        "Rini": 0,
    }
    assert (heard["Sari", "ObjectionTold"], staffed.task(case).step) == (1, 4)


def test_a_case_that_ended_before_the_last_digest_and_was_entered_after_it_is_in_the_next(staffed: Town) -> None:
    case = _on_step_5(staffed)  # Monday the 9th
    staffed.at = wib(16, 8)
    staffed.run(fire_digests)
    staffed.at = wib(17, 9)
    staffed.do("Sari", record_decision, _late(staffed, case, "Kemal", wib(10, 9)))
    assert staffed.case(case).ended_at == wib(10, 9)
    staffed.at = wib(23, 8)
    staffed.run(fire_digests)
    told = [row.data["cases"] for row in staffed.rows(DigestRow) if row.office_id == "dinas"][-1]
    assert [(line["code"], line["status"]) for line in told] == [(staffed.case(case).code, Status.FINISHED)]


# --- time -----------------------------------------------------------------------------------


def test_the_next_task_counts_from_the_real_moment_and_what_was_due_before_the_entry_is_not_said(
    staffed: Town,
) -> None:
    case = staffed.starts()  # 08.00
    staffed.at = wib(9, 11)
    staffed.do("Sari", record_decision, _late(staffed, case, "Sinta", wib(9, 8, 30)))
    task = staffed.holds(case, 2)  # 30 minutes
    assert (task.given_at, task.due_at) == (wib(9, 8, 30), wib(9, 9))
    pending = staffed.pending(case)
    assert all(moment > staffed.at for _, _, moment in pending)
    # 80 %, the deadline, an hour late and the superior lie before the entry.
    assert [(kind, moment) for kind, _, moment in pending] == [
        (ReminderKind.LATE, wib(10, 7, 30)),
        (ReminderKind.HEAD, wib(10, 10)),
    ]
    staffed.deliver()
    assert staffed.fire(wib(9, 15)) == []
    assert {mail.to for mail in staffed.fire(wib(10, 7, 30))} == {"Bagus", "Endah"}


@pytest.mark.parametrize("real_at", [wib(9, 7, 59), wib(9, 11, 1)])
def test_a_moment_before_the_task_or_after_now_is_refused_with_both_bounds(staffed: Town, real_at: datetime) -> None:
    case = staffed.starts()
    staffed.at = wib(9, 11)
    refused = staffed.refused("Sari", record_decision, _late(staffed, case, "Sinta", real_at))
    bounds = wib(9, 8).isoformat(), wib(9, 11).isoformat()
    held_then = n.NotHeldThen(staffed.task(case).id, staffed.person_id("Sinta"), real_at.isoformat())
    assert refused in (n.MomentRefused(staffed.task(case).id, *bounds), held_then)


def test_who_held_the_post_then_may_be_named_though_they_hold_it_no_more(staffed: Town) -> None:
    case = staffed.starts()
    staffed.at = wib(9, 9)
    staffed.leaves("Sinta", "staf")
    staffed.at = wib(9, 11)
    staffed.joins("Dodi", "staf")
    assert _deciders(staffed, case, late=True) == ["Sinta", "Dodi"]
    staffed.do("Sari", record_decision, _late(staffed, case, "Sinta", wib(9, 8, 45)))
    assert staffed.holds(case, 2).given_at == wib(9, 8, 45)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("20-11-2026 14.30", wib(20, 14, 30)),
        ("20/11/2026  14:30", wib(20, 14, 30)),
        ("5.11 8.05", wib(5, 8, 5)),
        ("pukul 09.15 WIB", wib(19, 9, 15)),
        ("hari ini 09.15", wib(19, 9, 15)),
        ("Kemarin pukul 16.00", wib(18, 16)),
        *(
            (text, None)
            for text in (
                "",
                "pagi",
                "31-11-2026 08.00",
                "25.10",
                "20-11-2026",
                "20-11 kemarin 08.00",
                "20 Novum 08.00",
                "\u0669.\u0660\u0665",
            )
        ),
    ],
)
def test_a_moment_is_read_on_the_offices_clock_or_not_at_all(text: str, moment: datetime | None) -> None:
    assert read_moment(text, datetime(2026, 11, 19, 10, tzinfo=WIB)) == moment


def test_yesterday_on_the_first_of_a_month_is_the_month_before() -> None:
    assert read_moment("kemarin 16.00", datetime(2026, 12, 1, 10, tzinfo=WIB)) == datetime(2026, 11, 30, 9, tzinfo=UTC)


# --- questions in order ---------------------------------------------------------------------


def test_what_leaves_no_choice_is_not_asked(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.task(case).id
    row = staffed.case(case)
    staffed.do("Sari", begin_entry, row, late=False)
    # One holder, and a first step that cannot be rejected: how it was given is all there is to ask.
    assert (staffed.question().kind, staffed.question().about["person_id"]) == (
        "record_medium",
        staffed.person_id("Sinta"),
    )
    staffed.do("Sari", go_on, {"task_id": task, "late": True})
    assert staffed.question().kind == "record_moment"


# --- files ----------------------------------------------------------------------------------


def test_the_newest_files_of_a_step_come_with_the_next_task_once_and_silently(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.task(case).id
    for number in range(7):
        staffed.do("Sinta", attach, task, Offered(f"F{number}", f"U{number}", f"{number}.pdf", "", 1, photo=False))
    mark = staffed.mark()
    staffed.do("Sinta", complete_task, task)
    rows = [row for row in staffed.rows(OutboxRow) if row.id > mark and row.notice == "AttachedFile"]
    assert {(staffed.name(row.chat_id), row.silent) for row in rows} == {("Bagus", True), ("Endah", True)}
    names = [
        staffed.rows(AttachmentRow)[row.data["attachment_id"] - staffed.rows(AttachmentRow)[0].id].name for row in rows
    ]
    assert names[:5] == ["2.pdf", "3.pdf", "4.pdf", "5.pdf", "6.pdf"]
    assert len(rows) == 10
    mark = staffed.mark()
    staffed.do("Bagus", complete_task, staffed.task(case).id)  # the step is not over
    staffed.do("Endah", complete_task, staffed.task(case).id)  # nothing was attached to it
    assert staffed.told(mark)["Rini", "AttachedFile"] == 0


def test_two_who_attach_at_once_both_have_their_file(staffed: Town) -> None:
    case = staffed.starts()
    task = staffed.task(case).id
    files = [Offered(f"F{number}", f"U{number}", "a.pdf", "", 1, photo=False) for number in range(2)]
    results = staffed.run_at_once(*(staffed.as_("Sinta", attach, task, file) for file in files))
    assert all(isinstance(result, n.FilesAttached) for result in results)
    assert len([row for row in staffed.rows(EventRow) if row.kind == "FileAttached"]) == 2


def test_a_cases_file_names_decider_recorder_and_the_evidence_with_its_checksum(staffed: Town) -> None:
    case = _on_step_5(staffed)
    staffed.do("Sari", record_decision, _entry(staffed, case, "Kemal"))
    staffed.run(checked, staffed.rows(AttachmentRow)[0].id, "cd" * 32, 900)
    file = staffed.run(case_file, case)
    [proof] = file["attachments"].values()
    assert (proof["sha256"], proof["size"]) == ("cd" * 32, 900)
    page = CaseFile(file, Calendar(Zone.WIB)).html()
    assert "Kemal (Kepala Dinas), dicatat oleh Sari atas namanya, lembar disposisi" in page
